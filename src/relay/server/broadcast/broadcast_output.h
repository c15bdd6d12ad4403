/*
 * An output of the server as one more reader of a broadcast: what clients say
 * goes there, too. It is never given up: if nobody reads the output, nobody is
 * heard.
 */
#ifndef RELAY_SERVER_BROADCAST_BROADCAST_OUTPUT_H
#define RELAY_SERVER_BROADCAST_BROADCAST_OUTPUT_H

#include "base/buf.h"
#include "loop/loop.h"
#include "relay/server/broadcast/broadcast.h"

struct error;
struct stream;

struct broadcast_output {
	/* set by the caller, the rest zeroed */
	struct broadcast *b;
	struct stream *out; /* the caller's */
	/* Called once, when writing has failed. Nothing more is written then. */
	void (*failed)(void *arg, const struct error *e);
	void (*emptied)(void *arg); /* called when all is written that was said so far */
	void *arg;
	/* private */
	struct stream *reader; /* NULL: not open, or failed */
	struct buf rest;
	struct watch watch;
};

/* Its name among the readers is o. Fails with ERROR_INTERNAL. */
int broadcast_output_open(struct broadcast_output *o, struct error *e);

/* Writes what can be written without blocking. To be called by ready() of the broadcast. */
void broadcast_output_run(struct broadcast_output *o);

/* Returns how many bytes are still to be written: 0 after a failure, and of a zeroed o. */
size_t broadcast_output_left(const struct broadcast_output *o);

/* Writes once more, and takes the output from the readers. Accepts a zeroed o. */
void broadcast_output_close(struct broadcast_output *o);

#endif
