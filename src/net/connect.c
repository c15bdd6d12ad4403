#include "net/connect.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/bind.h"
#include "net/can/can_socket.h"
#include "net/connect/happy_eyeballs.h"
#include "net/ports.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

/* What stays the same in all rounds. */
struct connecting {
	struct loop *l;
	const struct endpoint *ep;
	const struct connect_how *how;
	const struct log *log;
};

static int
copy_error(struct error *e, const struct error *from)
{
	if (e != NULL)
		*e = *from;
	return -1;
}

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
log_resolved(const struct connecting *c, const struct sockname *peers, size_t n)
{
	char line[1024], address[SOCKNAME_TEXT_MAX];
	size_t i, at = 0;

	if (!log_on(c->log, LOG_VERBOSE))
		return;
	sockname_host(&peers[0], address, sizeof(address));
	if (c->ep->host[0] == '\0' || strcmp(c->ep->host, address) == 0)
		return;
	for (i = 0; i < n && at < sizeof(line); i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%s", i > 0 ? ", " : "",
		    sockname_host(&peers[i], address, sizeof(address)));
	log_line(c->log, LOG_VERBOSE, "resolved %s to %s", c->ep->host, line);
}

static int
resolve_inet_peers(const struct connecting *c, struct deadline until, struct sockname **ret_peers,
    size_t *ret_n, struct error *e)
{
	const struct bind_how *bind = &c->how->bind;
	struct resolve_how rh = {
		.family = bind->family,
		.type = bind->type != 0 ? bind->type : SOCK_STREAM,
		.proto = bind->proto,
	};
	struct resolved *list;

	if (resolve(c->l, c->ep->host, c->ep->port, &rh, until, &list, ret_n, e) != 0)
		return -1;
	*ret_peers = calloc(*ret_n, sizeof(**ret_peers));
	if (*ret_peers != NULL)
		happy_eyeballs_interleave(list, *ret_n, *ret_peers);
	free(list);
	return *ret_peers != NULL ? 0 : error_set(e, ERROR_INTERNAL, "out of memory");
}

static int
resolve_peers(const struct connecting *c, struct deadline until, struct sockname **ret_peers,
    size_t *ret_n, struct error *e)
{
	struct sockname name;

	if (c->ep->kind == ENDPOINT_INET)
		return resolve_inet_peers(c, until, ret_peers, ret_n, e);
	if (c->ep->kind == ENDPOINT_VSOCK)
		sockname_vsock(c->ep, &name);
	else if (sockname_unix(c->ep, &name, e) != 0)
		return -1;
	*ret_peers = malloc(sizeof(**ret_peers));
	if (*ret_peers == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	**ret_peers = name;
	*ret_n = 1;
	return 0;
}

/* ---- rounds ---- */

/* Resolves both ends again, because between rounds a name may appear or change. */
static int
connect_round(const struct connecting *c, struct deadline until, int *ret_fd,
    struct sockname *ret_peer, struct error *e)
{
	struct happy_eyeballs_how rh = { .connect = c->how, .host = c->ep->host, .log = c->log };
	struct sockname *peers = NULL;
	struct bind_source source;
	size_t n;
	int rc;

	rh.started = clock_now();
	until = deadline_min(until, deadline_in(c->how->connect_timeout));
	if (bind_source_open(&source, c->l, &c->how->bind, endpoint_family(c->ep), until, c->log,
		e) != 0)
		return -1;
	rh.source = &source;
	rc = resolve_peers(c, until, &peers, &n, e);
	if (rc == 0) {
		log_resolved(c, peers, n);
		rc = happy_eyeballs_run(c->l, peers, n, &rh, until, ret_fd, ret_peer, e);
	}
	free(peers);
	bind_source_close(&source);
	return rc;
}

static bool
may_retry(const struct error *e)
{
	return e->code != ERROR_USAGE && e->code != ERROR_SIGNAL && e->code != ERROR_INTERNAL;
}

/* Waits before the next round. e is the failure of the last one. */
static int
wait_for_retry(const struct connecting *c, unsigned round, struct deadline until, struct error *e)
{
	int64_t interval = c->how->retry_interval;
	bool never = false;
	char after[32];
	int rc;

	log_line(c->log, LOG_VERBOSE, "%s; retry %u in %s", e->text, round + 1,
	    happy_eyeballs_duration(interval, after, sizeof(after)));
	rc = loop_run(c->l, &never, deadline_min(until, deadline_in(interval)), e);
	return rc == 0 ? 0 : -1;
}

static int
report_gave_up(int64_t started, struct error *e)
{
	struct error last = *e;
	char after[32];

	error_set(e, ERROR_TIMEOUT, "%s; gave up after %s", last.text,
	    happy_eyeballs_duration(clock_now() - started, after, sizeof(after)));
	e->origin = ORIGIN_ERRNO;
	e->number = ETIMEDOUT;
	return -1;
}

static int
connect_with_retries(const struct connecting *c, struct deadline until, int *ret_fd,
    struct sockname *ret_peer, struct error *e)
{
	int64_t started = clock_now();
	unsigned round;

	for (round = 0;; round++) {
		if (connect_round(c, until, ret_fd, ret_peer, e) == 0)
			return 0;
		if (c->how->retries != UINT_MAX && round >= c->how->retries)
			return -1;
		if (!may_retry(e))
			return -1;
		if (!deadline_passed(until) && wait_for_retry(c, round, until, e) != 0)
			return -1;
		if (deadline_passed(until))
			return e->code == ERROR_TIMEOUT ? -1 : report_gave_up(started, e);
	}
}

/* A CAN bus has no peer to connect to, so it needs no retries. */
static int
connect_endpoint(const struct connecting *c, struct deadline until, int *ret_fd,
    struct sockname *ret_peer, struct error *e)
{
	if (c->ep->kind == ENDPOINT_CAN)
		return can_socket_open(c->ep, &c->how->bind, c->log, ret_fd, ret_peer, e);
	return connect_with_retries(c, until, ret_fd, ret_peer, e);
}

int
connect_open(struct loop *l, const struct endpoint *ep, const struct connect_how *how,
    struct deadline until, const struct log *log, int *ret_fd, struct sockname *ret_peer,
    struct error *e)
{
	struct connecting c = { .l = l, .ep = ep, .how = how, .log = log };
	struct sockname peer;
	struct error err;
	int fd;

	if (check_endpoint(ep, &how->bind, &err) != 0 ||
	    connect_endpoint(&c, until, &fd, &peer, &err) != 0)
		return copy_error(e, &err);
	if (sockopt_apply(fd, how->bind.settings, how->bind.n_settings, PHASE_CONNECTED, e) != 0) {
		bind_discard(fd);
		return -1;
	}
	sockopt_log(fd, how->bind.settings, how->bind.n_settings, log);
	*ret_fd = fd;
	*ret_peer = peer;
	return 0;
}

int
connect_socket(struct loop *l, const struct bind_how *how, int family, const struct sockname *peer,
    int *ret_fd, struct error *e)
{
	struct bind_source source;
	struct error err;
	unsigned port = 0;
	int rc;

	if (bind_source_open(&source, l, how, family, deadline_never(), NULL, &err) != 0)
		return copy_error(e, &err);
	rc = bind_source_socket(&source, family, peer, &port, ret_fd, &err);
	bind_source_close(&source);
	return rc == 0 ? 0 : copy_error(e, &err);
}
