/*
 * Makes a connection for a relay while the loop goes on: connects, perhaps to a proxy, then negotiates
 * what has to come before the bytes. Nobody else on the loop waits for it.
 */
#ifndef RELAY_DIAL_DIAL_H
#define RELAY_DIAL_DIAL_H

#include "base/error.h"
#include "net/connect.h"
#include "relay/dial/shortage.h"
#include "relay/negotiator.h"
#include "stream/negotiate/plan.h"
#include "stream/negotiate/proxy/proxy_way.h"

struct connector;
struct log;
struct stream;

/* What is pointed to has to outlive the dial. */
struct dial_how {
	const struct endpoint *endpoint;
	const struct connect_how *connect;
	struct plan plan; /* with proxies, their targets and the result are set here */
	int64_t handshake_timeout;
};

struct dial {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	const struct log *log;
	struct dial_how how;
	struct deadline until;
	/* Of all that dial at a time: where descriptors or memory run out, it tries again for as long as
	 * connecting may take. NULL: it fails at once. */
	struct shortage *shortage;
	/* Called once, from dial_start() or the loop. May call dial_stop(). */
	void (*done)(struct dial *d);
	void *arg;
	/* results */
	struct stream *stream; /* connected and negotiated; NULL: failed */
	struct sockname peer;  /* the address that succeeded */
	struct error error;    /* if it failed: one line of verb, address and reason */
	/* private */
	struct connector *connector;
	struct negotiator negotiator;
	struct proxy_way way; /* through the proxies */
	struct proxy_result result;
	unsigned connections; /* to this address */
	struct timer timer;   /* of the look-up of names for proxies */
	struct shortage_wait wait;
};

/* done may be called before this returns. */
void dial_start(struct dial *d);

/* Gives the stream to the caller. */
struct stream *dial_take(struct dial *d);

/* Gives up, and frees all but d itself. done is not called. May be called at any time, and twice. */
void dial_stop(struct dial *d);

#endif
