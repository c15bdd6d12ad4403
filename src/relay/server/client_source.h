/*
 * Where an acceptor gets its clients: a listening stream socket, a DTLS
 * listener (dtls_acceptor), or a test.
 */
#ifndef RELAY_SERVER_CLIENT_SOURCE_H
#define RELAY_SERVER_CLIENT_SOURCE_H

#include <stdbool.h>

struct error;
struct sock;

struct client_source {
	int fd; /* readable when a client may be there */
	/* Gets the next client without blocking. Returns -1 with an error for accept_verdict_of()
	 * (net/accept.h). */
	int (*take)(void *arg, struct sock **ret_conn, struct error *e);
	/* Returns true if n more descriptors can be opened. NULL: always. */
	bool (*has_spare)(void *arg, const struct sock *conn, unsigned n);
	void *arg;
};

/* Makes a source of a listening socket, which stays the caller's. */
struct client_source client_source_of(struct sock *listener);

/* has_spare for sources whose clients are descriptors. */
bool client_source_has_spare(void *arg, const struct sock *conn, unsigned n);

#endif
