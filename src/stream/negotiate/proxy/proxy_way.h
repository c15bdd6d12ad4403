/*
 * What each proxy of a route is asked for, on the way to an endpoint: the next proxy, and the last one
 * the endpoint. Where a proxy needs an address, names are resolved while the loop goes on.
 */
#ifndef STREAM_NEGOTIATE_PROXY_PROXY_WAY_H
#define STREAM_NEGOTIATE_PROXY_PROXY_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "net/resolve/resolve.h"
#include "stream/negotiate/proxy/proxy.h"

struct log;
struct loop;

struct proxy_way {
	/* set by the caller, the rest zeroed; what is pointed to is the caller's */
	struct loop *loop;
	const struct log *log;
	const struct proxy_route *route;
	const struct endpoint *ep;
	int family;     /* of addresses that are resolved */
	bool datagrams; /* the last proxy is asked for a relay of datagrams */
	/* Called once, from the loop, unless proxy_way_start() has the result itself. */
	void (*done)(struct proxy_way *w);
	void *arg;
	/* results */
	struct proxy_target *targets; /* one for each proxy; NULL: failed */
	struct error error;           /* if it failed */
	/* private */
	size_t at; /* the proxy whose target is being resolved */
	struct resolve_call resolving;
	struct resolved *list; /* addresses of ep; NULL: the last proxy resolves it */
	size_t n, next;
};

/* Returns 1 with the results when no server has to be asked, 0 when done will be called, -1 with
 * w->error: ERROR_USAGE if ep has no host and port, ERROR_RESOLVE, ERROR_INTERNAL. */
int proxy_way_start(struct proxy_way *w);

/* Gives the last proxy the next address of ep to try. Returns false if there is none left, or if the
 * proxy does not see the address. */
bool proxy_way_next(struct proxy_way *w);

/* Gives up because it took too long: w->error is the ERROR_TIMEOUT. Only while it goes on. */
void proxy_way_time_out(struct proxy_way *w);

/* Frees everything but w. done is not called. May be called at any time, and twice. */
void proxy_way_stop(struct proxy_way *w);

#endif
