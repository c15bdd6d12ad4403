/*
 * Closing a TCP connection while input is unread sends a reset, and a reset
 * destroys what the peer has not received yet. This reads input away, after our
 * side was ended, until closing is safe.
 */
#ifndef RELAY_LINGER_H
#define RELAY_LINGER_H

#include <stdbool.h>

#include "base/loop.h"

struct lingering {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	int fd;                            /* a connected TCP socket; stays the caller's */
	bool for_peer;                     /* also give the peer a second to end its side */
	void (*done)(struct lingering *g); /* called once, from the loop */
	void *arg;
	/* private */
	struct watch watch;
	struct timer timer;
	struct deadline patience;
	int queued;
};

/* True where closing fd now could lose bytes: unread input, or output that is
 * not acknowledged. False for what is not TCP. */
bool linger_needed(int fd);

/* Ends our side of fd and begins. */
void linger_start(struct lingering *g);

/* Gives up; done is not called. */
void linger_stop(struct lingering *g);

#endif
