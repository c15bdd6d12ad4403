/*
 * Regular expressions by PCRE2: what the module "regex" exports.
 */
#ifndef SCRIPT_REGEX_REGEX_PCRE2_H
#define SCRIPT_REGEX_REGEX_PCRE2_H

#include "base/module.h"
#include "tcl/regex.h"

#define REGEX_ABI 1

struct regex_module {
	struct module_head head;
	struct regex_ops ops;
};

extern const struct regex_module usock_module_regex;

#endif
