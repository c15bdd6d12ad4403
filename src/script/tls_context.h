/*
 * The TLS settings of a handle: those of a connection, or those that a listener uses for its clients. The
 * listener and all its clients share one context, which is freed with the last of them.
 */
#ifndef SCRIPT_TLS_CONTEXT_H
#define SCRIPT_TLS_CONTEXT_H

#include <stdint.h>

#include "sock/sock.h"

struct handle;
struct tls_context;

struct tls_context_how {
	struct sock_tls_how tls; /* its strings must outlive the context */
	int64_t timeout;         /* of the handshake and all that precedes it, in nanoseconds */
	bool server;             /* `tls info` shows the certificate that clients will get */
	/* Called after each handshake; may be NULL. */
	void (*secured)(void *arg, const struct sock *s, const struct tls_info *info);
	void (*free)(void *arg); /* frees what tls refers to, and arg */
	void *arg;
};

/* Copies *how; the caller holds the result. NULL: out of memory, and how->free was called. */
struct tls_context *tls_context_new(const struct tls_context_how *how);
struct tls_context *tls_context_hold(struct tls_context *tc);
/* Accepts NULL. */
void tls_context_drop(struct tls_context *tc);
const struct tls_context_how *tls_context_how(const struct tls_context *tc);

/* Calls sock_start_tls(); waits no longer than the time-out of the context and no later than until. */
int tls_context_start(struct tls_context *tc, struct sock *s, struct deadline until,
    struct error *e);

/* Makes the handle hold tc in place of its present context. Accepts NULL. */
void handle_set_tls_context(struct handle *h, struct tls_context *tc);

#endif
