/*
 * Regular expressions from the module "regex". The first expression opens the module, so a script without one
 * does not load PCRE2.
 */
#ifndef SCRIPT_REGEX_SCRIPT_REGEX_H
#define SCRIPT_REGEX_SCRIPT_REGEX_H

#include "tcl/regex.h"

/* Where the module is missing, compile fails and names the package. */
extern const struct regex_ops script_regex;

#endif
