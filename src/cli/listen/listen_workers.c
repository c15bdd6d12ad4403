#include "cli/listen/listen_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/wait_status.h"
#include "cli/listen/listen_control.h"
#include "cli/listen/listen_serve.h"
#include "cli/listen/listen_socket.h"
#include "cli/listen/service/listen_service.h"
#include "relay/server/client_limit.h"
#include "sock/sock.h"
#include "stream/tls.h"

/* How long the workers may take to end; then they are killed, which the kernel does at once. */
#define END_PATIENCE (2 * NSEC_PER_SEC)
#define KILL_PATIENCE (2 * NSEC_PER_SEC)

/* A signal may be sent to all processes at once, as by a terminal or a service manager. How long a
 * worker waits for the parent, which decides what follows from it. */
#define PARENT_PATIENCE NSEC_PER_SEC

/* One mapping of all processes. */
struct shared_memory {
	struct client_counts counts;
	struct listen_totals gone; /* of workers that have died; only the parent writes it */
	struct listen_totals totals[WORKERS_MAX];
	struct client_room rooms[WORKERS_MAX];
};

static struct client_limit
limit_of(const struct listen_workers *w, unsigned index)
{
	return (struct client_limit){ .all = &w->shared->counts,
		.rooms = w->shared->rooms,
		.n = w->pool.n,
		.self = index };
}

/* ---- options ---- */

/* Pieces that are longer than PIPE_BUF are not written at once. */
static bool
is_pipe(const char *path)
{
	struct stat st;

	return path != NULL && stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

int
listen_workers_check(const struct listen_server *sv, struct error *e)
{
	const struct listen_opts *o = sv->opts;

	if (o->server.workers == 0)
		return 0;
	if (listen_is_dtls(sv))
		return error_set(e, ERROR_USAGE, "--workers: not with datagrams");
	if (sv->service != NULL && sv->service->one_process)
		return error_set(e, ERROR_USAGE, "--workers: not with %s", sv->service->option);
	if (sv->how.local == SESSION_STDIO && sv->how.framed)
		return error_set(e, ERROR_USAGE,
		    "--workers: not with --framing on standard output, as records would mix");
	if (o->max_children != 0 && o->max_children < o->server.workers)
		return error_set(e, ERROR_USAGE, "--max-children: less than one for each worker");
	if (is_pipe(o->data.dumps.record) || is_pipe(o->data.dumps.pcap))
		return error_set(e, ERROR_USAGE,
		    "--workers: --record and --pcap not into a pipe, where pieces would mix");
	if (sv->how.plan.tls.tls != NULL && !tls_may_fork(sv->how.plan.tls.tls))
		return error_set(e, ERROR_USAGE,
		    "--workers: not with TLS of this mbedTLS: random numbers would repeat");
	return 0;
}

/* ---- listening sockets ---- */

static bool
shares_port(const struct listen_workers *w)
{
	return w->endpoint->kind == ENDPOINT_INET;
}

/* The address of the first socket, whose port the kernel may have chosen. */
static struct endpoint
same_address(const struct listen_workers *w)
{
	struct endpoint ep = *w->endpoint;
	struct sockname local;

	sock_local(w->sv->listener, &local);
	snprintf(ep.port, sizeof ep.port, "%u", (unsigned)sockname_port(&local));
	if (ep.host[0] != '\0')
		sockname_host(&local, ep.host, sizeof ep.host);
	return ep;
}

/* The first socket was bound without SO_REUSEPORT, so that a port which another server uses is an
 * error. */
static int
open_listeners(struct listen_workers *w, struct error *e)
{
	struct listen_server *sv = w->sv;
	struct bind_how bind = sv->bind;
	struct endpoint ep = same_address(w);
	const struct listen_socket_how how = { &sv->rt, sv->opts, &ep, &bind, sv->until };

	w->listeners = calloc(w->pool.n, sizeof(struct sock *));
	if (w->listeners == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	w->listeners[0] = sv->listener;
	if (!shares_port(w))
		return 0;
	bind.reuse_port = true;
	bind.port_lo = bind.port_hi = 0;
	if (sock_setsockopt_int(sv->listener, SOL_SOCKET, SO_REUSEPORT, 1, e) < 0)
		return error_prefix(e, "--workers");
	for (unsigned i = 1; i < w->pool.n; i++)
		if (listen_socket_open(&how, &w->listeners[i], e) < 0)
			return -1;
	return 0;
}

/* Closes them in this process, except one. */
static void
close_listeners(struct listen_workers *w, const struct sock *kept)
{
	for (unsigned i = 1; w->listeners != NULL && i < w->pool.n; i++)
		if (w->listeners[i] != kept)
			sock_free(w->listeners[i]);
	free(w->listeners);
	w->listeners = NULL;
}

/* ---- a worker ---- */

static void
on_parent_gone(struct control_conn *c)
{
	struct listen_server *sv = c->arg;

	control_conn_close(c);
	loop_interrupt(sv->rt.loop, SIGTERM);
}

static void
on_stray_timer(struct timer *t)
{
	struct listen_server *sv = t->arg;

	if (sv->phase < LISTEN_DRAINING)
		loop_interrupt(sv->rt.loop, sv->drain_signal);
}

/* The parent, which gets the same signal, ends this process or lets it drain. Where it does not, the
 * signal was for this process alone. */
static void
on_worker_signal(void *arg, int signo)
{
	struct listen_server *sv = arg;

	if (sv->phase >= LISTEN_DRAINING || sv->drain_signal != 0)
		return;
	sv->drain_signal = signo;
	sv->drain_timer = (struct timer){ .fn = on_stray_timer, .arg = sv };
	if (loop_timer_set(sv->rt.loop, &sv->drain_timer, deadline_in(PARENT_PATIENCE), NULL) < 0)
		loop_interrupt(sv->rt.loop, signo);
}

/* The parent's part of this process. */
static void
leave_parent(struct listen_workers *w, unsigned index)
{
	struct listen_server *sv = w->sv;
	struct sock *own = shares_port(w) ? w->listeners[index] : sv->listener;

	listen_control_close(w->control);
	loop_signal_unwatch(sv->rt.loop, &w->usr1);
	loop_timer_stop(sv->rt.loop, &w->drain_timer);
	output_queue_forget_all(sv->rt.report.queues);
	command_context_divert_signals(&sv->rt, on_worker_signal, sv);
	sv->until = sv->rt.until = deadline_never();
	close_listeners(w, own);
	if (own != sv->listener) {
		sock_free(sv->listener);
		sv->listener = own;
	}
}

static int
serve_as_worker(struct listen_workers *w, const struct worker_start *start, struct error *e)
{
	struct listen_server *sv = w->sv;
	const struct client_limit limit = limit_of(w, start->index);
	const struct control_target target = listen_control_target(w->control);
	struct control_conn conn = { .loop = sv->rt.loop,
		.target = &target,
		.ended = on_parent_gone,
		.arg = sv };
	int rc;

	leave_parent(w, start->index);
	sv->is_worker = true;
	sv->totals = &w->shared->totals[start->index];
	sv->acceptor.shared = &limit;
	if (sock_adopt(&conn.sock, sv->rt.loop, start->fd, e) < 0 ||
	    control_conn_start(&conn, e) < 0)
		return -1;
	rc = listen_serve_all(sv, e);
	control_conn_close(&conn);
	return rc;
}

/* ---- the parent: workers that end ---- */

static void
add_totals(struct listen_totals *sum, const struct listen_totals *t)
{
	sum->accepted += t->accepted;
	sum->refused += t->refused;
	sum->failed += t->failed;
	sum->kicked += t->kicked;
	sum->sent += t->sent;
	sum->received += t->received;
}

static void
report_death(struct listen_workers *w, pid_t pid, int status, unsigned clients)
{
	const struct field values[] = {
		EVENT_INT(pid),
		EVENT_INT_IF(WIFSIGNALED(status), WTERMSIG(status)),
		EVENT_INT_IF(WIFEXITED(status), wait_status_code(status)),
		EVENT_INT(clients),
	};

	report_event(&w->sv->rt.report, EVENT_WORKER_DIED, values);
}

/* Nobody reads what the clients send. */
static void
output_closed(struct listen_workers *w)
{
	w->sv->rt.killed_by = SIGPIPE;
	w->pool.ending = w->pool.due = true;
}

/* One that does not end by itself takes its clients with it. */
static void
on_drained_worker(struct listen_workers *w, pid_t pid, int status, unsigned clients)
{
	int failure = WIFSIGNALED(status) ? 1 : wait_status_code(status);

	if (WIFSIGNALED(status))
		report_death(w, pid, status, clients);
	if (w->failure == 0)
		w->failure = failure;
}

/* As the server ends, so do the workers: by the end of their channel, or by a signal that all got. */
static bool
is_own_end(int status)
{
	int signo = WIFSIGNALED(status) ? WTERMSIG(status) : SIGTERM;

	return signo == SIGTERM || signo == SIGINT || signo == SIGHUP || signo == SIGPIPE;
}

static bool
on_worker_ended(void *arg, unsigned index, pid_t pid, int status)
{
	struct listen_workers *w = arg;
	const struct client_limit limit = limit_of(w, index);
	unsigned clients = atomic_load(&w->shared->rooms[index].clients);

	client_limit_release(&limit, clients);
	add_totals(&w->shared->gone, &w->shared->totals[index]);
	w->shared->totals[index] = (struct listen_totals){ 0 };
	if (w->ended && !is_own_end(status))
		report_death(w, pid, status, clients);
	if (w->ended)
		return false;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) {
		output_closed(w);
		return false;
	}
	if (w->sv->phase == LISTEN_DRAINING)
		on_drained_worker(w, pid, status, clients);
	if (w->pool.ending)
		return false;
	/* it has reported why it cannot accept any more, and has served its clients */
	if (WIFEXITED(status) && wait_status_code(status) == 1)
		return false;
	report_death(w, pid, status, clients);
	return true;
}

/* ---- the parent: commands and signals ---- */

static void
on_drain_timer(struct timer *t)
{
	struct listen_workers *w = t->arg;

	w->sv->phase = LISTEN_CUT;
	w->left = atomic_load(&w->shared->counts.active);
	w->pool.due = true;
}

static void
begin_draining(struct listen_workers *w, int64_t patience, int signo)
{
	const struct control_request rq = { .verb = CONTROL_DRAIN, .patience = DURATION_NONE };
	struct listen_server *sv = w->sv;
	/* before they look for clients that wait: a worker counts one before it knows that it is there */
	unsigned clients = atomic_load(&w->shared->counts.active);

	if (sv->phase < LISTEN_DRAINING)
		worker_pool_tell(&w->pool, &rq);
	sv->phase = LISTEN_DRAINING;
	sv->drain_signal = signo;
	w->pool.ending = true;
	w->pool.due = w->pool.running == 0;
	/* what waits is accepted by the workers, which have these sockets too */
	close_listeners(w, NULL);
	sock_close(sv->listener, NULL);
	listen_serve_report_draining(sv, clients, patience);
	w->drain_timer = (struct timer){ .fn = on_drain_timer, .arg = w };
	if (loop_timer_set(sv->rt.loop, &w->drain_timer, deadline_in(patience), NULL) < 0)
		on_drain_timer(&w->drain_timer);
}

static void
on_parent_signal(void *arg, int signo)
{
	struct listen_workers *w = arg;
	int64_t patience = w->sv->opts->server.drain;

	if (signo == SIGTERM && w->sv->phase < LISTEN_DRAINING && patience >= 0)
		begin_draining(w, patience, SIGTERM);
	else
		loop_interrupt(w->sv->rt.loop, signo);
}

static void
on_parent_usr1(struct signal_watch *s)
{
	struct listen_workers *w = s->arg;

	log_line(&w->sv->rt.report.log, LOG_NOTE, "%u connected, %lu accepted, %u workers",
	    atomic_load(&w->shared->counts.active), atomic_load(&w->shared->counts.last_id),
	    w->pool.running);
	worker_pool_signal(&w->pool, SIGUSR1);
}

static void
add_totals_to(struct control_answer *a, const struct listen_totals *t)
{
	a->counts[COUNT_ACCEPTED] += t->accepted;
	a->counts[COUNT_REFUSED] += t->refused;
	a->counts[COUNT_FAILED] += t->failed;
	a->counts[COUNT_KICKED] += t->kicked;
	a->counts[COUNT_SENT] += t->sent;
	a->counts[COUNT_RECEIVED] += t->received;
}

static void
add_counts(struct listen_workers *w, struct control_answer *a)
{
	a->has_counts = true;
	a->state = listen_serve_phase_word(w->sv);
	add_totals_to(a, &w->shared->gone);
}

/* Its bytes are those of clients that have ended, and those that it denies are not known. */
static void
on_silent_worker(void *arg, unsigned index, struct control_reply *r)
{
	struct listen_workers *w = arg;

	if (r->request.verb != CONTROL_STATS)
		return;
	r->answer.counts[COUNT_CONNECTED] += atomic_load(&w->shared->rooms[index].clients);
	add_totals_to(&r->answer, &w->shared->totals[index]);
}

/* Returns false if the command is refused. */
static bool
prepare(struct listen_workers *w, struct control_reply *r, struct error *e)
{
	const enum control_verb verb = r->request.verb;
	struct listen_server *sv = w->sv;

	if (verb == CONTROL_STATS)
		add_counts(w, &r->answer);
	if (verb == CONTROL_PAUSE || verb == CONTROL_RESUME) {
		if (sv->phase > LISTEN_PAUSED)
			return error_set(e, ERROR_NETWORK, "the server drains") == 0;
		sv->phase = verb == CONTROL_PAUSE ? LISTEN_PAUSED : LISTEN_SERVING;
	}
	if (verb == CONTROL_RELOAD && sv->access.lists != NULL)
		return listen_access_reload(&sv->access, e) == 0;
	return true;
}

static void
on_ask_workers(void *arg, struct control_reply *r)
{
	struct listen_workers *w = arg;
	struct error e;

	if (r->request.verb == CONTROL_DRAIN) {
		begin_draining(w, r->request.patience, 0);
		control_reply_finish(r, NULL);
	} else if (!prepare(w, r, &e)) {
		control_reply_finish(r, &e);
	} else {
		worker_pool_answer(&w->pool, r);
	}
}

struct control_target
listen_workers_target(struct listen_workers *w)
{
	return (struct control_target){ .ask = on_ask_workers, .arg = w };
}

/* ---- the parent: its life ---- */

static int
open_parent(struct listen_workers *w, struct error *e)
{
	struct listen_server *sv = w->sv;

	w->pool.loop = sv->rt.loop;
	w->pool.n = (unsigned)sv->opts->server.workers;
	w->pool.ended = on_worker_ended;
	w->pool.silent = on_silent_worker;
	w->pool.arg = w;
	w->shared = mmap(NULL, sizeof(*w->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->shared == MAP_FAILED) {
		w->shared = NULL;
		return error_errno(e, ERROR_INTERNAL, errno, "mmap");
	}
	if (client_rooms_open(w->shared->rooms, w->pool.n, e) < 0) {
		munmap(w->shared, sizeof(*w->shared));
		w->shared = NULL;
		return -1;
	}
	command_context_divert_signals(&sv->rt, on_parent_signal, w);
	w->usr1 = (struct signal_watch){ .signo = SIGUSR1, .fn = on_parent_usr1, .arg = w };
	if (loop_signal_watch(sv->rt.loop, &w->usr1, e) < 0 || open_listeners(w, e) < 0)
		return -1;
	return worker_pool_open(&w->pool, e);
}

/* Tells a worker that replaces another what the others were told. */
static void
tell_phase(struct listen_workers *w)
{
	const struct control_request rq = { .verb = CONTROL_PAUSE };

	if (w->sv->phase == LISTEN_PAUSED)
		worker_pool_tell(&w->pool, &rq);
}

static bool
are_over(const struct listen_workers *w)
{
	return w->sv->rt.killed_by != 0 || w->sv->phase == LISTEN_CUT ||
	    (w->pool.running == 0 && w->pool.ending);
}

/* Runs until the server is over. Returns as loop_run(), or 2 in a worker. */
static int
supervise(struct listen_workers *w, struct worker_start *ret_start, struct error *e)
{
	struct listen_server *sv = w->sv;
	int rc;

	do {
		rc = worker_pool_start(&w->pool, ret_start, e);
		if (rc != 0)
			return rc < 0 ? -1 : 2;
		tell_phase(w);
		/* every worker has lost its listening socket */
		if (w->pool.retired == w->pool.n)
			w->pool.ending = w->pool.due = true;
		rc = loop_run(sv->rt.loop, &w->pool.due, sv->until, e);
	} while (rc > 0 && !are_over(w));
	return rc;
}

static void
await_workers(struct listen_workers *w, struct deadline until)
{
	struct loop *l = w->sv->rt.loop;

	while (w->pool.running > 0) {
		w->pool.due = false;
		if (loop_run(l, &w->pool.due, until, NULL) == 0)
			break;
		loop_clear_interrupt(l);
	}
}

/* Ends the workers that are left. */
static void
end_workers(struct listen_workers *w)
{
	w->ended = w->pool.ending = true;
	loop_clear_interrupt(w->sv->rt.loop);
	worker_pool_end(&w->pool);
	await_workers(w, deadline_in(END_PATIENCE));
	worker_pool_signal(&w->pool, SIGKILL);
	await_workers(w, deadline_in(KILL_PATIENCE));
}

static void
close_parent(struct listen_workers *w)
{
	struct listen_server *sv = w->sv;

	loop_timer_stop(sv->rt.loop, &w->drain_timer);
	loop_signal_unwatch(sv->rt.loop, &w->usr1);
	worker_pool_close(&w->pool);
	close_listeners(w, NULL);
	command_context_divert_signals(&sv->rt, NULL, NULL);
	if (w->shared == NULL)
		return;
	client_rooms_close(w->shared->rooms, w->pool.n);
	munmap(w->shared, sizeof(*w->shared));
	w->shared = NULL;
}

/* The exit status of the parent, after supervise(). */
static int
parent_status(struct listen_workers *w, int rc, struct error *e)
{
	struct listen_server *sv = w->sv;

	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "listen: timed out (--timeout)");
	if (rc < 0)
		return -1;
	if (sv->rt.killed_by != 0)
		return 128 + sv->rt.killed_by;
	if (sv->phase == LISTEN_CUT)
		return listen_serve_fail_drain(sv, w->left, e);
	return sv->phase == LISTEN_DRAINING ? w->failure : 1;
}

int
listen_workers_serve(struct listen_workers *w, struct error *e)
{
	struct worker_start start = { 0 };
	int rc = open_parent(w, e), status;

	if (rc == 0)
		rc = supervise(w, &start, e);
	if (rc == 2) {
		status = serve_as_worker(w, &start, e);
	} else {
		end_workers(w);
		status = parent_status(w, rc, e);
	}
	close_parent(w);
	return status;
}
