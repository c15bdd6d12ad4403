#include "net/connect/happy_eyeballs.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

#define ATTEMPT_DELAY (250 * NSEC_PER_MSEC) /* RFC 8305, 8 */

/* A full backlog of a unix listener cannot be waited for, so the attempt is repeated. */
#define BACKLOG_DELAY_MIN (1 * NSEC_PER_MSEC)
#define BACKLOG_DELAY_MAX (32 * NSEC_PER_MSEC)

struct attempt {
	struct happy_eyeballs *race;
	struct sockname peer;
	struct watch watch; /* fd -1: closed */
	struct timer retry; /* unix: repeats after a full backlog */
	int64_t retry_delay;
	int64_t started;
	unsigned port; /* current port, of a range */
};

struct happy_eyeballs {
	struct loop *l;
	const struct happy_eyeballs_how *how;
	struct attempt *attempts;
	size_t n, next; /* attempts[next] starts next */
	size_t open;    /* attempts in progress */
	struct timer stagger;
	struct attempt *winner;
	bool done;
	struct error error; /* the most informative one so far */
	int error_rank;
};

static void race_continue(struct happy_eyeballs *r);

const char *
happy_eyeballs_duration(int64_t nsec, char *text, size_t size)
{
	double seconds = (double)nsec / (double)NSEC_PER_SEC;

	snprintf(text, size, seconds < 1000 ? "%.3g s" : "%.0f s", seconds);
	return text;
}

static double
attempt_ms(const struct attempt *a)
{
	return (double)(clock_now() - a->started) / (double)NSEC_PER_MSEC;
}

static const char *
name_text(const struct happy_eyeballs *r, const struct sockname *name, char *text, size_t size)
{
	return bind_how_has_ports(&r->how->connect->bind) ? sockname_format(name, text, size)
							  : sockname_host(name, text, size);
}

/* "127.0.0.1:80 (localhost)" */
static const char *
attempt_name(const struct attempt *a, char *text, size_t size)
{
	const char *host = a->race->how->host;
	char address[SOCKNAME_TEXT_MAX];
	size_t n;

	name_text(a->race, &a->peer, text, size);
	if (host[0] == '\0' || strcmp(host, sockname_host(&a->peer, address, sizeof(address))) == 0)
		return text;
	n = strlen(text);
	snprintf(text + n, size - n, " (%s)", host);
	return text;
}

/* ---- errors ---- */

/* The peer's answer tells the user most, then the network's, then a failure of this host. */
static int
error_rank(const struct error *e)
{
	if (e->origin != ORIGIN_ERRNO)
		return 1;
	switch (sys_cause(e->number)) {
	case SYS_CAUSE_PEER:
		return 3;
	case SYS_CAUSE_NETWORK:
		return 2;
	default:
		return 1;
	}
}

/* Replaces the text by one with the name that the user wrote; the kernel's error knows the
 * address only. */
static void
set_connect_error(const struct attempt *a, struct error *e)
{
	char name[SOCKNAME_TEXT_MAX + ENDPOINT_HOST_MAX + 4];
	int errnum = e->number;
	enum error_code code = errnum == ETIMEDOUT ? ERROR_TIMEOUT : ERROR_NETWORK;

	if (e->origin != ORIGIN_ERRNO)
		return;
	attempt_name(a, name, sizeof(name));
	/* the caller can find out who blocks this port */
	if (errnum == EADDRNOTAVAIL && a->port != 0)
		error_errno(e, code, errnum, "connect %s from port %u", name, a->port);
	else
		error_errno(e, code, errnum, "connect %s", name);
	bind_hint_zone(&a->peer, e);
}

static void
attempt_failed(struct attempt *a, const struct error *e)
{
	struct happy_eyeballs *r = a->race;
	int rank = error_rank(e);

	if (r->how->connect->failed != NULL)
		r->how->connect->failed(r->how->connect->failed_arg, &a->peer, e);
	log_line(r->how->log, LOG_TRACE, "%s (after %.2f ms)", e->text, attempt_ms(a));
	if (rank < r->error_rank || (rank == r->error_rank && e->number == r->error.number))
		return;
	r->error = *e;
	r->error_rank = rank;
}

/* ---- one attempt ---- */

static void
attempt_close(struct attempt *a)
{
	struct happy_eyeballs *r = a->race;

	if (a->watch.fd < 0)
		return;
	loop_timer_stop(r->l, &a->retry);
	loop_unwatch(r->l, &a->watch);
	bind_discard(a->watch.fd);
	a->watch.fd = -1;
}

/* Handles the result rc of the connect of a->watch.fd. */
static void
attempt_finish(struct attempt *a, int rc, struct error *e)
{
	struct happy_eyeballs *r = a->race;

	if (rc == 0 && bind_is_self_connect(r->how->source, a->watch.fd, &a->peer)) {
		sys_abort(a->watch.fd);
		a->watch.fd = -1;
		error_errno(e, ERROR_NETWORK, ECONNREFUSED, "connect");
		rc = -1;
	}
	if (rc == 0) {
		r->winner = a;
		r->done = true;
		return;
	}
	set_connect_error(a, e);
	attempt_failed(a, e);
	attempt_close(a);
}

static int
set_fastopen(const struct attempt *a, struct error *e)
{
	const struct happy_eyeballs_how *how = a->race->how;
	int family = a->peer.sa.sa_family;

	if (!how->connect->fastopen || (family != AF_INET && family != AF_INET6))
		return 0;
	return sockopt_set_int(a->watch.fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1,
	    "TCP_FASTOPEN_CONNECT", e);
}

static int
attempt_socket(struct attempt *a, struct error *e)
{
	if (bind_source_socket(a->race->how->source, a->peer.sa.sa_family, &a->peer, &a->port,
		&a->watch.fd, e) != 0)
		return -1;
	if (set_fastopen(a, e) == 0)
		return 0;
	attempt_close(a);
	return -1;
}

/* Selects the next port of the range. Returns false when another port would not help. */
static bool
select_next_port(struct attempt *a, const struct error *e)
{
	unsigned hi = a->race->how->connect->bind.port_hi;

	if (e->number != EADDRNOTAVAIL && e->number != EADDRINUSE)
		return false;
	if (a->port == 0 || a->port >= hi)
		return false;
	a->port++;
	return true;
}

static void
on_writable(struct watch *w, unsigned ready)
{
	struct attempt *a = w->arg;
	struct happy_eyeballs *r = a->race;
	struct error e;

	(void)ready;
	loop_unwatch(r->l, w);
	r->open--;
	attempt_finish(a, sys_connected(w->fd, &a->peer, &e), &e);
	race_continue(r);
}

static int
wait_writable(struct attempt *a, struct error *e)
{
	struct happy_eyeballs *r = a->race;

	a->watch.fn = on_writable;
	a->watch.arg = a;
	return loop_watch(r->l, &a->watch, LOOP_WRITE, e);
}

static int
wait_for_backlog(struct attempt *a, struct error *e)
{
	a->retry_delay *= 2;
	if (a->retry_delay < BACKLOG_DELAY_MIN)
		a->retry_delay = BACKLOG_DELAY_MIN;
	if (a->retry_delay > BACKLOG_DELAY_MAX)
		a->retry_delay = BACKLOG_DELAY_MAX;
	return loop_timer_set(a->race->l, &a->retry, deadline_in(a->retry_delay), e);
}

/* Connects a->watch.fd. Afterwards it is connected, in progress or closed. */
static void
attempt_connect(struct attempt *a)
{
	struct happy_eyeballs *r = a->race;
	struct error e;
	int rc;

	while ((rc = bind_connect(a->watch.fd, &a->peer, &e)) == -1 && select_next_port(a, &e)) {
		attempt_close(a);
		if (attempt_socket(a, &e) != 0) {
			attempt_failed(a, &e);
			return;
		}
	}
	if (rc == -1 && e.number == EAGAIN && a->peer.sa.sa_family == AF_UNIX)
		rc = wait_for_backlog(a, &e) == 0 ? SYS_AGAIN : -1;
	else if (rc == SYS_AGAIN && wait_writable(a, &e) != 0)
		rc = -1;
	if (rc == SYS_AGAIN)
		r->open++;
	else
		attempt_finish(a, rc, &e);
}

static void
on_retry_timer(struct timer *t)
{
	struct attempt *a = t->arg;
	struct happy_eyeballs *r = a->race;

	r->open--;
	attempt_connect(a);
	race_continue(r);
}

static void
attempt_start(struct attempt *a)
{
	char name[SOCKNAME_TEXT_MAX];
	struct error e;

	a->started = clock_now();
	if (log_on(a->race->how->log, LOG_VERBOSE))
		log_line(a->race->how->log, LOG_VERBOSE, "trying %s",
		    name_text(a->race, &a->peer, name, sizeof(name)));
	if (attempt_socket(a, &e) == 0)
		attempt_connect(a);
	else
		attempt_failed(a, &e);
}

/* ---- race ---- */

void
happy_eyeballs_interleave(const struct resolved *list, size_t n, struct sockname *ret_peers)
{
	int family = list[0].family;
	size_t same = 0, other = 0, i;

	for (i = 0; i < n; i++) {
		bool want_same = i % 2 == 0;

		while (same < n && list[same].family != family)
			same++;
		while (other < n && list[other].family == family)
			other++;
		if ((want_same && same < n) || other == n)
			ret_peers[i] = list[same++].name;
		else
			ret_peers[i] = list[other++].name;
	}
}

static void
race_stagger(struct happy_eyeballs *r)
{
	int64_t delay = r->how->connect->attempt_delay;
	struct error e;

	if (r->next == r->n)
		return;
	if (loop_timer_set(r->l, &r->stagger, deadline_in(delay != 0 ? delay : ATTEMPT_DELAY),
		&e) == 0)
		return;
	r->error = e;
	r->done = true;
}

/* Starts attempts until one is in progress. The race is over when the list is used up and none
 * is. */
static void
race_advance(struct happy_eyeballs *r)
{
	while (r->next < r->n && !r->done) {
		size_t open = r->open;

		attempt_start(&r->attempts[r->next++]);
		if (r->open > open) {
			race_stagger(r);
			return;
		}
	}
	if (r->open == 0)
		r->done = true;
}

/* Runs from the loop. The callback comes last, as it may close the race. */
static void
race_continue(struct happy_eyeballs *r)
{
	if (!r->done)
		race_advance(r);
	if (!r->done)
		return;
	loop_timer_stop(r->l, &r->stagger);
	r->how->done(r->how->arg);
}

static void
on_stagger_timer(struct timer *t)
{
	race_continue(t->arg);
}

int
happy_eyeballs_timed_out(const struct happy_eyeballs *r, int64_t now, struct error *e)
{
	int64_t lasted = now - r->how->started;
	char name[SOCKNAME_TEXT_MAX + ENDPOINT_HOST_MAX + 4], after[32];
	const struct attempt *a = r->attempts;

	while (a->watch.fd < 0)
		a++;
	error_set(e, ERROR_TIMEOUT, "connect %s: timed out after %s",
	    attempt_name(a, name, sizeof(name)),
	    happy_eyeballs_duration(lasted > 0 ? lasted : 0, after, sizeof(after)));
	e->origin = ORIGIN_ERRNO;
	e->number = ETIMEDOUT;
	return -1;
}

static void
log_winner(const struct happy_eyeballs *r)
{
	const struct attempt *a = r->winner;
	const struct log *log = r->how->log;
	char peer[SOCKNAME_TEXT_MAX], from[SOCKNAME_TEXT_MAX];
	struct sockname local;

	if (!log_on(log, LOG_VERBOSE))
		return;
	name_text(r, &a->peer, peer, sizeof(peer));
	log_line(log, LOG_TRACE, "connected %s after %.2f ms", peer, attempt_ms(a));
	if (sys_local_name(a->watch.fd, &local, NULL) != 0)
		local.len = 0;
	log_line(log, LOG_VERBOSE, "connected to %s%s%s", peer, local.len != 0 ? " from " : "",
	    local.len != 0 ? name_text(r, &local, from, sizeof(from)) : "");
}

void
happy_eyeballs_close(struct happy_eyeballs *r)
{
	char name[SOCKNAME_TEXT_MAX];
	size_t i;

	if (r == NULL)
		return;
	loop_timer_stop(r->l, &r->stagger);
	for (i = 0; i < r->next; i++) {
		struct attempt *a = &r->attempts[i];

		if (a->watch.fd < 0)
			continue;
		if (log_on(r->how->log, LOG_TRACE))
			log_line(r->how->log, LOG_TRACE, "attempt %s abandoned after %.2f ms",
			    name_text(a->race, &a->peer, name, sizeof(name)), attempt_ms(a));
		attempt_close(a);
	}
	free(r->attempts);
	free(r);
}

static int
race_init(struct happy_eyeballs *r, const struct sockname *peers, size_t n, struct error *e)
{
	size_t i;

	r->attempts = calloc(n, sizeof(*r->attempts));
	if (r->attempts == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (i = 0; i < n; i++) {
		struct attempt *a = &r->attempts[i];

		a->race = r;
		a->peer = peers[i];
		a->watch.fd = -1;
		a->retry.fn = on_retry_timer;
		a->retry.arg = a;
	}
	r->n = n;
	r->stagger.fn = on_stagger_timer;
	r->stagger.arg = r;
	return 0;
}

int
happy_eyeballs_start(struct happy_eyeballs **ret_race, struct loop *l, const struct sockname *peers,
    size_t n, const struct happy_eyeballs_how *how, struct error *e)
{
	struct happy_eyeballs *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	r->l = l;
	r->how = how;
	if (race_init(r, peers, n, e) != 0) {
		free(r);
		return -1;
	}
	race_advance(r);
	*ret_race = r;
	return r->done ? 1 : 0;
}

int
happy_eyeballs_result(struct happy_eyeballs *r, int *ret_fd, struct sockname *ret_peer,
    struct error *e)
{
	struct attempt *winner = r->winner;

	if (winner == NULL) {
		*e = r->error;
		return -1;
	}
	log_winner(r);
	*ret_fd = winner->watch.fd;
	*ret_peer = winner->peer;
	winner->watch.fd = -1;
	return 0;
}
