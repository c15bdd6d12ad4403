#include "net/connect/connector.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "loop/loop.h"
#include "net/bind.h"
#include "net/can/can_socket.h"
#include "net/connect/happy_eyeballs.h"
#include "net/ports.h"
#include "net/resolve/resolve.h"

enum step {
	STEP_SOURCE, /* the source address is being resolved */
	STEP_PEERS,  /* the name is being resolved */
	STEP_RACE,   /* the addresses are being tried */
	STEP_PAUSE,  /* waits for the next round */
	STEP_OVER
};

struct connector {
	struct connector_how how;
	const struct endpoint *ep; /* of how */
	enum step step;
	unsigned round;
	int64_t started, round_started;
	struct deadline round_until;
	struct timer timer; /* the end of the round, or of the pause */
	struct bind_source source;
	struct resolve_call resolving;
	struct sockname *peers;
	size_t n_peers;
	struct happy_eyeballs_how race_how;
	struct happy_eyeballs *race;
	int fd; /* the result, or -1 */
	struct sockname peer;
	struct error error; /* of the last round */
};

static void start_round(struct connector *c);

/* ---- addresses of an endpoint ---- */

static int
check_endpoint(const struct endpoint *ep, const struct bind_how *how, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];

	endpoint_format(ep, text, sizeof(text));
	switch (ep->kind) {
	case ENDPOINT_UNIX:
	case ENDPOINT_VSOCK:
	case ENDPOINT_CAN:
		return 0;
	case ENDPOINT_INET:
		if (!bind_how_has_ports(how))
			return 0;
		if (ep->port[0] == '\0')
			return error_set(e, ERROR_USAGE, "connect %s: which port?", text);
		if (!ports_is_single(ep->port))
			return error_set(e, ERROR_USAGE, "connect %s: more than one port", text);
		return 0;
	default:
		return error_set(e, ERROR_USAGE, "connect %s: nothing to connect to", text);
	}
}

static int
endpoint_family(const struct endpoint *ep)
{
	switch (ep->kind) {
	case ENDPOINT_UNIX:
		return AF_UNIX;
	case ENDPOINT_VSOCK:
		return AF_VSOCK;
	default:
		return AF_UNSPEC;
	}
}

static void
log_resolved(const struct connector *c)
{
	char line[1024], address[SOCKNAME_TEXT_MAX];
	size_t i, at = 0;

	if (!log_on(c->how.log, LOG_VERBOSE))
		return;
	sockname_host(&c->peers[0], address, sizeof(address));
	if (c->ep->host[0] == '\0' || strcmp(c->ep->host, address) == 0)
		return;
	for (i = 0; i < c->n_peers && at < sizeof(line); i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%s", i > 0 ? ", " : "",
		    sockname_host(&c->peers[i], address, sizeof(address)));
	log_line(c->how.log, LOG_VERBOSE, "resolved %s to %s", c->ep->host, line);
}

/* ---- the end of a round ---- */

/* Frees what the round holds. */
static void
clear_round(struct connector *c)
{
	loop_timer_stop(c->how.loop, &c->timer);
	resolve_cancel(&c->resolving);
	free(c->resolving.list);
	c->resolving = (struct resolve_call){ .loop = c->how.loop };
	happy_eyeballs_close(c->race);
	c->race = NULL;
	free(c->peers);
	c->peers = NULL;
	bind_source_close(&c->source);
}

/* The last call of its turn, as the callback may close c. */
static void
finish(struct connector *c)
{
	clear_round(c);
	c->step = STEP_OVER;
	c->how.done(c->how.arg);
}

bool
connector_may_retry(const struct error *e)
{
	return e->code != ERROR_USAGE && e->code != ERROR_SIGNAL && e->code != ERROR_INTERNAL;
}

void
connector_log_retry(const struct log *log, const struct error *e, unsigned round, int64_t interval)
{
	char after[32];

	log_line(log, LOG_VERBOSE, "%s; retry %u in %s", e->text, round + 1,
	    happy_eyeballs_duration(interval, after, sizeof(after)));
}

static void
report_gave_up(struct connector *c)
{
	struct error last = c->error;
	char after[32];

	if (last.code == ERROR_TIMEOUT)
		return;
	error_set(&c->error, ERROR_TIMEOUT, "%s; gave up after %s", last.text,
	    happy_eyeballs_duration(clock_now() - c->started, after, sizeof(after)));
	c->error.origin = ORIGIN_ERRNO;
	c->error.number = ETIMEDOUT;
}

/* Waits before the next round, which resolves both ends again: a name may appear or change. */
static int
pause_before_retry(struct connector *c)
{
	int64_t interval = c->how.connect->retry_interval;

	connector_log_retry(c->how.log, &c->error, c->round, interval);
	c->step = STEP_PAUSE;
	return loop_timer_set(c->how.loop, &c->timer,
	    deadline_min(c->how.until, deadline_in(interval)), &c->error);
}

static void
round_failed(struct connector *c)
{
	unsigned retries = c->how.connect->retries;

	clear_round(c);
	if ((retries != UINT_MAX && c->round >= retries) || !connector_may_retry(&c->error)) {
		finish(c);
	} else if (deadline_passed(c->how.until)) {
		report_gave_up(c);
		finish(c);
	} else if (pause_before_retry(c) != 0) {
		finish(c);
	}
}

static void
connected(struct connector *c, int fd)
{
	const struct bind_how *bind = &c->how.connect->bind;

	c->fd = fd;
	if (sockopt_apply(fd, bind->settings, bind->n_settings, PHASE_CONNECTED, &c->error) != 0) {
		bind_discard(fd);
		c->fd = -1;
	} else {
		sockopt_log(fd, bind->settings, bind->n_settings, c->how.log);
	}
	finish(c);
}

/* ---- the steps of a round ---- */

static void
on_race_decided(void *arg)
{
	struct connector *c = arg;
	int fd;

	if (happy_eyeballs_result(c->race, &fd, &c->peer, &c->error) == 0)
		connected(c, fd);
	else
		round_failed(c);
}

/* Leaves out the addresses that must not be connected to. Returns false if none is left. */
static bool
filter_peers(struct connector *c)
{
	const struct connect_how *how = c->how.connect;
	size_t n = 0, i;

	for (i = 0; i < c->n_peers; i++)
		if (how->may_connect == NULL ||
		    how->may_connect(how->may_connect_arg, &c->peers[i]))
			c->peers[n++] = c->peers[i];
	c->n_peers = n;
	return n > 0;
}

static void
fail_not_allowed(struct connector *c)
{
	char text[SOCKNAME_TEXT_MAX];

	error_set(&c->error, ERROR_PROXY, "connect %s: not allowed",
	    endpoint_format(c->ep, text, sizeof(text)));
	round_failed(c);
}

static void
start_race(struct connector *c)
{
	int rc;

	if (!filter_peers(c)) {
		fail_not_allowed(c);
		return;
	}
	c->step = STEP_RACE;
	c->race_how = (struct happy_eyeballs_how){
		.connect = c->how.connect,
		.source = &c->source,
		.host = c->ep->host,
		.started = c->round_started,
		.log = c->how.log,
		.done = on_race_decided,
		.arg = c,
	};
	log_resolved(c);
	rc = happy_eyeballs_start(&c->race, c->how.loop, c->peers, c->n_peers, &c->race_how,
	    &c->error);
	if (rc > 0)
		on_race_decided(c);
	else if (rc < 0)
		round_failed(c);
}

static void
fail_without_memory(struct connector *c)
{
	error_set(&c->error, ERROR_INTERNAL, "out of memory");
	round_failed(c);
}

static void
on_peers_resolved(struct resolve_call *r)
{
	struct connector *c = r->arg;

	if (r->list == NULL) {
		c->error = r->error;
		round_failed(c);
		return;
	}
	c->n_peers = r->n;
	c->peers = calloc(r->n, sizeof(*c->peers));
	if (c->peers == NULL) {
		fail_without_memory(c);
		return;
	}
	happy_eyeballs_interleave(r->list, r->n, c->peers);
	start_race(c);
}

static void
start_resolving(struct connector *c, const char *host, const char *port,
    const struct resolve_how *how, void (*done)(struct resolve_call *r))
{
	c->resolving =
	    (struct resolve_call){ .loop = c->how.loop, .how = *how, .done = done, .arg = c };
	if (resolve_start(&c->resolving, host, port) != 0)
		done(&c->resolving);
}

/* Makes the name of a family without name resolution. */
static void
name_local_peer(struct connector *c)
{
	struct sockname name;

	if (c->ep->kind == ENDPOINT_VSOCK) {
		sockname_vsock(c->ep, &name);
	} else if (sockname_unix(c->ep, &name, &c->error) != 0) {
		round_failed(c);
		return;
	}
	c->peers = malloc(sizeof(*c->peers));
	if (c->peers == NULL) {
		fail_without_memory(c);
		return;
	}
	*c->peers = name;
	c->n_peers = 1;
	start_race(c);
}

static void
find_peers(struct connector *c)
{
	const struct bind_how *bind = &c->how.connect->bind;
	const struct resolve_how how = {
		.family = bind->family,
		.type = bind->type != 0 ? bind->type : SOCK_STREAM,
		.proto = bind->proto,
	};

	c->step = STEP_PEERS;
	if (c->ep->kind == ENDPOINT_INET)
		start_resolving(c, c->ep->host, c->ep->port, &how, on_peers_resolved);
	else
		name_local_peer(c);
}

static void
on_source_resolved(struct resolve_call *r)
{
	struct connector *c = r->arg;

	if (r->list == NULL) {
		c->error = r->error;
		error_prefix(&c->error, "source");
		round_failed(c);
		return;
	}
	c->source.names = r->list;
	c->source.n = r->n;
	r->list = NULL;
	find_peers(c);
}

static void
on_round_over(struct connector *c)
{
	if (c->step == STEP_RACE) {
		happy_eyeballs_timed_out(c->race, c->round_until.at, &c->error);
	} else {
		resolve_time_out(&c->resolving);
		c->error = c->resolving.error;
		if (c->step == STEP_SOURCE)
			error_prefix(&c->error, "source");
	}
	round_failed(c);
}

static void
on_timer(struct timer *t)
{
	struct connector *c = t->arg;

	if (c->step != STEP_PAUSE) {
		on_round_over(c);
	} else if (deadline_passed(c->how.until)) {
		report_gave_up(c);
		finish(c);
	} else {
		c->round++;
		start_round(c);
	}
}

static void
start_round(struct connector *c)
{
	const struct connect_how *how = c->how.connect;
	struct resolve_how rh;
	int rc;

	c->round_started = clock_now();
	c->round_until = deadline_min(c->how.until, deadline_in(how->connect_timeout));
	c->step = STEP_SOURCE;
	rc = loop_timer_set(c->how.loop, &c->timer, c->round_until, &c->error);
	if (rc == 0)
		rc = bind_source_init(&c->source, &how->bind, endpoint_family(c->ep), c->how.log,
		    &rh, &c->error);
	if (rc < 0)
		round_failed(c);
	else if (rc == 0)
		find_peers(c);
	else
		start_resolving(c, how->bind.source, "", &rh, on_source_resolved);
}

/* A CAN bus has no peer to connect to, so it needs no rounds. */
static void
open_can(struct connector *c)
{
	int fd;

	if (can_socket_open(c->ep, &c->how.connect->bind, c->how.log, &fd, &c->peer, &c->error) ==
	    0)
		connected(c, fd);
	else
		finish(c);
}

/* ---- for callers ---- */

int
connector_open(struct connector **ret_connector, const struct connector_how *how, struct error *e)
{
	struct connector *c;

	if (check_endpoint(how->endpoint, &how->connect->bind, e) != 0)
		return -1;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	c->how = *how;
	c->ep = how->endpoint;
	c->fd = -1;
	c->timer.fn = on_timer;
	c->timer.arg = c;
	c->started = clock_now();
	*ret_connector = c;
	return 0;
}

void
connector_start(struct connector *c)
{
	if (c->ep->kind == ENDPOINT_CAN)
		open_can(c);
	else
		start_round(c);
}

int
connector_result(struct connector *c, int *ret_fd, struct sockname *ret_peer, struct error *e)
{
	if (c->fd == -1) {
		*e = c->error;
		return -1;
	}
	*ret_fd = c->fd;
	*ret_peer = c->peer;
	c->fd = -1;
	return 0;
}

void
connector_close(struct connector *c)
{
	if (c == NULL)
		return;
	clear_round(c);
	if (c->fd != -1)
		bind_discard(c->fd);
	free(c);
}
