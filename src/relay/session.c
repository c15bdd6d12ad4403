#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/log.h"
#include "net/sockopt/sockopt.h"
#include "net/sys.h"
#include "net/tty/tty_modes.h"
#include "relay/byte_relay.h"
#include "relay/copy/relay_carry.h"
#include "relay/process_set.h"
#include "relay/session.h"
#include "sock/websocket/websocket.h"
#include "status/tcp_info.h"
#include "stream/fd.h"
#include "stream/negotiate/lingering_close.h"
#include "stream/negotiate/plan.h"
#include "stream/pty.h"
#include "stream/tls.h"
#include "stream/websocket/websocket.h"

/* ---- the end ---- */

static void
store_results(struct session *s)
{
	const struct relay *r = s->relay;

	s->sent = r->sent;
	s->received = r->received;
	s->n_sent = r->n_sent;
	s->n_received = r->n_received;
	s->counted = true;
	s->end = r->ending.end;
	s->verb = relay_verb(r);
	s->error = r->error;
}

/* True where a clean end of one connection would hide from its peer that the other had none. */
static bool
is_torn(const struct session *s)
{
	if (s->how->local != SESSION_CONNECTION || s->relay == NULL)
		return false;
	return s->error != NULL || s->end == END_SIGNAL || s->end == END_DEADLINE ||
	    s->end == END_IDLE_TIMEOUT;
}

/* Makes closing the local side a reset, if it has to be one. The relay must still be there. */
static void
prepare_close(const struct session *s)
{
	if (s->local != NULL && is_torn(s))
		sys_reset_at_close(stream_raw_fd(stream_bottom(s->local), STREAM_OUT));
}

static void
close_local(struct session *s)
{
	prepare_close(s);
	stream_close(s->local);
	s->local = NULL;
}

/* Our end counts as one. */
static uint64_t
unacknowledged_bytes(const struct session *s)
{
	int n = sys_unacknowledged(sock_fileno(s->sock));

	return n > 0 ? (uint64_t)(s->how->carry->half_closed ? n - 1 : n) : 0;
}

/* ---- the recording ---- */

enum dialogue_type
session_recorded_type(struct sock *s)
{
	switch (sock_fileno(s) >= 0 ? stream_kind(sock_stream(s), STREAM_IN) : STREAM_SOCKET) {
	case STREAM_DGRAM:
		return DIALOGUE_DATAGRAM;
	case STREAM_RECORDS:
		return DIALOGUE_RECORDS;
	default:
		return DIALOGUE_STREAM;
	}
}

/* Does so once. What is negotiated first has decided the type. The time is when the connection was there. */
static void
begin_recording(struct session *s)
{
	const struct message_relay_how *packets = &s->how->packets;
	struct sockname local, peer;
	const struct recorded_how how = { .id = s->id,
		.role = s->how->recorded_as,
		.type = session_recorded_type(s->sock),
		.since = s->started,
		.transport = sock_type(s->sock) == SOCK_DGRAM ? "udp" : "tcp",
		.local = &local,
		.peer = packets->n_to > 0 ? &packets->to[0] : &peer };

	if (s->how->recorder == NULL || s->recorded.id != 0)
		return;
	sock_local(s->sock, &local);
	sock_peer(s->sock, &peer);
	recorded_open(&s->recorded, s->how->recorder, &how);
}

/* A connection that failed in a handshake is recorded, too. */
static void
end_recording(struct session *s)
{
	const char *reason = s->error != NULL ? s->error->text : sock_end_word(s->end);

	begin_recording(s);
	if (s->end == END_PEER_RESET)
		recorded_close(&s->recorded, DIALOGUE_RESET, DIALOGUE_RECEIVED, reason);
	else if (s->end == END_KICKED || is_torn(s))
		recorded_close(&s->recorded, DIALOGUE_RESET, DIALOGUE_SENT, reason);
	else if (s->error != NULL)
		recorded_close(&s->recorded, DIALOGUE_ERROR, DIALOGUE_NO_DIRECTION, reason);
	else
		recorded_close(&s->recorded, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, reason);
}

/* Reports once, when the relay is over and the program, if any, is reaped. */
static void
finish_session(struct session *s)
{
	if (s->reported)
		return;
	loop_unwatch(s->loop, &s->leaving);
	s->reported = true;
	if (s->how->local == SESSION_METHODS)
		sock_observe(s->sock, NULL);
	end_recording(s);
	s->nsec = clock_now() - s->started;
	if (s->how->carry != NULL)
		s->unacknowledged = unacknowledged_bytes(s);
	sock_set_end(s->sock, s->end);
	if (is_torn(s))
		sock_abort(s->sock);
	sock_close(s->sock, NULL);
	s->done(s);
}

static struct negotiator *
new_negotiator(struct session *s, void (*done)(struct negotiator *g), struct deadline until,
    struct error *e)
{
	struct negotiator *g = calloc(1, sizeof(*g));

	s->negotiator = g;
	if (g == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	g->loop = s->loop;
	g->chain.top = sock_top(s->sock);
	g->chain.until = until;
	g->done = done;
	g->arg = s;
	return g;
}

/* Nobody listens for our datagrams. */
static bool
is_refused(const struct error *e)
{
	return e->origin == ORIGIN_ERRNO && e->number == ECONNREFUSED;
}

static void
set_error(struct session *s, const struct error *e)
{
	error_free(s->own_error);
	s->error = s->own_error = error_copy(e);
	s->end = is_refused(e) || e->origin == ORIGIN_ACCESS ? END_REFUSED : END_ERROR;
}

/* The last bytes did not arrive, so the end is not clean. */
static void
fail_reset(struct session *s)
{
	struct error e = { 0 };

	error_set(&e, ERROR_NETWORK, "%s", strerror(ECONNRESET));
	e.origin = ORIGIN_ERRNO;
	e.number = ECONNRESET;
	set_error(s, &e);
	s->end = END_PEER_RESET;
	s->verb = "send";
}

/* Sends close_notify so that the peer can tell the end from a truncation. A failed connection sends
 * none, since not everything was sent. With DTLS it is always sent: it says nothing about the data,
 * and is the only sign of an end. */
static bool
is_clean_end(const struct session *s)
{
	return s->error == NULL &&
	    (s->end == END_TLS_CLOSE || s->end == END_CHILD_EXIT || s->end == END_LOCAL_EOF ||
		s->end == END_LIMIT || s->end == END_QUIET ||
		(s->websocket && s->end == END_PEER_FIN));
}

/* The peer learns that we leave, unless it is cut off because of a failure. */
static void
close_websocket(struct session *s)
{
	struct stream *stream = sock_stream(s->sock);

	if (is_clean_end(s))
		stream_shut(stream, NULL);
	else if (s->end == END_SIGNAL || s->end == END_DEADLINE || s->end == END_IDLE_TIMEOUT)
		websocket_close(stream, WEBSOCKET_GOING_AWAY, NULL, NULL);
	websocket_get_end(stream, &s->close);
}

static void
send_close_notify(struct session *s)
{
	if (s->websocket) {
		close_websocket(s);
		return;
	}
	if (s->how->plan.tls.tls != NULL && (is_clean_end(s) || s->messages))
		stream_shut(sock_stream(s->sock), NULL);
}

static void
stop_negotiating(struct session *s)
{
	if (s->negotiator != NULL)
		negotiator_stop(s->negotiator);
	free(s->negotiator);
	s->negotiator = NULL;
}

/* A serial line may be stopped by its other end. */
static void
check_line_taken(struct session *s)
{
	bool line = sock_family(s->sock) == SOCKNAME_LINE;
	int left = line && sock_fileno(s->sock) >= 0 ? tty_modes_unsent(sock_fileno(s->sock)) : 0;
	struct error e = { 0 };

	if (left == 0 || s->error != NULL)
		return;
	error_set(&e, ERROR_NETWORK, "%d bytes were not taken by the other end", left);
	set_error(s, &e);
	s->verb = "send";
}

static void
on_lingered(struct negotiator *g)
{
	struct session *s = g->arg;

	/* a peer that does not wait for our close frame is gone, and has got everything else */
	if (s->reset && s->error == NULL && !s->close.arrived)
		fail_reset(s);
	check_line_taken(s);
	finish_session(s);
}

/* Without memory it is closed at once. */
static void
start_lingering_close(struct session *s, bool for_peer)
{
	struct negotiator *g = new_negotiator(s, on_lingered, deadline_never(), NULL);

	if (s->how->carry != NULL)
		s->how->carry->half_closed = true;
	if (g != NULL && lingering_close(&g->chain.at, for_peer, &s->reset, NULL) == 0)
		negotiator_start(g);
	else
		finish_session(s);
}

static bool
is_ended_by_us(const struct session *s)
{
	return s->end == END_CHILD_EXIT || s->end == END_LOCAL_EOF || s->end == END_LIMIT ||
	    s->end == END_QUIET;
}

/* Sent bytes have to arrive, even if the peer sends what nobody reads. */
static bool
may_lose_bytes(const struct session *s, int fd)
{
	bool theirs = s->end == END_PEER_FIN && s->sent > 0 && (s->websocket || !s->messages);

	return (is_ended_by_us(s) || theirs) && s->error == NULL && lingering_close_needed(fd);
}

/* The peer will answer our close frame, also one that says what it did wrong; in TLS, an alert comes
 * after its frame. */
static bool
awaits_answer(const struct session *s)
{
	if (!s->websocket || s->close.code == 0)
		return false;
	if (s->how->plan.tls.tls != NULL && is_clean_end(s))
		return true;
	if (s->close.from_peer)
		return false;
	return is_ended_by_us(s) || (s->error != NULL && s->error->origin == ORIGIN_WEBSOCKET);
}

/* The relay is over. */
static void
close_connection(struct session *s)
{
	bool line = sock_family(s->sock) == SOCKNAME_LINE;
	int fd = sock_fileno(s->sock);

	if (fd >= 0 && (awaits_answer(s) || may_lose_bytes(s, fd)))
		start_lingering_close(s, awaits_answer(s) || (s->end == END_CHILD_EXIT && !line));
	else
		finish_session(s);
}

static bool
program_runs(const struct session *s)
{
	return s->child.pid > 0 && !s->reaped;
}

static void
on_relayed(struct relay *r)
{
	struct session *s = r->how.arg;

	store_results(s);
	/* the peer answered the end of the program, which may not be reaped yet */
	if (s->end == END_PEER_FIN && ending_is_local_first(&r->ending) &&
	    s->how->local == SESSION_PROGRAM)
		s->end = END_CHILD_EXIT;
	/* with TLS, the reset may answer our late close_notify */
	if (s->end == END_PEER_FIN && s->how->plan.tls.tls == NULL && s->error == NULL &&
	    !s->messages && lingering_close_was_reset(sock_fileno(s->sock)))
		fail_reset(s);
	if (s->end == END_PEER_FIN && s->how->plan.tls.tls != NULL && !s->websocket)
		s->end = END_TLS_CLOSE;
	send_close_notify(s);
	close_local(s);
	if (program_runs(s) && s->error == NULL) {
		/* the program will notice the end of its socketpair; the peer must not wait for
		 * it */
		sock_close(s->sock, NULL);
		return;
	}
	close_connection(s);
}

static bool
is_relaying(const struct session *s)
{
	return s->relay != NULL && !relay_is_over(s->relay);
}

static void
count_direct(struct session *s)
{
	s->counted = status_bytes(sock_fileno(s->sock), &s->sent, &s->received) == 0;
}

static void
on_child(struct child_watch *c, int status)
{
	struct session *s = c->arg;

	s->status = status;
	s->has_status = s->reaped = true;
	if (s->direct) {
		s->end = END_CHILD_EXIT;
		count_direct(s);
		close_connection(s);
	} else if (is_relaying(s)) {
		if (s->how->program.terminal != NULL)
			pty_program_gone(s->local);
		relay_program_gone(s->relay);
	} else {
		close_connection(s);
	}
}

static void
fail_start(struct session *s, const struct error *e)
{
	set_error(s, e);
	finish_session(s);
}

/* ---- the local side ---- */

static void
stop_dialling(struct session *s)
{
	if (s->dialling != NULL)
		s->how->dialler->stop(s->how->dialler->arg, s);
	s->dialling = NULL;
}

static bool
has_limits(const struct session_how *how)
{
	return how->max_bytes != UINT64_MAX || how->max_receives != 0;
}

/* Somebody looks at the bytes. */
static bool
is_watched(const struct session_how *how)
{
	return how->counted || how->recorder != NULL || dumps_any(&how->dumps);
}

static bool
needs_relay(const struct session_how *how)
{
	return has_limits(how) || how->rate != 0 || how->delay != 0 || how->crlf || how->telnet ||
	    how->framed || is_watched(how) || how->rules.idle != DURATION_NONE ||
	    how->rules.send_only || how->in_fd < 0 || how->out_fd < 0 || how->rules.no_half_close ||
	    how->rules.after_eof != DURATION_NONE || how->program.terminal != NULL;
}

/* The program gets the connection itself if nothing has to be done to the bytes. */
static bool
may_pass_connection(const struct session *s)
{
	int fd = stream_raw_fd(sock_stream(s->sock), STREAM_IN);

	return !needs_relay(s->how) && fd == sock_fileno(s->sock) && sock_pending(s->sock) == 0 &&
	    stream_kind(sock_stream(s->sock), STREAM_IN) == STREAM_SOCKET;
}

static int
start_program(struct session *s, struct error *e)
{
	struct process_how child = s->how->program;
	char *env[PROCESS_ENV_MAX] = { NULL };
	int rc;

	if (s->how->env_fn != NULL &&
	    s->how->env_fn(s->how->env_arg, s->id, s->sock, env, PROCESS_ENV_MAX) < 0) {
		process_env_free(env);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	child.env = env;
	s->direct = may_pass_connection(s);
	if (s->direct)
		rc = process_start(&child, sock_fileno(s->sock), true, &s->child.pid, e);
	else
		rc = process_stream(&s->local, &child, &s->child.pid, e);
	process_env_free(env);
	if (rc < 0)
		return -1;
	s->child.fn = on_child;
	s->child.arg = s;
	loop_child_watch(s->loop, &s->child);
	return 0;
}

static int
open_local_side(struct session *s, struct error *e)
{
	const struct session_how *how = s->how;

	switch (how->local) {
	case SESSION_STDIO:
		if (how->local_fn != NULL)
			return how->local_fn(how->local_arg, s, &s->local, e);
		return fd_stream_stdio(&s->local, how->in_fd, how->out_fd, !how->shared_out, e);
	case SESSION_PROGRAM:
		return start_program(s, e);
	case SESSION_DISCARD:
		return fd_stream_null(&s->local, e);
	case SESSION_FILE:
		return fd_stream_file(&s->local, how->file, how->file_fifo, e);
	case SESSION_ECHO:
	case SESSION_CONNECTION:
	case SESSION_METHODS:
		break;
	}
	return 0;
}

/* ---- a peer that leaves while its target is dialled ---- */

/* A hang-up alone may be the end of a unix socket whose bytes are still to be read. */
static void
on_hangup(struct watch *w, unsigned ready)
{
	struct session *s = w->arg;
	socklen_t len = sizeof(int);
	int number = 0;

	(void)ready;
	loop_unwatch(s->loop, w);
	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &number, &len) < 0 || number == 0)
		return;
	fail_reset(s);
	s->verb = "recv";
	sock_abort(s->sock);
	finish_session(s);
}

/* A half-close is none: the answer may still be wanted. Without a watch it shows after the dial. */
static void
watch_for_reset(struct session *s)
{
	s->leaving = (struct watch){ .fd = sock_fileno(s->sock), .fn = on_hangup, .arg = s };
	loop_watch(s->loop, &s->leaving, LOOP_HANGUP, NULL);
}

static void
start_dialler(struct session *s)
{
	watch_for_reset(s);
	s->how->dialler->start(s->how->dialler->arg, s);
}

/* ---- the relay ---- */

static bool
local_sends(const struct session_how *how)
{
	if (how->packets.list != NULL)
		return true;
	switch (how->local) {
	case SESSION_STDIO:
		return how->in_fd >= 0;
	case SESSION_PROGRAM:
	case SESSION_FILE:
	case SESSION_CONNECTION:
		return true;
	case SESSION_ECHO:
	case SESSION_DISCARD:
	case SESSION_METHODS:
		break;
	}
	return false;
}

static struct relay_how
relay_how_of(struct session *s)
{
	const struct session_how *how = s->how;

	return (struct relay_how){
		.loop = s->loop,
		.log = s->log,
		.scratch = s->scratch,
		.rules = &how->rules,
		.local = s->local,
		.remote = sock_stream(s->sock),
		.input = local_sends(how),
		.drops_input = how->drops_input,
		.limit = how->max_bytes,
		.receives = how->max_receives,
		.rate = how->rate,
		.delay = how->delay,
		.crlf = how->crlf,
		.telnet = how->telnet,
		.framing = how->framed ? &how->packets.in : NULL,
		.carry = s->messages || how->local != SESSION_STDIO ? NULL : how->carry,
		.dumps = how->dumps,
		.first = s->how->plan.tls.tls == NULL ? s->first : NULL,
		.n_first = s->n_first,
		.recorded = recorded_is_open(&s->recorded) ? &s->recorded : NULL,
		.done = on_relayed,
		.arg = s,
	};
}

static int
open_connected(struct session *s, const struct session_connection *c, struct error *e)
{
	struct relay_how how = relay_how_of(s);

	struct ending_rules rules = *how.rules;

	rules.local_half_close = c->half_close;
	how.rules = &rules;
	how.connection = s->connection != NULL ? s->connection : "forward";
	how.first = c->first;
	how.n_first = c->n_first;
	if (c->open != NULL)
		return c->open(&s->relay, &how, c->arg, e);
	return s->messages ? message_relay_open(&s->relay, &how, &s->how->packets, e)
			   : byte_relay_open(&s->relay, &how, e);
}

static int
open_relay(struct session *s, struct error *e)
{
	const struct relay_how how = relay_how_of(s);

	return s->messages ? message_relay_open(&s->relay, &how, &s->how->packets, e)
			   : byte_relay_open(&s->relay, &how, e);
}

static bool
is_messages(enum stream_kind kind)
{
	return kind == STREAM_DGRAM || kind == STREAM_RECORDS;
}

static void
start_relay(struct session *s)
{
	struct error e = { 0 };

	if (!s->how->own_urgent)
		sockopt_keep_urgent(sock_fileno(s->sock));
	if (open_relay(s, &e) < 0)
		fail_start(s, &e);
	else
		relay_start(s->relay);
}

struct peer_text {
	char text[SOCKNAME_TEXT_MAX];
};

static const char *
peer_text_of(const struct session *s, struct peer_text *peer)
{
	struct sockname name;

	sock_peer(s->sock, &name);
	return sockname_format(&name, peer->text, sizeof(peer->text));
}

static void
log_subprotocol(const struct session *s)
{
	const char *name = websocket_subprotocol(sock_stream(s->sock));
	struct peer_text peer;

	if (name[0] != '\0' && log_on(s->log, LOG_VERBOSE))
		log_line(s->log, LOG_VERBOSE, "websocket %s: subprotocol=%s",
		    peer_text_of(s, &peer), name);
}

static void
start_bytes(struct session *s)
{
	struct error e = { 0 };

	begin_recording(s);
	s->messages = is_messages(stream_kind(sock_stream(s->sock), STREAM_IN));
	s->websocket = websocket_is(sock_stream(s->sock));
	if (s->websocket) {
		/* a message is whole when it is written */
		sockopt_send_at_once(sock_fileno(s->sock));
		log_subprotocol(s);
	}
	if (s->how->local == SESSION_METHODS) {
		sock_own_layers(s->sock, s->how->plan.tls.tls != NULL);
		s->how->dialler->start(s->how->dialler->arg, s);
	} else if (s->how->local == SESSION_CONNECTION) {
		start_dialler(s);
	} else if (open_local_side(s, &e) < 0) {
		/* a clean end would look like an empty file or answer to the peer */
		sock_abort(s->sock);
		fail_start(s, &e);
	} else if (!s->direct) {
		start_relay(s);
	}
}

void
session_local_ready(struct session *s, const struct session_connection *c)
{
	struct error e = { 0 };
	int rc;

	loop_unwatch(s->loop, &s->leaving);
	sockopt_send_at_once(sock_fileno(s->sock));
	if (!s->how->own_urgent) {
		sockopt_keep_urgent(sock_fileno(s->sock));
		sockopt_keep_urgent(stream_raw_fd(stream_bottom(c->stream), STREAM_IN));
	}
	s->local = c->stream;
	s->connection = strdup(c->name);
	rc = open_connected(s, c, &e);
	stop_dialling(s);
	if (rc < 0)
		session_local_failed(s, &e, false);
	else
		relay_start(s->relay);
}

void *
session_start_dialling(struct session *s, size_t size)
{
	struct error e = { 0 };

	s->dialling = calloc(1, size);
	if (s->dialling != NULL)
		return s->dialling;
	error_set(&e, ERROR_INTERNAL, "out of memory");
	session_local_failed(s, &e, false);
	return NULL;
}

void
session_local_failed(struct session *s, const struct error *e, bool told)
{
	loop_unwatch(s->loop, &s->leaving);
	s->lent = NULL;
	set_error(s, e);
	s->end = END_ERROR;
	if (!told)
		sock_abort(s->sock);
	if (told && lingering_close_needed(sock_fileno(s->sock)))
		start_lingering_close(s, true);
	else
		finish_session(s);
}

/* ---- the methods of the socket ---- */

static void
on_lent_event(void *arg, struct sock *conn, const struct sock_shown *what)
{
	struct session *s = arg;
	bool sent = what->event == SOCK_SENT || what->event == SOCK_SENT_END;
	enum dialogue_direction dir = sent ? DIALOGUE_SENT : DIALOGUE_RECEIVED;
	struct tls_info info;

	if (what->event == SOCK_SENT || what->event == SOCK_RECEIVED)
		recorded_data(&s->recorded, dir, what->data, what->n);
	else if (what->event == SOCK_SENT_END || what->event == SOCK_RECEIVED_END)
		recorded_end(&s->recorded, dir);
	else if (what->event == SOCK_RESET || what->event == SOCK_ABORTED)
		recorded_close(&s->recorded, DIALOGUE_RESET,
		    what->event == SOCK_RESET ? DIALOGUE_RECEIVED : DIALOGUE_SENT, NULL);
	else if (what->event == SOCK_SECURED && sock_tls_info(conn, &info))
		recorded_tls(&s->recorded, &info, NULL);
}

struct sock *
session_lend(struct session *s, struct sock_observer *observer)
{
	s->lent = s->sock;
	*observer = (struct sock_observer){ on_lent_event, s };
	if (recorded_is_open(&s->recorded))
		sock_observe(s->sock, observer);
	return s->sock;
}

/* What the methods did, and how WebSocket has ended. */
static void
store_methods_results(struct session *s)
{
	sock_bytes(s->sock, &s->sent, &s->received);
	s->counted = true;
	if (!s->websocket || !sock_websocket_end(s->sock, &s->close))
		return;
	s->n_sent = s->close.n_sent;
	s->n_received = s->close.n_received;
}

void
session_methods_done(struct session *s, const char *verb, const struct error *e)
{
	s->dialling = NULL;
	s->end = sock_end(s->sock) != END_NONE ? sock_end(s->sock) : END_LOCAL_EOF;
	store_methods_results(s);
	if (e != NULL) {
		set_error(s, e);
		s->verb = verb;
		sock_abort(s->sock);
	}
	finish_session(s);
}

void
session_methods_idle(struct session *s, const char *verb)
{
	struct error e = { 0 };

	error_set(&e, ERROR_TIMEOUT, "timed out: idle for %.6g s",
	    (double)s->how->rules.idle / (double)NSEC_PER_SEC);
	set_error(s, &e);
	s->end = END_IDLE_TIMEOUT;
	s->verb = verb;
	store_methods_results(s);
	sock_abort(s->sock);
	finish_session(s);
}

/* ---- negotiation ---- */

/* Keeps the failure of a negotiation, even while the peer is still being told. */
static void
store_negotiation_error(struct session *s)
{
	const struct error *e = s->negotiator != NULL ? negotiator_error(s->negotiator) : NULL;

	if (e == NULL)
		return;
	s->verb = is_refused(e) ? "connect" : negotiator_verb(s->negotiator);
	set_error(s, e);
}

/* WebSocket is on top of TLS. */
static const struct stream *
tls_below(const struct stream *top)
{
	return websocket_is(top) ? top->next : top;
}

static void
on_negotiated(struct negotiator *g)
{
	struct session *s = g->arg;
	struct tls_info info;

	store_negotiation_error(s);
	stop_negotiating(s);
	if (s->own_error != NULL) {
		finish_session(s);
		return;
	}
	begin_recording(s);
	if (s->how->plan.tls.tls != NULL) {
		tls_get_info(tls_below(sock_stream(s->sock)), &info);
		if (s->how->tap != NULL)
			s->how->tap->secured(s->how->tap->arg, s,
			    tls_secrets(tls_below(sock_stream(s->sock))));
		recorded_tls(&s->recorded, &info, tls_secrets(tls_below(sock_stream(s->sock))));
		if (s->how->secured != NULL)
			s->how->secured(s->how->secured_arg, s, &info);
	}
	start_bytes(s);
}

static void
on_dialogue_message(void *arg, char who, const char *text)
{
	const struct session *s = arg;
	struct peer_text peer;

	if (log_on(s->log, LOG_VERBOSE))
		log_line(s->log, LOG_VERBOSE, "starttls %s: %c %s", peer_text_of(s, &peer), who,
		    text);
}

static struct plan
plan_of(struct session *s)
{
	const struct session_how *how = s->how;
	struct plan plan = how->plan;

	plan.starttls.on_message = on_dialogue_message;
	plan.starttls.arg = s;
	plan.tls.first = s->first;
	plan.tls.n_first = s->n_first;
	if (how->plan_fn != NULL)
		how->plan_fn(how->plan_arg, s, &plan);
	return plan;
}

static int
make_negotiator(struct session *s, const struct plan *plan, struct error *e)
{
	struct negotiator *g = new_negotiator(s, on_negotiated,
	    deadline_min(s->how->rules.until, deadline_in(s->how->handshake_timeout)), e);

	return g != NULL ? plan_chain(&g->chain.at, plan, e) : -1;
}

static void
negotiate(struct session *s, const struct plan *plan)
{
	struct error e = { 0 };

	if (make_negotiator(s, plan, &e) == 0)
		negotiator_start(s->negotiator);
	else
		fail_start(s, &e);
}

void
session_start(struct session *s, struct sock *conn)
{
	const struct session_tap *tap = s->how->tap;
	struct error e = { 0 };
	struct plan plan;

	s->sock = conn;
	s->started = clock_now();
	if (tap != NULL && tap->open(tap->arg, s, &e) < 0) {
		fail_start(s, &e);
		return;
	}
	plan = plan_of(s);
	if (plan_is_empty(&plan))
		start_bytes(s);
	else
		negotiate(s, &plan);
}

void
session_end(struct session *s, enum sock_end end)
{
	if (s->reported)
		return;
	store_negotiation_error(s);
	stop_negotiating(s);
	/* a clean end would look like an empty answer */
	loop_unwatch(s->loop, &s->leaving);
	if (s->dialling != NULL)
		sock_abort(s->sock);
	if (is_relaying(s)) {
		relay_stop(s->relay, end);
		store_results(s);
		if (s->messages)
			send_close_notify(s);
	} else {
		if (s->how->local == SESSION_METHODS)
			store_methods_results(s);
		s->end = s->own_error != NULL ? s->end : end;
		/* closing our descriptor would not end the connection, since the program has it
		 * too */
		if (s->direct)
			sock_shutdown(s->sock, SHUT_RDWR, NULL);
	}
	finish_session(s);
}

void
session_wake(struct session *s, unsigned events)
{
	if (s->relay != NULL)
		relay_local_ready(s->relay, events);
}

void
session_push(struct session *s, const void *data, size_t n)
{
	if (s->relay != NULL)
		relay_push(s->relay, data, n);
}

const struct error *
session_failure(const struct session *s)
{
	return s->error == NULL && s->relay != NULL ? s->relay->error : s->error;
}

void
session_bytes(const struct session *s, uint64_t *ret_sent, uint64_t *ret_received)
{
	if (s->how->local == SESSION_METHODS) {
		sock_bytes(s->sock, ret_sent, ret_received);
		return;
	}
	*ret_sent = s->relay != NULL ? s->relay->sent : 0;
	*ret_received = s->relay != NULL ? s->relay->received : 0;
	if (s->direct && s->sock != NULL)
		status_bytes(sock_fileno(s->sock), ret_sent, ret_received);
}

static bool
peer_has_more(const struct session *s)
{
	/* the end of the peer stays readable when it has been read */
	if (s->relay != NULL && s->relay->ending.receive == ENDING_CLOSED)
		return s->how->local == SESSION_PROGRAM || s->how->local == SESSION_CONNECTION;
	return sys_is_ready(sock_fileno(s->sock), POLLIN | POLLRDHUP) == 1;
}

static bool
sends_still(const struct session *s)
{
	int fd;

	if (!s->direct)
		return s->relay != NULL && ending_is_sending(&s->relay->ending);
	fd = sock_fileno(s->sock);
	return sys_unacknowledged(fd) > 0 || sys_is_ready(fd, POLLOUT) == 0;
}

bool
session_is_busy(const struct session *s)
{
	if (s->relay == NULL && s->how->local != SESSION_METHODS && (!s->direct || s->sock == NULL))
		return false;
	return (s->relay != NULL && ending_is_stalled(&s->relay->ending)) || sends_still(s) ||
	    peer_has_more(s);
}

void
session_fini(struct session *s)
{
	/* a program may outlive its session */
	if (program_runs(s) && s->how->processes != NULL)
		process_set_adopt(s->how->processes, &s->child);
	else if (program_runs(s))
		loop_child_disown(s->loop, &s->child);
	prepare_close(s);
	relay_close(s->relay);
	s->relay = NULL;
	stop_negotiating(s);
	stop_dialling(s);
	close_local(s);
	free(s->connection);
	if (s->lent == NULL)
		sock_free(s->sock);
	error_free(s->own_error);
}
