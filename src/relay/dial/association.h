/*
 * A client of our SOCKS5 proxy that sends datagrams (RFC 1928, 7), as a relay: datagrams of the client
 * go to the targets that their headers name, and what these answer goes back with a header. It is
 * over when the connection ends over which it was agreed on.
 *
 * Only the client's address may send: the port, too, once it is known, which is the first that sends
 * unless the client has told it. Each target has a socket of its own, so that only it can answer.
 * Of ASSOCIATION_TARGETS the one that was silent for longest makes room. What is not relayed is
 * dropped, counted and told at the end.
 */
#ifndef RELAY_DIAL_ASSOCIATION_H
#define RELAY_DIAL_ASSOCIATION_H

#include <stdint.h>

#include "base/deadline.h"
#include "net/sockname.h"

struct access;
struct connect_how;
struct error;
struct log;
struct loop;
struct relay;
struct relay_how;
struct shortage;

#define ASSOCIATION_TARGETS 64

struct association_how {
	struct loop *loop;
	const struct log *log;
	const struct access *targets; /* which may be sent to; NULL: all */
	const struct connect_how *connect;
	struct shortage *shortage; /* as in struct dial */
	struct deadline until;
	struct sockname local;  /* where the client has connected to; the port is not used */
	struct sockname client; /* its address; the port is the one that it sends from, or 0 */
};

/* A socket for a client, before its relay is there. */
struct association_socket {
	int fd; /* -1: none */
	struct sockname name;
};

/* Opens the socket that the client is to send to, on a port that the kernel chooses. Fails with
 * ERROR_NETWORK, also for a client without an address of IP. */
int association_listen(struct association_socket *ret_socket, const struct association_how *how,
    struct error *e);

/* Makes the relay. relay_how->remote is the connection, relay_how->local a null stream. Takes over the
 * socket on success. how is copied. */
int association_open(struct relay **ret_relay, const struct relay_how *relay_how,
    const struct association_how *how, struct association_socket *socket, struct error *e);

#endif
