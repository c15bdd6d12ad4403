#include "relay/dial/datagram_flow.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_records.h"
#include "net/mmsg.h"
#include "stream/fd.h"

#define MSEC NSEC_PER_MSEC

/* ---- replaces relay/dial/dial: the test says when it is over ---- */

void
dial_start(struct dial *d)
{
	(void)d;
}

struct stream *
dial_take(struct dial *d)
{
	struct stream *s = d->stream;

	d->stream = NULL;
	return s;
}

void
dial_stop(struct dial *d)
{
	stream_close(d->stream);
	d->stream = NULL;
}

/* ---- the stage ---- */

struct stage {
	struct datagram_flow flow;
	struct fake_records target;
	int peer; /* of a socket */
	unsigned calls;
	bool called;
};

static void
on_ready(struct datagram_flow *f)
{
	struct stage *st = f->arg;

	st->calls++;
	st->called = true;
}

static void
stage_open(struct stage *st)
{
	*st = (struct stage){ .flow = { .ready = on_ready, .arg = st }, .peer = -1 };
	check_int(loop_open(&st->flow.loop, NULL), 0);
	fake_records_open(&st->target);
	datagram_flow_start(&st->flow);
	check_int(st->calls, 0);
}

/* Returns true if ready() was called. */
static bool
stage_run(struct stage *st)
{
	st->called = false;
	check(loop_run(st->flow.loop, &st->called, deadline_in(30 * MSEC), NULL) >= 0);
	return st->called;
}

static void
connect_to(struct stage *st, struct stream *s)
{
	st->flow.dial.peer =
	    (struct sockname){ .len = sizeof(sa_family_t), .sa.sa_family = AF_UNIX };
	st->flow.dial.stream = s;
	st->flow.dial.done(&st->flow.dial);
}

/* A target with a socket of its own. */
static void
connect_to_socket(struct stage *st, int send_buffer)
{
	struct stream *s;
	int pair[2];

	check_int(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
	check_int(fd_stream_socket(&s, pair[0], NULL), 0);
	st->peer = pair[1];
	connect_to(st, s);
}

static void
stage_close(struct stage *st)
{
	bool taken = st->flow.stream == &st->target.base;
	struct loop *loop = st->flow.loop;

	datagram_flow_stop(&st->flow);
	check_int(st->target.closed, taken);
	datagram_flow_stop(&st->flow);
	if (!taken)
		stream_close(&st->target.base);
	loop_close(loop);
	if (st->peer >= 0)
		close(st->peer);
}

static void
say(struct stage *st, const char *text)
{
	datagram_flow_send(&st->flow, text, strlen(text));
}

/* Returns what datagram_flow_receive() does; the records are in ret_text, with '|' after each. */
static int
hear(struct stage *st, char ret_text[FAKE_RECORDS_TEXT], struct error *e)
{
	static char room[4][100];
	struct packet packets[4];
	int n;

	for (int i = 0; i < 4; i++)
		packets[i] = (struct packet){ .data = room[i], .room = sizeof(room[i]) };
	n = datagram_flow_receive(&st->flow, packets, 4, e);
	ret_text[0] = '\0';
	for (int i = 0; i < n; i++) {
		strncat(ret_text, packets[i].data, packets[i].len);
		strcat(ret_text, "|"); /* NOLINT */
	}
	return n;
}

/* ---- sending ---- */

TEST("datagrams wait until the target is connected, and go in their order, empty ones too")
{
	struct stage st;

	stage_open(&st);
	say(&st, "one");
	say(&st, "");
	say(&st, "two");
	check(!st.flow.connected);
	connect_to(&st, &st.target.base);
	check(st.flow.connected);
	say(&st, "three");
	check_str(st.target.out, "one||two|three|");
	stage_close(&st);
	check_int((intmax_t)st.flow.dropped, 0);
}

TEST("what waits is bounded, and what is beyond is counted")
{
	static const char half[DATAGRAM_FLOW_HELD / 2];
	static const char rest[DATAGRAM_FLOW_HELD / 2 - 2 * sizeof(size_t)];
	struct stage st;

	stage_open(&st);
	datagram_flow_send(&st.flow, half, sizeof(half));
	datagram_flow_send(&st.flow, half, sizeof(half));
	check_int((intmax_t)st.flow.dropped, 1);
	datagram_flow_send(&st.flow, rest, sizeof(rest));
	check_int((intmax_t)st.flow.dropped, 1);
	datagram_flow_send(&st.flow, NULL, 0);
	check_int((intmax_t)st.flow.dropped, 2);
	stage_close(&st);
	/* the two that still waited */
	check_int((intmax_t)st.flow.dropped, 4);
}

TEST("a datagram that the target cannot take now waits with those after it")
{
	static const int wants[] = { STREAM_WANT_WRITE, STREAM_WANT_READ };

	for (int i = 0; i < 2; i++) {
		struct stage st;

		stage_open(&st);
		connect_to(&st, &st.target.base);
		fake_records_refuse(&st.target, wants[i], 0, 0);
		say(&st, "one");
		fake_records_refuse(&st.target, 0, 0, 0);
		say(&st, "two");
		check_str(st.target.out, "");
		if (wants[i] == STREAM_WANT_READ)
			fake_records_put(&st.target, "go on");
		stage_run(&st);
		check_str(st.target.out, "one|two|");
		say(&st, "three");
		check_str(st.target.out, "one|two|three|");
		stage_close(&st);
		check_int((intmax_t)st.flow.dropped, 0);
	}
}

TEST("a datagram that the target has taken and not sent is flushed when it can be")
{
	struct stage st;

	stage_open(&st);
	connect_to(&st, &st.target.base);
	fake_records_refuse(&st.target, 0, STREAM_WANT_WRITE, 0);
	say(&st, "one");
	check_int((intmax_t)st.flow.stuck, LOOP_WRITE);
	fake_records_refuse(&st.target, 0, 0, 0);
	stage_run(&st);
	check_int((intmax_t)st.flow.stuck, 0);
	check_int((intmax_t)st.flow.watch.events, LOOP_READ);
	check_int((intmax_t)st.flow.dropped, 0);
	stage_close(&st);
}

TEST("a datagram that is too long is counted, and the flow goes on")
{
	static const char data[60000];
	char text[FAKE_RECORDS_TEXT];
	struct error e = { 0 };
	struct stage st;

	stage_open(&st);
	connect_to_socket(&st, 4000);
	datagram_flow_send(&st.flow, data, sizeof(data));
	check_int((intmax_t)st.flow.dropped, 1);
	say(&st, "short");
	check_int(recv(st.peer, text, sizeof(text), MSG_DONTWAIT), 5);
	check_int(send(st.peer, "answer", 6, 0), 6);
	check_int(hear(&st, text, &e), 1);
	check_str(text, "answer|");
	stage_close(&st);
}

/* ---- receiving ---- */

TEST("what the target answers is told from the loop, and only when it is wanted")
{
	char text[FAKE_RECORDS_TEXT];
	struct stage st;

	stage_open(&st);
	connect_to_socket(&st, 60000);
	check_int(hear(&st, text, NULL), 0);
	check_int(datagram_flow_wait(&st.flow, false, NULL), 0);
	check_int(send(st.peer, "one", 3, 0), 3);
	check_int(send(st.peer, "", 0, 0), 0);
	check(!stage_run(&st));
	check_int(datagram_flow_wait(&st.flow, true, NULL), 0);
	check(stage_run(&st));
	check_int(hear(&st, text, NULL), 2);
	check_str(text, "one||");
	check_int(hear(&st, text, NULL), 0);
	check(!stage_run(&st));
	stage_close(&st);
}

TEST("records that the stream holds are told of, although its descriptor says nothing")
{
	char text[FAKE_RECORDS_TEXT];
	struct stage st;

	stage_open(&st);
	connect_to(&st, &st.target.base);
	st.target.holds = true;
	fake_records_put(&st.target, "one");
	check_int(datagram_flow_wait(&st.flow, true, NULL), 0);
	check(stage_run(&st));
	check_int(hear(&st, text, NULL), 1);
	check_str(text, "one|");
	stage_close(&st);
}

TEST("the end of a target that has one comes behind its records, and ours is told to it")
{
	char text[FAKE_RECORDS_TEXT];
	struct error e = { 0 };
	struct stage st;

	stage_open(&st);
	connect_to(&st, &st.target.base);
	fake_records_put(&st.target, "one");
	fake_records_put(&st.target, "two");
	fake_records_end(&st.target);
	check(stage_run(&st));
	check_int(hear(&st, text, &e), 2);
	check_str(text, "one|two|");
	check_int(hear(&st, text, &e), DATAGRAM_FLOW_END);
	stage_close(&st);
	check_int(st.target.shut, 1);
}

/* ---- failures ---- */

/* The flow is over, and says so once it is asked. */
static void
check_failed(struct stage *st, const char *want)
{
	char text[FAKE_RECORDS_TEXT];
	struct error e = { 0 };

	check(stage_run(st));
	check_int(hear(st, text, &e), -1);
	check_str(e.text, want);
	say(st, "too late");
}

TEST("a target that cannot be connected to is told, and what waited for it is counted")
{
	struct stage st;

	stage_open(&st);
	say(&st, "one");
	error_set(&st.flow.dial.error, ERROR_RESOLVE, "resolve no.example: no");
	connect_to(&st, NULL);
	check_int(st.calls, 0);
	check_failed(&st, "resolve no.example: no");
	check(!st.flow.connected);
	stage_close(&st);
	check_int((intmax_t)st.flow.dropped, 2);
}

TEST("a failure that nobody waits for is told to who waits later")
{
	struct stage st;

	stage_open(&st);
	check_int(datagram_flow_wait(&st.flow, false, NULL), 0);
	error_set(&st.flow.dial.error, ERROR_NETWORK, "no");
	connect_to(&st, NULL);
	check(!stage_run(&st));
	check_int(datagram_flow_wait(&st.flow, true, NULL), 0);
	check_failed(&st, "no");
	stage_close(&st);
}

TEST("a target that refuses a datagram is a failure with its address")
{
	struct stage st;

	stage_open(&st);
	connect_to(&st, &st.target.base);
	fake_records_refuse(&st.target, -1, 0, ECONNREFUSED);
	say(&st, "one");
	check_int((intmax_t)st.flow.dropped, 1);
	check_failed(&st, "forward unix:: send: Connection refused");
	stage_close(&st);
	check_int((intmax_t)st.flow.dropped, 2);
	/* a failed connection sends no end */
	check_int(st.target.shut, 0);
}

TEST("a datagram that was taken and cannot be flushed is a failure, at once and later")
{
	for (int later = 0; later < 2; later++) {
		struct stage st;

		stage_open(&st);
		connect_to(&st, &st.target.base);
		if (later)
			fake_records_refuse(&st.target, 0, STREAM_WANT_WRITE, 0);
		else
			fake_records_refuse(&st.target, 0, -1, EPERM);
		say(&st, "one");
		check_int((intmax_t)st.flow.dropped, !later);
		if (later)
			fake_records_refuse(&st.target, 0, -1, EPERM);
		check_failed(&st, "forward unix:: send: Operation not permitted");
		stage_close(&st);
		check_int((intmax_t)st.flow.dropped, 2);
	}
}

TEST("after a failure what waits is not sent, and is counted")
{
	struct stage st;

	stage_open(&st);
	say(&st, "one");
	say(&st, "two");
	fake_records_refuse(&st.target, -1, 0, ECONNREFUSED);
	connect_to(&st, &st.target.base);
	fake_records_refuse(&st.target, 0, 0, 0);
	stage_run(&st);
	stage_close(&st);
	check_str(st.target.out, "");
	check_int((intmax_t)st.flow.dropped, 2);
}
