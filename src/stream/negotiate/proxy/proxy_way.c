#include "stream/negotiate/proxy/proxy_way.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "net/ports.h"

static const struct endpoint *
asked_for(const struct proxy_way *w, size_t i)
{
	return i + 1 < w->route->n ? &w->route->hops[i + 1].ep : w->ep;
}

/* Of a proxy, the first address is used. Those of the endpoint are kept, and tried in turn. */
static void
use_addresses(struct proxy_way *w)
{
	struct resolve_call *r = &w->resolving;

	w->targets[w->at].address = r->list[0].name;
	if (w->at + 1 < w->route->n) {
		free(r->list);
	} else {
		w->list = r->list;
		w->n = r->n;
		w->next = 1;
	}
	r->list = NULL;
	w->at++;
}

static int
fail_way(struct proxy_way *w)
{
	free(w->targets);
	w->targets = NULL;
	return -1;
}

static int find_rest(struct proxy_way *w);

static void
on_target_resolved(struct resolve_call *r)
{
	struct proxy_way *w = r->arg;

	if (r->list != NULL) {
		use_addresses(w);
		if (find_rest(w) == 0)
			return;
	} else {
		w->error = r->error;
		fail_way(w);
	}
	w->done(w);
}

static int
resolve_target(struct proxy_way *w)
{
	struct resolve_call *r = &w->resolving;
	int rc;

	*r = (struct resolve_call){
		.loop = w->loop,
		.how = { .family = w->route->hops[w->at].kind == PROXY_SOCKS4 ? AF_INET : w->family,
		    .type = w->datagrams ? SOCK_DGRAM : SOCK_STREAM,
		    .log = w->log },
		.done = on_target_resolved,
		.arg = w,
	};
	rc = resolve_start(r, w->targets[w->at].host, asked_for(w, w->at)->port);
	if (rc > 0)
		use_addresses(w);
	if (rc < 0) {
		w->error = r->error;
		fail_way(w);
	}
	return rc;
}

static int
set_target(struct proxy_way *w)
{
	const struct endpoint *ep = asked_for(w, w->at);
	uint16_t port;

	if (ep->kind != ENDPOINT_INET || ep->host[0] == '\0') {
		error_set(&w->error, ERROR_USAGE, "--proxy: needs a host and a port");
		return fail_way(w);
	}
	if (ports_single(ep->port, w->datagrams ? "udp" : "tcp", &port, &w->error) < 0)
		return fail_way(w);
	proxy_target_set(&w->targets[w->at], ep, port);
	return 0;
}

/* Returns as proxy_way_start(). */
static int
find_rest(struct proxy_way *w)
{
	int rc = 1;

	while (w->at < w->route->n && rc > 0) {
		if (set_target(w) < 0)
			return -1;
		if (proxy_needs_address(&w->route->hops[w->at], &w->targets[w->at]))
			rc = resolve_target(w);
		else
			w->at++;
	}
	return rc;
}

int
proxy_way_start(struct proxy_way *w)
{
	w->targets = calloc(w->route->n, sizeof(*w->targets));
	if (w->targets == NULL)
		return error_set(&w->error, ERROR_INTERNAL, "out of memory");
	return find_rest(w);
}

bool
proxy_way_next(struct proxy_way *w)
{
	if (w->datagrams || w->next >= w->n)
		return false;
	w->targets[w->route->n - 1].address = w->list[w->next++].name;
	return true;
}

void
proxy_way_time_out(struct proxy_way *w)
{
	resolve_time_out(&w->resolving);
	w->error = w->resolving.error;
	fail_way(w);
}

void
proxy_way_stop(struct proxy_way *w)
{
	resolve_cancel(&w->resolving);
	free(w->targets);
	free(w->list);
	w->targets = NULL;
	w->list = NULL;
	w->at = w->n = w->next = 0;
}
