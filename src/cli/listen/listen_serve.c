#include "cli/listen/listen_serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/core/session_report.h"
#include "cli/listen/service/listen_service.h"
#include "cli/output/progress.h"
#include "net/sys.h"
#include "stream/fd.h"

/* At the end of the command of --while: how long clients may take that still send or receive, and how
 * often they are looked at. A client is silent if nothing moves between two looks, and nothing waits. */
#define WIND_DOWN_TIME (2 * NSEC_PER_SEC)
#define WIND_DOWN_INTERVAL (20 * NSEC_PER_MSEC)

struct client {
	struct session session;
	uint64_t moved; /* bytes both ways, when it was looked at last; UINT64_MAX: never */
	bool silent;
	struct listen_server *server;
	struct client *next, **prev;
};

bool
listen_is_dtls(const struct listen_server *sv)
{
	return sv->how.plan.tls.tls != NULL && sv->tls.type == SOCK_DGRAM;
}

bool
listen_takes_senders(const struct listen_server *sv)
{
	return listen_is_dtls(sv) ||
	    (sv->opts->replay != NULL && sock_type(sv->listener) == SOCK_DGRAM);
}

/* ---- one client and all clients ---- */

/* Sets the socket options of a connection. Where that fails, reports it and serves the client
 * anyway. */
static void
set_conn_options(struct listen_server *sv, const struct sock *conn)
{
	struct error e = { 0 };

	if (sv->bind.n_settings > 0 &&
	    sockopt_apply(sock_fileno(conn), sv->bind.settings, sv->bind.n_settings,
		PHASE_CONNECTED, &e) < 0)
		client_failures_add(&sv->failures, &e);
}

static void
start_session(struct listen_server *sv, struct session *s, struct sock *conn)
{
	set_conn_options(sv, conn);
	session_report_start(&sv->rt, EVENT_ACCEPTED, s->id, conn);
	if (listen_takes_senders(sv)) {
		s->first = sv->dtls.hello.data;
		s->n_first = sv->dtls.hello.len;
	}
	session_start(s, conn);
}

static void
dtls_client_failed(void *arg, const struct error *e)
{
	struct listen_server *sv = arg;

	client_failures_add(&sv->failures, e);
}

static bool
lets_dtls_client_in(void *arg, const struct sockname *name)
{
	struct listen_server *sv = arg;

	return access_gate_lets_in(&sv->access.gate, name);
}

static void
on_late_datagram(void *arg, const struct packet *p)
{
	struct listen_server *sv = arg;
	struct sockname peer;
	struct client *c;

	for (c = sv->clients; c != NULL; c = c->next) {
		sock_peer(c->session.sock, &peer);
		if (!sockname_equal(&peer, &p->name))
			continue;
		session_push(&c->session, p->data, p->len);
		return;
	}
}

static int
open_source(struct listen_server *sv, struct client_source *ret_source, struct error *e)
{
	if (!listen_takes_senders(sv)) {
		*ret_source = access_gate_source(&sv->access.gate, client_source_of(sv->listener));
		return 0;
	}
	sv->dtls.listener = sv->listener;
	sv->dtls.tls = sv->how.plan.tls.tls;
	sv->dtls.bind = &sv->bind;
	sv->dtls.failed = dtls_client_failed;
	sv->dtls.lets_in = lets_dtls_client_in;
	sv->dtls.late = listen_is_dtls(sv) ? NULL : on_late_datagram;
	sv->dtls.arg = sv;
	*ret_source = dtls_acceptor_source(&sv->dtls);
	return dtls_acceptor_open(&sv->dtls, e);
}

static int
init_acceptor(struct listen_server *sv, struct error *e)
{
	struct sockname local;

	/* a socket that was shut down has no local address any more */
	sock_local(sv->listener, &local);
	sockname_format(&local, sv->address, sizeof sv->address);
	sv->failures.rt = &sv->rt;
	sv->processes.loop = sv->rt.loop;
	sv->processes.arg = sv;
	sv->how.processes = &sv->processes;
	sv->acceptor.loop = sv->rt.loop;
	sv->acceptor.log = &sv->rt.report.log;
	sv->acceptor.shortage = &sv->shortage;
	sv->acceptor.arg = sv;
	return open_source(sv, &sv->acceptor.source, e);
}

static int
set_gone_error(const struct listen_server *sv, const struct error *reason, struct error *e)
{
	error_errno(e, ERROR_NETWORK, reason->number, "accept %s", sv->address);
	return error_hint(e,
	    "this socket does not listen, or was shut down: by another owner, or by status --kill");
}

/* ---- clients of -k ---- */

/* Limits running programs, including those whose client has left. */
static bool
has_all_children(const struct listen_server *sv)
{
	unsigned n = sv->acceptor.active + sv->processes.n;

	return sv->how.local == SESSION_PROGRAM && n >= listen_opts_max_children(sv->opts);
}

static void
update_hold(struct listen_server *sv)
{
	acceptor_hold(&sv->acceptor, sv->phase == LISTEN_PAUSED || has_all_children(sv));
}

void
listen_serve_end_when_idle(struct listen_server *sv)
{
	bool drained = sv->phase == LISTEN_DRAINING && sv->processes.n == 0;
	bool last = drained || sv->phase == LISTEN_WINDING || sv->acceptor.state == ACCEPTOR_GONE ||
	    sv->once.complete;

	if (sv->acceptor.active > 0 || !last || broadcast_output_left(&sv->spoken) > 0)
		return;
	if (drained || sv->phase == LISTEN_WINDING)
		sv->phase = LISTEN_DRAINED;
	sv->over = true;
}

static void
on_program_ended(void *arg)
{
	update_hold(arg);
	listen_serve_end_when_idle(arg);
}

static void
report_failed_client(struct listen_server *sv, const struct session *s)
{
	struct error e;

	if (!session_report_failure(s, &e) || listen_proxied_is_denied(&e))
		return;
	sv->totals->failed++;
	if (s->end == END_PEER_RESET)
		client_failures_add_reset(&sv->failures, &e);
	else
		client_failures_add(&sv->failures, &e);
}

/* Returns the exit status of the client. */
static int
report_client(struct listen_server *sv, const struct session *s)
{
	session_report_end(&sv->rt, s, false);
	sv->totals->sent += s->sent;
	sv->totals->received += s->received;
	if (sv->service != NULL && sv->service->ended != NULL)
		return sv->service->ended(sv, s);
	report_failed_client(sv, s);
	return session_report_status(&sv->rt, s);
}

/* Standard input and output are common to all clients. A message that WebSocket refuses is a failure
 * of this kind, too, but with a broker or a chat it came from another client. */
static bool
has_failed_here(const struct listen_server *sv, const struct session *s)
{
	return sv->how.local == SESSION_STDIO && !sv->opts->broker && !sv->opts->chat &&
	    s->error != NULL && s->error->code == ERROR_LOCAL_IO;
}

static void
note_failure(struct listen_server *sv, int status)
{
	if (sv->failure == 0)
		sv->failure = status;
}

void
listen_serve_fail(struct listen_server *sv, const struct error *e)
{
	note_failure(sv, command_context_fail(&sv->rt, e));
}

static void
client_done(struct session *s)
{
	struct client *c = s->arg;
	struct listen_server *sv = c->server;
	int status = report_client(sv, s);

	once_ended(&sv->once, status);
	if (has_failed_here(sv, s))
		note_failure(sv, status);
	if (s->end == END_STDOUT_CLOSED) {
		sv->rt.killed_by = SIGPIPE;
		sv->over = true;
	}
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	session_fini(s);
	free(c);
	acceptor_released(&sv->acceptor);
	update_hold(sv);
	listen_serve_end_when_idle(sv);
}

/* A client beyond the last of --once is refused. DTLS reads what the clients send from the
 * listening socket. */
static void
stop_accepting(struct listen_server *sv)
{
	acceptor_stop(&sv->acceptor);
	if (!listen_takes_senders(sv))
		sock_close(sv->listener, NULL);
}

/* There is no memory for a session. */
static void
drop_client(struct listen_server *sv, struct sock *conn)
{
	char name[SOCKNAME_TEXT_MAX];
	struct sockname peer;
	struct error e = { 0 };

	sock_peer(conn, &peer);
	sockname_format(&peer, name, sizeof name);
	error_set(&e, ERROR_INTERNAL, "serve %s: out of memory", name);
	sv->totals->accepted++;
	sv->totals->failed++;
	client_failures_add(&sv->failures, &e);
	sock_reset_at_close(conn);
	sock_free(conn);
	acceptor_released(&sv->acceptor);
}

static void
on_client(struct acceptor *a, struct sock *conn, unsigned long id)
{
	struct listen_server *sv = a->arg;
	struct client *c = calloc(1, sizeof *c);

	if (c == NULL) {
		drop_client(sv, conn);
		return;
	}
	c->server = sv;
	c->moved = UINT64_MAX;
	c->next = sv->clients;
	c->prev = &sv->clients;
	if (c->next != NULL)
		c->next->prev = &c->next;
	sv->clients = c;
	sv->totals->accepted++;
	update_hold(sv);
	command_context_session(&sv->rt, &c->session, &sv->how, id, client_done, c);
	if (once_client(&sv->once))
		stop_accepting(sv);
	start_session(sv, &c->session, conn);
	if (sv->once.complete && sv->dtls.late != NULL)
		dtls_acceptor_drain(&sv->dtls);
}

static void
on_refused(struct acceptor *a, struct sock *conn, unsigned long id)
{
	struct listen_server *sv = a->arg;
	struct session s = { .sock = conn, .id = id, .end = END_REFUSED, .counted = true };

	sv->totals->accepted++;
	sv->totals->refused++;
	sock_close(conn, NULL);
	session_report(&sv->rt, &s, false);
	sock_free(conn);
}

/* The connected clients are still served to their end. */
static void
on_gone(struct acceptor *a, const struct error *reason)
{
	struct listen_server *sv = a->arg;
	struct error e = { 0 };

	set_gone_error(sv, reason, &e);
	command_context_fail(&sv->rt, &e);
	listen_serve_end_when_idle(sv);
}

static void
report_lost_clients(struct listen_server *sv)
{
	listen_access_report(&sv->access, "client");
	client_failures_report(&sv->failures);
}

void
listen_serve_reset(struct session *s, enum sock_end end)
{
	sock_reset_at_close(s->sock);
	session_end(s, end);
}

/* ---- what others ask of the server ---- */

void
listen_serve_each(const struct listen_server *sv, void (*fn)(void *arg, const struct session *s),
    void *arg)
{
	const struct client *c;

	for (c = sv->clients; c != NULL; c = c->next)
		fn(arg, &c->session);
}

unsigned
listen_serve_kick(struct listen_server *sv, unsigned long id)
{
	struct client *c, *next;
	unsigned n = 0;

	for (c = sv->clients; c != NULL; c = next) {
		next = c->next;
		if (id != 0 && c->session.id != id)
			continue;
		n++;
		listen_serve_reset(&c->session, END_KICKED);
	}
	sv->totals->kicked += n;
	return n;
}

void
listen_serve_pause(struct listen_server *sv, bool paused)
{
	if (sv->phase > LISTEN_PAUSED)
		return;
	sv->phase = paused ? LISTEN_PAUSED : LISTEN_SERVING;
	update_hold(sv);
}

static void
on_drain_timer(struct timer *t)
{
	struct listen_server *sv = t->arg;

	sv->phase = LISTEN_CUT;
	sv->over = true;
}

void
listen_serve_report_draining(struct listen_server *sv, unsigned clients, int64_t patience)
{
	const struct field values[] = {
		EVENT_INT(clients),
		EVENT_REAL_IF(patience != DURATION_NONE, (double)patience / (double)NSEC_PER_SEC),
	};

	report_event(&sv->rt.report, EVENT_DRAINING, values);
}

static bool
has_waiting_client(const struct listen_server *sv)
{
	return sys_is_ready(sock_fileno(sv->listener), POLLIN) == 1;
}

/* Those that a limit, a pause or a shortage holds up are reset with the listening socket. Other workers may
 * accept those of a unix socket. */
static void
note_waiting_clients(const struct listen_server *sv)
{
	if (sv->acceptor.state != ACCEPTOR_ACCEPTING || !has_waiting_client(sv) ||
	    (sv->is_worker && sock_family(sv->listener) == AF_UNIX))
		return;
	log_line(&sv->rt.report.log, LOG_NOTE, "accept %s: clients that wait are not served",
	    sv->address);
}

static void
take_last_clients(struct listen_server *sv)
{
	if (sv->phase >= LISTEN_DRAINING)
		return;
	/* a client that the kernel has answered must not be reset */
	acceptor_take_waiting(&sv->acceptor);
	if (sv->acceptor.state == ACCEPTOR_GONE && sv->failure == 0)
		sv->failure = 1;
	note_waiting_clients(sv);
	acceptor_leave(&sv->acceptor);
	sock_close(sv->listener, NULL);
}

void
listen_serve_drain(struct listen_server *sv, int64_t patience, int signo)
{
	if (sv->phase >= LISTEN_WINDING)
		return;
	take_last_clients(sv);
	sv->phase = LISTEN_DRAINING;
	sv->drain_signal = signo;
	sv->drain_timer.fn = on_drain_timer;
	sv->drain_timer.arg = sv;
	if (!sv->is_worker)
		listen_serve_report_draining(sv, sv->acceptor.active, patience);
	if (loop_timer_set(sv->rt.loop, &sv->drain_timer, deadline_in(patience), NULL) < 0)
		on_drain_timer(&sv->drain_timer);
	listen_serve_end_when_idle(sv);
}

static void
look_at_clients(struct listen_server *sv)
{
	uint64_t sent, received;

	for (struct client *c = sv->clients; c != NULL; c = c->next) {
		session_bytes(&c->session, &sent, &received);
		c->silent = sent + received == c->moved && !session_is_busy(&c->session);
		c->moved = sent + received;
	}
}

/* The end of one client may be that of another. */
static struct client *
first_silent(struct listen_server *sv)
{
	struct client *c = sv->clients;

	while (c != NULL && !c->silent)
		c = c->next;
	return c;
}

static void
wind_down(struct timer *t)
{
	struct listen_server *sv = t->arg;
	struct client *c;

	look_at_clients(sv);
	while ((c = first_silent(sv)) != NULL)
		session_end(&c->session, END_SIGNAL);
	if (sv->over)
		return;
	if (deadline_passed(sv->drained_by) ||
	    loop_timer_set(sv->rt.loop, t, deadline_in(WIND_DOWN_INTERVAL), NULL) < 0)
		on_drain_timer(t);
}

/* The same, with --serial. */
static void
wind_down_turn(struct timer *t)
{
	struct listen_server *sv = t->arg;
	uint64_t sent, received;
	bool late = deadline_passed(sv->drained_by) ||
	    loop_timer_set(sv->rt.loop, t, deadline_in(WIND_DOWN_INTERVAL), NULL) < 0;

	if (late)
		sv->phase = LISTEN_CUT;
	if (sv->turn == NULL) {
		if (late || !has_waiting_client(sv))
			loop_interrupt(sv->rt.loop, SIGTERM);
		return;
	}
	session_bytes(sv->turn, &sent, &received);
	if (late || (sent + received == sv->turn_moved && !session_is_busy(sv->turn)))
		session_end(sv->turn, late ? END_DEADLINE : END_SIGNAL);
	sv->turn_moved = sent + received;
}

void
listen_serve_wind_down(void *arg)
{
	struct listen_server *sv = arg;

	if (!sv->opts->serial)
		take_last_clients(sv);
	sv->phase = LISTEN_WINDING;
	sv->drained_by = deadline_in(WIND_DOWN_TIME);
	sv->drain_signal = 0;
	sv->drain_timer.fn = sv->opts->serial ? wind_down_turn : wind_down;
	sv->drain_timer.arg = sv;
	if (!sv->opts->serial)
		listen_serve_end_when_idle(sv);
	if (!sv->over)
		sv->drain_timer.fn(&sv->drain_timer);
}

const char *
listen_serve_phase_word(const struct listen_server *sv)
{
	if (sv->acceptor.state == ACCEPTOR_GONE)
		return "gone";
	if (sv->phase == LISTEN_SERVING)
		return "serving";
	return sv->phase == LISTEN_PAUSED ? "paused" : "draining";
}

static void
on_end_signal(void *arg, int signo)
{
	struct listen_server *sv = arg;

	if (signo == SIGTERM && sv->phase < LISTEN_DRAINING)
		listen_serve_drain(sv, sv->opts->server.drain, SIGTERM);
	else
		loop_interrupt(sv->rt.loop, signo);
}

/* Reports the number of clients on SIGUSR1. */
static void
report_clients(struct signal_watch *w)
{
	struct listen_server *sv = w->arg;

	if (!sv->is_worker)
		log_line(&sv->rt.report.log, LOG_NOTE, "%u connected, %lu accepted",
		    sv->acceptor.active, sv->acceptor.accepted);
	report_lost_clients(sv);
}

/* Ten thousand clients need as many descriptors as the hard limit allows. Programs start with
 * the original limit. */
static void
raise_descriptor_limit(struct listen_server *sv)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= limit.rlim_max)
		return;
	sv->how.program.descriptors = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Several clients cannot share one input. */
static void
note_unused_input(const struct listen_server *sv)
{
	if (sv->how.local != SESSION_STDIO || sv->opts->data.recv_only || sv->service != NULL ||
	    sv->opts->suite.while_line != NULL || fd_kind(STDIN_FILENO) == STREAM_NULL ||
	    isatty(STDIN_FILENO))
		return;
	log_line(&sv->rt.report.log, LOG_NOTE,
	    "standard input is not read: listen -k only receives; --broadcast-input sends it to "
	    "all");
}

/* Writes the rest of a record whose client is gone. A reader that is too slow loses it, which is
 * reported. */
static void
finish_output(struct listen_server *sv)
{
	struct deadline until = deadline_in(LISTEN_OUTPUT_PATIENCE);
	struct error e;

	/* the signal that ends the command was noticed already */
	loop_clear_interrupt(sv->rt.loop);
	while (shared_out_flush(&sv->out, &e) == STREAM_WANT_WRITE &&
	    loop_wait(sv->rt.loop, STDOUT_FILENO, LOOP_WRITE, until, &e) > 0)
		continue;
	if (shared_out_held(&sv->out) > 0 && sv->rt.killed_by != SIGPIPE)
		log_line(&sv->rt.report.log, LOG_NOTE,
		    "standard output: the last %zu bytes of a record are lost: nobody read them",
		    shared_out_held(&sv->out));
	shared_out_close(&sv->out);
}

static int
start_serving(struct listen_server *sv, struct error *e)
{
	struct acceptor *a = &sv->acceptor;

	if (init_acceptor(sv, e) < 0 || listen_service_open(sv, e) < 0)
		return -1;
	a->max_clients = (unsigned)sv->opts->max_clients;
	a->refuse = sv->opts->refuse;
	/* a file; or a program: both ends of its socketpair and one descriptor to start it; or a
	 * connection and a thread that resolves its name */
	a->spare = sv->how.local == SESSION_PROGRAM || sv->how.local == SESSION_CONNECTION ? 3 : 1;
	/* until its first wait, a script runs inside the acceptor */
	a->batch = sv->how.local == SESSION_METHODS ? 1 : 0;
	a->client = on_client;
	a->refused = on_refused;
	a->gone = on_gone;
	sv->processes.ended = on_program_ended;
	sv->once = (struct once){ .loop = sv->rt.loop,
		.clients = (uint64_t)sv->opts->suite.once,
		.accept_timeout = sv->opts->time.accept,
		.over = &sv->over };
	once_start(&sv->once);
	if (sv->opts->server.drain >= 0 && !sv->is_worker)
		command_context_divert_signals(&sv->rt, on_end_signal, sv);
	sv->usr1 = (struct signal_watch){ .signo = SIGUSR1, .fn = report_clients, .arg = sv };
	if (loop_signal_watch(sv->rt.loop, &sv->usr1, e) < 0)
		return -1;
	return acceptor_start(a, e);
}

/* Where all were to end by themselves, says who has not. */
static void
report_cut_clients(const struct listen_server *sv)
{
	enum { NAMED = 4 };
	char peer[SOCKNAME_TEXT_MAX], names[NAMED * (sizeof(peer) + 2)] = "";
	const struct client *c = sv->clients;
	unsigned n = 0, more = 0;
	struct sockname name;
	size_t at = 0;

	for (; c != NULL; c = c->next)
		if (n == NAMED) {
			more++;
		} else {
			sock_peer(c->session.sock, &name);
			at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s",
			    n++ > 0 ? ", " : "", sockname_format_short(&name, peer, sizeof(peer)));
		}
	if (more > 0)
		log_line(&sv->rt.report.log, LOG_NOTE, "drain: ended: %s and %u more", names, more);
	else if (n > 0)
		log_line(&sv->rt.report.log, LOG_NOTE, "drain: ended: %s", names);
}

/* Ends all connections and their programs now. */
static void
end_all_sessions(struct listen_server *sv, enum sock_end end)
{
	acceptor_stop(&sv->acceptor);
	sock_close(sv->listener, NULL);
	if (sv->phase == LISTEN_DRAINING || sv->phase == LISTEN_CUT)
		report_cut_clients(sv);
	while (sv->clients != NULL)
		session_end(&sv->clients->session, end);
	process_set_end(&sv->processes);
	loop_signal_unwatch(sv->rt.loop, &sv->usr1);
	loop_timer_stop(sv->rt.loop, &sv->drain_timer);
	if (sv->opts->server.drain >= 0)
		command_context_divert_signals(&sv->rt, NULL, NULL);
	dtls_acceptor_close(&sv->dtls);
	listen_service_close(sv);
	finish_output(sv);
	report_lost_clients(sv);
}

/* Why the remaining clients are ended; rc is that of loop_run(). */
static enum sock_end
end_of_serving(const struct listen_server *sv, int rc)
{
	if (rc < 0 || (sv->phase == LISTEN_CUT && sv->drain_signal != 0))
		return END_SIGNAL;
	if (rc == 0 || sv->phase == LISTEN_CUT || sv->once.late)
		return END_DEADLINE;
	return sv->rt.killed_by == SIGPIPE ? END_STDOUT_CLOSED : END_ERROR;
}

int
listen_serve_fail_drain(struct listen_server *sv, unsigned left, struct error *e)
{
	if (left > 0)
		error_set(e, ERROR_TIMEOUT, "drain: timed out: %u client%s had to be ended", left,
		    left == 1 ? "" : "s");
	else
		error_set(e, ERROR_TIMEOUT, "drain: timed out: not all was written or had ended");
	if (sv->drain_signal == 0)
		return -1;
	command_context_fail(&sv->rt, e);
	sv->rt.killed_by = sv->drain_signal;
	return 128 + sv->drain_signal;
}

/* Returns as loop_run(). */
static int
run_server(struct listen_server *sv, struct error *e)
{
	int rc;

	if (sv->service != NULL && sv->service->run != NULL)
		return sv->service->run(sv, e);
	rc = loop_run(sv->rt.loop, &sv->over, sv->until, e);
	if (rc == 0)
		error_set(e, ERROR_TIMEOUT, "listen: timed out (--timeout)");
	return rc;
}

int
listen_serve_all(struct listen_server *sv, struct error *e)
{
	unsigned left;
	bool gone;
	int rc;

	raise_descriptor_limit(sv);
	if (start_serving(sv, e) < 0) {
		end_all_sessions(sv, END_ERROR);
		return -1;
	}
	note_unused_input(sv);
	rc = run_server(sv, e);
	gone = sv->acceptor.state == ACCEPTOR_GONE;
	left = sv->acceptor.active;
	end_all_sessions(sv, end_of_serving(sv, rc));
	if (once_stop(&sv->once, sv->address, e) < 0 || rc <= 0)
		return -1;
	if (sv->phase == LISTEN_CUT)
		return listen_serve_fail_drain(sv, left, e);
	if (sv->rt.killed_by != 0)
		return 128 + SIGPIPE;
	if (gone)
		return 1;
	return sv->once.status != 0 ? sv->once.status : sv->failure;
}

/* ---- one client ---- */

static void
on_only(struct acceptor *a, struct sock *conn, unsigned long id)
{
	struct listen_server *sv = a->arg;

	(void)id;
	acceptor_stop(a);
	sv->only = conn;
	sv->over = true;
}

static void
on_only_gone(struct acceptor *a, const struct error *reason)
{
	struct listen_server *sv = a->arg;

	sv->over = true;
	sv->gone = *reason;
}

static struct deadline
accept_until(const struct listen_server *sv)
{
	return deadline_min(sv->until, deadline_in(sv->opts->time.accept));
}

/* Accepts the first client and closes the listening socket, so that a second one is refused; with
 * --serial it waits. */
static int
accept_only(struct listen_server *sv, struct error *e)
{
	int rc;

	sv->acceptor = (struct acceptor){ .client = NULL };
	sv->acceptor.client = on_only;
	sv->acceptor.gone = on_only_gone;
	if (init_acceptor(sv, e) < 0 || acceptor_start(&sv->acceptor, e) < 0)
		return -1;
	rc = loop_run(sv->rt.loop, &sv->over, accept_until(sv), e);
	acceptor_stop(&sv->acceptor);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "accept %s: timed out: no client came",
		    sv->address);
	sv->over = false;
	if (sv->only == NULL)
		return set_gone_error(sv, &sv->gone, e);
	if (!sv->opts->serial)
		sock_close(sv->listener, NULL);
	return 0;
}

/* Waits for a datagram, and looks who sent it. Returns 0, or -1. */
static int
await_sender(struct listen_server *sv, struct sockname *ret_from, struct error *e)
{
	int fd = sock_fileno(sv->listener), rc;
	ssize_t got = SYS_AGAIN;
	bool cut;
	char byte;

	while (got == SYS_AGAIN) {
		rc = loop_wait(sv->rt.loop, fd, LOOP_READ, accept_until(sv), e);
		if (rc == 0)
			return error_set(e, ERROR_TIMEOUT, "accept %s: timed out: no datagram came",
			    sv->address);
		if (rc < 0)
			return -1;
		got = sys_recvfrom(fd, &byte, 1, MSG_PEEK, ret_from, &cut, e);
		if (got >= 0 && !access_gate_lets_in(&sv->access.gate, ret_from))
			got = sys_recv(fd, &byte, 1, 0, e) < 0 ? -1 : SYS_AGAIN;
	}
	return got < 0 ? -1 : 0;
}

/* Makes the socket one of the first sender. Its datagrams are still to be read. */
static int
take_first_sender(struct listen_server *sv, struct error *e)
{
	struct sockname from;

	sock_local(sv->listener, &from);
	sockname_format(&from, sv->address, sizeof sv->address);
	if (await_sender(sv, &from, e) < 0)
		return -1;
	if (sock_connect(sv->listener, &from, e) < 0)
		return -1;
	sv->only = sv->listener;
	sv->listener = NULL;
	return 0;
}

static void
only_done(struct session *s)
{
	struct listen_server *sv = s->arg;

	sv->over = true;
}

static int
serve_only(struct listen_server *sv, struct session *s, struct error *e)
{
	int rc;

	command_context_session(&sv->rt, s, &sv->how, 1, only_done, sv);
	sv->turn = s;
	sv->turn_moved = UINT64_MAX;
	start_session(sv, s, sv->only);
	rc = command_context_finish(&sv->rt, s, &sv->over, sv->until, e);
	sv->turn = NULL;
	return rc;
}

static int
serve_next(struct listen_server *sv, struct error *e)
{
	struct session session = { 0 };
	struct progress progress = { .loop = sv->rt.loop,
		.out = sv->rt.report.messages,
		.session = &session,
		.before = "waiting for a client",
		.draw = sv->opts->data.progress,
		.source = sv->opts->send_file };
	int rc = progress_start(&progress, e);

	sv->over = false;
	if (rc == 0)
		rc = sv->opts->first_sender ? take_first_sender(sv, e) : accept_only(sv, e);
	if (rc == 0)
		rc = serve_only(sv, &session, e);
	progress_stop(&progress);
	if (session.sock != NULL)
		session_report(&sv->rt, &session, false);
	if (rc == 0)
		rc = session_report_status(&sv->rt, &session);
	if (session.sock != NULL)
		session_fini(&session);
	return rc;
}

int
listen_serve_one(struct listen_server *sv, struct error *e)
{
	int rc = serve_next(sv, e);

	process_set_end(&sv->processes);
	acceptor_stop(&sv->acceptor);
	dtls_acceptor_close(&sv->dtls);
	listen_access_report(&sv->access, "client");
	return rc;
}

int
listen_serve_in_turn(struct listen_server *sv, struct error *e)
{
	int rc;

	do
		rc = serve_next(sv, e);
	while (rc >= 0 && sv->rt.killed_by == 0 &&
	    (sv->phase < LISTEN_WINDING ||
		(sv->phase == LISTEN_WINDING && has_waiting_client(sv))));
	acceptor_stop(&sv->acceptor);
	loop_timer_stop(sv->rt.loop, &sv->drain_timer);
	listen_access_report(&sv->access, "client");
	if (sv->phase == LISTEN_CUT)
		return listen_serve_fail_drain(sv, 1, e);
	return sv->phase == LISTEN_WINDING && rc > 0 ? 0 : rc;
}
