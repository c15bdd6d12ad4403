/*
 * Shared by the tests of both drivers of negotiations: a stream in memory whose
 * peer is the test, and negotiations that send one text and expect another.
 */
#ifndef UNIT_STREAM_NEGOTIATION_TEST_H
#define UNIT_STREAM_NEGOTIATION_TEST_H

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"
#include "loop/loop.h"
#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC
#define LONG (20 * NSEC_PER_SEC)

/* ---- the stream ---- */

enum { MEMORY_MAX = 256 };

/* Two eventfd(2) are polled, readable and writable as the stream is. */
struct memory {
	struct stream base;
	int in_fd, out_fd;
	char in[MEMORY_MAX], out[MEMORY_MAX];
	size_t n_in, n_read, n_out;
	size_t room;  /* bytes that it still takes */
	size_t kept;  /* taken, and not sent before a flush */
	bool ended;   /* by the peer */
	bool endless; /* the peer never stops */
	bool records;
	unsigned shut, closed;
};

/* An eventfd with the highest count is readable and not writable; with 0 it is the reverse. */
static inline void
memory_fill(int fd, bool full)
{
	uint64_t n;

	while (read(fd, &n, sizeof(n)) > 0)
		;
	n = UINT64_MAX - 1;
	check(!full || write(fd, &n, sizeof(n)) == sizeof(n));
}

static inline void
memory_update(const struct memory *m)
{
	memory_fill(m->in_fd, m->n_read < m->n_in || m->ended || m->endless);
	memory_fill(m->out_fd, m->room == 0);
}

static inline ssize_t
memory_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct memory *m = (struct memory *)s;
	size_t have = m->n_in - m->n_read;

	(void)e;
	if (m->endless)
		return (ssize_t)n;
	if (have == 0)
		return m->ended ? 0 : STREAM_WANT_READ;
	n = n < have ? n : have;
	memcpy(data, m->in + m->n_read, n);
	m->n_read += n;
	memory_update(m);
	return (ssize_t)n;
}

static inline ssize_t
memory_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct memory *m = (struct memory *)s;

	(void)e;
	if (m->room == 0)
		return STREAM_WANT_WRITE;
	n = n < m->room ? n : m->room;
	memcpy(m->out + m->n_out, data, n);
	m->n_out += n;
	m->room -= n;
	memory_update(m);
	return (ssize_t)n;
}

static inline int
memory_flush(struct stream *s, struct error *e)
{
	struct memory *m = (struct memory *)s;

	(void)e;
	if (m->kept > 0 && m->room == 0)
		return STREAM_WANT_WRITE;
	m->kept = 0;
	return 0;
}

static inline int
memory_shut(struct stream *s, struct error *e)
{
	(void)e;
	((struct memory *)s)->shut++;
	return 0;
}

static inline void
memory_close(struct stream *s)
{
	((struct memory *)s)->closed++;
}

static inline size_t
memory_pending(const struct stream *s)
{
	(void)s;
	return 0;
}

static inline int
memory_fd(const struct stream *s, enum stream_side side)
{
	const struct memory *m = (const struct memory *)s;

	return side == STREAM_IN ? m->in_fd : m->out_fd;
}

static inline enum stream_kind
memory_kind(const struct stream *s, enum stream_side side)
{
	(void)side;
	return ((const struct memory *)s)->records ? STREAM_DGRAM : STREAM_OPAQUE;
}

static inline void
memory_open(struct memory *m)
{
	static const struct stream_ops ops = { .read = memory_read,
		.write = memory_write,
		.flush = memory_flush,
		.shut = memory_shut,
		.close = memory_close,
		.pending = memory_pending,
		.raw_fd = memory_fd,
		.kind = memory_kind };

	*m = (struct memory){ .base = { .ops = &ops }, .room = MEMORY_MAX };
	m->in_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	m->out_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	check(m->in_fd >= 0 && m->out_fd >= 0);
	memory_update(m);
}

static inline void
memory_fini(const struct memory *m)
{
	close(m->in_fd);
	close(m->out_fd);
}

static inline void
memory_put(struct memory *m, const char *text, size_t n)
{
	memcpy(m->in + m->n_in, text, n);
	m->n_in += n;
	memory_update(m);
}

static inline void
memory_end(struct memory *m)
{
	m->ended = true;
	memory_update(m);
}

static inline void
memory_give_room(struct memory *m, size_t n)
{
	m->room = n;
	memory_update(m);
}

/* ---- the negotiations ---- */

/* What they did, in order: "a" done, "-a" freed. */
static char trace[MEMORY_MAX];

static inline void
note(const char *what, const char *name)
{
	size_t n = strlen(trace);

	snprintf(trace + n, sizeof(trace) - n, "%s%s ", what, name);
}

struct fake_how {
	const char *say, *want;
	int64_t retry; /* the retry time of each step; 0: none */
	unsigned goes; /* done at this step, whatever has arrived; 0: no */
	bool sends_alert;
	size_t alert; /* bytes of an alert that a failure leaves to be flushed */
};

struct fake {
	struct negotiation base;
	struct negotiation_ops ops;
	struct fake_how how;
	char unfinished[32];
	char name[2];
	struct deadline retry;
	size_t said, heard;
	unsigned steps;
};

static inline int
fake_refuse(const struct fake *f, struct stream *top, const char *why, struct error *e)
{
	if (f->how.alert > 0)
		((struct memory *)top)->kept = f->how.alert;
	return error_set(e, ERROR_TLS, "%s", why);
}

static inline int
fake_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct fake *f = (struct fake *)n;
	ssize_t rc;
	char c;

	f->retry = f->how.retry > 0 ? deadline_in(f->how.retry) : deadline_never();
	n->sends_alert = f->how.sends_alert;
	if (++f->steps == f->how.goes)
		f->heard = strlen(f->how.want);
	while (f->how.say[f->said] != '\0') {
		rc = stream_write(*top, f->how.say + f->said, 1, e);
		if (rc < 0)
			return (int)rc;
		f->said++;
	}
	while (f->how.want[f->heard] != '\0') {
		rc = stream_read(*top, &c, 1, e);
		if (rc < 0)
			return (int)rc;
		if (rc == 0)
			return fake_refuse(f, *top, "the peer has ended", e);
		if (c != f->how.want[f->heard++])
			return fake_refuse(f, *top, "not what was wanted", e);
	}
	note("", f->name);
	return 0;
}

static inline struct deadline
fake_retry_at(const struct negotiation *n, const struct stream *top)
{
	(void)top;
	return ((const struct fake *)n)->retry;
}

static inline void
fake_free(struct negotiation *n)
{
	note("-", ((struct fake *)n)->name);
	free(n);
}

/* Named "a", "b" and so on. */
static inline struct negotiation *
fake_chain(const struct fake_how *hows, size_t n)
{
	struct negotiation *first = NULL;
	struct fake *f;

	trace[0] = '\0';
	while (n-- > 0) {
		f = calloc(1, sizeof(*f));
		if (f == NULL)
			abort();
		f->how = hows[n];
		f->name[0] = (char)('a' + n);
		snprintf(f->unfinished, sizeof(f->unfinished), "%s is not over", f->name);
		f->ops = (struct negotiation_ops){ .name = f->name,
			.unfinished = f->unfinished,
			.step = fake_step,
			.retry_at = n == 1 ? NULL : fake_retry_at,
			.free = fake_free };
		f->base.ops = &f->ops;
		f->base.next = first;
		first = &f->base;
	}
	return first;
}

/* Three negotiations: what each sends and expects. */
static const struct fake_how three[] = {
	{ .say = "hello", .want = "one\n" },
	{ .say = "", .want = "two" },
	{ .say = "bye", .want = "3" },
};
#define THREE_WANT "one\ntwo3"
#define THREE_SAY "hellobye"
static const size_t three_ends[] = { 4, 7, 8 };

/* Returns which of them waits for byte `at` of the peer. */
static inline size_t
three_at(size_t at)
{
	size_t i = 0;

	while (at >= three_ends[i])
		i++;
	return i;
}

/* Checks that those before i are done and freed, and the others only freed. */
static inline void
check_trace_ends_in(size_t i)
{
	char want[MEMORY_MAX] = "";
	size_t j, n = 0;

	for (j = 0; j < 3; j++)
		n += (size_t)snprintf(want + n, sizeof(want) - n, j < i ? "%c -%c " : "-%c ",
		    (int)('a' + j), (int)('a' + j));
	check_str(trace, want);
}

#endif
