#include "relay/dial/forward.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "relay/session.h"

/* One client's way to a target. */
struct forwarding {
	struct forward *forward;
	struct session *session;
	struct forward_target *target;
	size_t tries;
	struct dial dial;
};

static void dial_target(struct forwarding *g);

/* Returns the target whose turn it is: the next that is not left out, or the next. */
static struct forward_target *
take_turn(struct forward *f)
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

static void
leave_out(struct forwarding *g)
{
	struct forward *f = g->forward;

	if (f->n > 1 && deadline_passed(g->target->again_at))
		log_line(f->log, LOG_NOTE, "forward: %s; %s is left out for %d s",
		    g->dial.error.text, g->target->name, (int)(FORWARD_PAUSE / NSEC_PER_SEC));
	g->target->again_at = deadline_in(FORWARD_PAUSE);
}

static void
give_stream(struct forwarding *g)
{
	char name[sizeof(g->target->name) + 16];
	const struct session_connection c = { .stream = dial_take(&g->dial), .name = name };

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
	leave_out(g);
	if (++g->tries < g->forward->n)
		dial_target(g);
	else
		session_local_failed(g->session, &d->error, false);
}

static void
dial_target(struct forwarding *g)
{
	struct forward *f = g->forward;

	g->target = take_turn(f);
	dial_stop(&g->dial);
	g->dial = (struct dial){
		.loop = f->loop,
		.log = f->log,
		.how = g->target->how,
		.until = f->until,
		.done = on_target_dialled,
		.arg = g,
	};
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
