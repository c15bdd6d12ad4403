#include "relay/dial/datagram_flow.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "net/mmsg.h"
#include "net/sys.h"
#include "relay/records.h"
#include "stream/stream.h"

/* ---- waiting ---- */

static int
watch_flow(struct datagram_flow *f, struct error *e)
{
	unsigned events = (f->waiting ? LOOP_READ : 0) | f->stuck;

	if (f->stream == NULL || events == f->watch.events)
		return 0;
	if (events != 0)
		return loop_watch(f->loop, &f->watch, events, e);
	loop_unwatch(f->loop, &f->watch);
	return 0;
}

/* What has happened is told from the loop. */
static void
call_later(struct datagram_flow *f)
{
	if (f->waiting)
		loop_timer_set(f->loop, &f->timer, deadline_in(0), NULL);
}

static void
fail_flow(struct datagram_flow *f, const struct error *e)
{
	if (f->failed)
		return;
	f->failed = true;
	f->dial.error = *e;
	call_later(f);
}

int
datagram_flow_wait(struct datagram_flow *f, bool on, struct error *e)
{
	f->waiting = on;
	if (on && (f->failed || (f->stream != NULL && stream_pending(f->stream) > 0)))
		call_later(f);
	return watch_flow(f, e);
}

/* ---- sending ---- */

static int
hold_datagram(struct datagram_flow *f, const void *data, size_t n)
{
	if (f->held.len + sizeof(n) + n > DATAGRAM_FLOW_HELD ||
	    buf_append(&f->held, &n, sizeof(n), NULL) < 0)
		return -1;
	if (buf_append(&f->held, data, n, NULL) == 0)
		return 0;
	f->held.len -= sizeof(n);
	return -1;
}

/* A datagram that the stream took and cannot send is lost. */
static void
flush_flow(struct datagram_flow *f)
{
	struct error e = { 0 };
	int rc = stream_flush(f->stream, &e);

	f->stuck = rc < -1 ? records_wait(rc) : 0;
	f->dropped += rc == -1;
	if (rc == -1)
		fail_flow(f, &e);
}

/* Returns false if the stream takes no more now. */
static bool
write_datagram(struct datagram_flow *f, const void *data, size_t n)
{
	struct error e = { 0 };
	ssize_t put = stream_write(f->stream, data, n, &e);

	f->stuck = put < -1 ? records_wait(put) : 0;
	if (put >= 0)
		flush_flow(f);
	f->dropped += put == -1;
	if (put == -1 && (e.origin != ORIGIN_ERRNO || e.number != EMSGSIZE))
		fail_flow(f, &e);
	return put >= -1;
}

static void
send_waiting(struct datagram_flow *f)
{
	size_t n;

	while (f->held.len > 0 && !f->failed) {
		memcpy(&n, buf_head(&f->held), sizeof(n));
		if (!write_datagram(f, buf_head(&f->held) + sizeof(n), n))
			return;
		buf_consume(&f->held, sizeof(n) + n);
	}
}

void
datagram_flow_send(struct datagram_flow *f, const void *data, size_t n)
{
	if (f->failed) {
		f->dropped++;
		return;
	}
	if (f->stream != NULL && f->held.len == 0 && write_datagram(f, data, n)) {
		watch_flow(f, NULL);
		return;
	}
	if (hold_datagram(f, data, n) < 0)
		f->dropped++;
	watch_flow(f, NULL);
}

/* ---- receiving ---- */

static void
fail_to_target(const struct datagram_flow *f, struct error *e)
{
	char peer[SOCKNAME_TEXT_MAX];

	*e = f->dial.error;
	if (f->connected)
		error_prefix(e, "forward %s",
		    sockname_format_short(&f->dial.peer, peer, sizeof(peer)));
}

int
datagram_flow_receive(struct datagram_flow *f, struct packet *packets, unsigned n, struct error *e)
{
	struct error reason = { 0 };
	int got = SYS_AGAIN;

	if (f->stream == NULL && !f->failed)
		return 0;
	if (!f->failed)
		got = stream_kind(f->stream, STREAM_IN) == STREAM_RECORDS
		    ? records_recv(f->stream, packets, n, NULL, &reason)
		    : mmsg_recv(stream_raw_fd(f->stream, STREAM_IN), packets, n, &reason);
	if (got == -1)
		fail_flow(f, &reason);
	if (f->failed) {
		fail_to_target(f, e);
		return -1;
	}
	if (got == SYS_AGAIN)
		return 0;
	/* a socket has no end of its own */
	if (stream_kind(f->stream, STREAM_IN) == STREAM_RECORDS && packets[got - 1].end)
		return got > 1 ? got - 1 : DATAGRAM_FLOW_END;
	return got;
}

/* ---- the target ---- */

static void
on_flow_event(struct watch *w, unsigned ready)
{
	struct datagram_flow *f = w->arg;

	if ((ready & f->stuck) != 0) {
		flush_flow(f);
		if (f->stuck == 0)
			send_waiting(f);
		watch_flow(f, NULL);
	}
	if (f->waiting && (ready & ~(unsigned)LOOP_WRITE) != 0)
		f->ready(f);
}

static void
on_flow_timer(struct timer *t)
{
	struct datagram_flow *f = t->arg;

	if (f->waiting)
		f->ready(f);
}

static void
on_flow_dialled(struct dial *d)
{
	struct datagram_flow *f = d->arg;
	struct error e = d->error;

	f->stream = dial_take(d);
	if (f->stream == NULL) {
		fail_flow(f, &e);
		return;
	}
	f->connected = true;
	f->watch.fd = stream_raw_fd(f->stream, STREAM_IN);
	send_waiting(f);
	if (datagram_flow_wait(f, f->waiting, &e) < 0)
		fail_flow(f, &e);
}

void
datagram_flow_start(struct datagram_flow *f)
{
	buf_init(&f->held, DATAGRAM_FLOW_HELD);
	f->watch.fn = on_flow_event;
	f->timer.fn = on_flow_timer;
	f->watch.arg = f->timer.arg = f;
	f->waiting = true;
	f->dial = (struct dial){
		.loop = f->loop,
		.log = f->log,
		.how = f->how,
		.until = f->until,
		.shortage = f->shortage,
		.done = on_flow_dialled,
		.arg = f,
	};
	dial_start(&f->dial);
}

static void
drop_waiting(struct datagram_flow *f)
{
	size_t n;

	for (; f->held.len > 0; f->dropped++) {
		memcpy(&n, buf_head(&f->held), sizeof(n));
		buf_consume(&f->held, sizeof(n) + n);
	}
	buf_fini(&f->held);
}

void
datagram_flow_stop(struct datagram_flow *f)
{
	if (f->loop == NULL)
		return;
	loop_timer_stop(f->loop, &f->timer);
	if (f->stream != NULL) {
		loop_unwatch(f->loop, &f->watch);
		if (!f->failed && stream_kind(f->stream, STREAM_OUT) == STREAM_RECORDS)
			stream_shut(f->stream, NULL);
	}
	dial_stop(&f->dial);
	stream_close(f->stream);
	f->stream = NULL;
	drop_waiting(f);
}
