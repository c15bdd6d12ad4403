/*
 * Base64 with padding (RFC 4648, 4).
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

struct buf;
struct error;

/* Appends the text of n bytes. Fails like buf_append(). */
int base64_encode(struct buf *out, const void *data, size_t n, struct error *e);

/* Appends the bytes of a text of n characters. Fails with ERROR_USAGE, and leaves out unchanged, if
 * the text is not what base64_encode() makes: in other characters, length, padding or unused bits;
 * else like buf_append(). */
int base64_decode(struct buf *out, const char *text, size_t n, struct error *e);

#endif
