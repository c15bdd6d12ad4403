/*
 * The regular expressions of PCRE2: what the module exports.
 */
#ifndef TCL_REGEX_PCRE2_H
#define TCL_REGEX_PCRE2_H

#include "tcl/regex.h"

extern const struct regex_module usock_module_regex;

#endif
