/*
 * Runs a chain of negotiations (stream/negotiate/negotiation.h) on the loop,
 * without blocking others on it.
 */
#ifndef RELAY_NEGOTIATOR_H
#define RELAY_NEGOTIATOR_H

#include "loop/loop.h"
#include "stream/negotiate/negotiation.h"

struct negotiator {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	struct negotiation_chain chain; /* as in negotiation.h; owned from negotiator_start() on */
	/* Called once, when all are done, or when one has failed and the connection may be closed.
	 * May free g. */
	void (*done)(struct negotiator *g);
	void *arg;
	/* private */
	struct watch watch;
	struct timer timer;
};

/* Starts the chain. done may be called before this returns. */
void negotiator_start(struct negotiator *g);

/* Steps the chain because of something other than its descriptor and times. done may be called, as
 * from negotiator_start(). */
void negotiator_wake(struct negotiator *g);

/* Returns the failure as negotiation_error() does, even before done is called; also ERROR_INTERNAL
 * and ERROR_LOCAL_IO if the loop cannot wait. Returns NULL without one. */
const struct error *negotiator_error(const struct negotiator *g);

/* Returns negotiation_name(). Valid if there is an error. */
const char *negotiator_verb(const struct negotiator *g);

/* Stops the chain and frees it. done is not called. May be called at any time, and twice;
 * also for one that is all zeroed. */
void negotiator_stop(struct negotiator *g);

#endif
