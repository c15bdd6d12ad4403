#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/deadline.h"
#include "loop/loop.h"
#include "loop/loop_stack.h"
#include "relay/negotiator.h"
#include "stream/fd.h"
#include "stream/negotiate/lingering_close.h"
#include "test.h"

/* Replaces the library's clock: time passes with turns of the loop, however busy the machine is. A
 * turn adds less than the loop waits, so that the kernel has time too. */
static int64_t now = NSEC_PER_SEC;

int64_t
clock_now(void)
{
	return now;
}

#define TURN (10 * NSEC_PER_MSEC)
/* More turns than any test needs. */
enum { TURNS_MAX = 1000, PIECE = 64 << 10 };

/* A connection over loopback: our end and the peer's. */
struct stage {
	struct loop *loop;
	struct negotiator g;
	struct stream *stream;
	int fd, peer;
	bool done, reset;
	int turns, every; /* the peer reads a piece and sends a byte every so many turns */
	size_t sent, got; /* by us, by the peer */
};

static void
on_done(struct negotiator *g)
{
	struct stage *st = g->arg;

	st->done = true;
	stream_close(st->stream);
}

static void
connect_pair(int *ret_ours, int *ret_peer)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = PIECE,
	    large = 8 * PIECE;
	socklen_t len = sizeof(name);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	check_int(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
	check_int(listen(listener, 1), 0);
	check_int(getsockname(listener, (struct sockaddr *)&name, &len), 0);
	*ret_ours = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(*ret_ours, SOL_SOCKET, SO_SNDBUF, &large, sizeof(large));
	check(connect(*ret_ours, (struct sockaddr *)&name, sizeof(name)) <= 0);
	*ret_peer = accept(listener, NULL, NULL);
	close(listener);
}

static void
stage_open(struct stage *st)
{
	*st = (struct stage){ .g = { .done = on_done, .arg = st } };
	require(loop_open(&st->loop, NULL) == 0);
	st->g.loop = st->loop;
	st->g.chain.top = &st->stream;
	st->g.chain.until = deadline_never();
	connect_pair(&st->fd, &st->peer);
	require(fd_stream_socket(&st->stream, st->fd, NULL) == 0);
}

static void
begin(struct stage *st, bool for_peer)
{
	require(lingering_close(&st->g.chain.at, for_peer, &st->reset, NULL) == 0);
	negotiator_start(&st->g);
}

static void
stage_close(struct stage *st)
{
	if (!st->done) {
		negotiator_stop(&st->g);
		stream_close(st->stream);
	}
	close(st->peer);
	loop_close(st->loop);
}

/* Sends as much as the connection takes while the peer reads nothing. */
static void
fill(struct stage *st)
{
	static char data[PIECE];
	ssize_t n;

	while ((n = send(st->fd, data, sizeof(data), MSG_NOSIGNAL)) > 0)
		st->sent += (size_t)n;
}

static ssize_t
peer_reads(struct stage *st)
{
	static char data[PIECE];
	ssize_t n = recv(st->peer, data, sizeof(data), MSG_DONTWAIT);

	st->got += n > 0 ? (size_t)n : 0;
	return n;
}

static bool
between(void *arg)
{
	struct stage *st = arg;

	now += TURN;
	if (st->every > 0 && ++st->turns % st->every == 0) {
		peer_reads(st);
		send(st->peer, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	return false;
}

/* Runs until it is done, at most for nsec. */
static void
run(struct stage *st, int64_t nsec)
{
	loop_stack_set_switch(st->loop, between, st);
	loop_run(st->loop, &st->done, deadline_in(nsec), NULL);
	loop_stack_set_switch(st->loop, NULL, NULL);
}

TEST("a slow peer that also sends gets everything, as long as it acknowledges")
{
	struct stage st;

	stage_open(&st);
	fill(&st);
	st.every = 20;
	begin(&st, false);
	run(&st, TURNS_MAX * TURN);
	check(st.done);
	check(!st.reset);
	/* the rest is in the peer's kernel */
	while (peer_reads(&st) > 0)
		continue;
	check_int((intmax_t)st.got, (intmax_t)st.sent);
	/* longer than the second without progress that it may take */
	check(st.turns * TURN > 2 * NSEC_PER_SEC);
	stage_close(&st);
}

TEST("a peer that acknowledges nothing for a second is given up")
{
	struct stage st;
	int64_t before = now;

	stage_open(&st);
	fill(&st);
	begin(&st, false);
	run(&st, TURNS_MAX * TURN);
	check(st.done);
	check(now - before >= NSEC_PER_SEC);
	check(now - before < 3 * NSEC_PER_SEC);
	check(!st.reset);
	stage_close(&st);
}

TEST("a reset before everything was acknowledged is reported, a later one is not")
{
	const struct linger hard = { .l_onoff = 1 };
	struct stage st;

	stage_open(&st);
	fill(&st);
	begin(&st, false);
	setsockopt(st.peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(st.peer);
	st.peer = -1;
	run(&st, TURNS_MAX * TURN);
	check(st.done && st.reset);
	stage_close(&st);

	stage_open(&st);
	begin(&st, true);
	setsockopt(st.peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(st.peer);
	st.peer = -1;
	run(&st, TURNS_MAX * TURN);
	check(st.done && !st.reset);
	stage_close(&st);
}

TEST("if everything is acknowledged the peer's end is awaited only on request")
{
	struct stage st;
	int64_t before;

	stage_open(&st);
	check_int(send(st.fd, "x", 1, 0), 1);
	before = now;
	begin(&st, false);
	run(&st, TURNS_MAX * TURN);
	check(st.done);
	check(now - before < NSEC_PER_SEC);
	stage_close(&st);

	stage_open(&st);
	begin(&st, true);
	run(&st, NSEC_PER_SEC / 2);
	check(!st.done);
	shutdown(st.peer, SHUT_WR);
	run(&st, NSEC_PER_SEC / 2);
	check(st.done && !st.reset);
	stage_close(&st);
}

TEST("nothing is reported after it is given up")
{
	struct stage st;

	stage_open(&st);
	fill(&st);
	begin(&st, false);
	negotiator_stop(&st.g);
	run(&st, TURN);
	check(!st.done);
	stage_close(&st);
}
