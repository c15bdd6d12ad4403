#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* SIZE_FIRST is the first allocation. SIZE_KEEP is the most that an empty buffer keeps: a
 * server with ten thousand idle clients must not hold the memory of its busiest moment. */
enum { SIZE_FIRST = 256, SIZE_KEEP = 64 * 1024 };

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_fini(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

/* Makes room for n bytes and a NUL after the end; does not check max. */
static int
ensure_room(struct buf *b, size_t n, struct error *e)
{
	size_t need = b->len + n + 1, size = b->size > 0 ? b->size : SIZE_FIRST;
	char *data;

	if (n < b->size - b->start - b->len)
		return 0;
	if (need <= n) /* the sum overflowed */
		return error_set(e, ERROR_INTERNAL, "out of memory");
	/* Move the bytes only when at least as many were consumed: each byte is then moved at
	 * most once for each byte that passes through. */
	if (b->start >= b->len && need <= b->size) {
		memmove(b->data, b->data + b->start, b->len);
		b->start = 0;
		return 0;
	}
	while (size < b->start + need && size <= SIZE_MAX / 4)
		size *= 2;
	if (size < b->start + need || (data = realloc(b->data, size)) == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	b->data = data;
	b->size = size;
	return 0;
}

char *
buf_reserve(struct buf *b, size_t n, struct error *e)
{
	if (n > b->max - b->len) {
		error_set(e, ERROR_NETWORK, "more than %zu bytes", b->max);
		return NULL;
	}
	if (ensure_room(b, n, e) == -1)
		return NULL;
	return b->data + b->start + b->len;
}

void
buf_added(struct buf *b, size_t n)
{
	b->len += n;
}

int
buf_append(struct buf *b, const void *data, size_t n, struct error *e)
{
	char *end;

	if (n == 0)
		return 0;
	if ((end = buf_reserve(b, n, e)) == NULL)
		return -1;
	memcpy(end, data, n);
	buf_added(b, n);
	return 0;
}

int
buf_printf(struct buf *b, struct error *e, const char *fmt, ...)
{
	va_list ap;
	char *end;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return error_set(e, ERROR_INTERNAL, "text cannot be formatted");
	if ((end = buf_reserve(b, (size_t)n, e)) == NULL)
		return -1;
	va_start(ap, fmt);
	vsnprintf(end, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf_added(b, (size_t)n);
	return 0;
}

char *
buf_head(const struct buf *b)
{
	return b->data == NULL ? NULL : b->data + b->start;
}

void
buf_consume(struct buf *b, size_t n)
{
	b->start += n;
	b->len -= n;
	if (b->len > 0)
		return;
	b->start = 0;
	if (b->size > SIZE_KEEP)
		buf_fini(b);
}

long
buf_find(const struct buf *b, char c, size_t from)
{
	const char *head = buf_head(b), *hit;

	if (from >= b->len)
		return -1;
	hit = memchr(head + from, c, b->len - from);
	return hit == NULL ? -1 : (long)(hit - head);
}

char *
buf_text(struct buf *b, struct error *e)
{
	if (ensure_room(b, 0, e) == -1)
		return NULL;
	b->data[b->start + b->len] = '\0';
	return b->data + b->start;
}
