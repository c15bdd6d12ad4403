/*
 * TLS of a handle: what a connection was secured with, or what a listener secures
 * its clients with. One of these is shared by all of them, and goes with the last.
 */
#ifndef SCRIPT_TLS_CONTEXT_H
#define SCRIPT_TLS_CONTEXT_H

#include <stdint.h>

#include "sock/sock.h"

struct handle;
struct interp;
struct secure;

struct secure_how {
	struct sock_tls_how tls; /* its texts outlive it */
	int64_t timeout;         /* of a handshake with all before it; nanoseconds */
	bool server;             /* tls info tells the certificate that clients see */
	/* TLS is on; may be NULL */
	void (*secured)(void *arg, const struct sock *s, const struct tls_info *info);
	void (*free)(void *arg); /* of the context, and of arg */
	void *arg;
};

/* Held by the caller; how is copied. NULL: out of memory, how is freed. */
struct secure *secure_new(const struct secure_how *how);
struct secure *secure_hold(struct secure *sec);
/* NULL is fine. */
void secure_drop(struct secure *sec);

/* sock_start_tls within the time-out, and no later than until. */
int secure_start(struct secure *sec, struct sock *s, struct deadline until, struct error *e);

/* The handle holds sec from now on; what it held before goes. NULL is fine. */
void handle_set_secure(struct handle *h, struct secure *sec);

#endif
