#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "net/sys.h"
#include "relay/server/acceptor.h"
#include "sock/sock.h"
#include "test.h"

/* An acceptor whose clients come from a list of results of take(). The descriptor is one end of a
 * socketpair, readable while the list is not empty. */

enum { CLIENT = 0, OUT_OF_MEMORY = -1 }; /* else an errno */

/* Replaces the library's clock: time passes as the tests run the loop, however busy the machine
 * is. */
static int64_t now = NSEC_PER_SEC;

int64_t
clock_now(void)
{
	return now;
}

static void
run_for(struct loop *l, int ms)
{
	const bool never = false;

	for (int64_t end = now + ms * NSEC_PER_MSEC;; now += 5 * NSEC_PER_MSEC) {
		check(loop_run(l, &never, deadline_in(0), NULL) >= 0);
		if (now >= end)
			break;
	}
}

struct stage {
	struct loop *loop;
	struct acceptor acceptor;
	struct log log;
	int fds[2];
	const int *answers;
	size_t n_answers, taken;
	bool endless;      /* the last result repeats */
	unsigned no_spare; /* how often there are too few descriptors */
	struct sock *conns[200];
	unsigned n_clients, n_refused, n_gone, n_lines, n_turns;
	unsigned long last_id;
	char line[200];
	struct error gone;
	/* in the client callback */
	bool stops, frees, runs;
};

static void
drop_conns(struct stage *st)
{
	for (size_t i = 0; i < sizeof st->conns / sizeof st->conns[0]; i++) {
		sock_free(st->conns[i]);
		st->conns[i] = NULL;
	}
}

static void
set_readable(struct stage *st, bool on)
{
	char c;

	if (on)
		check_int(write(st->fds[1], "x", 1), 1);
	else
		while (recv(st->fds[0], &c, 1, MSG_DONTWAIT) == 1)
			continue;
}

static int
next_answer(struct stage *st)
{
	if (st->taken < st->n_answers)
		return st->answers[st->taken++];
	if (st->endless) {
		st->taken++;
		return st->answers[st->n_answers - 1];
	}
	set_readable(st, false);
	return EAGAIN;
}

static int
take(void *arg, struct sock **ret_conn, struct error *e)
{
	struct stage *st = arg;
	int answer = next_answer(st);

	if (answer == OUT_OF_MEMORY)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (answer != CLIENT)
		return error_errno(e, ERROR_NETWORK, answer, "accept");
	return sock_open(ret_conn, st->loop, AF_INET, SOCK_STREAM, 0, SOCK_QUECPYTHON, e);
}

static bool
has_spare(void *arg, const struct sock *conn, unsigned n)
{
	struct stage *st = arg;

	check(conn != NULL);
	check_int(n, 3);
	if (st->no_spare == 0)
		return true;
	st->no_spare--;
	return false;
}

static void
on_client(struct acceptor *a, struct sock *conn, unsigned long id)
{
	struct stage *st = a->arg;

	st->conns[st->n_clients++] = conn;
	st->last_id = id;
	if (st->runs && st->n_clients == 1) {
		run_for(st->loop, 20);
		return;
	}
	if (st->stops)
		acceptor_stop(a);
	if (st->frees)
		memset(a, 0xff, sizeof *a);
}

static void
on_refused(struct acceptor *a, struct sock *conn, unsigned long id)
{
	struct stage *st = a->arg;

	st->n_refused++;
	st->last_id = id;
	sock_free(conn);
}

static void
on_gone(struct acceptor *a, const struct error *e)
{
	struct stage *st = a->arg;

	st->n_gone++;
	st->gone = *e;
	if (st->stops)
		acceptor_stop(a);
}

static void
on_line(void *arg, enum log_level level, const char *line)
{
	struct stage *st = arg;

	check_int(level, LOG_NOTE);
	st->n_lines++;
	snprintf(st->line, sizeof st->line, "%s", line);
}

static void
stage_open(struct stage *st, const int *answers, size_t n)
{
	struct error e = { 0 };

	memset(st, 0, sizeof *st);
	check_int(loop_open(&st->loop, &e), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, st->fds), 0);
	st->answers = answers;
	st->n_answers = n;
	st->log = (struct log){ .level = LOG_NOTE, .fn = on_line, .arg = st };
	st->acceptor.loop = st->loop;
	st->acceptor.log = &st->log;
	st->acceptor.source = (struct client_source){ .fd = st->fds[0],
		.take = take,
		.has_spare = has_spare,
		.arg = st };
	st->acceptor.spare = 3;
	st->acceptor.client = on_client;
	st->acceptor.refused = on_refused;
	st->acceptor.gone = on_gone;
	st->acceptor.arg = st;
	if (n > 0)
		set_readable(st, true);
}

static void
start(struct stage *st)
{
	struct error e = { 0 };

	check_int(acceptor_start(&st->acceptor, &e), 0);
}

#define STAGE(st, ...)                                                                             \
	const int answers_of_##st[] = { __VA_ARGS__ };                                             \
	struct stage st;                                                                           \
	stage_open(&st, answers_of_##st, sizeof answers_of_##st / sizeof answers_of_##st[0])

static void
stage_run(struct stage *st, int ms)
{
	run_for(st->loop, ms);
}

static void
stage_close(struct stage *st)
{
	if (!st->frees)
		acceptor_stop(&st->acceptor);
	drop_conns(st);
	loop_close(st->loop);
	close(st->fds[0]);
	close(st->fds[1]);
}

/* ---- the table ---- */

TEST("a client that has already gone is skipped, and the next one is accepted at once")
{
	static const int rows[] = { ECONNABORTED, ECONNRESET, EINTR, EPROTO, ENOPROTOOPT, ENETDOWN,
		ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, ETIMEDOUT };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		STAGE(st, rows[i], CLIENT, rows[i], rows[i], CLIENT);
		start(&st);
		stage_run(&st, 0);
		check_int(st.n_clients, 2);
		check_int(st.n_lines, 0);
		check_int(st.n_gone, 0);
		stage_close(&st);
	}
}

TEST("a shortage pauses accepting, is reported once, and the client is accepted afterwards")
{
	static const int rows[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSR, OUT_OF_MEMORY };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		STAGE(st, CLIENT, rows[i], rows[i], CLIENT);
		start(&st);
		stage_run(&st, 20);
		check_int(st.n_clients, 1);
		check_int((intmax_t)st.taken, 2);
		stage_run(&st, 350);
		check_int(st.n_clients, 2);
		check_int((intmax_t)st.taken, 4);
		check_int(st.n_lines, 1);
		check(strstr(st.line, ": the next client waits (1 connected)") != NULL);
		stage_close(&st);
	}
}

TEST("an unknown error pauses accepting too, and is reported with its text")
{
	STAGE(st, EPERM, CLIENT);

	start(&st);
	stage_run(&st, 20);
	check_int(st.n_clients, 0);
	check_str(st.line, "accept: Operation not permitted: the next client waits");
	stage_run(&st, 200);
	check_int(st.n_clients, 1);
	stage_close(&st);
}

TEST("a failed listener is reported once, with the reason, and not tried again")
{
	static const int rows[] = { EINVAL, EBADF, ENOTSOCK, EOPNOTSUPP };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		STAGE(st, CLIENT, rows[i]);
		st.endless = true;
		start(&st);
		stage_run(&st, 250);
		check_int(st.n_gone, 1);
		check_int(st.gone.number, rows[i]);
		check_int((intmax_t)st.taken, 2);
		check_int(st.acceptor.state, ACCEPTOR_GONE);
		check_int(st.n_lines, 0);
		acceptor_released(&st.acceptor);
		acceptor_hold(&st.acceptor, false);
		stage_run(&st, 20);
		check_int((intmax_t)st.taken, 2);
		stage_close(&st);
	}
}

TEST("without clients the loop sleeps until one comes")
{
	STAGE(st, CLIENT);

	set_readable(&st, false);
	start(&st);
	stage_run(&st, 20);
	check_int((intmax_t)st.taken, 0);
	set_readable(&st, true);
	stage_run(&st, 20);
	check_int(st.n_clients, 1);
	check_int((intmax_t)st.last_id, 1);
	stage_close(&st);
}

TEST("a shortage that lasts does not spin")
{
	STAGE(st, EMFILE);

	st.endless = true;
	start(&st);
	stage_run(&st, 350);
	check(st.taken >= 2 && st.taken <= 5);
	check_int(st.n_lines, 1);
	stage_close(&st);
}

TEST("an error of the descriptor that accepting does not clear does not spin")
{
	STAGE(st, EAGAIN);

	st.endless = true;
	start(&st);
	close(st.fds[1]);
	st.fds[1] = -1;
	stage_run(&st, 250);
	check(st.taken >= 1 && st.taken <= 4);
	check_int(st.n_lines, 0);
	stage_close(&st);
}

/* ---- limits ---- */

TEST("beyond max_clients the next one waits until one has left")
{
	STAGE(st, CLIENT, CLIENT, CLIENT);

	st.acceptor.max_clients = 2;
	start(&st);
	stage_run(&st, 20);
	check_int(st.n_clients, 2);
	check_int((intmax_t)st.taken, 2);
	acceptor_released(&st.acceptor);
	stage_run(&st, 20);
	check_int(st.n_clients, 3);
	check_int(st.acceptor.active, 2);
	check_int((intmax_t)st.acceptor.accepted, 3);
	check_int(st.n_refused, 0);
	stage_close(&st);
}

TEST("with refuse the next one is passed to refused(), and counts as accepted")
{
	STAGE(st, CLIENT, CLIENT, CLIENT);

	st.acceptor.max_clients = 1;
	st.acceptor.refuse = true;
	start(&st);
	stage_run(&st, 20);
	check_int(st.n_clients, 1);
	check_int(st.n_refused, 2);
	check_int((intmax_t)st.last_id, 3);
	check_int(st.acceptor.active, 1);
	stage_close(&st);
}

TEST("while held no client is accepted; afterwards they are")
{
	STAGE(st, CLIENT);

	start(&st);
	acceptor_hold(&st.acceptor, true);
	stage_run(&st, 20);
	check_int((intmax_t)st.taken, 0);
	acceptor_hold(&st.acceptor, false);
	stage_run(&st, 20);
	check_int(st.n_clients, 1);
	stage_close(&st);
}

TEST("a client without spare descriptors waits, and none behind it is accepted meanwhile")
{
	STAGE(st, CLIENT, CLIENT);

	st.no_spare = 2;
	start(&st);
	stage_run(&st, 20);
	check_int(st.n_clients, 0);
	check_int((intmax_t)st.taken, 1);
	check_int(st.acceptor.active, 1);
	check_str(st.line, "accept: Too many open files: the next client waits (1 connected)");
	stage_run(&st, 350);
	check_int(st.n_clients, 2);
	check_int(st.n_lines, 1);
	stage_close(&st);
}

TEST("a client that waits for descriptors is dropped by a stop, and its place is free")
{
	STAGE(st, CLIENT);

	st.no_spare = 1;
	start(&st);
	stage_run(&st, 20);
	acceptor_stop(&st.acceptor);
	check_int(st.acceptor.active, 0);
	stage_run(&st, 150);
	check_int(st.n_clients, 0);
	stage_close(&st);
}

TEST("a client that waits for descriptors is served by an acceptor that leaves, and none behind it")
{
	STAGE(st, CLIENT, CLIENT);

	st.no_spare = 2;
	start(&st);
	stage_run(&st, 20);
	acceptor_leave(&st.acceptor);
	check_int(st.acceptor.active, 1);
	stage_run(&st, 350);
	check_int(st.n_clients, 1);
	check_int(st.acceptor.state, ACCEPTOR_LEAVING);
	acceptor_released(&st.acceptor);
	stage_run(&st, 150);
	check_int((intmax_t)st.taken, 1);
	stage_close(&st);
}

TEST("a client that waits for descriptors is served even if the listener has failed by then")
{
	STAGE(st, CLIENT, CLIENT, EINVAL);

	st.no_spare = 0;
	st.acceptor.batch = 1;
	start(&st);
	stage_run(&st, 0);
	check_int(st.n_clients, 1);
	st.no_spare = 1;
	stage_run(&st, 300);
	check_int(st.n_clients, 2);
	check_int(st.n_gone, 1);
	check_int(st.acceptor.active, 2);
	stage_close(&st);
}

/* ---- turns ---- */

static void
count_turn(struct timer *t)
{
	struct stage *st = t->arg;
	struct error e;

	st->n_turns++;
	loop_timer_set(st->loop, t, deadline_in(0), &e);
}

TEST("many clients and aborted ones leave others on the loop their turn")
{
	static const int storms[] = { CLIENT, ECONNABORTED };

	for (size_t i = 0; i < 2; i++) {
		struct timer t = { .fn = count_turn };
		struct error e;

		STAGE(st, storms[i]);
		st.endless = true;
		st.acceptor.max_clients = 150;
		t.arg = &st;
		start(&st);
		check_int(loop_timer_set(st.loop, &t, deadline_in(0), &e), 0);
		stage_run(&st, 20);
		check(st.n_turns >= 2);
		/* the first turns accepted at most a batch each */
		check(st.taken <= (size_t)ACCEPTOR_BATCH * (st.n_turns + 2));
		loop_timer_stop(st.loop, &t);
		stage_close(&st);
	}
}

TEST("a batch of one accepts one client a turn")
{
	STAGE(st, CLIENT, CLIENT, CLIENT);

	st.acceptor.batch = 1;
	start(&st);
	stage_run(&st, 0);
	check_int(st.n_clients, 1);
	stage_run(&st, 20);
	check_int(st.n_clients, 3);
	stage_close(&st);
}

TEST("a client callback may stop the acceptor")
{
	STAGE(st, CLIENT, CLIENT);

	st.stops = true;
	start(&st);
	stage_run(&st, 150);
	check_int(st.n_clients, 1);
	check_int((intmax_t)st.taken, 1);
	check_int(st.acceptor.state, ACCEPTOR_STOPPED);
	stage_close(&st);
}

TEST("a client callback may stop the acceptor and free it")
{
	STAGE(st, CLIENT, CLIENT);

	st.stops = st.frees = true;
	start(&st);
	stage_run(&st, 150);
	check_int(st.n_clients, 1);
	stage_close(&st);
}

TEST("the callback of one that waited may stop and free it too")
{
	STAGE(st, CLIENT, CLIENT);

	st.no_spare = 1;
	st.stops = st.frees = true;
	start(&st);
	stage_run(&st, 300);
	check_int(st.n_clients, 1);
	check_int((intmax_t)st.taken, 1);
	stage_close(&st);
}

TEST("the callback for a failed listener may stop the acceptor")
{
	STAGE(st, EINVAL);

	st.stops = true;
	start(&st);
	stage_run(&st, 20);
	check_int(st.n_gone, 1);
	check_int(st.acceptor.state, ACCEPTOR_STOPPED);
	stage_close(&st);
}

TEST("a client callback may run the loop, which accepts the next client meanwhile")
{
	STAGE(st, CLIENT, CLIENT);

	st.runs = true;
	start(&st);
	stage_run(&st, 100);
	check_int(st.n_clients, 2);
	check_int(st.acceptor.active, 2);
	check(st.acceptor.turn == NULL);
	stage_close(&st);
}

TEST("a nested callback may stop and free the acceptor under the outer one")
{
	STAGE(st, CLIENT, CLIENT, CLIENT);

	st.runs = st.stops = st.frees = true;
	start(&st);
	stage_run(&st, 100);
	check_int(st.n_clients, 2);
	stage_close(&st);
}

TEST("an acceptor that is stopped and started accepts clients again")
{
	STAGE(st, CLIENT);

	start(&st);
	acceptor_stop(&st.acceptor);
	acceptor_stop(&st.acceptor);
	stage_run(&st, 20);
	check_int(st.n_clients, 0);
	start(&st);
	stage_run(&st, 20);
	check_int(st.n_clients, 1);
	stage_close(&st);
}

TEST("a descriptor that the loop cannot wait for is a network failure")
{
	struct error e = { 0 };
	int fds[2];

	STAGE(st, CLIENT);
	check_int(pipe(fds), 0);
	close(fds[0]);
	close(fds[1]);
	st.acceptor.source.fd = fds[0];
	check_int(acceptor_start(&st.acceptor, &e), -1);
	check_int(error_exit_status(&e), 1);
	check_str(e.text, "wait for clients: Bad file descriptor");
	check_int(st.acceptor.state, ACCEPTOR_STOPPED);
	stage_close(&st);
}

/* ---- sockets ---- */

static struct sock *
listener_of(struct stage *st)
{
	struct sock *s = NULL;
	struct error e = { 0 };

	check_int(sock_open(&s, st->loop, AF_INET, SOCK_STREAM, 0, SOCK_QUECPYTHON, &e), 0);
	check_int(sock_bind_host(s, "127.0.0.1", "0", &e), 0);
	check_int(sock_listen(s, 5, &e), 0);
	return s;
}

TEST("a listening socket that another owner has shut down is gone")
{
	struct sock *listener;

	STAGE(st, CLIENT);
	listener = listener_of(&st);
	st.acceptor.source = client_source_of(listener);
	start(&st);
	stage_run(&st, 10);
	check_int(st.n_gone, 0);
	check_int(shutdown(sock_fileno(listener), SHUT_RDWR), 0);
	stage_run(&st, 100);
	check_int(st.n_gone, 1);
	check_int(st.gone.number, EINVAL);
	check_int(st.n_lines, 0);
	acceptor_stop(&st.acceptor);
	sock_free(listener);
	stage_close(&st);
}

TEST("clients of a listening socket come with their names")
{
	struct sockname name, local, peer;
	struct sock *listener;
	struct error e = { 0 };
	int fd;

	STAGE(st, CLIENT);
	listener = listener_of(&st);
	st.acceptor.source = client_source_of(listener);
	st.acceptor.spare = 1;
	start(&st);
	sock_local(listener, &name);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check_int(connect(fd, &name.sa, name.len), 0);
	stage_run(&st, 50);
	require(check_int(st.n_clients, 1));
	check_int(sys_local_name(fd, &local, &e), 0);
	sock_peer(st.conns[0], &peer);
	check(sockname_equal(&local, &peer));
	close(fd);
	acceptor_stop(&st.acceptor);
	sock_free(listener);
	stage_close(&st);
}
