#include "sock/proxy/proxied.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/connect/connector.h"
#include "net/ports.h"
#include "net/resolve/resolve.h"
#include "sock/negotiate.h"
#include "sock/proxy/associated.h"
#include "sock/sock.h"
#include "stream/negotiate/negotiation.h"
#include "stream/negotiate/plan.h"

/* How often one round connects to a proxy that wants a login on a new connection. */
enum { CONNECTIONS = 4 };

struct way {
	struct loop *l;
	const struct endpoint *ep;
	const struct proxied_how *how;
	const struct proxy_route *route;
	struct proxy_target *targets;
	struct resolved *list; /* addresses of ep; NULL: the last proxy resolves it */
	size_t n;
};

/* ---- what each proxy is asked for ---- */

static const struct endpoint *
asked_for(const struct way *w, size_t i)
{
	return i + 1 < w->route->n ? &w->route->hops[i + 1].ep : w->ep;
}

static int
resolve_target(const struct way *w, size_t i, struct deadline until, struct resolved **ret_list,
    size_t *ret_n, struct error *e)
{
	const struct resolve_how how = {
		.family =
		    w->route->hops[i].kind == PROXY_SOCKS4 ? AF_INET : w->how->connect->bind.family,
		.type = w->how->proxies.datagrams ? SOCK_DGRAM : SOCK_STREAM,
		.log = w->how->log,
	};

	return resolve(w->l, w->targets[i].host, asked_for(w, i)->port, &how, until, ret_list,
	    ret_n, e);
}

/* The addresses of the target are kept, and tried in turn. Of a proxy, the first is used. */
static int
find_address(struct way *w, size_t i, struct deadline until, struct error *e)
{
	struct resolved *list;
	size_t n;

	if (resolve_target(w, i, until, &list, &n, e) < 0)
		return -1;
	w->targets[i].address = list[0].name;
	if (i + 1 < w->route->n) {
		free(list);
		return 0;
	}
	w->list = list;
	/* a relay of datagrams is agreed on without an address of the target */
	w->n = w->how->proxies.datagrams ? 1 : n;
	return 0;
}

static int
find_targets(struct way *w, struct deadline until, struct error *e)
{
	const struct endpoint *ep;
	uint16_t port;

	free(w->list);
	w->list = NULL;
	w->n = 1;
	for (size_t i = 0; i < w->route->n; i++) {
		ep = asked_for(w, i);
		if (ep->kind != ENDPOINT_INET || ep->host[0] == '\0')
			return error_set(e, ERROR_USAGE, "--proxy: needs a host and a port");
		if (ports_single(ep->port, w->how->proxies.datagrams ? "udp" : "tcp", &port, e) < 0)
			return -1;
		proxy_target_set(&w->targets[i], ep, port);
		if (proxy_needs_address(&w->route->hops[i], &w->targets[i]) &&
		    find_address(w, i, until, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- one connection ---- */

static int
connect_first(const struct way *w, struct sock **ret_sock, struct deadline until, struct error *e)
{
	struct connect_how how = *w->how->connect;

	/* the other options are for the socket of the datagrams */
	if (w->how->proxies.datagrams)
		how.bind = (struct bind_how){ .family = how.bind.family,
			.source = how.bind.source,
			.interface = how.bind.interface };
	how.retries = 0;
	how.connect_timeout = DURATION_NONE;
	if (sock_open_connected(ret_sock, w->l, &w->route->hops[0].ep, &how, until, w->how->log,
		e) == 0)
		return 0;
	return error_prefix(e, "proxy");
}

/* Takes over s, which has agreed with all proxies. */
static int
use_connection(const struct way *w, struct sock *s, const struct proxy_result *result,
    struct sock **ret_sock, struct error *e)
{
	const struct associated_how how = { .loop = w->l,
		.bind = &w->how->connect->bind,
		.relay = &result->bound,
		.target = &w->targets[w->route->n - 1],
		.connected = w->how->connected };

	if (w->how->proxies.datagrams)
		return sock_associate(ret_sock, s, &how, e);
	*ret_sock = s;
	return 0;
}

static int
try_once(const struct way *w, struct sock **ret_sock, struct deadline until, bool *ret_again,
    struct error *e)
{
	struct proxy_result result = { .again = false };
	struct plan plan = { .proxies = w->how->proxies };
	struct negotiation_chain chain = { .at = NULL };
	struct sock *s;

	plan.proxies.targets = w->targets;
	plan.proxies.result = &result;
	*ret_again = false;
	if (plan_chain(&chain.at, &plan, e) < 0)
		return -1;
	if (connect_first(w, &s, until, e) < 0) {
		negotiation_fini(&chain);
		return -1;
	}
	if (sock_negotiate(s, chain.at, until, e) == 0)
		return use_connection(w, s, &result, ret_sock, e);
	sock_free(s);
	*ret_again = result.again;
	return -1;
}

static int
try_address(const struct way *w, struct sock **ret_sock, struct deadline until, struct error *e)
{
	bool again;
	int i, rc;

	for (i = 0; i < CONNECTIONS; i++) {
		rc = try_once(w, ret_sock, until, &again, e);
		if (rc == 0 || !again)
			return rc;
		log_line(w->how->log, LOG_VERBOSE, "%s; connecting again to log in", e->text);
	}
	return -1;
}

/* ---- rounds ---- */

static int
try_addresses(struct way *w, struct sock **ret_sock, struct deadline until, struct error *e)
{
	size_t i;

	if (find_targets(w, until, e) < 0)
		return -1;
	for (i = 0; i < w->n; i++) {
		if (w->list != NULL)
			w->targets[w->route->n - 1].address = w->list[i].name;
		if (try_address(w, ret_sock, until, e) == 0)
			return 0;
		if (e->code != ERROR_PROXY || i + 1 == w->n)
			return -1;
		log_line(w->how->log, LOG_VERBOSE, "%s; trying the next address", e->text);
	}
	return -1;
}

static int
run_one_round(struct way *w, struct sock **ret_sock, struct deadline until, struct error *e)
{
	int64_t limit = w->how->connect->connect_timeout;

	until = deadline_min(until, deadline_in(limit == DURATION_NONE ? PROXIED_TIMEOUT : limit));
	return try_addresses(w, ret_sock, until, e);
}

static int
run_all_rounds(struct way *w, struct sock **ret_sock, struct deadline until, struct error *e)
{
	const struct connect_how *how = w->how->connect;
	const bool never = false;
	struct error last;
	unsigned round;

	for (round = 0;; round++) {
		if (run_one_round(w, ret_sock, until, &last) == 0)
			return 0;
		if ((how->retries != UINT_MAX && round >= how->retries) ||
		    !connector_may_retry(&last) || deadline_passed(until)) {
			*e = last;
			return -1;
		}
		connector_log_retry(w->how->log, &last, round, how->retry_interval);
		if (loop_run(w->l, &never, deadline_min(until, deadline_in(how->retry_interval)),
			e) != 0)
			return -1;
	}
}

int
sock_open_proxied(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct proxied_how *how, struct deadline until, struct error *e)
{
	struct way w = { .l = l, .ep = ep, .how = how, .route = how->proxies.route };
	struct error unasked;
	int rc;

	w.targets = calloc(w.route->n, sizeof(*w.targets));
	if (w.targets == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	rc = run_all_rounds(&w, ret_sock, until, e != NULL ? e : &unasked);
	free(w.list);
	free(w.targets);
	return rc;
}
