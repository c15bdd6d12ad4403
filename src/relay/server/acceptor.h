/*
 * The accept loop of every server. It accepts clients from a source, up to a
 * limit, on the loop. net/accept says what each error means; the acceptor then
 * retries, waits, or gives the listener up. It never spins.
 *
 * Callbacks may stop the acceptor, free it, or run the loop.
 */
#ifndef RELAY_SERVER_ACCEPTOR_H
#define RELAY_SERVER_ACCEPTOR_H

#include <stdbool.h>

#include "loop/loop.h"
#include "relay/dial/shortage.h"
#include "relay/server/client_source.h"

struct client_limit;
struct log;

/* The most accept(2) calls of one turn, so that others on the loop get theirs. */
#define ACCEPTOR_BATCH 64

enum acceptor_state {
	ACCEPTOR_STOPPED,
	ACCEPTOR_ACCEPTING,
	ACCEPTOR_LEAVING, /* accepts nobody more, and serves the one that waits for a descriptor */
	ACCEPTOR_GONE     /* the same, as the listener has failed for good */
};

/* A turn in progress. There are several if a callback runs the loop. */
struct acceptor_turn {
	bool stopped;
	struct acceptor_turn *outer;
};

struct acceptor {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	const struct log *log; /* gets a line when a shortage makes clients wait */
	struct client_source source;
	unsigned max_clients; /* 0: no limit; clients beyond it wait in the backlog */
	unsigned spare;       /* descriptors that a client needs besides its connection */
	struct shortage
	    *shortage;  /* of connections for clients, which come first; NULL: there are none */
	unsigned batch; /* accept(2) calls in a turn; 0: ACCEPTOR_BATCH */
	/* several processes accept, and max_clients is for all; NULL: this one alone */
	const struct client_limit *shared;
	bool refuse; /* clients beyond max_clients are accepted and passed to refused() */
	/* conn is the callback's. id counts from 1, over all processes. */
	void (*client)(struct acceptor *a, struct sock *conn, unsigned long id);
	void (*refused)(struct acceptor *a, struct sock *conn, unsigned long id);
	/* The listener has failed for good; called once. No client follows, except one that was
	 * accepted before and waits for a descriptor; it counts in `active`. */
	void (*gone)(struct acceptor *a, const struct error *e);
	void *arg;
	/* readable */
	enum acceptor_state state;
	unsigned active;        /* clients of this process without acceptor_released() so far */
	unsigned long accepted; /* so far, including refused ones */
	/* private */
	bool held;
	struct watch watch;
	struct watch room; /* with shared: another process has made room */
	struct timer resume;
	struct sock *waiting; /* accepted, but there are too few descriptors to serve it */
	struct shortage own_shortage;
	struct acceptor_turn *turn;
};

/* Fails with ERROR_NETWORK if the loop cannot wait for the listener. */
int acceptor_start(struct acceptor *a, struct error *e);

/* Reports that a client has left, which makes room for another. */
void acceptor_released(struct acceptor *a);

/* While held is true no client is accepted; they wait in the backlog. */
void acceptor_hold(struct acceptor *a, bool held);

/* Accepts now those who wait in the backlog, as far as the limits allow. */
void acceptor_take_waiting(struct acceptor *a);

/* Accepts nobody more. One that was accepted and waits for a descriptor is still served; it counts in
 * `active`. */
void acceptor_leave(struct acceptor *a);

/* Stops accepting; one that waits for a descriptor is reset. The listener stays the caller's. May be called
 * twice. */
void acceptor_stop(struct acceptor *a);

#endif
