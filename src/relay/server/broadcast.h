/*
 * One input for many: what comes is given to each of the local sides that are open, as a stream
 * of its own each. The slowest of them gives the pace: the input is read on when all have taken
 * what there is, so that one block is held and nothing is dropped for some of them. Who takes
 * nothing for the time of `patience` is given up, so that it cannot hold the others. While
 * nobody is there the input waits; who comes later gets what comes from then on.
 */
#ifndef RELAY_SERVER_BROADCAST_H
#define RELAY_SERVER_BROADCAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "loop/loop.h"
#include "stream/stream.h"

struct broadcast_reader;
struct framing;
struct filter;

struct broadcast {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	struct stream *source;         /* the caller's */
	const struct framing *framing; /* blocks end with a record; NULL: bytes */
	int64_t patience;              /* nanoseconds */
	/* The caller's name for a reader is `who`. There is something to read, or the end: */
	void (*ready)(void *arg, void *who);
	/* How many bytes have gone on: more of them is progress. */
	uint64_t (*sent)(void *arg, void *who);
	/* It took nothing for so long; its stream is closed before this returns. */
	void (*give_up)(void *arg, void *who);
	/* The input has failed, which its readers are told too. */
	void (*failed)(void *arg, const struct error *e);
	void *arg;
	/* private */
	struct filter *filter;
	struct buf block;
	char *room; /* what is read at once */
	struct watch watch;
	struct timer timer;
	struct broadcast_reader *readers, *next; /* next: of a walk that may lose some */
	size_t n_behind;                         /* readers that have not taken all of the block */
	struct error failure;
	bool ended, has_failed;
};

/* Ready for readers. ERROR_INTERNAL. */
int broadcast_open(struct broadcast *b, struct error *e);

/* The local side of `who`: reads from the broadcast, writes to out, which it owns from now on,
 * also on failure. b outlives it. */
int broadcast_stream(struct stream **ret_stream, struct broadcast *b, void *who, struct stream *out,
    struct error *e);

/* All streams are closed. Zeroed is fine. */
void broadcast_close(struct broadcast *b);

#endif
