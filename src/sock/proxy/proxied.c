#include "sock/proxy/proxied.h"

#include "base/error.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/connect/connector.h"
#include "sock/negotiate.h"
#include "sock/proxy/associated.h"
#include "sock/sock.h"
#include "stream/negotiate/negotiation.h"
#include "stream/negotiate/plan.h"
#include "stream/negotiate/proxy/proxy_way.h"
#include <limits.h>

/* How often one round connects to a proxy that wants a login on a new connection. */
enum { CONNECTIONS = 4 };

struct way {
	struct loop *l;
	const struct endpoint *ep;
	const struct proxied_how *how;
	const struct proxy_route *route;
	struct proxy_way proxies;
	bool found;
};

/* ---- what each proxy is asked for ---- */

static void
on_found(struct proxy_way *p)
{
	struct way *w = p->arg;

	w->found = true;
}

static int
find_targets(struct way *w, struct deadline until, struct error *e)
{
	struct proxy_way *p = &w->proxies;
	int rc;

	proxy_way_stop(p);
	w->found = false;
	*p = (struct proxy_way){ .loop = w->l,
		.log = w->how->log,
		.route = w->route,
		.ep = w->ep,
		.family = w->how->connect->bind.family,
		.datagrams = w->how->proxies.datagrams,
		.done = on_found,
		.arg = w };
	if (proxy_way_start(p) == 0) {
		rc = loop_run(w->l, &w->found, until, e);
		if (rc < 0)
			return -1;
		if (rc == 0)
			proxy_way_time_out(p);
	}
	if (p->targets != NULL)
		return 0;
	*e = p->error;
	return -1;
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
		.target = &w->proxies.targets[w->route->n - 1],
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

	plan.proxies.targets = w->proxies.targets;
	plan.proxies.result = &result;
	*ret_again = false;
	if (plan_chain(&chain.at, &plan, e) < 0)
		return -1;
	if (connect_first(w, &s, until, e) < 0) {
		negotiation_fini(&chain);
		return -1;
	}
	until = deadline_min(until, deadline_in(w->how->handshake_timeout));
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
	if (find_targets(w, until, e) < 0)
		return -1;
	while (try_address(w, ret_sock, until, e) < 0) {
		if (e->code != ERROR_PROXY || !proxy_way_next(&w->proxies))
			return -1;
		log_line(w->how->log, LOG_VERBOSE, "%s; trying the next address", e->text);
	}
	return 0;
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

	rc = run_all_rounds(&w, ret_sock, until, e != NULL ? e : &unasked);
	proxy_way_stop(&w.proxies);
	return rc;
}
