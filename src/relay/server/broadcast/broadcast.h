/*
 * One input for many local sides, each a stream of its own. The slowest reader
 * sets the pace: the input is read when all have read the current block, so
 * memory is bounded and nothing is dropped. A reader without progress for
 * `patience` is dropped, so that it cannot stall the others. Without readers
 * the input waits; a new reader gets what is read from then on.
 */
#ifndef RELAY_SERVER_BROADCAST_BROADCAST_H
#define RELAY_SERVER_BROADCAST_BROADCAST_H

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
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	struct stream *source;         /* the caller's */
	const struct framing *framing; /* blocks end with a record; NULL: no records */
	int64_t patience;              /* nanoseconds */
	/* who is the caller's name for a reader. Called when there is something to read, or the
	 * end. */
	void (*ready)(void *arg, void *who);
	/* Returns how many bytes the reader has sent on. An increase is progress. */
	uint64_t (*sent)(void *arg, void *who);
	/* Called for a reader without progress. Its stream has to be closed before this returns. */
	void (*give_up)(void *arg, void *who);
	/* Called when the input has failed; reads fail too. */
	void (*failed)(void *arg, const struct error *e);
	void *arg;
	/* private */
	struct filter *filter;
	struct buf block;
	char *room; /* READ_SIZE bytes */
	struct watch watch;
	struct timer timer;
	struct broadcast_reader *readers, *next; /* next: the next reader of a walk */
	size_t n_behind;                         /* readers that have not read all of the block */
	struct error failure;
	bool ended, has_failed;
};

/* Fails with ERROR_INTERNAL. */
int broadcast_open(struct broadcast *b, struct error *e);

/* Makes the local side of `who`, which reads from the broadcast and writes to out. Takes over out,
 * also on failure. b must outlive it. */
int broadcast_stream(struct stream **ret_stream, struct broadcast *b, void *who, struct stream *out,
    struct error *e);

/* Needs all streams closed. Accepts a zeroed b. */
void broadcast_close(struct broadcast *b);

#endif
