/* What stands behind a backslash. */
#ifndef TCL_VALUE_ESCAPE_H
#define TCL_VALUE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* False where it stands for a character that is no byte, as \u20ac: an error with that message. */
bool escape_fits(const char *p, size_t n);
extern const char escape_too_large[];

/* p is at a backslash, n > 0 bytes are there: the byte that it stands for; returns how many were read. */
size_t escape_read(const char *p, size_t n, char *ret_c);

#endif
