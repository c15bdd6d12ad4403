/*
 * What many clients hear: one input, or what others say (broadcast_sink.h). Each
 * has a local side that reads from one log. The slowest reader sets the pace:
 * when the log is full, nothing more is taken in, so memory is bounded and
 * nothing is dropped. A reader without progress for `patience` is given up when
 * the others wait for it. Without readers the input waits; a new reader gets
 * what is taken in from then on.
 */
#ifndef RELAY_SERVER_BROADCAST_BROADCAST_H
#define RELAY_SERVER_BROADCAST_BROADCAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "loop/loop.h"
#include "relay/server/broadcast/broadcast_log.h"
#include "stream/stream.h"

struct broadcast_reader;
struct framing;
struct filter;

/* The log is full with this many bytes, and takes one piece more. */
#define BROADCAST_HELD_MAX (256u << 10)
/* The longest piece of bytes without records. */
#define BROADCAST_PIECE_MAX (64u << 10)

/* Somebody who could not append because the log was full. */
struct broadcast_waiter {
	void *who;
	/* private */
	struct broadcast_waiter *next, **prev; /* prev is NULL: it does not wait */
};

struct broadcast {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	struct stream *source;         /* the input, the caller's; NULL: none */
	const void *source_who;        /* this reader does not get the input */
	bool source_optional;          /* the end of the input is not the end for the readers */
	const struct framing *framing; /* pieces of the input are whole records; NULL: no records */
	size_t held_max;               /* 0: BROADCAST_HELD_MAX */
	int64_t patience;              /* nanoseconds */
	uint64_t pace; /* fewer bytes in the patience are no progress; 0: any byte is */
	/* who is the caller's name for a reader. Called when there is something to read, or the
	 * end. */
	void (*ready)(void *arg, void *who);
	/* Called when the log has room for somebody who waited: broadcast_has_room(). */
	void (*room)(void *arg, void *who);
	/* Returns how many bytes the reader has sent on. */
	uint64_t (*sent)(void *arg, void *who);
	/* Called for a reader without progress. Its stream has to be closed before this returns. */
	void (*give_up)(void *arg, void *who);
	/* Gets what was read of the input; n is 0 at its end. NULL: it is appended. */
	int (*input)(void *arg, const char *data, size_t n, struct error *e);
	/* Called when the input has ended. NULL: it is not called. */
	void (*over)(void *arg);
	/* Called when the input has failed; reads fail too, unless it is optional. */
	void (*failed)(void *arg, const struct error *e);
	void *arg;
	/* private */
	struct broadcast_log log;
	struct filter *filter;
	struct buf records; /* of one read of the input */
	char *block;        /* for reads of the input */
	struct watch watch;
	struct timer wake, look;
	struct broadcast_reader *readers, *next; /* next: the next reader of a walk */
	struct broadcast_waiter *waiters, **waiters_end;
	struct error failure;
	bool ended, has_failed, was_full; /* was_full: since the last look */
};

/* Fails with ERROR_INTERNAL. */
int broadcast_open(struct broadcast *b, struct error *e);

/* Makes the local side of `who`, which reads from the broadcast and writes to out. Takes over out,
 * also on failure. b must outlive it. */
int broadcast_stream(struct stream **ret_stream, struct broadcast *b, void *who, struct stream *out,
    struct error *e);

/* Ends the input of such a stream: when it has read what there is, it reads the end. */
void broadcast_stream_end(struct stream *s);

/* Never gives up such a stream: sent() and give_up() are not called for it. */
void broadcast_stream_keep(struct stream *s);

/* Returns true if the log takes a piece. Else w->who gets a call of room() later, in turn. */
bool broadcast_has_room(struct broadcast *b, struct broadcast_waiter *w);

/* Stops w from waiting. */
void broadcast_stop_waiting(struct broadcast *b, struct broadcast_waiter *w);

/* Gives n > 0 bytes to the readers of the route, as one piece and without looking for room. The
 * readers are called from the loop. On ERROR_INTERNAL nobody gets it. */
int broadcast_put(struct broadcast *b, const struct broadcast_route *route, const void *data,
    size_t n, struct error *e);

/* Needs all streams closed. Accepts a zeroed b. */
void broadcast_close(struct broadcast *b);

#endif
