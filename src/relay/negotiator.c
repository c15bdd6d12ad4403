#include "relay/negotiator.h"

#include "stream/stream.h"

static void
unwatch(struct negotiator *g)
{
	loop_unwatch(g->loop, &g->watch);
	loop_timer_stop(g->loop, &g->timer);
}

static int
watch_for(struct negotiator *g, int want, struct error *e)
{
	bool reading = want == STREAM_WANT_READ;
	int fd = stream_raw_fd(*g->chain.top, reading ? STREAM_IN : STREAM_OUT);

	if (fd != g->watch.fd || want == NEGOTIATION_WANT_TIME)
		loop_unwatch(g->loop, &g->watch);
	g->watch.fd = fd;
	if (want != NEGOTIATION_WANT_TIME &&
	    loop_watch(g->loop, &g->watch, reading ? LOOP_READ : LOOP_WRITE, e) < 0)
		return -1;
	return loop_timer_set(g->loop, &g->timer, negotiation_wake_at(&g->chain), e);
}

static void
run_step(struct negotiator *g)
{
	int rc = negotiation_step(&g->chain);
	struct error e;

	if (rc < -1) {
		if (watch_for(g, rc, &e) == 0)
			return;
		negotiation_fail(&g->chain, &e);
	}
	unwatch(g);
	g->done(g);
}

static void
on_ready(struct watch *w, unsigned ready)
{
	(void)ready;
	run_step(w->arg);
}

static void
on_timer(struct timer *t)
{
	run_step(t->arg);
}

void
negotiator_start(struct negotiator *g)
{
	g->watch.fn = on_ready;
	g->timer.fn = on_timer;
	g->watch.arg = g->timer.arg = g;
	run_step(g);
}

void
negotiator_wake(struct negotiator *g)
{
	run_step(g);
}

const struct error *
negotiator_error(const struct negotiator *g)
{
	return negotiation_error(&g->chain);
}

const char *
negotiator_verb(const struct negotiator *g)
{
	return negotiation_name(&g->chain);
}

void
negotiator_stop(struct negotiator *g)
{
	if (g->loop != NULL)
		unwatch(g);
	negotiation_fini(&g->chain);
}
