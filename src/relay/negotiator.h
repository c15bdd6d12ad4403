/*
 * Runs a chain of negotiations (stream/negotiate/negotiation.h) on the loop: whoever else has something to do
 * goes on meanwhile.
 */
#ifndef RELAY_NEGOTIATOR_H
#define RELAY_NEGOTIATOR_H

#include "loop/loop.h"
#include "stream/negotiate/negotiation.h"

struct negotiator {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	struct negotiation_chain chain; /* as negotiation.h has it; owned from the start on */
	/* Called once, when all are done, or when one has failed and the connection may be closed.
	 * May free g. */
	void (*done)(struct negotiator *g);
	void *arg;
	/* private */
	struct watch watch;
	struct timer timer;
};

/* Begins; done may be called before this returns. */
void negotiator_start(struct negotiator *g);

/* NULL: none has failed. Known before done is called, as negotiation_error(); ERROR_INTERNAL and
 * ERROR_LOCAL_IO where the loop cannot wait. */
const struct error *negotiator_error(const struct negotiator *g);

/* As negotiation_name(), where there is an error. */
const char *negotiator_verb(const struct negotiator *g);

/* Ends it, and frees what it holds; done is not called any more. At any time, and twice. */
void negotiator_stop(struct negotiator *g);

#endif
