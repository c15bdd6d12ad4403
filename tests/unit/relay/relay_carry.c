#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "relay/byte_relay.h"
#include "relay/copy/relay_carry.h"
#include "relay/copy/scratch.h"
#include "stream/fd.h"
#include "test.h"

/* Relays of one input, one after the other, each with a connection of its own. */
struct stage {
	struct loop *loop;
	struct scratch scratch;
	struct ending_rules rules;
	struct relay_carry carry;
	struct relay_how how;
	struct relay *relay;
	int input, output; /* our ends */
	int local[2];
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
	int in[2], out[2];

	memset(st, 0, sizeof *st);
	signal(SIGPIPE, SIG_IGN);
	check_int(pipe2(in, O_CLOEXEC), 0);
	check_int(pipe2(out, O_CLOEXEC), 0);
	st->local[0] = in[0];
	st->local[1] = out[1];
	st->input = in[1];
	st->output = out[0];
	st->peer = -1;
	st->scratch.size = 65536;
	st->rules.after_eof = st->rules.idle = DURATION_NONE;
	st->rules.until = deadline_never();
	buf_init(&st->carry.unsent, SIZE_MAX / 2);
	check_int(loop_open(&st->loop, &e), 0);
	check_int(fd_stream_stdio(&st->how.local, in[0], out[1], true, &e), 0);
}

/* Connects again. */
static void
next(struct stage *st)
{
	struct stream *local = st->how.local;
	struct error e = { 0 };
	int pair[2];

	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	st->peer = pair[1];
	st->over = false;
	st->how = (struct relay_how){ .loop = st->loop,
		.scratch = &st->scratch,
		.rules = &st->rules,
		.local = local,
		.input = true,
		.limit = UINT64_MAX,
		.carry = &st->carry,
		.done = on_done,
		.arg = st };
	check_int(fd_stream_socket(&st->how.remote, pair[0], &e), 0);
	check_int(byte_relay_open(&st->relay, &st->how, &e), 0);
	relay_start(st->relay);
}

static void
run(struct stage *st, int ms)
{
	struct error e = { 0 };

	loop_run(st->loop, &st->over, deadline_in(ms * NSEC_PER_MSEC), &e);
}

/* The peer ends, and so does the relay. */
static void
leave(struct stage *st)
{
	close(st->peer);
	st->peer = -1;
	run(st, 10000);
	check(st->over);
	relay_close(st->relay);
	st->relay = NULL;
	stream_close(st->how.remote);
}

static void
stage_close(struct stage *st)
{
	stream_close(st->how.local);
	buf_fini(&st->carry.unsent);
	scratch_fini(&st->scratch);
	loop_close(st->loop);
	close(st->local[0]);
	close(st->local[1]);
	close(st->input);
	close(st->output);
}

static size_t
drain(int fd)
{
	char data[65536];
	size_t all = 0;
	ssize_t n;

	while ((n = read(fd, data, sizeof data)) > 0)
		all += (size_t)n;
	return all;
}

TEST("what the first connection did not take is sent on the next, before what comes later")
{
	char text[10000], got[sizeof text + 10];
	struct stage st;
	size_t first, n = 0;
	ssize_t more;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i % 26);
	stage_open(&st);
	next(&st);
	/* a window that is smaller than the input */
	check_int(setsockopt(stream_raw_fd(st.how.remote, STREAM_OUT), SOL_SOCKET, SO_SNDBUF,
		      &(int){ 1 }, sizeof(int)),
	    0);
	check_int(write(st.input, text, sizeof text), sizeof text);
	run(&st, 50);
	first = drain(st.peer);
	leave(&st);
	check(!st.carry.input_over);
	next(&st);
	check_int(write(st.input, " then", 5), 5);
	run(&st, 50);
	while ((more = read(st.peer, got + n, sizeof got - n)) > 0)
		n += (size_t)more;
	/* what the first one took may be lost with it; nothing is twice, and nothing else is missing */
	check(first + n <= sizeof text + 5);
	require(n >= 5);
	check_mem(got + n - 5, 5, " then", 5);
	check_mem(got, n - 5, text + sizeof text - (n - 5), n - 5);
	check_int(st.carry.unsent.len, 0);
	leave(&st);
	stage_close(&st);
}

TEST("nothing is carried when everything was sent")
{
	struct stage st;

	stage_open(&st);
	next(&st);
	check_int(write(st.input, "all", 3), 3);
	run(&st, 50);
	check_int(drain(st.peer), 3);
	leave(&st);
	check_int(st.carry.unsent.len, 0);
	check(!st.carry.half_closed);
	stage_close(&st);
}

TEST("the end of the input is kept, and our end is told on each connection")
{
	struct stage st;
	char c;

	stage_open(&st);
	next(&st);
	check_int(write(st.input, "x", 1), 1);
	close(st.input);
	st.input = -1;
	run(&st, 50);
	check_int(read(st.peer, &c, 1), 1);
	check_int(read(st.peer, &c, 1), 0);
	check(st.carry.input_over);
	check(st.carry.half_closed);
	leave(&st);
	next(&st);
	/* the new connection has not been half-closed when it begins */
	run(&st, 50);
	check_int(read(st.peer, &c, 1), 0);
	check(st.carry.half_closed);
	leave(&st);
	stage_close(&st);
}
