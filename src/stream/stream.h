/*
 * One interface for everything bytes flow through: sockets, stdio, files,
 * child programs, TLS, proxies. A stream may sit on a lower one. Streams never
 * wait: a call that cannot go on says what the descriptor has to become first.
 */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct error;
struct stream;

/* Results besides a count; -1 is an error, with *e filled. */
#define STREAM_WANT_READ (-2)  /* call again when raw_fd(STREAM_IN) is readable */
#define STREAM_WANT_WRITE (-3) /* call again when raw_fd(STREAM_OUT) is writable */
#define STREAM_END (-4)        /* of reading STREAM_RECORDS: the end, as 0 is a record there */

enum stream_side { STREAM_IN, STREAM_OUT };

/* What a mover may do with the descriptor of one side directly. */
enum stream_kind {
	STREAM_OPAQUE,  /* bytes are transformed: only read and write */
	STREAM_SOCKET,  /* a stream socket, non-blocking */
	STREAM_DGRAM,   /* a message socket: each read and write is one record */
	STREAM_RECORDS, /* each read and write is one record too, but only here, not below */
	STREAM_PIPE,
	STREAM_FILE, /* regular file */
	STREAM_NULL, /* /dev/null */
	STREAM_TTY,
	STREAM_OTHER /* another device */
};

struct stream_ops {
	/* Up to n bytes: > 0 read; 0 the end; STREAM_WANT_*; -1. Of records: 0 is one without
	 * a byte, STREAM_END the end, and what of one does not fit is dropped. */
	ssize_t (*read)(struct stream *s, void *data, size_t n, struct error *e);
	/* Takes up to n bytes: > 0 taken; STREAM_WANT_*: none taken; -1. The stream owns what it
	 * took. n is never 0 but for a record, which is taken whole or not at all. */
	ssize_t (*write)(struct stream *s, const void *data, size_t n, struct error *e);
	/* Sends what was taken and is still here: 0 when nothing is left, STREAM_WANT_*, -1.
	 * NULL: write keeps nothing. Until it gives 0, the caller has to call it again when the
	 * descriptor is ready; a further write does that too. */
	int (*flush)(struct stream *s, struct error *e);
	/* Ends our direction (half-close): 0, STREAM_WANT_*, -1. Twice is fine. */
	int (*shut)(struct stream *s, struct error *e);
	/* Reads no more: who writes what would be read fails with EPIPE and does not wait. NULL:
	 * there is nobody to be told. */
	void (*stop_reading)(struct stream *s);
	/* Releases descriptor and storage; keeps errno. */
	void (*close)(struct stream *s);
	/* Bytes that read would give without the descriptor becoming readable; more than 0
	 * too where it would tell the end or a failure. NULL: always 0. */
	size_t (*pending)(const struct stream *s);
	/* The descriptor to wait on for this side, or -1 where there is none. */
	int (*raw_fd)(const struct stream *s, enum stream_side side);
	enum stream_kind (*kind)(const struct stream *s, enum stream_side side);
};

/* First member of every stream. */
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

static inline void
stream_stop_reading(struct stream *s)
{
	if (s->ops->stop_reading != NULL)
		s->ops->stop_reading(s);
}

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

/* What all of it sits on. */
static inline struct stream *
stream_bottom(struct stream *s)
{
	while (s->next != NULL)
		s = s->next;
	return s;
}

/* NULL is fine. */
void stream_close(struct stream *s);

#endif
