#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "relay/byte_relay.h"
#include "relay/copy/copier.h"
#include "relay/copy/direction.h"
#include "relay/copy/scratch.h"
#include "relay/filter/framing.h"
#include "relay/relay_ops.h"
#include "stream/fd.h"
#include "stream/write_only.h"
#include "test.h"

/* Replaces the library's clock, which a test may stop. */
static int64_t stands; /* 0: it runs */

int64_t
clock_now(void)
{
	struct timespec real;

	clock_gettime(CLOCK_MONOTONIC, &real);
	return stands != 0 ? stands : real.tv_sec * NSEC_PER_SEC + real.tv_nsec;
}

/* A relay between two pipes (local) and one end of a socketpair (remote). The test plays both
 * users. */
struct stage {
	struct loop *loop;
	struct scratch scratch;
	struct ending_rules rules;
	struct relay_how how;
	struct relay *relay;
	int to_local, from_local; /* our ends of the local input and output */
	int local_in, local_out;
	int peer;
	bool over;
};

static void
on_done(struct relay *r)
{
	((struct stage *)r->how.arg)->over = true;
}

static void
stage_open(struct stage *st)
{
	struct error e = { 0 };
	int in[2], out[2], pair[2];

	memset(st, 0, sizeof *st);
	signal(SIGPIPE, SIG_IGN);
	check_int(pipe2(in, O_CLOEXEC), 0);
	check_int(pipe2(out, O_CLOEXEC), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	st->local_in = in[0];
	st->to_local = in[1];
	st->from_local = out[0];
	st->local_out = out[1];
	st->peer = pair[1];
	st->scratch.size = 65536;
	st->rules.after_eof = st->rules.idle = DURATION_NONE;
	st->rules.until = deadline_never();
	check_int(loop_open(&st->loop, &e), 0);
	st->how = (struct relay_how){ .loop = st->loop,
		.scratch = &st->scratch,
		.rules = &st->rules,
		.input = true,
		.limit = UINT64_MAX,
		.done = on_done,
		.arg = st };
	check_int(fd_stream_stdio(&st->how.local, in[0], out[1], true, &e), 0);
	check_int(fd_stream_socket(&st->how.remote, pair[0], &e), 0);
}

static void
stage_start(struct stage *st)
{
	struct error e = { 0 };

	check_int(byte_relay_open(&st->relay, &st->how, &e), 0);
	relay_start(st->relay);
}

/* Runs until the relay is over, or nothing more happens for ms. */
static void
stage_run(struct stage *st, int ms)
{
	struct error e = { 0 };

	loop_run(st->loop, &st->over, deadline_in(ms * NSEC_PER_MSEC), &e);
}

static void
stage_close(struct stage *st)
{
	relay_close(st->relay);
	stream_close(st->how.local);
	stream_close(st->how.remote);
	scratch_fini(&st->scratch);
	loop_close(st->loop);
	close(st->to_local);
	close(st->from_local);
	close(st->local_in);
	close(st->local_out);
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

	stage_open(&st);
	check_int(write(st.to_local, "ping", 4), 4);
	close(st.to_local);
	stage_start(&st);
	stage_run(&st, 20);
	check(!st.over);
	check_read(st.peer, "ping");
	check_int(read(st.peer, &c, 1), 0);
	check_int(write(st.peer, "pong", 4), 4);
	close(st.peer);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.from_local, "pong");
	check_int(st.relay->ending.end, END_PEER_FIN);
	check(st.relay->error == NULL);
	stage_close(&st);
}

TEST("the peer's end ends the relay though the input stays open")
{
	struct stage st;

	stage_open(&st);
	check_int(write(st.peer, "bye", 3), 3);
	shutdown(st.peer, SHUT_WR);
	stage_start(&st);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.from_local, "bye");
	check_int(st.relay->ending.end, END_PEER_FIN);
	stage_close(&st);
}

TEST("input that is there when the peer ends is still sent")
{
	struct stage st;

	stage_open(&st);
	shutdown(st.peer, SHUT_WR);
	check_int(write(st.to_local, "last words", 10), 10);
	stage_start(&st);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.peer, "last words");
	stage_close(&st);
}

TEST("telnet requests after our end are not answered, and no byte of ours counts as unsent")
{
	struct stage st;

	stage_open(&st);
	st.how.telnet = true;
	close(st.to_local);
	stage_start(&st);
	stage_run(&st, 20);
	check_int(st.relay->ending.send, ENDING_CLOSED);
	check_int(write(st.peer, "a\377\375\001b", 5), 5);
	shutdown(st.peer, SHUT_WR);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.from_local, "ab");
	check_int(st.relay->ending.end, END_PEER_FIN);
	check(st.relay->error == NULL);
	stage_close(&st);
}

TEST("half-open goes on sending after the peer's end")
{
	struct stage st;

	stage_open(&st);
	st.rules.half_open = true;
	shutdown(st.peer, SHUT_WR);
	stage_start(&st);
	stage_run(&st, 20);
	check(!st.over);
	check_int(write(st.to_local, "more", 4), 4);
	close(st.to_local);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.peer, "more");
	stage_close(&st);
}

TEST("silence after the end of input is a time-out when a limit is set")
{
	struct stage st;
	int64_t before = clock_now();

	stage_open(&st);
	st.rules.after_eof = 50 * NSEC_PER_MSEC;
	close(st.to_local);
	stage_start(&st);
	stage_run(&st, 2000);
	check(st.over);
	check_int(st.relay->ending.end, END_IDLE_TIMEOUT);
	require(st.relay->error != NULL);
	check_int(st.relay->error->code, ERROR_TIMEOUT);
	check(clock_now() - before >= 50 * NSEC_PER_MSEC);
	stage_close(&st);
}

/* A layer that has to write before it can read. */
static ssize_t
read_wants_write(struct stream *s, void *data, size_t n, struct error *e)
{
	(void)s, (void)data, (void)n, (void)e;
	return STREAM_WANT_WRITE;
}

static enum stream_kind
layered(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_OPAQUE;
}

static void
fill_socket(int fd)
{
	static char zeros[4096];

	while (write(fd, zeros, sizeof zeros) > 0)
		;
}

static bool
is_shut_after_drain(int fd)
{
	char data[4096];
	ssize_t n;

	while ((n = read(fd, data, sizeof data)) > 0)
		;
	return n == 0;
}

TEST("a half-close waits while a layer cannot read before it has written")
{
	struct stage st;
	const struct stream_ops *ops;
	struct stream_ops blocked;

	stands = clock_now();
	stage_open(&st);
	st.rules.half_close = 100 * NSEC_PER_MSEC;
	ops = st.how.remote->ops;
	blocked = *ops;
	blocked.read = read_wants_write;
	blocked.kind = layered;
	st.how.remote->ops = &blocked;
	fill_socket(stream_raw_fd(st.how.remote, STREAM_OUT));
	close(st.to_local);
	check_int(write(st.peer, "late", 4), 4);
	stage_start(&st);
	stands += 200 * NSEC_PER_MSEC;
	relay_wake(st.relay);
	check(!is_shut_after_drain(st.peer));
	st.how.remote->ops = ops;
	stage_run(&st, 0);
	check_read(st.from_local, "late");
	check(!is_shut_after_drain(st.peer));
	stands += 200 * NSEC_PER_MSEC;
	relay_wake(st.relay);
	check(is_shut_after_drain(st.peer));
	stage_close(&st);
	stands = 0;
}

TEST("a byte in either direction starts the idle time again")
{
	struct stage st;
	int i;

	stands = clock_now();
	stage_open(&st);
	st.rules.idle = 60 * NSEC_PER_MSEC;
	stage_start(&st);
	for (i = 0; i < 4; i++) {
		stands += 59 * NSEC_PER_MSEC;
		stage_run(&st, 0);
		check(!st.over);
		check_int(write(i % 2 ? st.to_local : st.peer, "x", 1), 1);
		stage_run(&st, 0);
	}
	stands += 59 * NSEC_PER_MSEC;
	stage_run(&st, 0);
	check(!st.over);
	stands += NSEC_PER_MSEC;
	stage_run(&st, 0);
	check(st.over);
	check_int(st.relay->ending.end, END_IDLE_TIMEOUT);
	stage_close(&st);
	stands = 0;
}

TEST("a program that stops reading can still write")
{
	struct stage st;

	stage_open(&st);
	st.rules.local_program = true;
	close(st.from_local);
	st.from_local = -1;
	check_int(write(st.peer, "unwanted", 8), 8);
	stage_start(&st);
	stage_run(&st, 20);
	check(!st.over);
	check_int(write(st.to_local, "answer", 6), 6);
	stage_run(&st, 20);
	check_read(st.peer, "answer");
	close(st.to_local);
	relay_program_gone(st.relay);
	stage_run(&st, 1000);
	check(st.over);
	check_int(st.relay->ending.end, END_CHILD_EXIT);
	stage_close(&st);
}

TEST("a program learns that its output is no longer read, and still gets its input")
{
	struct error e = { 0 };
	struct stage st;
	int pair[2];

	stage_open(&st);
	st.rules.local_program = true;
	st.how.limit = 4;
	stream_close(st.how.local);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	check_int(fd_stream_socket(&st.how.local, pair[0], &e), 0);
	check_int(write(pair[1], "12345", 5), 5);
	stage_start(&st);
	stage_run(&st, 20);
	check(!st.over);
	check_read(st.peer, "1234");
	check_int(write(pair[1], "6", 1), -1);
	check_int(errno, EPIPE);
	check_int(write(st.peer, "yes", 3), 3);
	stage_run(&st, 20);
	check_read(pair[1], "yes");
	close(pair[1]);
	stage_close(&st);
}

TEST("an output without a reader ends the relay as stdout-closed")
{
	struct stage st;

	stage_open(&st);
	close(st.from_local);
	st.from_local = -1;
	check_int(write(st.peer, "x", 1), 1);
	stage_start(&st);
	stage_run(&st, 1000);
	check(st.over);
	check_int(st.relay->ending.end, END_STDOUT_CLOSED);
	stage_close(&st);
}

TEST("a limit of bytes ends receiving exactly there")
{
	struct stage st;

	stage_open(&st);
	st.how.limit = 5;
	check_int(write(st.peer, "0123456789", 10), 10);
	stage_start(&st);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.from_local, "01234");
	check_int(st.relay->ending.end, END_LIMIT);
	stage_close(&st);
}

TEST("an echo sends everything back, then its end")
{
	struct stage st;
	char c;

	stage_open(&st);
	stream_close(st.how.local);
	st.how.local = NULL;
	st.how.input = false;
	check_int(write(st.peer, "hello", 5), 5);
	shutdown(st.peer, SHUT_WR);
	stage_start(&st);
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.peer, "hello");
	check_int(read(st.peer, &c, 1), 0);
	stage_close(&st);
}

TEST("a copier inside the kernel is chosen by the kinds of the ends")
{
	struct direction send, receive;
	struct stage st;

	stage_open(&st);
	direction_init(&send, st.how.local, st.how.remote, &st.scratch);
	direction_init(&receive, st.how.remote, st.how.local, &st.scratch);
	copier_choose(&send);
	copier_choose(&receive);
	check_str(send.copier->name, "copy");
#ifdef __linux__
	check_str(receive.copier->name, "splice");
#endif
	direction_fini(&send);
	direction_fini(&receive);
	stage_close(&st);
}

TEST("an input that still delivers is sent to its end even if the peer ended first")
{
	struct stage st;
	int i;

	stage_open(&st);
	shutdown(st.peer, SHUT_WR);
	stage_start(&st);
	for (i = 0; i < 4; i++) {
		stage_run(&st, 200);
		check(!st.over);
		check_int(write(st.to_local, "x", 1), 1);
	}
	close(st.to_local);
	st.to_local = -1;
	stage_run(&st, 1000);
	check(st.over);
	check_read(st.peer, "xxxx");
	check_int(st.relay->ending.end, END_PEER_FIN);
	check(st.relay->error == NULL);
	stage_close(&st);
}

TEST("an echo whose peer has gone ends as a reset, and does not spin")
{
	static char data[1 << 20];
	struct stage st;

	stage_open(&st);
	stream_close(st.how.local);
	st.how.local = NULL;
	st.how.input = false;
	fcntl(st.peer, F_SETFL, O_NONBLOCK);
	stage_start(&st);
	while (write(st.peer, data, sizeof data) > 0)
		stage_run(&st, 1);
	check(!st.over);
	close(st.peer);
	st.peer = -1;
	stage_run(&st, 1000);
	check(st.over);
	check_int(st.relay->ending.end, END_PEER_RESET);
	check_str(relay_verb(st.relay), "send");
	stage_close(&st);
}

/* An output without a descriptor. It takes nothing before it is opened; then each write makes the
 * peer send another record, so that every read is large and empties the source. */
static struct {
	struct stream base;
	int peer;
	bool open;
	unsigned records, taken;
} hall;

enum { RECORD = 20000, RECORDS = 40 };

static void
send_record(void)
{
	static char record[RECORD];

	memset(record, 'x', RECORD);
	record[RECORD - 1] = '\n';
	if (hall.records++ < RECORDS)
		check_int(write(hall.peer, record, RECORD), RECORD);
}

static ssize_t
hall_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	(void)s;
	(void)data;
	(void)e;
	if (!hall.open)
		return STREAM_WANT_WRITE;
	hall.taken += (unsigned)(n / RECORD);
	send_record();
	return (ssize_t)n;
}

static int
hall_flush(struct stream *s, struct error *e)
{
	(void)s;
	(void)e;
	return 0;
}

static void
hall_close(struct stream *s)
{
	(void)s;
}

TEST("an output without a descriptor is tried again after each read, and when it is ready")
{
	static const struct framing lines = { .kind = FRAMING_LINE };
	static const struct stream_ops ops = { .read = write_only_read,
		.write = hall_write,
		.flush = hall_flush,
		.shut = write_only_shut,
		.close = hall_close,
		.raw_fd = write_only_raw_fd,
		.kind = write_only_kind };
	struct stage st;

	stage_open(&st);
	stream_close(st.how.local);
	memset(&hall, 0, sizeof hall);
	hall.base.ops = &ops;
	hall.peer = st.peer;
	st.how.local = &hall.base;
	st.how.framing = &lines;
	stage_start(&st);
	send_record();
	stage_run(&st, 20);
	check_int(hall.taken, 0);
	hall.open = true;
	relay_local_ready(st.relay, LOOP_WRITE);
	stage_run(&st, 100);
	check_int(hall.taken, RECORDS);
	stage_close(&st);
}
