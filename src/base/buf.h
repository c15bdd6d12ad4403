/*
 * A growable byte buffer with a hard maximum. Bytes are appended at the end and consumed from
 * the front; the unconsumed bytes are contiguous.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct error;

struct buf {
	/* the first unconsumed byte is data + start; NULL before the first allocation */
	char *data;
	size_t start, len;
	size_t size; /* allocated bytes */
	size_t max;  /* len never exceeds this */
};

/* Makes b empty, without an allocation. len never exceeds max. */
void buf_init(struct buf *b, size_t max);

/* Frees the storage. The buffer is then empty and can be used again. */
void buf_fini(struct buf *b);

/* Appends n bytes. Returns -1 and leaves the buffer unchanged when memory runs out
 * (ERROR_INTERNAL) or len would exceed max (ERROR_NETWORK "more than N bytes"). */
int buf_append(struct buf *b, const void *data, size_t n, struct error *e);

/* Appends formatted text. Fails like buf_append(). */
int buf_printf(struct buf *b, struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Makes room for n bytes after the end and returns a pointer to it; NULL on failure, like
 * buf_append(). The pointer is valid until the next call. The caller writes there and reports
 * the number of bytes with buf_added(). */
char *buf_reserve(struct buf *b, size_t n, struct error *e);
void buf_added(struct buf *b, size_t n);

/* Returns the first unconsumed byte; never NULL while len > 0. */
char *buf_head(const struct buf *b);

/* Drops n bytes from the front; n <= len. Frees large storage when the buffer becomes empty. */
void buf_consume(struct buf *b, size_t n);

/* Returns the offset of the first byte c at or after `from`, or -1. */
long buf_find(const struct buf *b, char c, size_t from);

/* Appends a NUL that len does not count, and returns the text. Returns NULL when memory runs
 * out. */
char *buf_text(struct buf *b, struct error *e);

#endif
