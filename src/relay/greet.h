/*
 * The accept loop's other half for DTLS: on a datagram socket that all clients write
 * to, finds those that have shown that they hear us, and makes a connection of each.
 * Nothing is kept about the others.
 */
#ifndef RELAY_GREET_H
#define RELAY_GREET_H

#include "net/batch.h"

struct error;
struct sock;
struct tls;

struct greeter {
	/* set by the caller (zeroed before) */
	struct sock *listener; /* the caller's, of datagrams */
	struct tls *tls;       /* a server's */
	/* The datagram that the connection made last begins with, for tls_hear(). */
	struct packet hello;
	/* private */
	char *room;
	/* Who was accepted since the listener had nothing more to read, the newest GREETED_MAX. */
	struct sockname *greeted;
	unsigned n_greeted;
};

int greet_open(struct greeter *g, struct error *e);
void greet_close(struct greeter *g);

/* The next client's connection, without waiting. -1: EAGAIN as a number where there is
 * none for now, else a failure of one client, or want of descriptors. */
int greet_accept(struct greeter *g, struct sock **ret_conn, struct error *e);

#endif
