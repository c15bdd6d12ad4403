/*
 * Checks and decodes UTF-8 (RFC 3629): no surrogates, no longer forms than needed.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Text that arrives in pieces. Zeroed at the start. */
struct utf8 {
	unsigned char left;        /* bytes of a character that have not come yet */
	unsigned char least, most; /* the range of the next one of them */
};

/* Checks the next n bytes. Returns false at the first byte that cannot be right. The text is
 * complete if left is 0 at its end. */
bool utf8_check(struct utf8 *u, const char *data, size_t n);

/* Returns true if data is valid and complete. */
bool utf8_is_valid(const char *data, size_t n);

/* Decodes the character at p, of at most n bytes. Returns its length; 0 if the bytes are not
 * UTF-8. */
size_t utf8_decode(const char *p, size_t n, unsigned *ret_code);

#endif
