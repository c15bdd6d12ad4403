#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/runtime.h"
#include "status/status.h"
#include "stream/fd.h"

#define SCRATCH_SIZE (1u << 20)

/* ---- life ---- */

/* A closed standard descriptor must not become a socket's number. It is opened
 * so that writing to it still fails. */
static void
secure_standard_fds(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return;
}

static void
on_signal(struct signal_watch *w)
{
	struct runtime *rt = w->arg;

	loop_interrupt(rt->loop, w->signo);
}

static bool
is_ignored(int signo)
{
	struct sigaction sa;

	return sigaction(signo, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

static int
watch_signals(struct runtime *rt, struct error *e)
{
	static const int signals[RUNTIME_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };
	int i;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	for (i = 0; i < RUNTIME_SIGNALS; i++) {
		struct signal_watch *w = &rt->signals[i];

		w->signo = signals[i];
		w->fn = on_signal;
		w->arg = rt;
		if (!is_ignored(signals[i]) && loop_signal_watch(rt->loop, w, e) < 0)
			return -1;
	}
	return 0;
}

int
runtime_open(struct runtime *rt, const struct report_opts *opts, struct error *e)
{
	memset(rt, 0, sizeof *rt);
	rt->hexdump_fd = -1;
	rt->scratch.size = SCRATCH_SIZE;
	secure_standard_fds();
	if (report_open(&rt->report, opts, e) < 0)
		return -1;
	if (loop_open(&rt->loop, e) < 0 || watch_signals(rt, e) < 0)
		return -1;
	return 0;
}

/* The parent sees what ended us, as of any program that does not catch it. */
static void
end_by_signal(int signo)
{
	signal(signo, SIG_DFL);
	raise(signo);
}

int
runtime_close(struct runtime *rt, int status)
{
	int i;

	for (i = 0; rt->loop != NULL && i < RUNTIME_SIGNALS; i++)
		if (rt->signals[i].active)
			loop_signal_unwatch(rt->loop, &rt->signals[i]);
	loop_close(rt->loop);
	scratch_fini(&rt->scratch);
	if (rt->hexdump_fd > STDERR_FILENO)
		close(rt->hexdump_fd);
	report_close(&rt->report);
	if (rt->killed_by != 0)
		end_by_signal(rt->killed_by);
	return status;
}

void
runtime_error_event(struct runtime *rt, const struct error *e)
{
	const struct field fields[] = {
		{ .name = "event", .kind = FIELD_TEXT, .text = "error" },
		{ .name = "error", .kind = FIELD_TEXT, .text = error_word(e->code) },
		{ .name = "message", .kind = FIELD_TEXT, .text = e->text },
		{ .name = "hint", .kind = FIELD_TEXT, .text = e->hint[0] ? e->hint : NULL },
		{ .kind = FIELD_END },
	};

	report_event(&rt->report, fields);
}

int
runtime_fail(struct runtime *rt, const struct error *e)
{
	if (e->code == ERROR_SIGNAL) {
		rt->killed_by = e->number;
		return error_exit_status(e);
	}
	if (e->code == ERROR_LOCAL_IO && e->origin == ORIGIN_ERRNO && e->number == EPIPE) {
		rt->killed_by = SIGPIPE;
		return 128 + SIGPIPE;
	}
	runtime_error_event(rt, e);
	return report_error(e);
}

/* ---- input and dump ---- */

bool
stdin_is_idle(void)
{
	if (fd_kind(STDIN_FILENO) == STREAM_NULL)
		return true;
	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) != getpgrp();
}

static void
write_dump(void *arg, const char *text, size_t n)
{
	const struct runtime *rt = arg;
	ssize_t put;

	while (n > 0 && (put = write(rt->hexdump_fd, text, n)) > 0) {
		text += put;
		n -= (size_t)put;
	}
}

void
runtime_borrow(struct runtime *rt, struct loop *loop, const struct log *log)
{
	*rt = (struct runtime){ .loop = loop,
		.report = { .log = *log, .events_fd = -1 },
		.scratch = { .size = SCRATCH_SIZE } };
}

void
runtime_give_back(struct runtime *rt)
{
	scratch_fini(&rt->scratch);
}

int
runtime_hexdump(struct runtime *rt, const char *where, struct session_how *how, struct error *e)
{
	if (where == NULL)
		return 0;
	rt->hexdump_fd = STDERR_FILENO;
	if (where[0] != '\0')
		rt->hexdump_fd = open(where, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (rt->hexdump_fd < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "open %s", where);
	how->hexdump = write_dump;
	how->hexdump_arg = rt;
	return 0;
}

/* ---- sessions ---- */

void
runtime_session(struct runtime *rt, struct session *s, const struct session_how *how,
    unsigned long id, void (*done)(struct session *s), void *arg)
{
	s->loop = rt->loop;
	s->log = &rt->report.log;
	s->scratch = &rt->scratch;
	s->how = how;
	s->id = id;
	s->done = done;
	s->arg = arg;
}

int
runtime_finish(struct runtime *rt, struct session *s, const bool *over, struct deadline until,
    struct error *e)
{
	int rc = loop_run(rt->loop, over, until, e);

	if (rc > 0)
		return 0;
	session_end(s, rc < 0 ? END_SIGNAL : END_DEADLINE);
	/* the pump may have been first to see the deadline, and has told why */
	if (rc == 0 && s->error != NULL)
		return 0;
	return rc < 0 ? -1 : error_set(e, ERROR_TIMEOUT, "wait: timed out (--timeout)");
}

/* ---- records ---- */

struct ends {
	char local[SOCKNAME_TEXT_MAX], peer[SOCKNAME_TEXT_MAX];
};

static void
format_ends(const struct sock *s, struct ends *ends)
{
	struct sockname local, peer;

	sock_local(s, &local);
	sock_peer(s, &peer);
	sockname_format_end(&local, ends->local, sizeof ends->local);
	sockname_format_end(&peer, ends->peer, sizeof ends->peer);
}

void
report_start(struct runtime *rt, const char *event, unsigned long id, const struct sock *s)
{
	bool accepted = strcmp(event, "accepted") == 0;
	struct ends ends;

	if (!report_wants_events(&rt->report) && !log_on(&rt->report.log, LOG_LIFE))
		return;
	format_ends(s, &ends);
	if (accepted)
		log_line(&rt->report.log, LOG_LIFE, "accepted %s on %s", ends.peer, ends.local);
	const struct field fields[] = {
		{ .name = "event", .kind = FIELD_TEXT, .text = event },
		{ .name = "id", .kind = FIELD_INT, .number = (int64_t)id },
		{ .name = "local", .kind = FIELD_TEXT, .text = ends.local },
		{ .name = "peer", .kind = FIELD_TEXT, .text = ends.peer },
		{ .kind = FIELD_END },
	};
	report_event(&rt->report, fields);
}

static int
exit_of_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The datagrams of a message socket, or nothing. */
static void
format_datagrams(const struct session *s, char *text, size_t size)
{
	text[0] = '\0';
	if (s->messages)
		snprintf(text, size, " datagrams-sent=%llu datagrams-received=%llu",
		    (unsigned long long)s->n_sent, (unsigned long long)s->n_received);
}

static void
report_end_line(struct runtime *rt, const struct session *s, const struct ends *ends,
    const struct sock_status *st, bool client)
{
	char bytes[80] = "", datagrams[100], state[80] = "", program[40] = "";

	if (s->counted)
		snprintf(bytes, sizeof bytes, " sent=%llu received=%llu",
		    (unsigned long long)s->sent, (unsigned long long)s->received);
	if (st->name != NULL)
		snprintf(state, sizeof state, " state=%d/%s", st->kernel_code, st->name);
	if (st->time_wait_left > 0)
		snprintf(state + strlen(state), sizeof state - strlen(state), " left=%.1fs",
		    (double)st->time_wait_left / (double)NSEC_PER_SEC);
	if (s->has_status)
		snprintf(program, sizeof program, " exit=%d", exit_of_status(s->status));
	format_datagrams(s, datagrams, sizeof datagrams);
	log_line(&rt->report.log, LOG_LIFE, "%s > %s: end=%s%s%s seconds=%.3f%s%s",
	    client ? ends->local : ends->peer, client ? ends->peer : ends->local,
	    sock_end_word(s->end), bytes, datagrams, (double)s->nsec / (double)NSEC_PER_SEC, state,
	    program);
}

static void
report_end_event(struct runtime *rt, const struct session *s, const struct ends *ends,
    const struct sock_status *st)
{
	double left = (double)st->time_wait_left / (double)NSEC_PER_SEC;
	bool has_state = st->name != NULL, waiting = st->time_wait_left > 0;
	struct field fields[18];
	size_t n = 0;

#define ADD(...) fields[n++] = (struct field){ __VA_ARGS__ }
	ADD(.name = "event", .kind = FIELD_TEXT, .text = "end");
	ADD(.name = "id", .kind = FIELD_INT, .number = (int64_t)s->id);
	ADD(.name = "local", .kind = FIELD_TEXT, .text = ends->local);
	ADD(.name = "peer", .kind = FIELD_TEXT, .text = ends->peer);
	ADD(.name = "end", .kind = FIELD_TEXT, .text = sock_end_word(s->end));
	if (s->counted) {
		ADD(.name = "sent", .kind = FIELD_INT, .number = (int64_t)s->sent);
		ADD(.name = "received", .kind = FIELD_INT, .number = (int64_t)s->received);
	}
	if (s->messages) {
		ADD(.name = "datagrams_sent", .kind = FIELD_INT, .number = (int64_t)s->n_sent);
		ADD(.name = "datagrams_received", .kind = FIELD_INT,
		    .number = (int64_t)s->n_received);
	}
	ADD(.name = "seconds", .kind = FIELD_REAL, .real = (double)s->nsec / (double)NSEC_PER_SEC);
	if (has_state) {
		ADD(.name = "code", .kind = FIELD_INT, .number = st->kernel_code);
		ADD(.name = "state", .kind = FIELD_TEXT, .text = st->name);
	}
	if (waiting)
		ADD(.name = "time_wait_left", .kind = FIELD_REAL, .real = left);
	if (s->has_status)
		ADD(.name = "exit", .kind = FIELD_INT, .number = exit_of_status(s->status));
	ADD(.kind = FIELD_END);
#undef ADD
	report_event(&rt->report, fields);
}

/* Only TCP has states; st->name stays NULL for others. */
static void
ask_state(const struct session *session, struct sock_status *st)
{
	sock_status(session->sock, st, NULL);
	if (session->messages ||
	    (st->local.sa.sa_family != AF_INET && st->local.sa.sa_family != AF_INET6))
		st->name = NULL;
}

/* As reports name them: a client that is refused has no more than a name. */
static void
session_ends(const struct session *s, struct ends *ends)
{
	format_ends(s->sock, ends);
	if (s->how != NULL && s->how->packets.to.len > 0)
		sockname_format_end(&s->how->packets.to, ends->peer, sizeof ends->peer);
}

void
report_session_end(struct runtime *rt, const struct session *s, bool client)
{
	bool events = report_wants_events(&rt->report);
	bool lines = log_on(&rt->report.log, LOG_LIFE);
	struct sock_status st = { 0 };
	struct ends ends;

	if (!events && !lines)
		return;
	session_ends(s, &ends);
	ask_state(s, &st);
	if (lines)
		report_end_line(rt, s, &ends, &st, client);
	if (events)
		report_end_event(rt, s, &ends, &st);
}

bool
session_failure(const struct session *s, struct error *ret_error)
{
	struct ends ends;

	if (s->error == NULL || s->end == END_STDOUT_CLOSED)
		return false;
	*ret_error = *s->error;
	session_ends(s, &ends);
	if (s->verb != NULL)
		error_prefix(ret_error, "%s %s", s->verb, ends.peer);
	return true;
}

void
report_session(struct runtime *rt, const struct session *s, bool client)
{
	struct error e;

	report_session_end(rt, s, client);
	if (session_failure(s, &e))
		runtime_fail(rt, &e);
}

int
session_status(struct runtime *rt, const struct session *s)
{
	if (s->end == END_STDOUT_CLOSED) {
		rt->killed_by = SIGPIPE;
		return 128 + SIGPIPE;
	}
	if (s->error != NULL)
		return error_exit_status(s->error);
	return s->has_status ? exit_of_status(s->status) : 0;
}
