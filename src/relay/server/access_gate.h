/*
 * Whom a server lets in: a client source that passes on the clients that an access list allows.
 * Others are reset as soon as they are accepted, so that none takes an early end for an answer.
 */
#ifndef RELAY_SERVER_ACCESS_GATE_H
#define RELAY_SERVER_ACCESS_GATE_H

#include "net/access/access.h"
#include "relay/server/client_source.h"

struct access_gate {
	/* set by the caller, the rest zeroed */
	const struct access *access; /* NULL: all */
	/* Their clients are let in, and named by a PROXY header later. NULL: there are none. */
	const struct access *proxies;
	/* Called before a client is reset, which has a descriptor still. */
	void (*denied)(void *arg, const struct sock *conn, enum access_verdict verdict);
	void *arg;
	/* readable */
	unsigned long n_denied; /* clients, or their datagrams */
	/* private */
	struct client_source inner;
};

/* Makes a source of the clients of inner. g must outlive it. */
struct client_source access_gate_source(struct access_gate *g, struct client_source inner);

/* Returns true if a proxy has connected. */
bool access_gate_is_proxy(const struct access_gate *g, const struct sock *conn);

/* Asks about a client, by the name that sock_peer() returns. One that is denied is counted, and
 * denied() is called. */
enum access_verdict access_gate_check(struct access_gate *g, const struct sock *conn);

/* Returns true if datagrams of this sender are let in; counts it otherwise. */
bool access_gate_lets_in(struct access_gate *g, const struct sockname *name);

#endif
