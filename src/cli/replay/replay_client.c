#include "cli/replay/replay_client.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/core/command_context.h"
#include "cli/core/session_report.h"
#include "cli/options/address_args.h"
#include "cli/options/target.h"
#include "cli/options/tls_opts.h"
#include "cli/options/websocket_opts.h"
#include "cli/replay/replay.h"
#include "sock/sock.h"

/* One recorded connection. */
struct attempt {
	struct session session;
	struct replay_client *client;
	struct recorded_connection *connection;
	bool started, over;
};

struct replay_client {
	const struct replay_client_how *how;
	struct command_context *rt;
	struct target target;
	struct session_how session;
	struct tls_use tls;
	struct websocket_use websocket;
	struct attempt *attempts;
	/* in the order in which they began, and in that in which they ended */
	struct attempt **by_open, **by_close;
	size_t n_started; /* the first of by_open */
	size_t n_over;
	size_t n_closed; /* the first of by_close, which are over */
	int64_t began;
	bool ended; /* one of them */
};

/* ---- one connection ---- */

static int
open_attempt_local(void *arg, struct session *s, struct stream **ret_local, struct error *e)
{
	struct replay_client *c = arg;
	struct attempt *a = CONTAINER_OF(s, struct attempt, session);

	return replay_local(c->how->replay, s, a->connection, ret_local, e);
}

static void
on_attempt_end(struct session *s)
{
	struct attempt *a = CONTAINER_OF(s, struct attempt, session);
	struct replay_client *c = a->client;

	session_report_end(c->rt, s, true);
	(void)replay_ended(c->how->replay, s);
	session_fini(s);
	a->over = c->ended = true;
	c->n_over++;
}

/* Other connections go on meanwhile. */
static int
start_attempt(struct replay_client *c, struct attempt *a, struct error *e)
{
	const struct connect_how how = { .bind = c->target.bind,
		.connect_timeout = c->how->time->connect };
	struct sock *conn;

	a->started = true;
	if (sock_open_connected(&conn, c->rt->loop, &c->target.ep, &how, c->how->until,
		&c->rt->report.log, e) < 0)
		return -1;
	command_context_session(c->rt, &a->session, &c->session, a->connection->id, on_attempt_end,
	    c);
	session_report_start(c->rt, EVENT_CONNECTED, a->connection->id, conn);
	session_start(&a->session, conn);
	return 0;
}

/* ---- their order ---- */

/* Compares two moments of a recording: by time, and at the same time by line. */
static int
compare_moments(int64_t time, unsigned long line, int64_t other, unsigned long other_line)
{
	if (time != other)
		return time < other ? -1 : 1;
	return (line > other_line) - (line < other_line);
}

static int
compare_opened(const void *left, const void *right)
{
	const struct recorded_connection *a = (*(struct attempt *const *)left)->connection;
	const struct recorded_connection *b = (*(struct attempt *const *)right)->connection;

	return compare_moments(a->opened, a->place.line, b->opened, b->place.line);
}

static int
compare_closed(const void *left, const void *right)
{
	const struct recorded_connection *a = (*(struct attempt *const *)left)->connection;
	const struct recorded_connection *b = (*(struct attempt *const *)right)->connection;

	return compare_moments(a->closed, a->closed_line, b->closed, b->closed_line);
}

static int
sort_attempts(struct replay_client *c, struct error *e)
{
	const struct replay *r = c->how->replay;

	c->attempts = calloc(r->file.n, sizeof *c->attempts);
	c->by_open = calloc(r->file.n, sizeof(struct attempt *));
	c->by_close = calloc(r->file.n, sizeof(struct attempt *));
	if (c->attempts == NULL || c->by_open == NULL || c->by_close == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < r->file.n; i++) {
		c->attempts[i].client = c;
		c->attempts[i].connection = &r->file.connections[i];
		c->by_open[i] = c->by_close[i] = &c->attempts[i];
	}
	qsort(c->by_open, r->file.n, sizeof(struct attempt *), compare_opened);
	qsort(c->by_close, r->file.n, sizeof(struct attempt *), compare_closed);
	return 0;
}

static void
free_attempts(struct replay_client *c)
{
	free(c->attempts);
	free(c->by_open);
	free(c->by_close);
}

/* ---- all of them ---- */

/* True where every connection that was over before this one began is over now. Its own end comes after its
 * beginning, so there is always one that was over first. */
static bool
may_start(struct replay_client *c, const struct attempt *a)
{
	const struct recorded_connection *first;

	while (c->n_closed < c->how->replay->file.n && c->by_close[c->n_closed]->over)
		c->n_closed++;
	first = c->by_close[c->n_closed]->connection;
	return compare_moments(first->closed, first->closed_line, a->connection->opened,
		   a->connection->place.line) > 0;
}

/* When a connection begins: as long after the first as it was then. */
static int64_t
time_to_start(const struct replay_client *c, const struct attempt *a)
{
	const struct replay *r = c->how->replay;
	int64_t after = a->connection->opened - c->by_open[0]->connection->opened;

	return r->speed > 0 && after > 0 ? c->began + (int64_t)((double)after / r->speed)
					 : c->began;
}

/* Starts what is due. *ret_at is when the next one is: never where it waits for others. */
static int
start_due(struct replay_client *c, struct deadline *ret_at, struct error *e)
{
	const size_t n = c->how->replay->file.n;

	*ret_at = deadline_never();
	while (c->n_started < n && may_start(c, c->by_open[c->n_started])) {
		struct attempt *a = c->by_open[c->n_started];
		const struct deadline at = { time_to_start(c, a) };

		if (!deadline_passed(at)) {
			*ret_at = at;
			return 0;
		}
		c->n_started++;
		if (start_attempt(c, a, e) < 0)
			return -1;
	}
	return 0;
}

/* Returns 0, or -1 with what ended it before its time. */
static int
run_attempts(struct replay_client *c, struct error *e)
{
	struct deadline at;
	int rc;

	for (;;) {
		c->ended = false;
		if (start_due(c, &at, e) < 0)
			return -1;
		if (c->n_over == c->how->replay->file.n)
			return 0;
		rc = c->ended
		    ? 1
		    : loop_run(c->rt->loop, &c->ended, deadline_min(at, c->how->until), e);
		if (rc < 0)
			return -1;
		if (rc == 0 && deadline_passed(c->how->until))
			return error_set(e, ERROR_TIMEOUT, "replay: timed out (--timeout)");
	}
}

static void
end_attempts(struct replay_client *c, enum sock_end end)
{
	for (size_t i = 0; i < c->how->replay->file.n; i++) {
		struct attempt *a = &c->attempts[i];

		if (a->started && !a->over && a->session.sock != NULL)
			session_end(&a->session, end);
	}
}

static int
play_attempts(struct replay_client *c, struct error *e)
{
	struct replay *r = c->how->replay;
	int rc = sort_attempts(c, e);

	c->began = clock_now();
	if (rc == 0)
		rc = replay_begin(r, r->file.n, e);
	if (rc == 0)
		rc = run_attempts(c, e);
	if (rc < 0 && c->attempts != NULL)
		end_attempts(c, e->code == ERROR_SIGNAL ? END_SIGNAL : END_DEADLINE);
	free_attempts(c);
	return rc < 0 ? -1 : replay_end(r);
}

/* ---- the sockets ---- */

static int
check_type_of_recording(const struct replay_client *c, struct error *e)
{
	const bool records = replay_has_records(c->how->replay);
	const bool streams = c->target.bind.type == SOCK_STREAM;

	if (websocket_opts_is_url(&c->target.ep))
		return replay_has_messages(c->how->replay)
		    ? 0
		    : error_set(e, ERROR_USAGE, "the recording is not one of WebSocket");
	if (records != streams)
		return 0;
	if (replay_has_messages(c->how->replay)) {
		error_set(e, ERROR_USAGE, "the recording is one of messages");
		return error_hint(e,
		    "ws://HOST:PORT/PATH or wss:// for WebSocket, udp:ADDRESS with --dtls for "
		    "DTLS");
	}
	return error_set(e, ERROR_USAGE, "the recording is one of %s",
	    records ? "datagrams: udp:ADDRESS, or --udp" : "streams");
}

static int
set_sessions(struct replay_client *c, struct error *e)
{
	const struct data_opts data = { .half_close = true,
		.half_close_after = -1,
		.max_bytes = UINT64_MAX };
	const struct replay_client_how *how = c->how;

	if (session_opts_how(how->time, &data, how->until, &c->session, e) < 0)
		return -1;
	session_opts_adapt(&c->session, &c->target.ep, &c->target.bind);
	replay_session(how->replay, &c->session);
	c->session.local_fn = open_attempt_local;
	c->session.local_arg = c;
	c->tls.rt = c->rt;
	c->tls.type = c->target.bind.type;
	if (tls_use_open(&c->tls, how->tls, TLS_CLIENT, &c->target.ep, &c->session, e) < 0)
		return -1;
	if (websocket_opts_is_url(&c->target.ep))
		replay_session_websocket(how->replay, &c->target.ep, &c->websocket, &c->session);
	return 0;
}

static int
play_at_target(struct replay_client *c, const struct opt_rest *rest, struct error *e)
{
	if (address_args_check_port(rest, &c->target.ep, &c->target.bind, e) < 0 ||
	    check_type_of_recording(c, e) < 0 || set_sessions(c, e) < 0)
		return -1;
	return play_attempts(c, e);
}

int
replay_client_run(const struct replay_client_how *how, const struct opt_rest *rest, struct error *e)
{
	struct replay_client c = { .how = how, .rt = how->replay->rt };
	int rc;

	if (address_args_endpoint(rest, false, &c.target.ep, e) < 0 ||
	    target_bind(&c.target, how->bind, e) < 0)
		return -1;
	rc = play_at_target(&c, rest, e);
	tls_use_close(&c.tls);
	target_fini(&c.target);
	return rc;
}
