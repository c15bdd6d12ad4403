/*
 * What is negotiated on the connection of a handle before its bytes: TLS, then WebSocket. A listener and all its
 * clients share the settings, which are freed with the last of them.
 */
#ifndef SCRIPT_HANDSHAKES_H
#define SCRIPT_HANDSHAKES_H

#include <stdint.h>

#include "sock/sock.h"
#include "stream/negotiate/negotiate_websocket.h"

struct handle;
struct handshakes;

struct handshakes_how {
	struct sock_tls_how tls;                  /* tls.tls is NULL: none */
	struct negotiate_websocket_how websocket; /* WEBSOCKET_NONE: none */
	int64_t timeout; /* of both and all that precedes them, in nanoseconds */
	bool server;     /* `tls info` shows the certificate that clients will get */
	/* Called after each TLS handshake; may be NULL. */
	void (*secured)(void *arg, const struct sock *s, const struct tls_info *info);
	void (*free)(void *arg); /* frees what tls and websocket refer to, and arg; NULL: nothing */
	void *arg;
};

/* Copies *how; the caller holds the result. NULL: out of memory, and how->free was called. */
struct handshakes *handshakes_new(const struct handshakes_how *how);
struct handshakes *handshakes_hold(struct handshakes *hs);
/* Accepts NULL. */
void handshakes_drop(struct handshakes *hs);
const struct handshakes_how *handshakes_how(const struct handshakes *hs);

/* Performs them; waits no longer than the time-out and no later than until. A failure closes s, as that of
 * sock_start_tls() and sock_start_websocket(). */
int handshakes_start(struct handshakes *hs, struct sock *s, struct deadline until, struct error *e);

/* Makes the handle hold hs in place of its present ones. Accepts NULL. */
void handle_set_handshakes(struct handle *h, struct handshakes *hs);

#endif
