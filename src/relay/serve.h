/*
 * The accept loop: every client as it comes, up to a limit, without a thread or
 * a process for each.
 */
#ifndef RELAY_SERVE_H
#define RELAY_SERVE_H

#include <stdbool.h>

#include "base/loop.h"
#include "sock/sock.h"

struct greeter;
struct log;

struct serve {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	const struct log *log;
	struct sock *listener;   /* the caller's; made non-blocking */
	struct greeter *greeter; /* of DTLS, on the same listener; NULL: a listener of streams */
	unsigned max_clients;    /* 0: no limit; the next ones wait in the backlog */
	bool refuse;             /* ... or are accepted and given to refused() */
	unsigned spare;          /* descriptors that a client needs besides its connection */
	void (*client)(struct serve *sv, struct sock *conn, unsigned long id);
	void (
	    *refused)(struct serve *sv, struct sock *conn, unsigned long id); /* takes conn over */
	/* a failure of accept other than want of descriptors; the loop goes on */
	void (*trouble)(struct serve *sv, const struct error *e);
	void *arg;
	/* readable */
	unsigned active;
	unsigned long served;
	/* private */
	struct watch watch;
	struct timer retry;
	struct sock *waiting; /* accepted, but there are not enough descriptors to serve it */
	struct deadline told; /* of a shortage, not again before this */
};

int serve_start(struct serve *sv, struct error *e);

/* One client is gone: there is room again. */
void serve_released(struct serve *sv);

/* Accepts no more. The listener stays the caller's. */
void serve_stop(struct serve *sv);

#endif
