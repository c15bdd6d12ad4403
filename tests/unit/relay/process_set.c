#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "relay/process_set.h"
#include "test.h"

struct stage {
	struct loop *loop;
	struct process_set set;
	unsigned n_ended;
	bool done;
};

static void
on_ended(void *arg)
{
	struct stage *st = arg;

	st->n_ended++;
	st->done = true;
}

static void
stage_open(struct stage *st)
{
	struct error e = { 0 };

	memset(st, 0, sizeof *st);
	check_int(loop_open(&st->loop, &e), 0);
	st->set.loop = st->loop;
	st->set.ended = on_ended;
	st->set.arg = st;
}

static void
not_called(struct child_watch *c, int status)
{
	(void)c;
	(void)status;
	check(!"the session has heard of its program");
}

/* Starts a child that waits for signals, and ignores SIGTERM if stubborn. When the test sends
 * another signal, it exits. */
static pid_t
start_child(bool stubborn)
{
	int fds[2];
	char byte;
	pid_t pid;

	check_int(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGTERM, stubborn ? SIG_IGN : SIG_DFL);
		if (write(fds[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	check_int(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	close(fds[1]);
	return pid;
}

/* As a session does at its end. */
static void
adopt(struct stage *st, pid_t pid)
{
	struct child_watch c = { .pid = pid, .fn = not_called };

	loop_child_watch(st->loop, &c);
	process_set_adopt(&st->set, &c);
}

static void
check_reaped(pid_t pid)
{
	check_int(waitpid(pid, NULL, WNOHANG), -1);
	check_int(errno, ECHILD);
}

TEST("a program that exits is reaped and reported")
{
	struct stage st;
	struct error e;
	pid_t pid;

	stage_open(&st);
	pid = start_child(false);
	adopt(&st, pid);
	check_int(st.set.n, 1);
	kill(pid, SIGTERM);
	check_int(loop_run(st.loop, &st.done, deadline_in(20 * NSEC_PER_SEC), &e), 1);
	check_int(st.n_ended, 1);
	check_int(st.set.n, 0);
	check_reaped(pid);
	process_set_end(&st.set);
	loop_close(st.loop);
}

TEST("the end is SIGTERM to all, and does not wait longer than they take")
{
	int64_t begin = clock_now();
	struct stage st;
	pid_t pids[3];

	stage_open(&st);
	for (int i = 0; i < 3; i++)
		adopt(&st, pids[i] = start_child(false));
	process_set_end(&st.set);
	check(clock_now() - begin < 1900 * NSEC_PER_MSEC);
	for (int i = 0; i < 3; i++)
		check_reaped(pids[i]);
	check_int(st.set.n, 0);
	check_int(st.n_ended, 0);
	loop_close(st.loop);
}

TEST("one that ignores SIGTERM is killed after two seconds")
{
	struct stage st;
	int64_t begin;
	pid_t pid;

	stage_open(&st);
	adopt(&st, pid = start_child(true));
	begin = clock_now();
	process_set_end(&st.set);
	check(clock_now() - begin >= 2 * NSEC_PER_SEC);
	check_reaped(pid);
	loop_close(st.loop);
}

static void
interrupt_again(struct timer *t)
{
	loop_interrupt(t->arg, SIGTERM);
}

TEST("an interrupt that is pending does not keep it from waiting, another one kills at once")
{
	struct timer t = { .fn = interrupt_again };
	struct stage st;
	struct error e;
	int64_t begin;
	pid_t pid;

	stage_open(&st);
	adopt(&st, pid = start_child(true));
	loop_interrupt(st.loop, SIGTERM);
	t.arg = st.loop;
	begin = clock_now();
	check_int(loop_timer_set(st.loop, &t, deadline_in(100 * NSEC_PER_MSEC), &e), 0);
	process_set_end(&st.set);
	check(clock_now() - begin >= 100 * NSEC_PER_MSEC);
	check(clock_now() - begin < 1900 * NSEC_PER_MSEC);
	check_reaped(pid);
	loop_close(st.loop);
}

TEST("one that was reaped before it is adopted has ended")
{
	struct child_watch c = { .fn = not_called };
	struct stage st;
	struct error e;
	siginfo_t info;

	stage_open(&st);
	c.pid = start_child(false);
	kill(c.pid, SIGTERM);
	check_int(waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT), 0);
	loop_child_watch(st.loop, &c);
	process_set_adopt(&st.set, &c);
	check_int(loop_run(st.loop, &st.done, deadline_in(20 * NSEC_PER_SEC), &e), 1);
	check_int(st.set.n, 0);
	loop_close(st.loop);
}
