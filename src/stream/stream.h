/*
 * One interface for everything that carries bytes: sockets, stdio, files, child
 * programs, TLS. A stream may sit on a lower one. A stream never blocks: a call
 * that cannot proceed returns which readiness to wait for.
 */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;
struct stream;

/* Results of read, write, flush and shut besides a count. -1 is an error, with *e filled. */
#define STREAM_WANT_READ (-2)  /* call again when raw_fd(STREAM_IN) is readable */
#define STREAM_WANT_WRITE (-3) /* call again when raw_fd(STREAM_OUT) is writable */
#define STREAM_END (-4)        /* the end of a record stream, where 0 is an empty record */

enum stream_side { STREAM_IN, STREAM_OUT };

/* What a copier may do with the descriptor of one side. */
enum stream_kind {
	STREAM_OPAQUE,  /* bytes are transformed: use read and write only */
	STREAM_SOCKET,  /* a stream socket, non-blocking */
	STREAM_DGRAM,   /* a message socket: one read or write is one record */
	STREAM_RECORDS, /* so is one of the stream, though not of its descriptor */
	STREAM_PIPE,
	STREAM_FILE, /* regular file */
	STREAM_NULL, /* /dev/null */
	STREAM_TTY,
	STREAM_OTHER /* another device */
};

struct stream_ops {
	/* Reads up to n bytes. Returns > 0, the bytes read; 0, the end; STREAM_WANT_* or -1. For
	 * records, 0 is an empty record and STREAM_END is the end; what does not fit in n is
	 * dropped. */
	ssize_t (*read)(struct stream *s, void *data, size_t n, struct error *e);
	/* Writes up to n bytes. Returns > 0, the bytes taken; STREAM_WANT_*, none taken; or -1. The
	 * stream owns the bytes it took. n may be 0 only for a record, which is taken whole or not
	 * at all. */
	ssize_t (*write)(struct stream *s, const void *data, size_t n, struct error *e);
	/* Sends bytes that write took and kept. Returns 0 when none are left, STREAM_WANT_* or -1.
	 * Until it returns 0, the caller has to call it again when the descriptor is ready; write
	 * does the same. NULL: write keeps nothing. */
	int (*flush)(struct stream *s, struct error *e);
	/* Ends our direction (half-close). Returns 0, STREAM_WANT_* or -1. May be called twice. */
	int (*shut)(struct stream *s, struct error *e);
	/* Stops reading: the other end's writes fail with EPIPE instead of blocking. NULL: there is
	 * no other end. */
	void (*stop_reading)(struct stream *s);
	/* Frees descriptor and storage. Preserves errno. */
	void (*close)(struct stream *s);
	/* Returns how many bytes read can give without the descriptor becoming readable. More than
	 * 0 also if read would report the end or a failure. NULL: always 0. */
	size_t (*pending)(const struct stream *s);
	/* Returns the descriptor to poll for this side, or -1. */
	int (*raw_fd)(const struct stream *s, enum stream_side side);
	enum stream_kind (*kind)(const struct stream *s, enum stream_side side);
};

/* The first member of every stream. */
struct stream {
	const struct stream_ops *ops;
	struct stream *next; /* the lower stream, owned; NULL at the bottom */
};

static inline ssize_t
stream_read(struct stream *s, void *data, size_t n, struct error *e)
{
	return s->ops->read(s, data, n, e);
}

static inline ssize_t
stream_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	return s->ops->write(s, data, n, e);
}

static inline int
stream_flush(struct stream *s, struct error *e)
{
	return s->ops->flush != NULL ? s->ops->flush(s, e) : 0;
}

static inline int
stream_shut(struct stream *s, struct error *e)
{
	return s->ops->shut(s, e);
}

void stream_stop_reading(struct stream *s);

static inline size_t
stream_pending(const struct stream *s)
{
	return s->ops->pending != NULL ? s->ops->pending(s) : 0;
}

static inline int
stream_raw_fd(const struct stream *s, enum stream_side side)
{
	return s->ops->raw_fd(s, side);
}

static inline enum stream_kind
stream_kind(const struct stream *s, enum stream_side side)
{
	return s->ops->kind(s, side);
}

/* Returns the stream at the bottom of the stack. */
struct stream *stream_bottom(struct stream *s);

/* Accepts NULL. */
void stream_close(struct stream *s);

#endif
