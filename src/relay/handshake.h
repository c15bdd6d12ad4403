/*
 * A TLS handshake on the loop, under a deadline: whoever else has something to
 * do goes on meanwhile. What datagrams lose of it is sent again.
 */
#ifndef RELAY_HANDSHAKE_H
#define RELAY_HANDSHAKE_H

#include "base/loop.h"

struct error;
struct stream;

struct handshake {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	struct stream *stream; /* a TLS stream; stays the caller's */
	struct deadline until;
	/* Called once; e is NULL when it is over, else ERROR_TLS, or ERROR_TIMEOUT at the
	 * deadline. May free h. */
	void (*done)(struct handshake *h, const struct error *e);
	void *arg;
	/* private */
	struct watch watch;
	struct timer timer;
};

/* Begins; done may be called before this returns. */
void handshake_start(struct handshake *h);

/* Gives up; done is not called. Fine before the start, and after the end. */
void handshake_stop(struct handshake *h);

#endif
