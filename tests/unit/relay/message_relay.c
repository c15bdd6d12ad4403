#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "net/mmsg.h"
#include "net/sys.h"
#include "relay/copy/scratch.h"
#include "relay/message_relay.h"
#include "stream/fd.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

/* ---- replaces base/clock: a test may advance or stop it ---- */

static int64_t ahead, stands; /* 0: it runs */

int64_t
clock_now(void)
{
	struct timespec real;

	clock_gettime(CLOCK_MONOTONIC, &real);
	return stands != 0 ? stands : real.tv_sec * NSEC_PER_SEC + real.tv_nsec + ahead;
}

/* ---- replaces net/mmsg: one datagram a call, and errors on demand ---- */

static int send_errno, recv_errno;

int
mmsg_send(int fd, const struct packet *packets, unsigned n, struct error *e)
{
	ssize_t put;

	(void)n;
	if (send_errno != 0)
		return error_errno(e, ERROR_NETWORK, send_errno, "send");
	put = send(fd, packets->data, packets->len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put < 0)
		return errno == EAGAIN ? SYS_AGAIN : error_errno(e, ERROR_NETWORK, errno, "send");
	return 1;
}

int
mmsg_recv(int fd, struct packet *packets, unsigned n, struct error *e)
{
	ssize_t got = recv(fd, packets->data, packets->room, MSG_DONTWAIT | MSG_TRUNC);

	(void)n;
	if (got < 0 && errno == EAGAIN && recv_errno == 0)
		return SYS_AGAIN;
	if (got < 0)
		return error_errno(e, ERROR_NETWORK, recv_errno != 0 ? recv_errno : errno, "recv");
	packets->true_len = (size_t)got;
	packets->truncated = packets->true_len > packets->room;
	packets->len = packets->truncated ? packets->room : packets->true_len;
	packets->end = got == 0;
	return 1;
}

void
mmsg_enable_pktinfo(int fd)
{
	(void)fd;
}

void
mmsg_enable_end(int fd)
{
	(void)fd;
}

bool
mmsg_enable_errors(int fd)
{
	(void)fd;
	return true;
}

int
mmsg_next_error(int fd, struct sockname *ret_name)
{
	(void)fd;
	(void)ret_name;
	return 0;
}

uint32_t
mmsg_dropped(int fd)
{
	(void)fd;
	return 0;
}

/* ---- the stage: pipes on the local side, a pair of message sockets ---- */

struct stage {
	struct loop *loop;
	struct scratch scratch;
	struct ending_rules rules;
	struct message_relay_how m_how;
	struct relay_how how;
	struct relay *relay;
	int to_local, from_local, in, out, peer;
	bool over;
};

static void
on_done(struct relay *r)
{
	((struct stage *)r->how.arg)->over = true;
}

static void
stage_open(struct stage *st, int type)
{
	int in[2], out[2], pair[2];

	signal(SIGPIPE, SIG_IGN);
	send_errno = recv_errno = 0;
	*st = (struct stage){ .scratch = { .size = 256 << 10 } };
	check_int(pipe2(in, O_CLOEXEC), 0);
	check_int(pipe2(out, O_CLOEXEC), 0);
	check_int(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	st->in = in[0];
	st->to_local = in[1];
	st->from_local = out[0];
	st->out = out[1];
	st->peer = pair[1];
	check_int(loop_open(&st->loop, NULL), 0);
	st->rules = (struct ending_rules){ .after_eof = DURATION_NONE,
		.idle = DURATION_NONE,
		.until = deadline_never() };
	st->m_how = (struct message_relay_how){ .in = { .kind = FRAMING_LINE },
		.out = { .kind = FRAMING_RAW },
		.quiet = 50 * MSEC };
	st->how = (struct relay_how){ .loop = st->loop,
		.scratch = &st->scratch,
		.rules = &st->rules,
		.input = true,
		.limit = UINT64_MAX,
		.done = on_done,
		.arg = st };
	check_int(fd_stream_stdio(&st->how.local, st->in, st->out, false, NULL), 0);
	check_int(fd_stream_socket(&st->how.remote, pair[0], NULL), 0);
}

static void
stage_start(struct stage *st)
{
	check_int(message_relay_open(&st->relay, &st->how, &st->m_how, NULL), 0);
	relay_start(st->relay);
}

static void
stage_run(struct stage *st, int ms)
{
	check(loop_run(st->loop, &st->over, deadline_in(ms * MSEC), NULL) >= 0);
}

static enum sock_end
stage_end(struct stage *st)
{
	stage_run(st, 20000);
	check(st->over);
	return st->relay->ending.end;
}

static void
stage_close(struct stage *st)
{
	relay_close(st->relay);
	stream_close(st->how.local);
	stream_close(st->how.remote);
	scratch_fini(&st->scratch);
	loop_close(st->loop);
	close(st->in);
	close(st->out);
	if (st->to_local >= 0)
		close(st->to_local);
	if (st->from_local >= 0)
		close(st->from_local);
	if (st->peer >= 0)
		close(st->peer);
}

static void
input(struct stage *st, const char *text)
{
	check_int(write(st->to_local, text, strlen(text)), (intmax_t)strlen(text));
}

static void
input_ends(struct stage *st)
{
	close(st->to_local);
	st->to_local = -1;
}

static void
say(const struct stage *st, const char *text)
{
	check_int(send(st->peer, text, strlen(text), 0), (intmax_t)strlen(text));
}

/* Returns the next datagram that the peer got, or "-". */
static const char *
heard(const struct stage *st)
{
	static char text[1000];
	ssize_t n = recv(st->peer, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? "-" : text;
}

/* Checks everything that the local side got. */
static void
shown_is(const struct stage *st, const char *want)
{
	char text[1000];
	ssize_t n;

	fcntl(st->from_local, F_SETFL, O_NONBLOCK);
	n = read(st->from_local, text, sizeof(text));
	check_mem(text, n < 0 ? 0 : (size_t)n, want, strlen(want));
}

TEST("each record is a datagram; after the end of input silence is the end")
{
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	stage_start(&st);
	input(&st, "one\ntwo\nrest");
	input_ends(&st);
	say(&st, "hello");
	check_int(stage_end(&st), END_QUIET);
	check(st.relay->error == NULL);
	check_str(heard(&st), "one\n");
	check_str(heard(&st), "two\n");
	check_str(heard(&st), "rest");
	check_int(st.relay->n_sent, 3);
	check_int(st.relay->n_received, 1);
	shown_is(&st, "hello");
	stage_close(&st);
}

TEST("a received datagram restarts the silence, unless it is fixed")
{
	struct stage st;
	int i;

	for (i = 0; i < 2; i++) {
		stands = clock_now();
		stage_open(&st, SOCK_DGRAM);
		st.m_how.quiet = 300 * MSEC;
		st.m_how.quiet_fixed = i == 1;
		stage_start(&st);
		input_ends(&st);
		stage_run(&st, 0);
		stands += 299 * MSEC;
		say(&st, "a");
		stage_run(&st, 0);
		check_int(st.relay->received, 1);
		stands += 299 * MSEC;
		stage_run(&st, 0);
		check_int(st.over, i == 1);
		stands += MSEC;
		stage_run(&st, 0);
		check(st.over);
		check_int(st.relay->ending.end, END_QUIET);
		stage_close(&st);
		stands = 0;
	}
}

TEST("datagrams in either direction restart the idle time-out")
{
	struct stage st;
	int64_t begin;
	int way, i;

	for (way = 0; way < 2; way++) {
		stage_open(&st, SOCK_DGRAM);
		st.rules.idle = 300 * MSEC;
		stage_start(&st);
		begin = clock_now();
		for (i = 0; i < 6 && !st.over; i++) {
			if (way == 0)
				say(&st, "a");
			else
				input(&st, "a\n");
			stage_run(&st, 100);
		}
		/* unless the machine stood still meanwhile */
		check(!st.over || clock_now() - begin > 900 * MSEC);
		check_int(stage_end(&st), END_IDLE_TIMEOUT);
		stage_close(&st);
	}
}

TEST("sent records of a list restart the idle time-out")
{
	static const struct message_relay_record list[] = { { "a", 1 } };
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	st.m_how.list = list;
	st.m_how.n_list = 1;
	st.m_how.repeat = 4;
	st.how.delay = 300 * MSEC;
	st.rules.idle = 700 * MSEC;
	stage_start(&st);
	check_int(stage_end(&st), END_QUIET);
	check_int(st.relay->n_sent, 4);
	stage_close(&st);
}

TEST("a refusal is reported after received datagrams are delivered")
{
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	send_errno = ECONNREFUSED;
	say(&st, "be");
	say(&st, "fo");
	say(&st, "re");
	input(&st, "a\n");
	stage_start(&st);
	check_int(stage_end(&st), END_REFUSED);
	check_str(relay_verb(st.relay), "send");
	check_str(st.relay->error->text, "Connection refused");
	shown_is(&st, "before");
	stage_close(&st);
}

TEST("a seqpacket peer's end is an end, with what it sent before delivered")
{
	struct stage st;

	stage_open(&st, SOCK_SEQPACKET);
	say(&st, "last");
	close(st.peer);
	st.peer = -1;
	stage_start(&st);
	input_ends(&st);
	check_int(stage_end(&st), END_PEER_FIN);
	shown_is(&st, "last");
	stage_close(&st);
}

TEST("after a seqpacket peer's end an input that is silent, in the middle of a record too, is over")
{
	struct stage st;

	stage_open(&st, SOCK_SEQPACKET);
	stage_start(&st);
	input(&st, "half");
	shutdown(st.peer, SHUT_WR);
	check_int(stage_end(&st), END_PEER_FIN);
	check_str(heard(&st), "half");
	stage_close(&st);
}

TEST("the end of the input is a half-close on seqpacket")
{
	struct stage st;
	char data[10];

	stage_open(&st, SOCK_SEQPACKET);
	stage_start(&st);
	input(&st, "a\n");
	input_ends(&st);
	stage_run(&st, 100);
	check(!st.over);
	check_str(heard(&st), "a\n");
	check_int(recv(st.peer, data, sizeof(data), MSG_DONTWAIT), 0);
	say(&st, "answer");
	shutdown(st.peer, SHUT_WR);
	check_int(stage_end(&st), END_PEER_FIN);
	shown_is(&st, "answer");
	stage_close(&st);
}

TEST("the limit counts whole datagrams, in each direction")
{
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	st.how.limit = 3;
	st.m_how.quiet = DURATION_NONE;
	stage_start(&st);
	input(&st, "1\n2\n3\n4\n");
	stage_run(&st, 50);
	check_str(heard(&st), "1\n");
	check_str(heard(&st), "2\n");
	check_str(heard(&st), "-");
	say(&st, "ab");
	say(&st, "cd");
	say(&st, "ef");
	check_int(stage_end(&st), END_LIMIT);
	shown_is(&st, "abcd");
	stage_close(&st);
}

TEST("a slow output loses nothing that was received")
{
	static char data[60000], got[60000];
	struct stage st;
	size_t sum = 0, sent = 0;
	ssize_t n;
	int i;

	stage_open(&st, SOCK_DGRAM);
	fcntl(st.from_local, F_SETFL, O_NONBLOCK);
	stage_start(&st);
	for (i = 0; i < 100; i++) {
		if (send(st.peer, data, sizeof(data), MSG_DONTWAIT) > 0)
			sent += sizeof(data);
		stage_run(&st, 1);
	}
	/* buffered up to a limit, and then not read */
	check(st.relay->received < 3000000);
	check(st.relay->received > 1000000);
	for (i = 0; i < 20000 && sum < sent; i++) {
		while ((n = read(st.from_local, got, sizeof(got))) > 0)
			sum += (size_t)n;
		stage_run(&st, 1);
	}
	check_int(sum, sent);
	stage_close(&st);
}

TEST("an output without a reader is an end")
{
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	close(st.from_local);
	st.from_local = -1;
	stage_start(&st);
	say(&st, "a");
	check_int(stage_end(&st), END_STDOUT_CLOSED);
	stage_close(&st);
}

TEST("a malformed record is a failure after the records before it are sent")
{
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	st.m_how.in.kind = FRAMING_HEX;
	stage_start(&st);
	input(&st, "41\nxx\n43\n");
	check_int(stage_end(&st), END_ERROR);
	check(strncmp(st.relay->error->text, "record 2: ", 10) == 0);
	check_str(heard(&st), "A");
	check_str(heard(&st), "-");
	stage_close(&st);
}

TEST("a device's queue that stays full is a failure after a second")
{
	struct stage st;
	int64_t begin;

	stage_open(&st, SOCK_DGRAM);
	send_errno = ENOBUFS;
	stage_start(&st);
	begin = clock_now();
	input(&st, "a\n");
	check_int(stage_end(&st), END_ERROR);
	check(clock_now() - begin >= NSEC_PER_SEC);
	check_str(relay_verb(st.relay), "send");
	stage_close(&st);
}

TEST("a device's queue that gets room again loses nothing")
{
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	send_errno = ENOBUFS;
	stage_start(&st);
	input(&st, "a\nb\n");
	stage_run(&st, 50);
	check(!st.over);
	send_errno = 0;
	input_ends(&st);
	check_int(stage_end(&st), END_QUIET);
	check_str(heard(&st), "a\n");
	check_str(heard(&st), "b\n");
	stage_close(&st);
}

TEST("a device's queue that was full long ago may be full for a second again")
{
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	send_errno = ENOBUFS;
	stage_start(&st);
	input(&st, "a\n");
	stage_run(&st, 20);
	send_errno = 0;
	while (!st.over && strcmp(heard(&st), "-") == 0)
		stage_run(&st, 5);
	ahead += 10 * NSEC_PER_SEC;
	send_errno = ENOBUFS;
	input(&st, "b\n");
	stage_run(&st, 20);
	check(!st.over);
	send_errno = 0;
	input_ends(&st);
	check_int(stage_end(&st), END_QUIET);
	check_str(heard(&st), "b\n");
	stage_close(&st);
}

/* Receives a datagram of 100,000 bytes with this much room. Returns the length shown. */
static size_t
receive_long(struct stage *st, size_t room)
{
	static char data[100000];
	size_t got = 0;
	ssize_t n;

	stage_open(st, SOCK_DGRAM);
	st->scratch.size = room;
	fcntl(st->from_local, F_SETFL, O_NONBLOCK);
	stage_start(st);
	check_int(send(st->peer, data, sizeof(data), 0), sizeof(data));
	input_ends(st);
	while (!st->over) {
		stage_run(st, 5);
		while ((n = read(st->from_local, data, sizeof(data))) > 0)
			got += (size_t)n;
	}
	return got;
}

TEST("a datagram of a unix socket may have what there is room for, and one that was cut is a "
     "failure")
{
	struct stage st;

	check_int(receive_long(&st, 256 << 10), 100000);
	check_int(st.relay->ending.end, END_QUIET);
	check(st.relay->error == NULL);
	stage_close(&st);
	check_int(receive_long(&st, 80 << 10), 80 << 10);
	check_int(st.relay->ending.end, END_ERROR);
	check_str(relay_verb(st.relay), "recv");
	require(st.relay->error != NULL);
	check_str(st.relay->error->text, "1 datagram was longer than we can take");
	stage_close(&st);
}

TEST("echo sends each datagram back, an empty one too")
{
	struct stage st;

	stage_open(&st, SOCK_DGRAM);
	stream_close(st.how.local);
	st.how.local = NULL;
	st.how.input = false;
	stage_start(&st);
	say(&st, "a");
	say(&st, "");
	say(&st, "b");
	stage_run(&st, 50);
	check_str(heard(&st), "a");
	check_str(heard(&st), "");
	check_str(heard(&st), "b");
	check_str(heard(&st), "-");
	stage_close(&st);
}

TEST("a list is repeated with the delay between records, and none after the last")
{
	static const struct message_relay_record list[] = { { "a", 1 }, { "b", 1 } };
	struct stage st;
	int64_t begin;

	stage_open(&st, SOCK_DGRAM);
	st.m_how.list = list;
	st.m_how.n_list = 2;
	st.m_how.repeat = 2;
	st.m_how.quiet = 0;
	st.how.delay = 50 * MSEC;
	begin = clock_now();
	stage_start(&st);
	check_int(stage_end(&st), END_QUIET);
	check(clock_now() - begin >= 150 * MSEC);
	check_int(st.relay->n_sent, 4);
	check_str(heard(&st), "a");
	check_str(heard(&st), "b");
	check_str(heard(&st), "a");
	check_str(heard(&st), "b");
	stage_close(&st);
}
