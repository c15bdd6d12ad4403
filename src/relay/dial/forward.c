#include "relay/dial/forward.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "relay/dial/record_relay.h"
#include "relay/dial/shortage.h"
#include "relay/session.h"
#include "stream/negotiate/proxy_header/proxy_header.h"
#include "stream/stream.h"

/* One client's way to a target. */
struct forwarding {
	struct forward *forward;
	struct session *session;
	struct forward_target *target;
	size_t tries;
	struct dial dial;
	struct proxy_header header; /* of the client */
};

static void dial_target(struct forwarding *g);

/* It is the next that is not left out, or the next. */
struct forward_target *
forward_take_turn(struct forward *f)
{
	struct forward_target *first = &f->targets[f->next % f->n];
	size_t i;

	for (i = 0; i < f->n; i++) {
		struct forward_target *t = &f->targets[f->next++ % f->n];

		if (deadline_passed(t->again_at))
			return t;
	}
	f->next++;
	return first;
}

void
forward_leave_out(struct forward *f, struct forward_target *t, const struct error *e)
{
	if (f->n > 1 && deadline_passed(t->again_at))
		log_line(f->log, LOG_NOTE, "forward: %s; %s is left out for %d s", e->text, t->name,
		    (int)(FORWARD_PAUSE / NSEC_PER_SEC));
	t->again_at = deadline_in(FORWARD_PAUSE);
}

static int
open_records(struct relay **ret_relay, const struct relay_how *how, void *arg, struct error *e)
{
	(void)arg;
	return record_relay_open(ret_relay, how, e);
}

static void
give_stream(struct forwarding *g)
{
	char name[sizeof(g->target->name) + 16];
	struct session_connection c = { .stream = dial_take(&g->dial),
		.name = name,
		.half_close = g->target->half_close };

	if (stream_kind(c.stream, STREAM_IN) == STREAM_DGRAM ||
	    stream_kind(c.stream, STREAM_IN) == STREAM_RECORDS)
		c.open = open_records;
	snprintf(name, sizeof(name), "forward %s", g->target->name);
	g->target->again_at = (struct deadline){ 0 };
	session_local_ready(g->session, &c);
}

/* The last call of its turn: the session may be over. */
static void
on_target_dialled(struct dial *d)
{
	struct forwarding *g = d->arg;

	if (d->stream != NULL) {
		give_stream(g);
		return;
	}
	/* nothing is known about the target, nor will another one be reached */
	if (!shortage_is(g->forward->shortage, &d->error)) {
		forward_leave_out(g->forward, g->target, &d->error);
		g->tries++;
	} else {
		g->tries = g->forward->n;
	}
	if (g->tries < g->forward->n)
		dial_target(g);
	else
		session_local_failed(g->session, &d->error, false);
}

/* A client of a unix socket has no address that a target could know. */
static void
name_client(struct forwarding *g)
{
	struct proxy_header *h = &g->header;

	sock_peer(g->session->sock, &h->source);
	sock_local(g->session->sock, &h->destination);
	h->local = h->source.len == 0 || h->destination.len == 0 ||
	    h->source.sa.sa_family == SOCKNAME_LINE;
	g->dial.how.plan.send_header.header = h;
}

static void
dial_target(struct forwarding *g)
{
	struct forward *f = g->forward;

	g->target = forward_take_turn(f);
	dial_stop(&g->dial);
	g->dial = (struct dial){
		.loop = f->loop,
		.log = f->log,
		.how = g->target->how,
		.until = f->until,
		.shortage = f->shortage,
		.done = on_target_dialled,
		.arg = g,
	};
	if (g->target->how.plan.send_header.version != 0)
		name_client(g);
	dial_start(&g->dial);
}

static void
start_forwarding(void *arg, struct session *s)
{
	struct forwarding *g = session_start_dialling(s, sizeof(*g));

	if (g == NULL)
		return;
	g->forward = arg;
	g->session = s;
	dial_target(g);
}

static void
stop_forwarding(void *arg, struct session *s)
{
	struct forwarding *g = s->dialling;

	(void)arg;
	dial_stop(&g->dial);
	free(g);
}

struct session_dialler
forward_dialler(struct forward *f)
{
	return (
	    struct session_dialler){ .start = start_forwarding, .stop = stop_forwarding, .arg = f };
}
