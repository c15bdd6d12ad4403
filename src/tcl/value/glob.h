/* Glob patterns: * ? [a-z] and backslash. */
#ifndef TCL_VALUE_GLOB_H
#define TCL_VALUE_GLOB_H

#include "tcl/value/value.h"

bool glob_match(struct value *pattern, struct value *text, bool nocase);

#endif
