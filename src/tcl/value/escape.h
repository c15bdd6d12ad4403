/* Backslash sequences. */
#ifndef TCL_VALUE_ESCAPE_H
#define TCL_VALUE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* Returns false for a character that is not a byte, as \u20ac: an error with the message below. */
bool escape_fits(const char *p, size_t n);
extern const char escape_too_large[];

/* Reads the sequence at p, which has n > 0 bytes; returns its length. */
size_t escape_read(const char *p, size_t n, char *ret_c);

#endif
