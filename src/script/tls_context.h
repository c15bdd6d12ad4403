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
struct tls_context;

struct tls_context_how {
	struct sock_tls_how tls; /* its texts outlive it */
	int64_t timeout;         /* of a handshake with all before it; nanoseconds */
	bool server;             /* tls info tells the certificate that clients see */
	/* TLS is on; may be NULL */
	void (*secured)(void *arg, const struct sock *s, const struct tls_info *info);
	void (*free)(void *arg); /* of the context, and of arg */
	void *arg;
};

/* Held by the caller; how is copied. NULL: out of memory, how is freed. */
struct tls_context *tls_context_new(const struct tls_context_how *how);
struct tls_context *tls_context_hold(struct tls_context *sec);
/* NULL is fine. */
void tls_context_drop(struct tls_context *sec);

/* sock_start_tls within the time-out, and no later than until. */
int tls_context_start(struct tls_context *sec, struct sock *s, struct deadline until,
    struct error *e);

/* The handle holds sec from now on; what it held before goes. NULL is fine. */
void handle_set_tls_context(struct handle *h, struct tls_context *sec);

#endif
