/*
 * A growable byte buffer with a hard maximum. Bytes are appended at the end
 * and consumed from the front; what is between is contiguous.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct error;

struct buf {
	char *data; /* first unconsumed byte is data + start; NULL while nothing is held */
	size_t start, len;
	size_t size; /* allocated bytes */
	size_t max;  /* len never exceeds this */
};

/* No allocation until the first byte. max is the largest len ever allowed. */
void buf_init(struct buf *b, size_t max);

/* Frees the storage; the buffer is then empty and may be used again. */
void buf_fini(struct buf *b);

/* Appends n bytes. Fails (ERROR_INTERNAL "out of memory", or ERROR_NETWORK
 * "more than N bytes") with the buffer as it was. */
int buf_append(struct buf *b, const void *data, size_t n, struct error *e);

/* Appends formatted text; the same failures. */
int buf_printf(struct buf *b, struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Room for at least n bytes after the end: the pointer to write to, valid until
 * the next call; the caller then says how many it wrote with buf_added(). */
char *buf_reserve(struct buf *b, size_t n, struct error *e);
void buf_added(struct buf *b, size_t n);

/* First unconsumed byte (never NULL while len > 0). */
char *buf_head(const struct buf *b);

/* Drops n <= len bytes from the front. Gives large storage back when it empties. */
void buf_consume(struct buf *b, size_t n);

/* Offset of the first byte c at or after from, or -1. */
long buf_find(const struct buf *b, char c, size_t from);

/* NUL-terminates (the NUL is not counted in len) and returns the text; NULL on
 * out of memory. */
char *buf_text(struct buf *b, struct error *e);

#endif
