/*
 * The accept loop of every server: takes clients from a source as they come, up to a
 * limit, without a thread or a process for each. net/accept says what each error means;
 * this waits, tries again or gives the listener up accordingly, and never spins.
 *
 * Callbacks may stop the acceptor, free it, or run the loop again.
 */
#ifndef RELAY_SERVER_ACCEPTOR_H
#define RELAY_SERVER_ACCEPTOR_H

#include <stdbool.h>

#include "loop/loop.h"
#include "relay/server/client_source.h"

struct log;

/* Tries of accept(2) in one turn, before others on the loop get theirs. */
#define ACCEPTOR_BATCH 64

enum acceptor_state {
	ACCEPTOR_STOPPED,
	ACCEPTOR_ACCEPTING,
	ACCEPTOR_GONE /* the listener has failed for good */
};

/* A turn under way; several where a callback runs the loop. */
struct acceptor_turn {
	bool stopped;
	struct acceptor_turn *outer;
};

struct acceptor {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	const struct log *log; /* gets a line when clients have to wait for want of something */
	struct client_source source;
	unsigned max_clients; /* 0: no limit; the next ones wait in the backlog */
	unsigned spare;       /* descriptors that a client needs besides its connection */
	unsigned batch;       /* tries in one turn; 0: ACCEPTOR_BATCH */
	bool refuse;          /* beyond max_clients they are taken and given to refused() */
	/* conn is the callback's; id counts from 1. */
	void (*client)(struct acceptor *a, struct sock *conn, unsigned long id);
	void (*refused)(struct acceptor *a, struct sock *conn, unsigned long id);
	/* The listener has failed for good: called once. No client comes any more but one that
	 * was accepted before and waits for a descriptor; it counts in `active`. */
	void (*gone)(struct acceptor *a, const struct error *e);
	void *arg;
	/* readable */
	enum acceptor_state state;
	unsigned active;        /* clients that acceptor_released() was not called for */
	unsigned long accepted; /* so far, refused ones too */
	/* private */
	bool held;
	struct watch watch;
	struct timer resume;
	struct sock *waiting; /* accepted, but there are not enough descriptors to serve it */
	struct deadline quiet_until; /* a shortage was reported: not again before this */
	struct acceptor_turn *turn;
};

/* -1 where the loop cannot wait for the listener: ERROR_NETWORK. */
int acceptor_start(struct acceptor *a, struct error *e);

/* One client has left: there is room again. */
void acceptor_released(struct acceptor *a);

/* While it is held, the acceptor takes no further clients; they wait in the backlog. */
void acceptor_hold(struct acceptor *a, bool held);

/* Accepts no more. The listener stays the caller's. Twice is fine. */
void acceptor_stop(struct acceptor *a);

#endif
