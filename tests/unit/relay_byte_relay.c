#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "relay/byte_relay.h"
#include "relay/copier.h"
#include "stream/fd.h"
#include "test.h"

/* A pump between two pipes (near) and one end of a socketpair (far); the test
 * plays the user at the other ends. */
struct stage {
	struct loop *loop;
	struct scratch scratch;
	struct byte_relay_rules rules;
	struct byte_relay pump;
	int to_near, from_near; /* our ends of near's input and output */
	int near_in, near_out;
	int peer;
	bool over;
};

static void
on_done(struct byte_relay *p)
{
	((struct stage *)p->arg)->over = true;
}

static void
stage_open(struct stage *st, int domain_type)
{
	struct error e = { 0 };
	int in[2], out[2], pair[2];

	memset(st, 0, sizeof *st);
	signal(SIGPIPE, SIG_IGN);
	check_int(pipe2(in, O_CLOEXEC), 0);
	check_int(pipe2(out, O_CLOEXEC), 0);
	check_int(socketpair(AF_UNIX, domain_type | SOCK_NONBLOCK, 0, pair), 0);
	st->near_in = in[0];
	st->to_near = in[1];
	st->from_near = out[0];
	st->near_out = out[1];
	st->peer = pair[1];
	st->scratch.size = 65536;
	st->rules.after_eof = st->rules.idle = DURATION_NONE;
	st->rules.until = deadline_never();
	check_int(loop_open(&st->loop, &e), 0);
	st->pump.loop = st->loop;
	st->pump.scratch = &st->scratch;
	st->pump.rules = &st->rules;
	check_int(fd_stream_stdio(&st->pump.near, in[0], out[1], true, &e), 0);
	check_int(fd_stream_socket(&st->pump.far, pair[0], &e), 0);
	st->pump.done = on_done;
	st->pump.arg = st;
	byte_relay_init(&st->pump, true);
}

/* Until the pump is over or nothing more happens for ms. */
static void
stage_run(struct stage *st, int ms)
{
	struct error e = { 0 };

	loop_run(st->loop, &st->over, deadline_in(ms * NSEC_PER_MSEC), &e);
}

static void
stage_close(struct stage *st)
{
	byte_relay_fini(&st->pump);
	stream_close(st->pump.near);
	stream_close(st->pump.far);
	scratch_fini(&st->scratch);
	loop_close(st->loop);
	close(st->to_near);
	close(st->from_near);
	close(st->near_in);
	close(st->near_out);
	close(st->peer);
}

static void
check_read(int fd, const char *want)
{
	char data[100];
	ssize_t n;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	n = read(fd, data, sizeof data);
	check_mem(data, n > 0 ? (size_t)n : 0, want, strlen(want));
}

TEST("the end of input is passed on, and receiving goes on until the peer ends")
{
	struct stage st;
	char c;

	stage_open(&st, SOCK_STREAM);
	check_int(write(st.to_near, "ping", 4), 4);
	close(st.to_near);
	byte_relay_start(&st.pump);
	stage_run(&st, 20);
	check(!st.over);
	check_read(st.peer, "ping");
	check_int(read(st.peer, &c, 1), 0);
	check_int(write(st.peer, "pong", 4), 4);
	close(st.peer);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.from_near, "pong");
	check_int(st.pump.end, END_PEER_FIN);
	check(st.pump.error == NULL);
	stage_close(&st);
}

TEST("the peer's end ends the relay though the input stays open")
{
	struct stage st;

	stage_open(&st, SOCK_STREAM);
	check_int(write(st.peer, "bye", 3), 3);
	shutdown(st.peer, SHUT_WR);
	byte_relay_start(&st.pump);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.from_near, "bye");
	check_int(st.pump.end, END_PEER_FIN);
	stage_close(&st);
}

TEST("what the input holds when the peer ends is still sent")
{
	struct stage st;

	stage_open(&st, SOCK_STREAM);
	shutdown(st.peer, SHUT_WR);
	check_int(write(st.to_near, "last words", 10), 10);
	byte_relay_start(&st.pump);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.peer, "last words");
	stage_close(&st);
}

TEST("half-open goes on sending after the peer's end")
{
	struct stage st;

	stage_open(&st, SOCK_STREAM);
	st.rules.half_open = true;
	shutdown(st.peer, SHUT_WR);
	byte_relay_start(&st.pump);
	stage_run(&st, 20);
	check(!st.over);
	check_int(write(st.to_near, "more", 4), 4);
	close(st.to_near);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.peer, "more");
	stage_close(&st);
}

TEST("silence after the end of input is a time-out when a limit is set")
{
	struct stage st;
	int64_t before = clock_now();

	stage_open(&st, SOCK_STREAM);
	st.rules.after_eof = 50 * NSEC_PER_MSEC;
	close(st.to_near);
	byte_relay_start(&st.pump);
	stage_run(&st, 2000);
	check(st.over);
	check_int(st.pump.end, END_IDLE_TIMEOUT);
	require(st.pump.error != NULL);
	check_int(st.pump.error->code, ERROR_TIMEOUT);
	check(clock_now() - before >= 50 * NSEC_PER_MSEC);
	stage_close(&st);
}

TEST("a byte in either direction starts the idle time again")
{
	struct stage st;
	int64_t before = clock_now();
	int i;

	stage_open(&st, SOCK_STREAM);
	st.rules.idle = 60 * NSEC_PER_MSEC;
	byte_relay_start(&st.pump);
	for (i = 0; i < 4; i++) {
		stage_run(&st, 30);
		check(!st.over);
		check_int(write(i % 2 ? st.to_near : st.peer, "x", 1), 1);
	}
	stage_run(&st, 2000);
	check(st.over);
	check_int(st.pump.end, END_IDLE_TIMEOUT);
	check(clock_now() - before >= 180 * NSEC_PER_MSEC);
	stage_close(&st);
}

TEST("a program that reads no more does not stop what it still says")
{
	struct stage st;

	stage_open(&st, SOCK_STREAM);
	st.rules.near_program = true;
	close(st.from_near);
	st.from_near = -1;
	check_int(write(st.peer, "unwanted", 8), 8);
	byte_relay_start(&st.pump);
	stage_run(&st, 20);
	check(!st.over);
	check_int(write(st.to_near, "answer", 6), 6);
	stage_run(&st, 20);
	check_read(st.peer, "answer");
	close(st.to_near);
	byte_relay_program_ended(&st.pump);
	stage_run(&st, 1000);
	check(st.over);
	check_int(st.pump.end, END_CHILD_EXIT);
	stage_close(&st);
}

TEST("a reader that is gone ends the relay as stdout-closed")
{
	struct stage st;

	stage_open(&st, SOCK_STREAM);
	close(st.from_near);
	st.from_near = -1;
	check_int(write(st.peer, "x", 1), 1);
	byte_relay_start(&st.pump);
	stage_run(&st, 1000);
	check(st.over);
	check_int(st.pump.end, END_STDOUT_CLOSED);
	stage_close(&st);
}

TEST("a limit of bytes ends receiving exactly there")
{
	struct stage st;

	stage_open(&st, SOCK_STREAM);
	st.pump.recv.way.limit = 5;
	check_int(write(st.peer, "0123456789", 10), 10);
	byte_relay_start(&st.pump);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.from_near, "01234");
	check_int(st.pump.end, END_LIMIT);
	stage_close(&st);
}

TEST("an echo gives back everything, then its end")
{
	struct stage st;
	char c;

	stage_open(&st, SOCK_STREAM);
	stream_close(st.pump.near);
	st.pump.near = NULL;
	byte_relay_init(&st.pump, false);
	check_int(write(st.peer, "hello", 5), 5);
	shutdown(st.peer, SHUT_WR);
	byte_relay_start(&st.pump);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.peer, "hello");
	check_int(read(st.peer, &c, 1), 0);
	stage_close(&st);
}

TEST("a mover inside the kernel is chosen by the kinds of the ends")
{
	struct stage st;

	stage_open(&st, SOCK_STREAM);
	check_str(st.pump.send.way.mover->name, "copy");
#ifdef __linux__
	check_str(st.pump.recv.way.mover->name, "splice");
#endif
	stage_close(&st);
}
