#include "relay/handshake.h"

#include "base/error.h"
#include "stream/tls.h"

static void
finish(struct handshake *h, const struct error *e)
{
	handshake_stop(h);
	h->done(h, e);
}

static void
go_on(struct handshake *h)
{
	struct error e = { 0 };
	int rc = tls_handshake(h->stream, &e);
	bool reading = rc == STREAM_WANT_READ;

	if (rc >= -1) {
		finish(h, rc == 0 ? NULL : &e);
		return;
	}
	h->watch.fd = stream_raw_fd(h->stream, reading ? STREAM_IN : STREAM_OUT);
	if (loop_watch(h->loop, &h->watch, reading ? LOOP_READ : LOOP_WRITE, &e) < 0 ||
	    loop_timer_set(h->loop, &h->timer, deadline_min(h->until, tls_retry_at(h->stream)),
		&e) < 0)
		finish(h, &e);
}

static void
on_ready(struct watch *w, unsigned ready)
{
	(void)ready;
	go_on(w->arg);
}

static void
on_timer(struct timer *t)
{
	struct handshake *h = t->arg;
	struct error e = { 0 };

	if (!deadline_passed(h->until)) {
		go_on(h);
		return;
	}
	error_set(&e, ERROR_TIMEOUT, "timed out: the handshake is not over");
	finish(h, &e);
}

void
handshake_start(struct handshake *h)
{
	h->watch.fn = on_ready;
	h->timer.fn = on_timer;
	h->watch.arg = h->timer.arg = h;
	go_on(h);
}

void
handshake_stop(struct handshake *h)
{
	if (h->done == NULL)
		return;
	loop_unwatch(h->loop, &h->watch);
	loop_timer_stop(h->loop, &h->timer);
}
