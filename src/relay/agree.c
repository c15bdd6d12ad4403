#include "relay/agree.h"

#include <sys/types.h>

#include "base/error.h"
#include "stream/stream.h"

enum { PIECE = 4096 };

static void
finish(struct agreement *a, const struct error *e)
{
	agree_stop(a);
	a->done(a, e);
}

static ssize_t
send_out(struct agreement *a, struct error *e)
{
	struct buf *out = &a->dialogue.out;
	ssize_t n;

	while (out->len > 0) {
		n = stream_write(a->stream, buf_head(out), out->len, e);
		if (n < 0)
			return n;
		buf_consume(out, (size_t)n);
	}
	return 0;
}

/* Also once more behind the go-ahead: in TLS it is the client who speaks first, so that
 * whatever is there has come unprotected. */
static ssize_t
hear(struct agreement *a, struct error *e)
{
	char data[PIECE];
	ssize_t n = stream_read(a->stream, data, sizeof(data), e);

	if (n == 0)
		return error_set(e, ERROR_TLS, "the server has ended before the handshake");
	if (n > 0 && starttls_feed(&a->dialogue, data, (size_t)n, e) < 0)
		return -1;
	return n;
}

/* 0: agreed; STREAM_WANT_*; -1. */
static ssize_t
converse(struct agreement *a, struct error *e)
{
	ssize_t rc;

	do {
		rc = send_out(a, e);
		if (rc == 0)
			rc = hear(a, e);
	} while (rc > 0);
	return rc == STREAM_WANT_READ && starttls_agreed(&a->dialogue) ? 0 : rc;
}

static void
go_on(struct agreement *a)
{
	struct error e = { 0 };
	ssize_t rc = converse(a, &e);
	bool reading = rc == STREAM_WANT_READ;

	if (rc >= -1) {
		finish(a, rc == 0 ? NULL : &e);
		return;
	}
	a->watch.fd = stream_raw_fd(a->stream, reading ? STREAM_IN : STREAM_OUT);
	if (loop_watch(a->loop, &a->watch, reading ? LOOP_READ : LOOP_WRITE, &e) < 0)
		finish(a, &e);
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
	struct error e = { 0 };

	error_set(&e, ERROR_TIMEOUT, "timed out: the server has not agreed to TLS");
	finish(t->arg, &e);
}

void
agree_start(struct agreement *a)
{
	struct error e = { 0 };

	a->dialogue.protocol = a->protocol;
	a->dialogue.host = a->host;
	a->dialogue.said = a->said;
	a->dialogue.arg = a->arg;
	a->watch.fn = on_ready;
	a->timer.fn = on_timer;
	a->watch.arg = a->timer.arg = a;
	if (starttls_begin(&a->dialogue, &e) < 0 ||
	    loop_timer_set(a->loop, &a->timer, a->until, &e) < 0)
		finish(a, &e);
	else
		go_on(a);
}

void
agree_stop(struct agreement *a)
{
	if (a->done == NULL)
		return;
	loop_unwatch(a->loop, &a->watch);
	loop_timer_stop(a->loop, &a->timer);
	starttls_fini(&a->dialogue);
}
