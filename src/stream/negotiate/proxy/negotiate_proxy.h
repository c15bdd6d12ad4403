/*
 * The way through a chain of proxies, as negotiations: for each proxy TLS where
 * it wants it, and its dialogue.
 */
#ifndef STREAM_NEGOTIATE_PROXY_NEGOTIATE_PROXY_H
#define STREAM_NEGOTIATE_PROXY_NEGOTIATE_PROXY_H

#include <stdbool.h>

#include "stream/negotiate/proxy/proxy.h"

struct error;
struct negotiation;

/* All that is pointed to stays the caller's until the negotiation is over. */
struct negotiate_proxy_how {
	struct proxy_route *route; /* NULL: no proxies */
	/* What each proxy of the route is asked for: the next one, and the last one the target. */
	const struct proxy_target *targets;
	bool datagrams; /* the last proxy, SOCKS5, relays datagrams */
	/* Called when a proxy has agreed. NULL: not called. */
	void (
	    *on_agreed)(void *arg, const struct proxy_hop *hop, const struct proxy_target *target);
	void *arg;
	struct proxy_result *result; /* NULL: not wanted */
};

struct proxy_result {
	bool again;            /* the chain has failed, and may succeed on a new connection */
	struct sockname bound; /* the relay of datagrams; len 0: the proxy named none */
};

/* Makes two negotiations for each proxy with TLS, and one for each other. Fails as proxy_begin(). A
 * proxy that refuses, or ends before it answers, is ERROR_PROXY; the text names it if it is not the
 * first. */
int negotiate_proxy(struct negotiation **ret_first, const struct negotiate_proxy_how *how,
    struct error *e);

#endif
