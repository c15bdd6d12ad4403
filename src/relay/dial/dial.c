#include "relay/dial/dial.h"

#include "base/log.h"
#include "net/connect/connector.h"
#include "net/sockopt/sockopt.h"
#include "net/sys.h"
#include "stream/fd.h"

/* How often one address is connected to if a proxy wants a login on a new connection. */
enum { CONNECTIONS = 4 };

static void connect_to_first(struct dial *d);

static bool
has_proxies(const struct dial *d)
{
	return d->how.plan.proxies.route != NULL;
}

static void
fail_dial(struct dial *d, const struct error *e)
{
	stream_close(d->stream);
	d->stream = NULL;
	if (shortage_wait(&d->wait, e))
		return;
	d->error = *e;
	d->done(d);
}

/* ---- negotiation ---- */

static void
explain_failure(struct dial *d, const char *verb, struct error *e)
{
	char peer[SOCKNAME_TEXT_MAX];

	error_prefix(e, "%s %s", verb, sockname_format_short(&d->peer, peer, sizeof(peer)));
}

/* Returns true if another connection may succeed: one on which a proxy is told the login at once, or one
 * to another address. */
static bool
may_dial_again(struct dial *d, const struct error *e)
{
	if (!has_proxies(d))
		return false;
	if (d->result.again && ++d->connections < CONNECTIONS)
		return true;
	if (e->code != ERROR_PROXY || !proxy_way_next(&d->way))
		return false;
	d->connections = 0;
	return true;
}

static void
on_dial_negotiated(struct negotiator *g)
{
	struct dial *d = g->arg;
	const struct error *reason = negotiator_error(g);
	struct error e;

	if (reason == NULL) {
		negotiator_stop(g);
		d->done(d);
		return;
	}
	e = *reason;
	explain_failure(d, negotiator_verb(g), &e);
	negotiator_stop(g);
	if (!may_dial_again(d, &e)) {
		fail_dial(d, &e);
		return;
	}
	log_line(d->log, LOG_VERBOSE, "%s; connecting again", e.text);
	stream_close(d->stream);
	d->stream = NULL;
	connect_to_first(d);
}

static void
start_dial_negotiation(struct dial *d)
{
	struct negotiator *g = &d->negotiator;
	struct plan plan = d->how.plan;
	struct error e;

	d->result = (struct proxy_result){ .again = false };
	plan.proxies.targets = d->way.targets;
	plan.proxies.result = &d->result;
	*g = (struct negotiator){
		.loop = d->loop,
		.chain = { .top = &d->stream,
		    .until = deadline_min(d->until, deadline_in(d->how.handshake_timeout)) },
		.done = on_dial_negotiated,
		.arg = d,
	};
	if (plan_chain(&g->chain.at, &plan, &e) == 0)
		negotiator_start(g);
	else
		fail_dial(d, &e);
}

/* ---- connecting ---- */

static void
on_dialled(void *arg)
{
	struct dial *d = arg;
	struct error e;
	int fd, rc = connector_result(d->connector, &fd, &d->peer, &e);

	connector_close(d->connector);
	d->connector = NULL;
	if (rc < 0 && has_proxies(d))
		error_prefix(&e, "proxy");
	if (rc == 0) {
		sockopt_send_at_once(fd);
		rc = fd_stream_socket(&d->stream, fd, &e);
		if (rc < 0)
			sys_close(fd);
	}
	if (rc < 0)
		fail_dial(d, &e);
	else if (plan_is_empty(&d->how.plan))
		d->done(d);
	else
		start_dial_negotiation(d);
}

/* To the first proxy, or to the endpoint. */
static void
connect_to_first(struct dial *d)
{
	const struct connector_how how = {
		.loop = d->loop,
		.endpoint =
		    has_proxies(d) ? &d->how.plan.proxies.route->hops[0].ep : d->how.endpoint,
		.connect = d->how.connect,
		.until = d->until,
		.log = d->log,
		.done = on_dialled,
		.arg = d,
	};
	struct error e;

	if (connector_open(&d->connector, &how, &e) == 0)
		connector_start(d->connector);
	else
		fail_dial(d, &e);
}

/* ---- what proxies are asked for ---- */

static void
on_way_found(struct proxy_way *w)
{
	struct dial *d = w->arg;

	loop_timer_stop(d->loop, &d->timer);
	if (w->targets != NULL)
		connect_to_first(d);
	else
		fail_dial(d, &w->error);
}

static void
on_way_late(struct timer *t)
{
	struct dial *d = t->arg;

	proxy_way_time_out(&d->way);
	fail_dial(d, &d->way.error);
}

static void
find_way(struct dial *d)
{
	struct deadline late = deadline_min(d->until, deadline_in(d->how.connect->connect_timeout));
	struct error e;
	int rc;

	proxy_way_stop(&d->way);
	d->way = (struct proxy_way){ .loop = d->loop,
		.log = d->log,
		.route = d->how.plan.proxies.route,
		.ep = d->how.endpoint,
		.family = d->how.connect->bind.family,
		.done = on_way_found,
		.arg = d };
	d->timer = (struct timer){ .fn = on_way_late, .arg = d };
	rc = proxy_way_start(&d->way);
	if (rc != 0)
		on_way_found(&d->way);
	else if (loop_timer_set(d->loop, &d->timer, late, &e) < 0)
		fail_dial(d, &e);
}

static void
begin_dial(struct dial *d)
{
	if (has_proxies(d) && d->way.targets == NULL)
		find_way(d);
	else
		connect_to_first(d);
}

static void
dial_again(void *arg)
{
	begin_dial(arg);
}

void
dial_start(struct dial *d)
{
	d->wait = (struct shortage_wait){
		.loop = d->loop,
		.log = d->log,
		.shortage = d->shortage,
		.patience = d->how.connect->connect_timeout,
		.until = d->until,
		.again = dial_again,
		.arg = d,
	};
	begin_dial(d);
}

struct stream *
dial_take(struct dial *d)
{
	struct stream *s = d->stream;

	d->stream = NULL;
	return s;
}

void
dial_stop(struct dial *d)
{
	if (d->loop != NULL)
		loop_timer_stop(d->loop, &d->timer);
	shortage_wait_stop(&d->wait);
	proxy_way_stop(&d->way);
	connector_close(d->connector);
	d->connector = NULL;
	negotiator_stop(&d->negotiator);
	stream_close(d->stream);
	d->stream = NULL;
}
