/*
 * DTLS clients: finds those that have proven their address on a listening UDP
 * socket, and makes a connected socket for each. Keeps no state about others.
 */
#ifndef RELAY_SERVER_DTLS_ACCEPTOR_H
#define RELAY_SERVER_DTLS_ACCEPTOR_H

#include "net/mmsg.h"
#include "relay/server/client_source.h"

struct bind_how;
struct error;
struct sock;
struct tls;

struct dtls_acceptor {
	/* set by the caller, the rest zeroed */
	struct sock *listener;       /* UDP; the caller's */
	struct tls *tls;             /* a server context; NULL: every sender is a client */
	const struct bind_how *bind; /* how the listener was bound: clients get the same options */
	/* Called when one client could not be accepted. */
	void (*failed)(void *arg, const struct error *e);
	/* Returns true if this sender is let in. Others get no answer. NULL: all are. */
	bool (*lets_in)(void *arg, const struct sockname *name);
	/* Called with a datagram of a client that came before its socket was there. NULL: DTLS, whose clients
	 * send it again. */
	void (*late)(void *arg, const struct packet *p);
	void *arg;
	/* The first datagram of the connection made last, for tls_push_datagram(). */
	struct packet hello;
	/* private */
	char *room;
	/* The addresses accepted since the listener was last empty, at most ACCEPTED_MAX. */
	struct sockname *accepted;
	unsigned n_accepted;
};

int dtls_acceptor_open(struct dtls_acceptor *d, struct error *e);
void dtls_acceptor_close(struct dtls_acceptor *d);

/* Calls late() for what has come before the sockets of clients were there. Others that wait are dropped: to
 * be called when no more clients are wanted. */
void dtls_acceptor_drain(struct dtls_acceptor *d);

/* Makes a source for an acceptor. d must outlive it. */
struct client_source dtls_acceptor_source(struct dtls_acceptor *d);

#endif
