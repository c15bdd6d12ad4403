#include "cli/listen/listen_serve.h"

#include <errno.h>
#include <signal.h>
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

/* At the end, how long to wait for the reader of standard output. */
#define OUTPUT_PATIENCE (50 * NSEC_PER_MSEC)

struct client {
	struct session session;
	struct listen_server *server;
	struct client *next, **prev;
};

bool
listen_is_dtls(const struct listen_server *sv)
{
	return sv->how.plan.tls.tls != NULL && sv->tls.type == SOCK_DGRAM;
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
	if (listen_is_dtls(sv)) {
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

static int
open_source(struct listen_server *sv, struct client_source *ret_source, struct error *e)
{
	if (!listen_is_dtls(sv)) {
		*ret_source = access_gate_source(&sv->access.gate, client_source_of(sv->listener));
		return 0;
	}
	sv->dtls.listener = sv->listener;
	sv->dtls.tls = sv->how.plan.tls.tls;
	sv->dtls.bind = &sv->bind;
	sv->dtls.failed = dtls_client_failed;
	sv->dtls.lets_in = lets_dtls_client_in;
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

static void
end_when_idle(struct listen_server *sv)
{
	bool drained = sv->phase == LISTEN_DRAINING && sv->processes.n == 0;
	bool last = drained || sv->acceptor.state == ACCEPTOR_GONE || sv->once.complete;

	if (sv->acceptor.active > 0 || !last)
		return;
	if (drained)
		sv->phase = LISTEN_DRAINED;
	sv->over = true;
}

static void
on_program_ended(void *arg)
{
	update_hold(arg);
	end_when_idle(arg);
}

static void
report_client(struct listen_server *sv, const struct session *s)
{
	struct error e;

	session_report_end(&sv->rt, s, false);
	sv->totals->sent += s->sent;
	sv->totals->received += s->received;
	if (!session_report_failure(s, &e) || listen_proxied_is_denied(&e))
		return;
	sv->totals->failed++;
	if (s->end == END_PEER_RESET)
		client_failures_add_reset(&sv->failures, &e);
	else
		client_failures_add(&sv->failures, &e);
}

static void
client_done(struct session *s)
{
	struct client *c = s->arg;
	struct listen_server *sv = c->server;

	report_client(sv, s);
	once_ended(&sv->once, session_report_status(&sv->rt, s));
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
	end_when_idle(sv);
}

/* A client beyond the last of --once is refused. DTLS reads what the clients send from the
 * listening socket. */
static void
stop_accepting(struct listen_server *sv)
{
	acceptor_stop(&sv->acceptor);
	if (!listen_is_dtls(sv))
		sock_close(sv->listener, NULL);
}

static void
on_client(struct acceptor *a, struct sock *conn, unsigned long id)
{
	struct listen_server *sv = a->arg;
	struct client *c = calloc(1, sizeof *c);

	if (c == NULL) {
		sock_free(conn);
		acceptor_released(a);
		return;
	}
	c->server = sv;
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
	end_when_idle(sv);
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

void
listen_serve_drain(struct listen_server *sv, int64_t patience, int signo)
{
	if (sv->phase >= LISTEN_DRAINED)
		return;
	if (sv->phase < LISTEN_DRAINING) {
		/* a client that the kernel has answered must not be reset */
		acceptor_take_waiting(&sv->acceptor);
		acceptor_stop(&sv->acceptor);
		sock_close(sv->listener, NULL);
	}
	sv->phase = LISTEN_DRAINING;
	sv->drain_signal = signo;
	sv->drain_timer.fn = on_drain_timer;
	sv->drain_timer.arg = sv;
	if (!sv->is_worker)
		listen_serve_report_draining(sv, sv->acceptor.active, patience);
	if (loop_timer_set(sv->rt.loop, &sv->drain_timer, deadline_in(patience), NULL) < 0)
		on_drain_timer(&sv->drain_timer);
	end_when_idle(sv);
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
	struct deadline until = deadline_in(OUTPUT_PATIENCE);
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

/* Ends all connections and their programs now. */
static void
end_all_sessions(struct listen_server *sv, enum sock_end end)
{
	acceptor_stop(&sv->acceptor);
	sock_close(sv->listener, NULL);
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
	return rc == 0 || sv->phase == LISTEN_CUT || sv->once.late ? END_DEADLINE
								   : END_STDOUT_CLOSED;
}

int
listen_serve_fail_drain(struct listen_server *sv, unsigned left, struct error *e)
{
	error_set(e, ERROR_TIMEOUT, "drain: timed out: %u client%s had to be ended", left,
	    left == 1 ? "" : "s");
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
	return gone ? 1 : sv->once.status;
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
	command_context_session(&sv->rt, s, &sv->how, 1, only_done, sv);
	start_session(sv, s, sv->only);
	return command_context_finish(&sv->rt, s, &sv->over, sv->until, e);
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
	while (rc >= 0 && sv->rt.killed_by == 0);
	acceptor_stop(&sv->acceptor);
	listen_access_report(&sv->access, "client");
	return rc;
}
