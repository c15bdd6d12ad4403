/*
 * What is to be negotiated on a connection before its bytes flow, and the one
 * place that makes a chain of it. The order of the members is the order of the
 * chain; a member that is not asked for is left out.
 */
#ifndef STREAM_NEGOTIATE_PLAN_H
#define STREAM_NEGOTIATE_PLAN_H

#include <stdbool.h>

#include "stream/negotiate/negotiate_starttls.h"
#include "stream/negotiate/negotiate_tls.h"
#include "stream/negotiate/negotiate_websocket.h"
#include "stream/negotiate/proxy/negotiate_proxy.h"
#include "stream/negotiate/proxy_header/negotiate_proxy_header.h"
#include "stream/negotiate/proxy_header/negotiate_send_header.h"

struct error;
struct negotiation;

/* All zeroed: nothing is negotiated. Strings and bytes stay the caller's until the chain is
 * over. */
struct plan {
	struct negotiate_proxy_header_how header;     /* for servers; on_header is NULL: none */
	struct negotiate_proxy_how proxies;           /* route is NULL: none */
	struct negotiate_send_header_how send_header; /* version is 0: none */
	struct negotiate_starttls_how starttls;       /* for clients; STARTTLS_NONE: none */
	struct negotiate_tls_how tls;                 /* tls is NULL: none */
	struct negotiate_websocket_how websocket;     /* WEBSOCKET_NONE: none */
};

/* Returns true if the chain of p has no negotiation. */
bool plan_is_empty(const struct plan *p);

/* Makes the chain of p; *ret_first is NULL if p is empty. Fails as the functions that make its
 * negotiations. */
int plan_chain(struct negotiation **ret_first, const struct plan *p, struct error *e);

#endif
