#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "control/control_conn.h"
#include "control/worker_pool.h"
#include "sock/sock.h"
#include "test.h"

enum { N = 3 };

/* A pool whose workers answer in one way, and a control connection that asks all of them. */
struct stage {
	struct loop *loop;
	struct worker_pool pool;
	struct control_target target;
	struct control_conn conn;
	int peer;
	int n_ended, last_index, last_status;
	bool replaces, over;
};

static bool
on_worker_ended(void *arg, unsigned index, pid_t pid, int status)
{
	struct stage *st = arg;

	(void)pid;
	st->n_ended++;
	st->last_index = (int)index;
	st->last_status = status;
	return st->replaces;
}

static void
ask(void *arg, struct control_reply *r)
{
	struct stage *st = arg;

	worker_pool_answer(&st->pool, r);
}

static void
on_conn_ended(struct control_conn *c)
{
	control_conn_close(c);
}

/* Writes the answer, in which # is the index. */
static void
answer_line(const struct worker_start *start, const char *answer)
{
	char text[100];
	size_t n = strlen(answer);

	for (size_t i = 0; i < n; i++)
		text[i] = answer[i] == '#' ? (char)('0' + start->index) : answer[i];
	if (write(start->fd, text, n) != (ssize_t)n)
		_exit(98);
}

/* The process of a worker: answers each line; "drain" ends it. */
static void
run_worker(const struct worker_start *start, const char *answer)
{
	char line[256];
	size_t n = 0;

	fcntl(start->fd, F_SETFL, fcntl(start->fd, F_GETFL) & ~O_NONBLOCK);
	while (n < sizeof(line) && read(start->fd, line + n, 1) == 1) {
		if (line[n++] != '\n')
			continue;
		if (strncmp(line, "drain", 5) == 0)
			_exit((int)start->index);
		answer_line(start, answer);
		n = 0;
	}
	_exit(99);
}

/* Starts those that are missing. */
static void
start_workers(struct stage *st, const char *answer)
{
	struct worker_start start;
	struct error e = { 0 };
	int rc = worker_pool_start(&st->pool, &start, &e);

	if (rc == 1)
		run_worker(&start, answer);
	check_int(rc, 0);
}

static void
stage_open(struct stage *st, const char *answer)
{
	struct error e = { 0 };
	int pair[2];

	*st = (struct stage){ .target = { ask, st }, .peer = -1 };
	signal(SIGPIPE, SIG_IGN);
	check_int(loop_open(&st->loop, &e), 0);
	st->pool =
	    (struct worker_pool){ .loop = st->loop, .n = N, .ended = on_worker_ended, .arg = st };
	check_int(worker_pool_open(&st->pool, &e), 0);
	start_workers(st, answer);
	check_int(st->pool.running, N);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	st->peer = pair[1];
	st->conn = (struct control_conn){ .loop = st->loop,
		.target = &st->target,
		.ended = on_conn_ended,
		.arg = st };
	check_int(sock_adopt(&st->conn.sock, st->loop, pair[0], &e), 0);
	check_int(control_conn_start(&st->conn, &e), 0);
}

/* Ends all workers, which are reaped by the loop. */
static void
stage_close(struct stage *st)
{
	struct error e = { 0 };

	st->pool.ending = true;
	st->pool.due = false;
	worker_pool_signal(&st->pool, SIGKILL);
	if (st->pool.running > 0)
		check_int(loop_run(st->loop, &st->pool.due, deadline_in(10 * NSEC_PER_SEC), &e), 1);
	check_int(st->pool.running, 0);
	control_conn_close(&st->conn);
	worker_pool_close(&st->pool);
	loop_close(st->loop);
	close(st->peer);
}

/* Sends a command and waits for the answer's last line. */
static const char *
asked(struct stage *st, const char *command)
{
	static char answer[4096];
	struct deadline until = deadline_in(10 * NSEC_PER_SEC);
	size_t n = 0;

	answer[0] = '\0';
	check_int(write(st->peer, command, strlen(command)), (long)strlen(command));
	while (strstr(answer, "ok\n") == NULL && strstr(answer, "error:") == NULL &&
	    !deadline_passed(until)) {
		struct error e;
		ssize_t got;

		loop_run(st->loop, &st->over, deadline_in(NSEC_PER_MSEC), &e);
		got = read(st->peer, answer + n, sizeof(answer) - 1 - n);
		n += got > 0 ? (size_t)got : 0;
		answer[n] = '\0';
	}
	return answer;
}

static bool
has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

TEST("rows of all workers are one answer")
{
	const char *answer;
	struct stage st;

	stage_open(&st, "row of #\nok\n");
	answer = asked(&st, "list -no-header\n");
	check(has(answer, "row of 0\n") && has(answer, "row of 1\n") && has(answer, "row of 2\n"));
	check_int(strlen(answer), 3 * 9 + 3);
	stage_close(&st);
}

TEST("counts of all workers are added up")
{
	const char *answer;
	struct stage st;

	stage_open(&st, "connected 10\nsent 1#\nok\n");
	answer = asked(&st, "stats\n");
	check(has(answer, "connected 30\n") && has(answer, "sent 33\n"));
	stage_close(&st);
}

TEST("a kick succeeds if one worker has the client")
{
	struct stage st;

	stage_open(&st, "error: no client has this number\n");
	check_str(asked(&st, "kick 5\n"), "error: no client has this number\n");
	stage_close(&st);
	stage_open(&st, "ok\n");
	check_str(asked(&st, "kick 5\n"), "ok\n");
	stage_close(&st);
}

TEST("a worker that dies while it is asked does not hold up the answer, nor make it a failure")
{
	struct stage st;

	stage_open(&st, "row of #\nok\n");
	check_str(asked(&st, "drain 1s\n"), "ok\n");
	stage_close(&st);
}

TEST("a worker that has died is replaced under its index, a second after the start of its short "
     "life")
{
	struct error e = { 0 };
	struct stage st;
	int64_t began = clock_now();

	stage_open(&st, "row of #\nok\n");
	st.replaces = true;
	worker_pool_tell(&st.pool, &(const struct control_request){ .verb = CONTROL_DRAIN });
	check_int(loop_run(st.loop, &st.pool.due, deadline_in(10 * NSEC_PER_SEC), &e), 1);
	check(clock_now() - began >= NSEC_PER_SEC);
	check_int(st.n_ended, N);
	check(WIFEXITED(st.last_status));
	check_int(WEXITSTATUS(st.last_status), st.last_index);
	start_workers(&st, "row of #\nok\n");
	while (st.pool.running < N) {
		st.pool.due = false;
		check_int(loop_run(st.loop, &st.pool.due, deadline_in(10 * NSEC_PER_SEC), &e), 1);
		start_workers(&st, "row of #\nok\n");
	}
	check(has(asked(&st, "list -no-header\n"), "row of 2\n"));
	stage_close(&st);
}

TEST("a worker that is not to be replaced retires; when all have, the parent is due")
{
	struct error e = { 0 };
	struct stage st;

	stage_open(&st, "ok\n");
	worker_pool_tell(&st.pool, &(const struct control_request){ .verb = CONTROL_DRAIN });
	check_int(loop_run(st.loop, &st.pool.due, deadline_in(10 * NSEC_PER_SEC), &e), 1);
	check_int(st.pool.retired, N);
	check_int(st.pool.running, 0);
	check_int(st.n_ended, N);
	/* nobody is left to be asked */
	check_str(asked(&st, "list -no-header\n"), "ok\n");
	stage_close(&st);
}
