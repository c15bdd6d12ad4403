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
#include "net/happy_eyeballs.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

/* What does not change from round to round. */
struct dialing {
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

/* ---- the addresses of an endpoint ---- */

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
		if (!port_is_single(ep->port))
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
log_resolved(const struct dialing *d, const struct sockname *peers, size_t n)
{
	char line[1024], address[SOCKNAME_TEXT_MAX];
	size_t i, at = 0;

	if (!log_on(d->log, LOG_LIFE))
		return;
	sockname_host(&peers[0], address, sizeof(address));
	if (d->ep->host[0] == '\0' || strcmp(d->ep->host, address) == 0)
		return;
	for (i = 0; i < n && at < sizeof(line); i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%s", i > 0 ? ", " : "",
		    sockname_host(&peers[i], address, sizeof(address)));
	log_line(d->log, LOG_LIFE, "resolved %s to %s", d->ep->host, line);
}

static int
find_inet_peers(const struct dialing *d, struct deadline until, struct sockname **ret_peers,
    size_t *ret_n, struct error *e)
{
	const struct bind_how *bind = &d->how->bind;
	struct resolve_how rh = {
		.family = bind->family,
		.type = bind->type != 0 ? bind->type : SOCK_STREAM,
		.proto = bind->proto,
	};
	struct resolved *list;

	if (resolve(d->l, d->ep->host, d->ep->port, &rh, until, &list, ret_n, e) != 0)
		return -1;
	*ret_peers = calloc(*ret_n, sizeof(**ret_peers));
	if (*ret_peers != NULL)
		happy_eyeballs_interleave(list, *ret_n, *ret_peers);
	free(list);
	return *ret_peers != NULL ? 0 : error_set(e, ERROR_INTERNAL, "out of memory");
}

static int
find_peers(const struct dialing *d, struct deadline until, struct sockname **ret_peers,
    size_t *ret_n, struct error *e)
{
	struct sockname name;

	if (d->ep->kind == ENDPOINT_INET)
		return find_inet_peers(d, until, ret_peers, ret_n, e);
	if (d->ep->kind == ENDPOINT_VSOCK)
		sockname_vsock(d->ep, &name);
	else if (sockname_unix(d->ep, &name, e) != 0)
		return -1;
	*ret_peers = malloc(sizeof(**ret_peers));
	if (*ret_peers == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	**ret_peers = name;
	*ret_n = 1;
	return 0;
}

/* ---- rounds ---- */

/* Looks up both ends anew: between rounds a name may appear or move. */
static int
dial_round(const struct dialing *d, struct deadline until, int *ret_fd, struct sockname *ret_peer,
    struct error *e)
{
	struct happy_eyeballs_how rh = { .connect = d->how, .host = d->ep->host, .log = d->log };
	struct sockname *peers = NULL;
	struct bind_source source;
	size_t n;
	int rc;

	rh.started = clock_now();
	until = deadline_min(until, deadline_in(d->how->connect_timeout));
	if (bind_source_open(&source, d->l, &d->how->bind, endpoint_family(d->ep), until, d->log,
		e) != 0)
		return -1;
	rh.source = &source;
	rc = find_peers(d, until, &peers, &n, e);
	if (rc == 0) {
		log_resolved(d, peers, n);
		rc = happy_eyeballs_run(d->l, peers, n, &rh, until, ret_fd, ret_peer, e);
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

/* Waits before the next round. e holds why the last one failed. */
static int
dial_pause(const struct dialing *d, unsigned round, struct deadline until, struct error *e)
{
	int64_t interval = d->how->retry_interval;
	bool never = false;
	char after[32];
	int rc;

	log_line(d->log, LOG_LIFE, "%s; retry %u in %s", e->text, round + 1,
	    happy_eyeballs_duration(interval, after, sizeof(after)));
	rc = loop_run(d->l, &never, deadline_min(until, deadline_in(interval)), e);
	return rc == 0 ? 0 : -1;
}

static int
out_of_time(int64_t started, struct error *e)
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
dial_rounds(const struct dialing *d, struct deadline until, int *ret_fd, struct sockname *ret_peer,
    struct error *e)
{
	int64_t started = clock_now();
	unsigned round;

	for (round = 0;; round++) {
		if (dial_round(d, until, ret_fd, ret_peer, e) == 0)
			return 0;
		if (d->how->retries != UINT_MAX && round >= d->how->retries)
			return -1;
		if (!may_retry(e))
			return -1;
		if (!deadline_passed(until) && dial_pause(d, round, until, e) != 0)
			return -1;
		if (deadline_passed(until))
			return e->code == ERROR_TIMEOUT ? -1 : out_of_time(started, e);
	}
}

/* A bus has no peer to reach, and nobody who could answer late. */
static int
reach(const struct dialing *d, struct deadline until, int *ret_fd, struct sockname *ret_peer,
    struct error *e)
{
	if (d->ep->kind == ENDPOINT_CAN)
		return can_socket_open(d->ep, &d->how->bind, d->log, ret_fd, ret_peer, e);
	return dial_rounds(d, until, ret_fd, ret_peer, e);
}

int
connect_open(struct loop *l, const struct endpoint *ep, const struct connect_how *how,
    struct deadline until, const struct log *log, int *ret_fd, struct sockname *ret_peer,
    struct error *e)
{
	struct dialing d = { .l = l, .ep = ep, .how = how, .log = log };
	struct sockname peer;
	struct error err;
	int fd;

	if (check_endpoint(ep, &how->bind, &err) != 0 || reach(&d, until, &fd, &peer, &err) != 0)
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
