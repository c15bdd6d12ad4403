#include "stream/tap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "net/sys.h"

struct tap {
	struct stream stream;
	struct tap_observer observer;
	bool records; /* of the stream below */
};

static struct tap *
tap_of(struct stream *s)
{
	return CONTAINER_OF(s, struct tap, stream);
}

static void
show_event(const struct tap *t, enum tap_event event, const void *data, size_t n)
{
	t->observer.on_event(t->observer.arg, event, data, n);
}

/* The caller may not want to know why. */
static ssize_t
fail_tapped(const struct tap *t, const struct error *why, struct error *e)
{
	if (why->origin == ORIGIN_ERRNO && (why->number == ECONNRESET || why->number == EPIPE))
		show_event(t, TAP_RESET, NULL, 0);
	if (e != NULL)
		*e = *why;
	return -1;
}

/* Shows the n bytes that have moved. */
static void
show_bytes_moved(const struct tap *t, enum tap_event event, const void *data, ssize_t n)
{
	if (n > 0 || (n == 0 && t->records))
		show_event(t, event, data, (size_t)n);
	else if (event == TAP_RECEIVED && (n == 0 || n == STREAM_END))
		show_event(t, TAP_RECEIVED_END, NULL, 0);
}

static ssize_t
tap_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct error why = { 0 };
	ssize_t got = stream_read(s->next, data, n, &why);

	show_bytes_moved(tap_of(s), TAP_RECEIVED, data, got);
	return got == -1 ? fail_tapped(tap_of(s), &why, e) : got;
}

static ssize_t
tap_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct error why = { 0 };
	ssize_t put = stream_write(s->next, data, n, &why);

	show_bytes_moved(tap_of(s), TAP_SENT, data, put);
	return put == -1 ? fail_tapped(tap_of(s), &why, e) : put;
}

static int
tap_flush(struct stream *s, struct error *e)
{
	return stream_flush(s->next, e);
}

static int
tap_shut(struct stream *s, struct error *e)
{
	int rc = stream_shut(s->next, e);

	if (rc == 0)
		show_event(tap_of(s), TAP_SENT_END, NULL, 0);
	return rc;
}

static void
tap_stop_reading(struct stream *s)
{
	stream_stop_reading(s->next);
}

static size_t
tap_pending(const struct stream *s)
{
	return stream_pending(s->next);
}

static int
tap_raw_fd(const struct stream *s, enum stream_side side)
{
	return stream_raw_fd(s->next, side);
}

static enum stream_kind
tap_kind(const struct stream *s, enum stream_side side)
{
	enum stream_kind kind = stream_kind(s->next, side);

	if (kind == STREAM_DGRAM)
		return STREAM_RECORDS;
	return kind == STREAM_SOCKET ? STREAM_OPAQUE : kind;
}

static void
tap_close(struct stream *s)
{
	struct tap *t = tap_of(s);
	const int saved = errno;

	show_event(t,
	    sys_resets_at_close(stream_raw_fd(s->next, STREAM_OUT)) ? TAP_ABORT : TAP_CLOSE, NULL,
	    0);
	errno = saved;
	stream_close(s->next);
	free(t);
}

static const struct stream_ops tap_ops = {
	.read = tap_read,
	.write = tap_write,
	.flush = tap_flush,
	.shut = tap_shut,
	.stop_reading = tap_stop_reading,
	.close = tap_close,
	.pending = tap_pending,
	.raw_fd = tap_raw_fd,
	.kind = tap_kind,
};

int
tap_stream(struct stream **ret_stream, struct stream *lower, const struct tap_observer *observer,
    struct error *e)
{
	struct tap *t = calloc(1, sizeof(*t));
	enum stream_kind kind = stream_kind(lower, STREAM_IN);

	if (t == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	t->stream.ops = &tap_ops;
	t->stream.next = lower;
	t->observer = *observer;
	t->records = kind == STREAM_DGRAM || kind == STREAM_RECORDS;
	*ret_stream = &t->stream;
	return 0;
}

bool
tap_is(const struct stream *s)
{
	return s->ops == &tap_ops;
}

void
tap_show(struct stream *s, enum tap_event event, const void *data, size_t n)
{
	show_event(tap_of(s), event, data, n);
}
