/*
 * Bytes of a peer in a message: on one line, escaped, and not too many.
 */
#ifndef STREAM_NEGOTIATE_EXCERPT_H
#define STREAM_NEGOTIATE_EXCERPT_H

#include <stddef.h>

/* The longest excerpt, with its NUL. */
#define EXCERPT_MAX 256

/* Escapes what could control a terminal, and leaves a last CR LF out. */
void excerpt(char text[EXCERPT_MAX], const void *data, size_t n);

#endif
