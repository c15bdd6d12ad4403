/*
 * Where an acceptor gets its clients from: a listening socket of streams, a DTLS
 * listener (dtls_acceptor), or what a test puts there.
 */
#ifndef RELAY_SERVER_CLIENT_SOURCE_H
#define RELAY_SERVER_CLIENT_SOURCE_H

#include <stdbool.h>

struct error;
struct sock;

struct client_source {
	int fd; /* readable when a client may be there */
	/* The next client, without waiting, or -1: accept_verdict_of() (net/accept.h) says
	 * what the error means. */
	int (*take)(void *arg, struct sock **ret_conn, struct error *e);
	/* True where n more descriptors can be opened beside this client's. NULL: they can. */
	bool (*has_spare)(void *arg, const struct sock *conn, unsigned n);
	void *arg;
};

/* Of a listening socket; the listener stays the caller's. */
struct client_source client_source_of(struct sock *listener);

/* The has_spare of sources whose clients are descriptors. */
bool client_source_has_spare(void *arg, const struct sock *conn, unsigned n);

#endif
