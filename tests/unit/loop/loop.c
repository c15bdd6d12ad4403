#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "loop/loop_child.h"
#include "loop/loop_signal.h"
#include "loop/loop_stack.h"
#include "test.h"

/* No test waits this long unless something is broken. */
#define PATIENCE (20 * NSEC_PER_SEC)

static const bool never_done;

/* What callbacks record, and what they need. */
struct note {
	struct loop *loop;
	int calls;
	unsigned ready;
	int status;
	bool done;
	int limit; /* done after this many calls */
	struct note *other;
	struct watch *victim;
};

static void
count(struct note *n)
{
	n->calls++;
	n->done = n->calls >= n->limit;
}

static void
on_ready(struct watch *w, unsigned ready)
{
	struct note *n = w->arg;

	n->ready = ready;
	count(n);
}

static void
on_timer(struct timer *t)
{
	count(t->arg);
}

static void
on_signal(struct signal_watch *s)
{
	count(s->arg);
}

static void
on_child(struct child_watch *c, int status)
{
	struct note *n = c->arg;

	n->status = status;
	count(n);
}

static struct loop *
open_loop(void)
{
	struct loop *l = NULL;
	struct error e;

	if (loop_open(&l, &e) == -1) {
		printf("Bail out! %s\n", e.text);
		exit(EXIT_FAILURE);
	}
	return l;
}

static void
make_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == -1) {
		printf("Bail out! socketpair: errno %d\n", errno);
		exit(EXIT_FAILURE);
	}
}

static void
close_pair(const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

/* Runs the loop until n is done; returns false when that takes too long. */
static bool
run(struct loop *l, struct note *n)
{
	return loop_run(l, &n->done, deadline_in(PATIENCE), NULL) == 1;
}

/* Runs the loop once for what is ready now. */
static void
pass(struct loop *l)
{
	check_int(loop_run(l, &never_done, deadline_in(0), NULL), 0);
}

static bool
count_turn(void *arg)
{
	(*(int *)arg)++;
	return false;
}

/* Checks that nothing is called and that the loop sleeps: few iterations. */
static void
check_sleeps(struct loop *l)
{
	int turns = 0;

	loop_stack_set_switch(l, count_turn, &turns);
	check_int(loop_run(l, &never_done, deadline_in(100 * NSEC_PER_MSEC), NULL), 0);
	loop_stack_set_switch(l, NULL, NULL);
	check(turns <= 4);
}

TEST("a loop can be opened, run and closed with nothing in it")
{
	struct loop *l = open_loop();
	const bool done = true;

	check_int(loop_run(l, &done, deadline_never(), NULL), 1);
	check_int(loop_run(l, &never_done, deadline_in(0), NULL), 0);
	check_int(loop_run(l, &never_done, deadline_in(NSEC_PER_MSEC), NULL), 0);
	loop_close(l);
	loop_close(NULL);
}

TEST("a run does not end before its deadline")
{
	struct loop *l = open_loop();
	struct deadline until = deadline_in(3 * NSEC_PER_MSEC / 2);

	check_int(loop_run(l, &never_done, until, NULL), 0);
	check(deadline_passed(until));
	loop_close(l);
}

TEST("a watch is called for the events it wants, as long as they hold")
{
	struct loop *l = open_loop();
	struct note n = { 0 };
	struct watch w = { .fn = on_ready, .arg = &n };
	int fds[2];
	char c;

	make_pair(fds);
	w.fd = fds[0];
	require(loop_watch(l, &w, LOOP_READ, NULL) == 0);
	pass(l);
	check_int(n.calls, 0);
	check_int(write(fds[1], "x", 1), 1);
	pass(l);
	check_int(n.calls, 1);
	check_int(n.ready, LOOP_READ);
	pass(l);
	check_int(n.calls, 2);
	check_int(read(fds[0], &c, 1), 1);
	pass(l);
	check_int(n.calls, 2);
	require(loop_watch(l, &w, LOOP_READ | LOOP_WRITE, NULL) == 0);
	pass(l);
	check_int(n.ready, LOOP_WRITE);
	loop_unwatch(l, &w);
	loop_unwatch(l, &w);
	pass(l);
	check_int(n.calls, 3);
	close_pair(fds);
	loop_close(l);
}

TEST("a bad descriptor cannot be watched")
{
	struct loop *l = open_loop();
	struct note n = { 0 };
	struct watch w = { .fd = -1, .fn = on_ready, .arg = &n };
	struct error e;

	check_int(loop_watch(l, &w, LOOP_READ, &e), -1);
	check_int(e.number, EBADF);
	check_str(e.text, "wait for descriptor -1: Bad file descriptor");
	loop_unwatch(l, &w);
	check_int(loop_wait(l, 9999, LOOP_READ, deadline_in(0), &e), -1);
	check_int(e.number, EBADF);
	loop_close(l);
}

TEST("a hang-up calls every watch that reads or writes")
{
	struct loop *l = open_loop();
	struct note n = { .limit = 1 };
	struct watch w = { .fn = on_ready, .arg = &n };
	int fds[2];

	make_pair(fds);
	w.fd = fds[0];
	require(loop_watch(l, &w, LOOP_READ, NULL) == 0);
	close(fds[1]);
	check(run(l, &n));
	check_int(n.ready, LOOP_READ | LOOP_HANGUP);
	require(loop_watch(l, &w, LOOP_WRITE, NULL) == 0);
	pass(l);
	check_int(n.ready, LOOP_WRITE | LOOP_HANGUP);
	loop_unwatch(l, &w);
	close(fds[0]);
	loop_close(l);
}

TEST("a watch without events is not called for a hang-up and does not keep the loop awake")
{
	struct loop *l = open_loop();
	struct note n = { 0 };
	struct watch w = { .fn = on_ready, .arg = &n };
	int fds[2];

	make_pair(fds);
	w.fd = fds[0];
	require(loop_watch(l, &w, LOOP_READ, NULL) == 0);
	require(loop_watch(l, &w, 0, NULL) == 0);
	close(fds[1]);
	check_sleeps(l);
	check_int(n.calls, 0);
	require(loop_watch(l, &w, LOOP_READ, NULL) == 0);
	pass(l);
	check_int(n.calls, 1);
	loop_unwatch(l, &w);
	close(fds[0]);
	loop_close(l);
}

TEST("a watch for the hang-up alone is called for nothing else")
{
	struct loop *l = open_loop();
	struct note n = { 0 };
	struct watch w = { .fn = on_ready, .arg = &n };
	int fds[2];

	make_pair(fds);
	w.fd = fds[0];
	require(loop_watch(l, &w, LOOP_READ | LOOP_HANGUP, NULL) == 0);
	require(loop_watch(l, &w, LOOP_HANGUP, NULL) == 0);
	check_int(write(fds[1], "x", 1), 1);
	pass(l);
	check_int(n.calls, 0);
	close(fds[1]);
	pass(l);
	check_int(n.calls, 1);
	check_int(n.ready, LOOP_HANGUP);
	loop_unwatch(l, &w);
	close(fds[0]);
	loop_close(l);
}

TEST("a pipe without readers wakes its writer")
{
	struct loop *l = open_loop();
	int fds[2], ready;

	require(pipe(fds) == 0);
	close(fds[0]);
	ready = loop_wait(l, fds[1], LOOP_WRITE, deadline_in(PATIENCE), NULL);
	check_int(ready, LOOP_WRITE | LOOP_HANGUP);
	ready = loop_wait(l, fds[1], LOOP_HANGUP, deadline_in(PATIENCE), NULL);
	check_int(ready, LOOP_HANGUP);
	close(fds[1]);
	loop_close(l);
}

static void
check_always_ready(const char *path, int flags)
{
	struct loop *l = open_loop();
	struct note n = { 0 };
	struct watch w = { .fn = on_ready, .arg = &n };

	w.fd = open(path, flags | O_CLOEXEC);
	require(w.fd != -1);
	require(loop_watch(l, &w, LOOP_READ | LOOP_WRITE, NULL) == 0);
	pass(l);
	pass(l);
	check_int(n.calls, 2);
	check_int(n.ready, LOOP_READ | LOOP_WRITE);
	require(loop_watch(l, &w, LOOP_WRITE, NULL) == 0);
	pass(l);
	check_int(n.calls, 3);
	check_int(n.ready, LOOP_WRITE);
	require(loop_watch(l, &w, 0, NULL) == 0);
	pass(l);
	require(loop_watch(l, &w, LOOP_HANGUP, NULL) == 0);
	pass(l);
	check_int(n.calls, 3);
	require(loop_watch(l, &w, LOOP_READ, NULL) == 0);
	pass(l);
	check_int(n.calls, 4);
	loop_unwatch(l, &w);
	pass(l);
	check_int(n.calls, 4);
	check_int(loop_wait(l, w.fd, LOOP_READ, deadline_never(), NULL), LOOP_READ);
	close(w.fd);
	loop_close(l);
}

TEST("regular files and /dev/null are always ready")
{
	char path[TEST_PATH_MAX];
	int fd;

	test_path(path, "base_loop.XXXXXX");
	fd = mkstemp(path);
	require(fd != -1);
	close(fd);
	check_always_ready(path, O_RDWR);
	check_always_ready("/dev/null", O_RDWR);
	unlink(path);
}

TEST("all files are called, even when one batch cannot hold them")
{
	enum { FILES = 300 };
	struct loop *l = open_loop();
	static struct note notes[FILES];
	static struct watch watches[FILES];
	int silent = 0;

	for (int i = 0; i < FILES; i++) {
		watches[i] = (struct watch){ .fn = on_ready, .arg = &notes[i] };
		watches[i].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		require(loop_watch(l, &watches[i], LOOP_READ, NULL) == 0);
	}
	for (int i = 0; i < 3; i++)
		pass(l);
	for (int i = 0; i < FILES; i++) {
		silent += notes[i].calls == 0;
		loop_unwatch(l, &watches[i]);
		close(watches[i].fd);
	}
	check_int(silent, 0);
	loop_close(l);
}

TEST("descriptors that are always ready do not starve sockets, timers and signals")
{
	struct loop *l = open_loop();
	struct note file = { 0 }, sock = { 0 }, time = { .limit = 1 }, sig = { .limit = 1 };
	struct watch wf = { .fn = on_ready, .arg = &file }, ws = { .fn = on_ready, .arg = &sock };
	struct timer t = { .fn = on_timer, .arg = &time };
	struct signal_watch s = { .signo = SIGUSR1, .fn = on_signal, .arg = &sig };
	int fds[2];

	make_pair(fds);
	ws.fd = fds[0];
	wf.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	require(loop_watch(l, &wf, LOOP_READ, NULL) == 0);
	require(loop_watch(l, &ws, LOOP_WRITE, NULL) == 0);
	require(loop_timer_set(l, &t, deadline_in(NSEC_PER_MSEC), NULL) == 0);
	require(loop_signal_watch(l, &s, NULL) == 0);
	check(run(l, &time));
	check_int(loop_run(l, &never_done, deadline_in(20 * NSEC_PER_MSEC), NULL), 0);
	check(file.calls > 1 && sock.calls > 1);
	check_int(time.calls, 1);
	raise(SIGUSR1);
	check(run(l, &sig));
	loop_unwatch(l, &wf);
	close(wf.fd);
	close_pair(fds);
	loop_close(l);
}

static void
on_ready_remove_victim(struct watch *w, unsigned ready)
{
	struct note *n = w->arg;

	on_ready(w, ready);
	if (n->victim == NULL)
		return;
	loop_unwatch(n->loop, n->victim);
	/* its storage may be freed by now */
	memset(n->victim, 0x5a, sizeof(*n->victim));
	n->victim = NULL;
}

TEST("a ready watch may remove and free another ready one")
{
	struct loop *l = open_loop();
	struct watch a = { .fn = on_ready_remove_victim }, b = { .fn = on_ready_remove_victim };
	struct note na = { .loop = l, .victim = &b }, nb = { .loop = l, .victim = &a };
	int fa[2], fb[2];

	make_pair(fa);
	make_pair(fb);
	a.fd = fa[0];
	a.arg = &na;
	b.fd = fb[0];
	b.arg = &nb;
	require(loop_watch(l, &a, LOOP_WRITE, NULL) == 0);
	require(loop_watch(l, &b, LOOP_WRITE, NULL) == 0);
	pass(l);
	check_int(na.calls + nb.calls, 1);
	pass(l);
	check_int(na.calls + nb.calls, 2);
	loop_unwatch(l, na.calls > 0 ? &a : &b);
	close_pair(fa);
	close_pair(fb);
	loop_close(l);
}

static void
on_ready_silence_victim(struct watch *w, unsigned ready)
{
	struct note *n = w->arg;

	on_ready(w, ready);
	loop_watch(n->loop, n->victim, 0, NULL);
}

TEST("a ready watch may stop another ready one")
{
	struct loop *l = open_loop();
	struct watch a = { .fn = on_ready_silence_victim }, b = { .fn = on_ready_silence_victim };
	struct note na = { .loop = l, .victim = &b }, nb = { .loop = l, .victim = &a };
	int fa[2], fb[2];

	make_pair(fa);
	make_pair(fb);
	a.fd = fa[0];
	a.arg = &na;
	b.fd = fb[0];
	b.arg = &nb;
	require(loop_watch(l, &a, LOOP_WRITE, NULL) == 0);
	require(loop_watch(l, &b, LOOP_WRITE, NULL) == 0);
	pass(l);
	check_int(na.calls + nb.calls, 1);
	loop_unwatch(l, &a);
	loop_unwatch(l, &b);
	close_pair(fa);
	close_pair(fb);
	loop_close(l);
}

static void
on_ready_remove_itself(struct watch *w, unsigned ready)
{
	struct note *n = w->arg;

	on_ready(w, ready);
	loop_unwatch(n->loop, w);
	close(w->fd);
	memset(w, 0x5a, sizeof(*w));
}

TEST("a watch may remove itself")
{
	struct loop *l = open_loop();
	struct note n = { .loop = l };
	struct watch w = { .fn = on_ready_remove_itself, .arg = &n };
	int fds[2];

	make_pair(fds);
	w.fd = fds[0];
	require(loop_watch(l, &w, LOOP_WRITE, NULL) == 0);
	pass(l);
	pass(l);
	check_int(n.calls, 1);
	close(fds[1]);
	loop_close(l);
}

static void
on_ready_run_again(struct watch *w, unsigned ready)
{
	struct note *n = w->arg;

	on_ready(w, ready);
	loop_watch(n->loop, w, 0, NULL);
	n->status = run(n->loop, n->other);
}

TEST("a callback may run the loop until something else has happened")
{
	struct loop *l = open_loop();
	struct note inner = { .limit = 3 }, outer = { .loop = l, .other = &inner, .limit = 1 };
	struct watch wo = { .fn = on_ready_run_again, .arg = &outer };
	struct watch wi = { .fn = on_ready, .arg = &inner };
	int fo[2], fi[2];

	make_pair(fo);
	make_pair(fi);
	wo.fd = fo[0];
	wi.fd = fi[0];
	require(loop_watch(l, &wo, LOOP_WRITE, NULL) == 0);
	require(loop_watch(l, &wi, LOOP_WRITE, NULL) == 0);
	check(run(l, &outer));
	check_int(outer.calls, 1);
	check_int(outer.status, 1);
	check(inner.calls >= 3);
	loop_unwatch(l, &wo);
	loop_unwatch(l, &wi);
	close_pair(fo);
	close_pair(fi);
	loop_close(l);
}

static void
on_ready_read(struct watch *w, unsigned ready)
{
	struct note *n = w->arg;
	char c;

	on_ready(w, ready);
	n->status += read(w->fd, &c, 1) == 1;
}

TEST("data that a nested run has read is not reported to the outer run")
{
	struct loop *l = open_loop();
	struct note inner = { .limit = 1 }, outer = { .loop = l, .other = &inner };
	struct watch wo = { .fn = on_ready_run_again, .arg = &outer };
	struct watch wi = { .fn = on_ready_read, .arg = &inner };
	int fo[2], fi[2];

	make_pair(fo);
	make_pair(fi);
	wo.fd = fo[0];
	wi.fd = fi[0];
	require(loop_watch(l, &wo, LOOP_WRITE, NULL) == 0);
	require(loop_watch(l, &wi, LOOP_READ, NULL) == 0);
	check_int(write(fi[1], "x", 1), 1);
	pass(l);
	pass(l);
	check_int(inner.calls, 1);
	check_int(inner.status, 1);
	loop_unwatch(l, &wo);
	loop_unwatch(l, &wi);
	close_pair(fo);
	close_pair(fi);
	loop_close(l);
}

enum { PAIRS = 2000 };

/* Watches as many pairs as the limit on descriptors allows. */
static int
watch_pairs(struct loop *l, struct watch *watches, struct note *notes, int (*fds)[2])
{
	struct rlimit limit;
	int n;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (n = 0; n < PAIRS && socketpair(AF_UNIX, SOCK_STREAM, 0, fds[n]) == 0; n++) {
		watches[n] = (struct watch){ .fd = fds[n][0], .fn = on_ready, .arg = &notes[n] };
		check_int(loop_watch(l, &watches[n], LOOP_WRITE, NULL), 0);
	}
	return n;
}

/* Runs the loop long enough for all; returns how many were not called as expected. */
static int
count_wrong(struct loop *l, const struct watch *watches, struct note *notes, int n)
{
	int wrong = 0;

	for (int i = 0; i < n; i++)
		notes[i].calls = 0;
	for (int i = 0; i <= n / 64; i++)
		pass(l);
	for (int i = 0; i < n; i++)
		wrong += (notes[i].calls > 0) != (watches[i].events != 0);
	return wrong;
}

/* The first watch consumes everything that is there. */
static void
read_one(struct watch *w, unsigned ready)
{
	char c;

	if (read(w->fd, &c, 1) == 1)
		on_ready(w, ready);
}

TEST("several watches of one descriptor are all called, each for what it wants")
{
	struct loop *l = open_loop();
	struct note reader = { .limit = 1 }, both = { .limit = 1 }, writer = { .limit = 1 };
	int fds[2];

	make_pair(fds);
	struct watch r = { .fd = fds[0], .fn = on_ready, .arg = &reader };
	struct watch b = { .fd = fds[0], .fn = on_ready, .arg = &both };
	struct watch w = { .fd = fds[0], .fn = on_ready, .arg = &writer };
	check_int(loop_watch(l, &r, LOOP_READ, NULL), 0);
	check_int(loop_watch(l, &b, LOOP_READ | LOOP_WRITE, NULL), 0);
	check_int(loop_watch(l, &w, LOOP_WRITE, NULL), 0);
	pass(l);
	check_int(reader.calls, 0);
	check_int(both.ready, LOOP_WRITE);
	check_int(writer.ready, LOOP_WRITE);
	check_int(write(fds[1], "x", 1), 1);
	pass(l);
	check_int(reader.ready, LOOP_READ);
	check_int(both.ready, LOOP_READ | LOOP_WRITE);
	/* removing one leaves the others; what it alone wanted is no longer wanted */
	loop_unwatch(l, &b);
	loop_unwatch(l, &w);
	writer.calls = both.calls = reader.calls = 0;
	pass(l);
	check_int(reader.calls, 1);
	check_int(both.calls + writer.calls, 0);
	loop_unwatch(l, &r);
	pass(l);
	check_int(reader.calls, 1);
	loop_close(l);
	close_pair(fds);
}

TEST("the watches of one descriptor are called first in turn")
{
	struct loop *l = open_loop();
	struct note notes[3] = { { .limit = 1 }, { .limit = 1 }, { .limit = 1 } };
	struct watch watches[3];
	int fds[2], first[3] = { 0 };

	make_pair(fds);
	for (int i = 0; i < 3; i++) {
		watches[i] = (struct watch){ .fd = fds[0], .fn = read_one, .arg = &notes[i] };
		check_int(loop_watch(l, &watches[i], LOOP_READ, NULL), 0);
	}
	for (int round = 0; round < 6; round++) {
		for (int i = 0; i < 3; i++)
			notes[i].done = false;
		check_int(write(fds[1], "x", 1), 1);
		check_int(loop_run(l, &notes[round % 3].done, deadline_in(PATIENCE), NULL), 1);
		first[round % 3]++;
	}
	for (int i = 0; i < 3; i++) {
		check_int(first[i], 2);
		loop_unwatch(l, &watches[i]);
	}
	loop_close(l);
	close_pair(fds);
}

TEST("a suspended watch does not affect others of its descriptor")
{
	struct loop *l = open_loop();
	struct note resting = { .limit = 1 }, other = { .limit = 1 };
	int fds[2];

	make_pair(fds);
	struct watch r = { .fd = fds[0], .fn = on_ready, .arg = &resting };
	struct watch o = { .fd = fds[0], .fn = on_ready, .arg = &other };
	check_int(loop_watch(l, &r, LOOP_READ, NULL), 0);
	check_int(loop_watch(l, &o, LOOP_READ, NULL), 0);
	loop_suspend(l, &r);
	loop_suspend(l, &o);
	check_int(loop_watch(l, &r, LOOP_READ, NULL), 0);
	check_int(write(fds[1], "x", 1), 1);
	pass(l);
	check_int(resting.calls, 1);
	check_int(other.calls, 0);
	loop_unwatch(l, &r);
	loop_unwatch(l, &o);
	loop_close(l);
	close_pair(fds);
}

TEST("thousands of descriptors are all reported")
{
	static struct note notes[PAIRS];
	static struct watch watches[PAIRS];
	static int fds[PAIRS][2];
	struct loop *l = open_loop();
	struct note file = { 0 };
	struct watch wf = { .fn = on_ready, .arg = &file };
	int n;

	wf.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	require(loop_watch(l, &wf, LOOP_READ, NULL) == 0);
	n = watch_pairs(l, watches, notes, fds);
	check_int(count_wrong(l, watches, notes, n), 0);
	check(file.calls > 0);
	for (int i = 0; i < n; i += 1 + i % 3)
		loop_unwatch(l, &watches[i]);
	check_int(count_wrong(l, watches, notes, n), 0);
	for (int i = n - 1; i >= 0; i--) {
		loop_unwatch(l, &watches[i]);
		close_pair(fds[i]);
	}
	loop_unwatch(l, &wf);
	close(wf.fd);
	pass(l);
	loop_close(l);
}

TEST("a wait returns the ready events, 0 at its deadline")
{
	struct loop *l = open_loop();
	struct deadline until = deadline_in(2 * NSEC_PER_MSEC);
	int fds[2];

	make_pair(fds);
	check_int(loop_wait(l, fds[0], LOOP_READ, until, NULL), 0);
	check(deadline_passed(until));
	check_int(write(fds[1], "x", 1), 1);
	check_int(loop_wait(l, fds[0], LOOP_READ, deadline_in(0), NULL), LOOP_READ);
	check_int(loop_wait(l, fds[0], LOOP_READ | LOOP_WRITE, deadline_never(), NULL) & LOOP_WRITE,
	    LOOP_WRITE);
	close_pair(fds);
	loop_close(l);
}

static void
on_timer_run_again(struct timer *t)
{
	struct note *n = t->arg;

	count(n);
	n->status = loop_run(n->loop, &never_done, deadline_in(200 * NSEC_PER_MSEC), NULL);
}

TEST("a wait whose descriptor becomes ready during a nested run does not keep that run awake")
{
	struct loop *l = open_loop();
	struct note n = { .loop = l };
	struct timer t = { .fn = on_timer_run_again, .arg = &n };
	int fds[2], turns = 0;

	make_pair(fds);
	require(loop_timer_set(l, &t, deadline_in(0), NULL) == 0);
	check_int(write(fds[1], "x", 1), 1);
	loop_stack_set_switch(l, count_turn, &turns);
	check_int(loop_wait(l, fds[0], LOOP_READ, deadline_in(PATIENCE), NULL), LOOP_READ);
	loop_stack_set_switch(l, NULL, NULL);
	check_int(n.calls, 1);
	check(turns <= 8);
	close_pair(fds);
	loop_close(l);
}

TEST("a suspended watch is not called, does not keep the loop awake, and is called again when it "
     "is watched")
{
	struct loop *l = open_loop();
	struct note n = { .limit = 1 }, m = { .limit = 1 };
	struct watch w, v;
	int fds[2];

	make_pair(fds);
	w = (struct watch){ .fd = fds[0], .fn = on_ready, .arg = &n };
	v = (struct watch){ .fd = fds[0], .fn = on_ready, .arg = &m };
	require(loop_watch(l, &w, LOOP_READ, NULL) == 0);
	loop_suspend(l, &w);
	check_int(write(fds[1], "x", 1), 1);
	check_sleeps(l);
	check_int(n.calls, 0);
	require(loop_watch(l, &w, LOOP_READ, NULL) == 0);
	check(run(l, &n));
	/* another watch of the descriptor replaces it, and it replaces that again */
	loop_suspend(l, &w);
	require(loop_watch(l, &v, LOOP_READ, NULL) == 0);
	check(run(l, &m));
	check_int(n.calls, 1);
	loop_suspend(l, &v);
	n = (struct note){ .limit = 1 };
	require(loop_watch(l, &w, LOOP_READ, NULL) == 0);
	check(run(l, &n));
	check_int(m.calls, 1);
	loop_suspend(l, &w);
	loop_unwatch(l, &v);
	loop_unwatch(l, &w);
	close_pair(fds);
	/* a new descriptor with the same number starts afresh */
	make_pair(fds);
	v.fd = fds[0];
	require(loop_watch(l, &v, LOOP_WRITE, NULL) == 0);
	m = (struct note){ .limit = 1 };
	check(run(l, &m));
	check_int(n.calls, 1);
	loop_unwatch(l, &v);
	close_pair(fds);
	loop_close(l);
}

static void
on_timer_note_order(struct timer *t)
{
	static int order;
	struct note *n = t->arg;

	n->status = order++;
	count(n);
}

static int64_t last_due;
static int timers_run;

static void
on_timer_in_order(struct timer *t)
{
	*(int *)t->arg += t->at.at < last_due;
	last_due = t->at.at;
	timers_run++;
}

TEST("timers run once each, in the order of their deadlines")
{
	enum { TIMERS = 500 };
	static struct note notes[TIMERS];
	static struct timer timers[TIMERS];
	struct loop *l = open_loop();
	int64_t now = clock_now();
	int wrong = 0;

	for (int i = 0; i < TIMERS; i++) {
		int rank = (i * 7919) % TIMERS;

		timers[rank] = (struct timer){ .fn = on_timer_note_order, .arg = &notes[rank] };
		notes[rank].limit = 1;
		require(loop_timer_set(l, &timers[rank],
			    (struct deadline){ now + (rank + 1) * INT64_C(10000) }, NULL) == 0);
	}
	for (int i = 0; i < TIMERS; i += 3)
		loop_timer_stop(l, &timers[i]);
	check(run(l, &notes[TIMERS - 1]));
	for (int i = 0, last = -1; i < TIMERS; i++) {
		wrong += notes[i].calls != (i % 3 != 0);
		if (i % 3 == 0)
			continue;
		wrong += notes[i].status <= last;
		last = notes[i].status;
	}
	check_int(wrong, 0);
	loop_close(l);
}

/* Checks the order in which a new loop runs timers long due, after some were moved and some
 * stopped. */
static void
check_order(int n, unsigned seed)
{
	struct loop *l = open_loop();
	struct timer *timers = calloc((size_t)n, sizeof(*timers));
	int disorder = 0, stopped = 0;

	for (int i = 0; i < 2 * n; i++) {
		struct timer *t = &timers[i % n];
		struct deadline at = { 1 + (int64_t)(seed >> 8) };

		*t = i < n ? (struct timer){ .fn = on_timer_in_order, .arg = &disorder } : *t;
		seed = seed * 1103515245 + 12345;
		check_int(i < n || i % 3 != 0 ? loop_timer_set(l, t, at, NULL) : 0, 0);
		if (i >= n && i % 5 == 0 && t->slot != 0) {
			loop_timer_stop(l, t);
			stopped++;
		}
	}
	last_due = timers_run = 0;
	pass(l);
	check_int(disorder, 0);
	check_int(timers_run, n - stopped);
	loop_close(l);
	free(timers);
}

TEST("timers that are set, moved and stopped in any order run in that of their deadlines")
{
	for (int n = 2; n < 40; n++)
		for (unsigned seed = 1; seed <= 20; seed++)
			check_order(n, seed * 7919);
}

TEST("a timer can be moved, stopped and set to never")
{
	struct loop *l = open_loop();
	struct note n = { .limit = 1 }, mark = { .limit = 1 };
	struct timer t = { .fn = on_timer, .arg = &n }, m = { .fn = on_timer, .arg = &mark };

	loop_timer_stop(l, &t);
	require(loop_timer_set(l, &t, deadline_in(PATIENCE), NULL) == 0);
	require(loop_timer_set(l, &t, deadline_in(0), NULL) == 0);
	check(run(l, &n));
	require(loop_timer_set(l, &t, deadline_in(0), NULL) == 0);
	require(loop_timer_set(l, &t, deadline_never(), NULL) == 0);
	require(loop_timer_set(l, &m, deadline_in(2 * NSEC_PER_MSEC), NULL) == 0);
	check(run(l, &mark));
	check_int(n.calls, 1);
	loop_close(l);
}

static void
on_timer_again(struct timer *t)
{
	struct note *n = t->arg;

	count(n);
	loop_timer_set(n->loop, t, (struct deadline){ 0 }, NULL);
}

TEST("a timer that is set to a past time again and again does not starve others")
{
	struct loop *l = open_loop();
	struct note again = { .loop = l }, late = { .limit = 1 }, sock = { 0 };
	struct timer ta = { .fn = on_timer_again, .arg = &again };
	struct timer tl = { .fn = on_timer, .arg = &late };
	struct watch w = { .fn = on_ready, .arg = &sock };
	int fds[2];

	make_pair(fds);
	w.fd = fds[0];
	require(loop_watch(l, &w, LOOP_WRITE, NULL) == 0);
	require(loop_timer_set(l, &ta, deadline_in(0), NULL) == 0);
	require(loop_timer_set(l, &tl, deadline_in(NSEC_PER_MSEC), NULL) == 0);
	check(run(l, &late));
	check(again.calls > 1 && sock.calls > 1);
	check_int(loop_run(l, &never_done, deadline_in(0), NULL), 0);
	close_pair(fds);
	loop_close(l);
}

static struct sigaction
disposition(int signo)
{
	struct sigaction now;

	sigaction(signo, NULL, &now);
	return now;
}

TEST("a signal calls all its watches, from the loop")
{
	struct loop *l = open_loop();
	struct note a = { .limit = 1 }, b = { 0 }, c = { 0 };
	struct signal_watch sa = { .signo = SIGUSR1, .fn = on_signal, .arg = &a };
	struct signal_watch sb = { .signo = SIGUSR1, .fn = on_signal, .arg = &b };
	struct signal_watch sc = { .signo = SIGUSR2, .fn = on_signal, .arg = &c };

	require(loop_signal_watch(l, &sa, NULL) == 0);
	require(loop_signal_watch(l, &sb, NULL) == 0);
	require(loop_signal_watch(l, &sc, NULL) == 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	check_int(a.calls, 0);
	check(run(l, &a));
	check_int(a.calls, 1);
	check_int(b.calls, 1);
	check_int(c.calls, 0);
	pass(l);
	check_int(a.calls, 1);
	loop_close(l);
}

TEST("the former disposition is restored with the last watch of a signal")
{
	struct loop *l = open_loop();
	struct note n = { 0 };
	struct signal_watch a = { .signo = SIGUSR1, .fn = on_signal, .arg = &n }, b = a;

	signal(SIGUSR1, SIG_IGN);
	require(loop_signal_watch(l, &a, NULL) == 0);
	require(loop_signal_watch(l, &b, NULL) == 0);
	check(disposition(SIGUSR1).sa_handler != SIG_IGN);
	loop_signal_unwatch(l, &a);
	loop_signal_unwatch(l, &a);
	check(disposition(SIGUSR1).sa_handler != SIG_IGN);
	loop_signal_unwatch(l, &b);
	check(disposition(SIGUSR1).sa_handler == SIG_IGN);
	require(loop_signal_watch(l, &a, NULL) == 0);
	loop_close(l);
	check(disposition(SIGUSR1).sa_handler == SIG_IGN);
	check_int(n.calls, 0);
	signal(SIGUSR1, SIG_DFL);
}

TEST("a signal that cannot be caught cannot be watched")
{
	struct loop *l = open_loop();
	struct note n = { 0 };
	struct signal_watch s = { .signo = SIGKILL, .fn = on_signal, .arg = &n };
	struct error e;

	check_int(loop_signal_watch(l, &s, &e), -1);
	check_int(e.number, EINVAL);
	s.signo = 4711;
	check_int(loop_signal_watch(l, &s, &e), -1);
	s.signo = 0;
	check_int(loop_signal_watch(l, &s, &e), -1);
	loop_signal_unwatch(l, &s);
	loop_close(l);
}

TEST("a signal that was blocked at program start is unblocked")
{
	struct loop *l = open_loop();
	struct note n = { .limit = 1 };
	struct signal_watch s = { .signo = SIGUSR1, .fn = on_signal, .arg = &n };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	require(loop_signal_watch(l, &s, NULL) == 0);
	raise(SIGUSR1);
	check(run(l, &n));
	loop_close(l);
}

TEST("the handler keeps errno")
{
	struct loop *l = open_loop();
	struct note n = { 0 };
	struct signal_watch s = { .signo = SIGUSR1, .fn = on_signal, .arg = &n };
	int got;

	require(loop_signal_watch(l, &s, NULL) == 0);
	/* more than the pipe holds, so that the handler's write fails */
	for (int i = 0; i < 70000; i++)
		raise(SIGUSR1);
	errno = EXDEV;
	raise(SIGUSR1);
	got = errno;
	check_int(got, EXDEV);
	pass(l);
	pass(l);
	check_int(n.calls, 1);
	loop_close(l);
}

static void
on_signal_run_again(struct signal_watch *s)
{
	struct note *n = s->arg;

	count(n);
	n->status = run(n->loop, n->other);
}

TEST("the callback of a signal may wait for another signal that arrived at the same time")
{
	struct loop *l = open_loop();
	struct note usr2 = { .limit = 1 }, usr1 = { .loop = l, .other = &usr2, .limit = 1 };
	struct signal_watch s2 = { .signo = SIGUSR2, .fn = on_signal, .arg = &usr2 };
	struct signal_watch s1 = { .signo = SIGUSR1, .fn = on_signal_run_again, .arg = &usr1 };

	require(loop_signal_watch(l, &s2, NULL) == 0);
	require(loop_signal_watch(l, &s1, NULL) == 0);
	raise(SIGUSR1);
	raise(SIGUSR2);
	check(run(l, &usr1));
	check_int(usr1.status, 1);
	check_int(usr2.calls, 1);
	loop_close(l);
}

static void
on_signal_once(struct signal_watch *s)
{
	struct note *n = s->arg;

	count(n);
	loop_signal_unwatch(n->loop, s);
	memset(s, 0x5a, sizeof(*s));
}

TEST("the callback of a signal may remove its own watch")
{
	struct loop *l = open_loop();
	struct note n = { .loop = l, .limit = 1 };
	struct signal_watch s = { .signo = SIGUSR1, .fn = on_signal_once, .arg = &n };

	signal(SIGUSR1, SIG_IGN);
	require(loop_signal_watch(l, &s, NULL) == 0);
	raise(SIGUSR1);
	check(run(l, &n));
	raise(SIGUSR1);
	pass(l);
	check_int(n.calls, 1);
	signal(SIGUSR1, SIG_DFL);
	loop_close(l);
}

/* Starts a child that exits with this status when `gate` is closed. */
static pid_t
start_child(int status, const int gate[2])
{
	pid_t pid = fork();
	char c;

	if (pid != 0)
		return pid;
	if (gate != NULL) {
		close(gate[1]);
		if (read(gate[0], &c, 1) == -1)
			_exit(99);
	}
	_exit(status);
}

/* Waits until the child has ended, without reaping it. */
static void
await_end(pid_t pid)
{
	siginfo_t info;

	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
}

TEST("the end of a child is reported once, with its status")
{
	struct loop *l = open_loop();
	struct note n = { .limit = 1 };
	struct child_watch c = { .fn = on_child, .arg = &n };
	int gate[2];

	require(pipe(gate) == 0);
	c.pid = start_child(7, gate);
	close(gate[0]);
	loop_child_watch(l, &c);
	pass(l);
	check_int(n.calls, 0);
	close(gate[1]);
	check(run(l, &n));
	check(WIFEXITED(n.status) && WEXITSTATUS(n.status) == 7);
	pass(l);
	check_int(n.calls, 1);
	check_int(waitpid(c.pid, NULL, 0), -1);
	loop_child_unwatch(l, &c);
	loop_close(l);
	check(disposition(SIGCHLD).sa_handler == SIG_DFL);
}

TEST("a child that ended before it was watched is reported")
{
	struct loop *l = open_loop();
	struct note n = { .limit = 1 };
	struct child_watch c = { .fn = on_child, .arg = &n };

	c.pid = start_child(3, NULL);
	await_end(c.pid);
	loop_child_watch(l, &c);
	check_int(n.calls, 0);
	check(run(l, &n));
	check_int(WEXITSTATUS(n.status), 3);
	loop_close(l);
}

TEST("a child whose status was lost has exit status 125")
{
	struct loop *l = open_loop();
	struct note n = { .limit = 1 };
	struct child_watch c = { .fn = on_child, .arg = &n };

	c.pid = start_child(3, NULL);
	waitpid(c.pid, NULL, 0);
	loop_child_watch(l, &c);
	check(run(l, &n));
	check_int(WEXITSTATUS(n.status), 125);
	loop_close(l);
}

TEST("a child that is no longer watched is not reaped")
{
	struct loop *l = open_loop();
	struct note n = { 0 }, other = { .limit = 1 };
	struct child_watch c = { .fn = on_child, .arg = &n };
	struct child_watch o = { .fn = on_child, .arg = &other };
	int gate[2], status;

	require(pipe(gate) == 0);
	c.pid = start_child(5, gate);
	o.pid = start_child(6, gate);
	close(gate[0]);
	loop_child_watch(l, &c);
	loop_child_watch(l, &o);
	loop_child_unwatch(l, &c);
	close(gate[1]);
	check(run(l, &other));
	check_int(n.calls, 0);
	check_int(waitpid(c.pid, &status, 0), c.pid);
	check_int(WEXITSTATUS(status), 5);
	loop_close(l);
}

static void
on_child_run_again(struct child_watch *c, int status)
{
	struct note *n = c->arg;

	on_child(c, status);
	if (n->other->calls == 0)
		n->status = run(n->loop, n->other);
}

TEST("the callback of a child may wait for another child that ended at the same time")
{
	struct loop *l = open_loop();
	struct note a = { .loop = l, .limit = 1 }, b = { .loop = l, .other = &a, .limit = 1 };
	struct child_watch ca = { .fn = on_child_run_again, .arg = &a };
	struct child_watch cb = { .fn = on_child_run_again, .arg = &b };
	int gate[2];

	a.other = &b;
	require(pipe(gate) == 0);
	ca.pid = start_child(0, gate);
	cb.pid = start_child(0, gate);
	close(gate[0]);
	loop_child_watch(l, &ca);
	loop_child_watch(l, &cb);
	close(gate[1]);
	await_end(ca.pid);
	await_end(cb.pid);
	check(run(l, &a));
	check(run(l, &b));
	check(a.calls == 1 && b.calls == 1);
	loop_close(l);
}

TEST("many children are all reported")
{
	enum { CHILDREN = 50 };
	static struct note notes[CHILDREN];
	static struct child_watch children[CHILDREN];
	struct loop *l = open_loop();
	int gate[2], wrong = 0;

	require(pipe(gate) == 0);
	for (int i = 0; i < CHILDREN; i++) {
		notes[i].limit = 1;
		children[i] = (struct child_watch){ .fn = on_child, .arg = &notes[i] };
		children[i].pid = start_child(i, gate);
		loop_child_watch(l, &children[i]);
	}
	close_pair(gate);
	for (int i = 0; i < CHILDREN; i++)
		wrong += !run(l, &notes[i]) || WEXITSTATUS(notes[i].status) != i;
	check_int(wrong, 0);
	loop_close(l);
}

static void
on_signal_interrupt(struct signal_watch *s)
{
	struct note *n = s->arg;

	loop_interrupt(n->loop, s->signo);
}

static int64_t
processor_nsec(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

TEST("a loop that busy-polls stops polling, and reports what arrives later")
{
	struct loop *l = open_loop();
	int64_t used = processor_nsec();
	int fds[2];
	char c;

	loop_busy_poll(l);
	require(pipe(fds) == 0);
	for (int i = 0; i < 3; i++) {
		check_int(loop_wait(l, fds[0], LOOP_READ, deadline_in(200 * NSEC_PER_MSEC), NULL),
		    0);
		require(write(fds[1], "x", 1) == 1);
		check_int(loop_wait(l, fds[0], LOOP_READ, deadline_in(PATIENCE), NULL), LOOP_READ);
		require(read(fds[0], &c, 1) == 1);
	}
	check(processor_nsec() - used < 100 * NSEC_PER_MSEC);
	close_pair(fds);
	loop_close(l);
}

TEST("code that computes sees a signal, without running other callbacks")
{
	struct loop *l = open_loop();
	struct note n = { .loop = l }, ready = { .loop = l, .limit = 1 };
	struct signal_watch s = { .signo = SIGINT, .fn = on_signal_interrupt, .arg = &n };
	struct watch w = { .fd = STDOUT_FILENO, .fn = on_ready, .arg = &ready };

	check_int(loop_interrupted(l), 0);
	require(loop_signal_watch(l, &s, NULL) == 0);
	require(loop_watch(l, &w, LOOP_WRITE, NULL) == 0);
	check_int(loop_interrupted(l), 0);
	raise(SIGINT);
	check_int(loop_interrupted(l), SIGINT);
	check_int(loop_interrupted(l), SIGINT);
	loop_clear_interrupt(l);
	check_int(loop_interrupted(l), 0);
	check_int(ready.calls, 0);
	loop_unwatch(l, &w);
	loop_close(l);
}

TEST("an interrupt ends the current wait and all later ones until it is cleared")
{
	struct loop *l = open_loop();
	struct note n = { .loop = l };
	struct signal_watch s = { .signo = SIGINT, .fn = on_signal_interrupt, .arg = &n };
	const bool done = true;
	struct error e;

	require(loop_signal_watch(l, &s, NULL) == 0);
	raise(SIGINT);
	check_int(loop_run(l, &never_done, deadline_in(PATIENCE), &e), -1);
	check_int(e.code, ERROR_SIGNAL);
	check_str(e.text, "SIGINT");
	check_int(error_exit_status(&e), 130);
	check_int(loop_run(l, &done, deadline_never(), NULL), -1);
	check_int(loop_wait(l, STDOUT_FILENO, LOOP_WRITE, deadline_in(0), NULL), -1);
	loop_clear_interrupt(l);
	check_int(loop_run(l, &done, deadline_never(), NULL), 1);
	loop_close(l);
}

TEST("a loop without signal watches has no pipe and catches no signal")
{
	struct loop *l = open_loop();
	int fds[2], lowest = dup(STDERR_FILENO);

	close(lowest);
	require(pipe(fds) == 0);
	check_int(fds[0], lowest);
	check(disposition(SIGCHLD).sa_handler == SIG_DFL);
	close_pair(fds);
	loop_close(l);
}
