/*
 * Regular expressions out of the module "regex", which the first one opens:
 * most scripts have none, and pay nothing.
 */
#ifndef SCRIPT_REGEX_SCRIPT_REGEX_H
#define SCRIPT_REGEX_SCRIPT_REGEX_H

#include "tcl/regex.h"

/* compile says what is missing where the module is. */
extern const struct regex_ops script_regex;

#endif
