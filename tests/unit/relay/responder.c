#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "net/mmsg.h"
#include "relay/server/responder.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

/* A responder whose answers are collected, with '|' after each. */
struct stage {
	struct responder responder; /* first */
	char text[200];
	bool over;
	int calls;
};

static void
on_ready(struct responder *r)
{
	struct stage *st = (struct stage *)(void *)r;
	struct packet packets[MMSG_MAX];
	int n, i;

	st->calls++;
	n = record_reader_read(&r->answers, packets, MMSG_MAX, UINT64_MAX, clock_now(), NULL);
	for (i = 0; i < n; i++) {
		strncat(st->text, packets[i].data, packets[i].len);
		strcat(st->text, "|");
	}
	st->over = n < 0 || (n == 0 && responder_is_over(r, clock_now()));
	check_int(responder_wait(r, !st->over, NULL), 0);
}

static struct loop *
stage_open(struct stage *st, enum framing_kind kind, int64_t delay)
{
	*st = (struct stage){ .over = false };
	check_int(loop_open(&st->responder.loop, NULL), 0);
	st->responder.framing.kind = kind;
	st->responder.ready = on_ready;
	record_reader_init(&st->responder.answers, &st->responder.framing, 0, delay);
	return st->responder.loop;
}

static int
start(struct stage *st, const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const struct process_how how = { .argv = argv };

	return responder_open(&st->responder, &how, NULL, NULL);
}

static void
stage_run(struct stage *st, int ms)
{
	check(loop_run(st->responder.loop, &st->over, deadline_in(ms * MSEC), NULL) >= 0);
}

TEST("a program gets records, answers with records, and its status is known")
{
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_LINE, 0);

	check_int(start(&st, "read a; read b; echo \"$b\"; echo \"$a\"; exit 3"), 0);
	responder_send(&st.responder, "one", 3);
	responder_send(&st.responder, "two\n", 4);
	stage_run(&st, 20000);
	check(st.over);
	check_str(st.text, "two\n|one\n|");
	check(st.responder.reaped);
	check_int(WEXITSTATUS(st.responder.status), 3);
	responder_close(&st.responder);
	loop_close(loop);
}

TEST("a program that closes its output is over when it exits, not before")
{
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_LINE, 0);

	check_int(start(&st, "echo a; exec >&-; read x; exit 4"), 0);
	stage_run(&st, 300);
	check(!st.over);
	responder_send(&st.responder, "go", 2);
	stage_run(&st, 20000);
	check(st.over);
	check_str(st.text, "a\n|");
	check_int(WEXITSTATUS(st.responder.status), 4);
	responder_close(&st.responder);
	loop_close(loop);
}

TEST("with FRAMING_WHOLE the first datagram is the whole input")
{
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_WHOLE, 0);

	check_int(start(&st, "cat; echo end"), 0);
	responder_send(&st.responder, "a\nb\n", 4);
	responder_send(&st.responder, "no", 2);
	stage_run(&st, 20000);
	check(st.over);
	check_str(st.text, "a\nb\nend\n|");
	responder_close(&st.responder);
	loop_close(loop);
}

TEST("a program that reads nothing loses datagrams, which are counted, and delays nobody")
{
	static char data[60000];
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_CHUNK, 0);
	int i;

	st.responder.answers.framer.framing.chunk = st.responder.framing.chunk = 1;
	check_int(start(&st, "exec sleep 60"), 0);
	for (i = 0; i < 100; i++)
		responder_send(&st.responder, data, sizeof(data));
	check(st.responder.dropped > 50);
	check(st.responder.dropped < 100);
	kill(st.responder.child.pid, SIGKILL);
	stage_run(&st, 20000);
	check(WIFSIGNALED(st.responder.status));
	responder_close(&st.responder);
	loop_close(loop);
}

TEST("a program that closes its input is no failure")
{
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_LINE, 0);
	int i;

	check_int(start(&st, "exec <&-; echo ready; sleep 0.2; echo done"), 0);
	for (i = 0; i < 20000 && st.text[0] == '\0'; i++)
		stage_run(&st, 1);
	responder_send(&st.responder, "a", 1);
	responder_send(&st.responder, "b", 1);
	stage_run(&st, 20000);
	check(st.over);
	check_str(st.text, "ready\n|done\n|");
	check_int(st.responder.dropped, 0);
	responder_close(&st.responder);
	loop_close(loop);
}

TEST("a delay is between answers, and none after the last")
{
	int fd = memfd_create("answers", MFD_CLOEXEC);
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_LINE, 100 * MSEC);
	int64_t begin = clock_now(), took;
	char path[40];

	check_int(write(fd, "a\nb\nc\n", 6), 6);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_int(responder_open(&st.responder, NULL, path, NULL), 0);
	stage_run(&st, 20000);
	took = clock_now() - begin;
	check(st.over);
	check_str(st.text, "a\n|b\n|c\n|");
	/* the end is known during the pause */
	check(took >= 200 * MSEC);
	responder_close(&st.responder);
	loop_close(loop);
	close(fd);
}

TEST("ready is not called while it is disabled")
{
	int fd = memfd_create("answers", MFD_CLOEXEC);
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_LINE, 0);
	char path[40];

	check_int(write(fd, "a\n", 2), 2);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_int(responder_open(&st.responder, NULL, path, NULL), 0);
	check_int(responder_wait(&st.responder, false, NULL), 0);
	stage_run(&st, 50);
	check_str(st.text, "");
	check_int(responder_wait(&st.responder, true, NULL), 0);
	stage_run(&st, 20000);
	check_str(st.text, "a\n|");
	check(st.over);
	responder_close(&st.responder);
	loop_close(loop);
	close(fd);
}

TEST("the last output of a program is there with its exit, even if nobody waited")
{
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_LINE, 0);

	check_int(start(&st, "read x; echo last"), 0);
	while (!st.responder.answers.blocked)
		stage_run(&st, 1);
	check_int(responder_wait(&st.responder, false, NULL), 0);
	responder_send(&st.responder, "go", 2);
	stage_run(&st, 20000);
	check(st.over);
	check_str(st.text, "last\n|");
	responder_close(&st.responder);
	loop_close(loop);
}

TEST("a responder closed before its turn is not called")
{
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_LINE, 0);

	check_int(responder_open(&st.responder, NULL, "/dev/null", NULL), 0);
	responder_close(&st.responder);
	stage_run(&st, 10);
	check_int(st.calls, 0);
	loop_close(loop);
}

TEST("a program that cannot be started is a failure, and leaves nothing")
{
	struct error e = { 0 };
	struct stage st;
	struct loop *loop = stage_open(&st, FRAMING_LINE, 0);

	check_int(responder_open(&st.responder, NULL, "/nowhere/at/all", &e), -1);
	check_str(e.text, "open /nowhere/at/all: No such file or directory");
	loop_close(loop);
}
