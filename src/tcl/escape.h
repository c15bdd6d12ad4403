/*
 * What stands behind a backslash.
 */
#ifndef TCL_ESCAPE_H
#define TCL_ESCAPE_H

#include <stddef.h>

/* p is at a backslash, n > 0 bytes are there: the byte that it stands for; returns how many were read. A
 * character that is no byte, \u20ac, becomes a question mark as on a channel in ISO 8859-1. */
size_t escape_read(const char *p, size_t n, char *ret_c);

#endif
