/*
 * Clients of DTLS: on a datagram socket that all of them write to, finds those that have
 * shown that they hear us, and makes a connection of each. Nothing is kept about the
 * others.
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
	/* set by the caller (zeroed before) */
	struct sock *listener;       /* the caller's, of datagrams */
	struct tls *tls;             /* a server's */
	const struct bind_how *bind; /* how the listener was made: clients get the same options */
	/* One client could not be accepted, the others can. */
	void (*failed)(void *arg, const struct error *e);
	void *arg;
	/* The datagram that the connection made last begins with, for tls_push_datagram(). */
	struct packet hello;
	/* private */
	char *room;
	/* Who was accepted since the listener had nothing more to read, the newest ACCEPTED_MAX. */
	struct sockname *accepted;
	unsigned n_accepted;
};

int dtls_acceptor_open(struct dtls_acceptor *d, struct error *e);
void dtls_acceptor_close(struct dtls_acceptor *d);

/* For an acceptor; d must outlive it. */
struct client_source dtls_acceptor_source(struct dtls_acceptor *d);

#endif
