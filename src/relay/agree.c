#include "relay/agree.h"

#include <sys/types.h>

#include "base/error.h"
#include "stream/stream.h"

static void
finish(struct agreement *a, const struct error *e)
{
	agree_stop(a);
	a->done(a, e);
}

static void
go_on(struct agreement *a)
{
	struct error e = { 0 };
	ssize_t rc = starttls_converse(&a->dialogue, a->stream, &e);
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
