/*
 * Closing a TCP connection while input is unread sends a reset, and a reset
 * destroys what the peer has not received yet. This reads input away, after our
 * side was ended, until closing is safe.
 */
#ifndef RELAY_LINGERING_CLOSE_H
#define RELAY_LINGERING_CLOSE_H

#include <stdbool.h>

#include "base/loop.h"

struct lingering_close {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	int fd;                                  /* a connected TCP socket; stays the caller's */
	bool for_peer;                           /* also give the peer a second to end its side */
	void (*done)(struct lingering_close *g); /* called once, from the loop */
	void *arg;
	/* result: the connection was reset before all that was sent was acknowledged */
	bool reset;
	/* private */
	struct watch watch;
	struct timer timer;
	struct deadline patience;
	int queued;
};

/* True where closing fd now could lose bytes: unread input, or output that is
 * not acknowledged. False for what is not TCP. */
bool lingering_close_needed(int fd);

/* True where a TCP connection was reset after its last read and write: what was sent is lost. */
bool lingering_close_was_reset(int fd);

/* Ends our side of fd and begins. */
void lingering_close_start(struct lingering_close *g);

/* Gives up; done is not called. */
void lingering_close_stop(struct lingering_close *g);

#endif
