/* A stream of records in memory whose peer is the test, for what relays records. */
#ifndef UNIT_RELAY_FAKE_RECORDS_H
#define UNIT_RELAY_FAKE_RECORDS_H

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "stream/stream.h"
#include "test.h"

enum { FAKE_RECORDS_MAX = 100, FAKE_RECORDS_TEXT = 400 };

/* Two eventfd(2) are polled, both readable as the stream is. */
struct fake_records {
	struct stream base; /* first */
	int in_fd, out_fd;
	const char *in[FAKE_RECORDS_MAX];
	size_t n_in, n_read;
	bool ended;                  /* behind the last record */
	char out[FAKE_RECORDS_TEXT]; /* what was written, with '|' after each record */
	int write_rc, flush_rc;      /* what they return; 0: they succeed */
	int number;                  /* the errno of their failures */
	bool holds;                  /* pending() says so of records that are not read */
	unsigned shut, closed;
};

static inline struct fake_records *
fake_records_of(const struct stream *s)
{
	return (struct fake_records *)(void *)(uintptr_t)s;
}

/* An eventfd with 0 is writable alone, with the highest count readable alone, else both. */
static inline void
fake_records_set(int fd, uint64_t count)
{
	uint64_t n;

	while (read(fd, &n, sizeof(n)) > 0)
		;
	check(count == 0 || write(fd, &count, sizeof(count)) == sizeof(count));
}

static inline void
fake_records_update(const struct fake_records *f)
{
	bool readable = !f->holds && (f->n_read < f->n_in || f->ended);
	bool full = f->write_rc == STREAM_WANT_WRITE || f->flush_rc == STREAM_WANT_WRITE;

	fake_records_set(f->in_fd, readable);
	fake_records_set(f->out_fd, full ? UINT64_MAX - 1 : readable);
}

static inline ssize_t
fake_records_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct fake_records *f = fake_records_of(s);
	size_t len;

	(void)e;
	if (f->n_read == f->n_in)
		return f->ended ? STREAM_END : STREAM_WANT_READ;
	len = strlen(f->in[f->n_read]);
	len = len < n ? len : n;
	memcpy(data, f->in[f->n_read++], len);
	fake_records_update(f);
	return (ssize_t)len;
}

static inline int
fake_records_result(const struct fake_records *f, int rc, struct error *e)
{
	return rc == -1 ? error_errno(e, ERROR_NETWORK, f->number, "send") : rc;
}

static inline ssize_t
fake_records_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct fake_records *f = fake_records_of(s);
	size_t at = strlen(f->out);

	if (f->write_rc != 0)
		return fake_records_result(f, f->write_rc, e);
	if (check(at + n + 2 <= sizeof(f->out))) {
		memcpy(f->out + at, data, n);
		f->out[at + n] = '|';
	}
	return (ssize_t)n;
}

static inline int
fake_records_flush(struct stream *s, struct error *e)
{
	return fake_records_result(fake_records_of(s), fake_records_of(s)->flush_rc, e);
}

static inline int
fake_records_shut(struct stream *s, struct error *e)
{
	(void)e;
	fake_records_of(s)->shut++;
	return 0;
}

static inline void
fake_records_close(struct stream *s)
{
	struct fake_records *f = fake_records_of(s);

	f->closed++;
	close(f->in_fd);
	close(f->out_fd);
}

static inline size_t
fake_records_pending(const struct stream *s)
{
	const struct fake_records *f = fake_records_of(s);

	return f->holds ? f->n_in - f->n_read + f->ended : 0;
}

static inline int
fake_records_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? fake_records_of(s)->in_fd : fake_records_of(s)->out_fd;
}

static inline enum stream_kind
fake_records_kind(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_RECORDS;
}

static inline void
fake_records_open(struct fake_records *f)
{
	static const struct stream_ops ops = { .read = fake_records_read,
		.write = fake_records_write,
		.flush = fake_records_flush,
		.shut = fake_records_shut,
		.close = fake_records_close,
		.pending = fake_records_pending,
		.raw_fd = fake_records_fd,
		.kind = fake_records_kind };

	*f = (struct fake_records){ .base = { .ops = &ops } };
	f->in_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	f->out_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	check(f->in_fd >= 0 && f->out_fd >= 0);
	fake_records_update(f);
}

/* The peer sends a record. text is not copied. */
static inline void
fake_records_put(struct fake_records *f, const char *text)
{
	if (check(f->n_in < FAKE_RECORDS_MAX))
		f->in[f->n_in++] = text;
	fake_records_update(f);
}

static inline void
fake_records_end(struct fake_records *f)
{
	f->ended = true;
	fake_records_update(f);
}

/* From now on writing and flushing return this. */
static inline void
fake_records_refuse(struct fake_records *f, int write_rc, int flush_rc, int number)
{
	f->write_rc = write_rc;
	f->flush_rc = flush_rc;
	f->number = number;
	fake_records_update(f);
}

#endif
