#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "net/sockname.h"
#include "net/sys.h"
#include "relay/server/udp_server.h"
#include "stream/fd.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

/* Replaces the library's clock, which a test may stop. */
static int64_t stands; /* 0: it runs */

int64_t
clock_now(void)
{
	struct timespec real;

	clock_gettime(CLOCK_MONOTONIC, &real);
	return stands != 0 ? stands : real.tv_sec * NSEC_PER_SEC + real.tv_nsec;
}

/* A server on a loopback socket, between pipes for stdio, and a client. */
struct stage {
	struct loop *loop;
	struct ending_rules rules;
	struct udp_server_how server_how;
	struct relay_how how;
	struct udp_server *sv;
	struct sockname local;
	int fd, client;
	int to_local, from_local; /* our ends of its input and output; -1: closed */
	int in, out;
	unsigned started, ended, troubles;
	enum sock_end last_end;
	bool over;
};

static struct stage *
stage_of(const struct udp_server *sv)
{
	return sv->how->arg;
}

static int
on_record(struct udp_server *sv, const struct sender *s, const struct packet *p, struct buf *out,
    struct error *e)
{
	(void)sv;
	(void)s;
	return buf_append(out, p->data, p->len, e);
}

static void
on_started(struct udp_server *sv, const struct sender *s)
{
	(void)s;
	stage_of(sv)->started++;
}

static void
on_ended(struct udp_server *sv, const struct sender *s)
{
	stage_of(sv)->ended++;
	stage_of(sv)->last_end = s->end;
}

static void
on_trouble(struct udp_server *sv, const struct error *e)
{
	(void)e;
	stage_of(sv)->troubles++;
}

static void
on_done(struct relay *r)
{
	((struct stage *)r->how.arg)->over = true;
}

static int
bound(const char *host)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, host, &name.sin_addr);
	check_int(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

static void
stage_open(struct stage *st, enum dgram_local local)
{
	struct error e = { 0 };
	int in[2], out[2];

	signal(SIGPIPE, SIG_IGN);
	*st = (struct stage){ .fd = bound("127.0.0.1"), .client = bound("127.0.0.1") };
	check_int(pipe2(in, O_CLOEXEC), 0);
	check_int(pipe2(out, O_CLOEXEC), 0);
	st->in = in[0];
	st->to_local = in[1];
	st->from_local = out[0];
	st->out = out[1];
	sys_local_name(st->fd, &st->local, NULL);
	check_int(connect(st->client, &st->local.sa, st->local.len), 0);
	check_int(loop_open(&st->loop, &e), 0);
	st->rules = (struct ending_rules){ .after_eof = DURATION_NONE,
		.idle = DURATION_NONE,
		.accept = DURATION_NONE,
		.until = deadline_never() };
	st->server_how = (struct udp_server_how){ .local = local,
		.framing = { .kind = FRAMING_LINE },
		.quiet = 60 * MSEC,
		.record = on_record,
		.started = on_started,
		.ended = on_ended,
		.on_error = on_trouble,
		.arg = st };
	st->how = (struct relay_how){ .loop = st->loop,
		.rules = &st->rules,
		.input = local == DGRAM_STDIO,
		.limit = UINT64_MAX,
		.done = on_done,
		.arg = st };
	check_int(fd_stream_socket(&st->how.remote, st->fd, &e), 0);
	if (local == DGRAM_STDIO)
		check_int(fd_stream_stdio(&st->how.local, st->in, st->out, false, &e), 0);
	else
		check_int(fd_stream_null(&st->how.local, &e), 0);
}

static void
stage_start(struct stage *st)
{
	struct error e = { 0 };

	check_int(udp_server_open(&st->sv, &st->how, &st->server_how, &e), 0);
	relay_start(&st->sv->relay);
}

static void
stage_run(struct stage *st, int ms)
{
	struct error e = { 0 };

	check(loop_run(st->loop, &st->over, deadline_in(ms * MSEC), &e) >= 0);
}

/* Runs the server until it is over. */
static enum sock_end
stage_end(struct stage *st)
{
	stage_run(st, 20000);
	check(st->over);
	return st->sv->relay.ending.end;
}

static void
stage_close(struct stage *st)
{
	if (st->sv != NULL)
		relay_close(&st->sv->relay);
	stream_close(st->how.remote);
	stream_close(st->how.local);
	loop_close(st->loop);
	close(st->client);
	if (st->to_local >= 0)
		close(st->to_local);
	if (st->from_local >= 0)
		close(st->from_local);
	close(st->in);
	close(st->out);
}

static void
say(const struct stage *st, const char *text)
{
	check_int(send(st->client, text, strlen(text), 0), (intmax_t)strlen(text));
}

/* Returns what the client gets while the server runs, or "-". */
static const char *
heard(struct stage *st)
{
	static char text[1000];
	ssize_t n = -1;
	int i;

	for (i = 0; i < 200 && n < 0 && !(st->over && i > 2); i++) {
		stage_run(st, 5);
		n = recv(st->client, text, sizeof(text) - 1, MSG_DONTWAIT);
	}
	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? "-" : text;
}

/* Checks what the server wrote to its local side. */
static void
shown_is(struct stage *st, const char *want)
{
	char text[1000];
	ssize_t n;

	n = read(st->from_local, text, sizeof(text));
	check_mem(text, n < 0 ? 0 : (size_t)n, want, strlen(want));
}

TEST("no datagram in time is a time-out that says so")
{
	struct stage st;

	stage_open(&st, DGRAM_ECHO);
	st.rules.accept = 30 * MSEC;
	stage_start(&st);
	check_int(stage_end(&st), END_DEADLINE);
	check_str(relay_verb(&st.sv->relay), "accept");
	check_str(st.sv->relay.error->text, "timed out: no datagram came");
	stage_close(&st);
}

TEST("the first datagram ends the accept time-out")
{
	struct stage st;

	stage_open(&st, DGRAM_ECHO);
	st.rules.accept = 100 * MSEC;
	st.server_how.keep_open = true;
	stage_start(&st);
	say(&st, "a");
	check_str(heard(&st), "a");
	stage_run(&st, 200);
	check(!st.over);
	stage_close(&st);
}

TEST("there is no silence before the first datagram, and then it is the end")
{
	struct stage st;

	stage_open(&st, DGRAM_ECHO);
	st.server_how.quiet = 20 * MSEC;
	stage_start(&st);
	stage_run(&st, 100);
	check(!st.over);
	say(&st, "a");
	check_int(stage_end(&st), END_QUIET);
	check(st.sv->relay.error == NULL);
	check_int(st.last_end, END_QUIET);
	stage_close(&st);
}

/* Runs without an event for ms. Returns false if the server is over then. */
static bool
stands_idle(struct stage *st, int ms)
{
	stands += ms * MSEC;
	stage_run(st, 0);
	return !st->over;
}

TEST("received datagrams restart the idle time-out")
{
	struct stage st;
	int i;

	stands = clock_now();
	stage_open(&st, DGRAM_DISCARD);
	st.server_how.quiet = DURATION_NONE;
	st.rules.idle = 300 * MSEC;
	stage_start(&st);
	for (i = 1; i < 5; i++) {
		say(&st, "x");
		while (st.sv->relay.n_received < (uint64_t)i)
			stage_run(&st, 0);
		check(stands_idle(&st, 299));
	}
	check(!stands_idle(&st, 1));
	check_int(st.sv->relay.ending.end, END_IDLE_TIMEOUT);
	check_str(st.sv->relay.error->text, "timed out: idle for 0.3 s");
	check_str(relay_verb(&st.sv->relay), "wait");
	stage_close(&st);
	stands = 0;
}

TEST("sent answers restart the idle time-out")
{
	struct stage st;
	int i;

	stands = clock_now();
	stage_open(&st, DGRAM_STDIO);
	st.rules.idle = 300 * MSEC;
	stage_start(&st);
	say(&st, "x");
	for (i = 1; i < 5; i++) {
		check_int(write(st.to_local, "y\n", 2), 2);
		while (st.sv->relay.n_sent < (uint64_t)i)
			stage_run(&st, 0);
		check(stands_idle(&st, 299));
	}
	check(!stands_idle(&st, 1));
	check_int(st.sv->relay.ending.end, END_IDLE_TIMEOUT);
	stage_close(&st);
	stands = 0;
}

TEST("with keep_open a silent sender is forgotten, and the server stays")
{
	struct stage st;

	stage_open(&st, DGRAM_ECHO);
	st.server_how.keep_open = true;
	st.rules.idle = 50 * MSEC;
	stage_start(&st);
	say(&st, "a");
	check_str(heard(&st), "a");
	stage_run(&st, 300);
	check(!st.over);
	check_int(st.ended, 1);
	check_int(st.last_end, END_IDLE_TIMEOUT);
	check_int(st.sv->senders.n, 0);
	say(&st, "b");
	check_str(heard(&st), "b");
	check_int(st.started, 2);
	stage_close(&st);
}

TEST("input waits for a sender, goes to the last one heard, and its end and silence are the end")
{
	struct stage st;

	stage_open(&st, DGRAM_STDIO);
	stage_start(&st);
	check_int(write(st.to_local, "one\ntwo\n", 8), 8);
	close(st.to_local);
	st.to_local = -1;
	stage_run(&st, 150);
	check(!st.over);
	say(&st, "hello");
	check_str(heard(&st), "one\n");
	check_str(heard(&st), "two\n");
	check_int(stage_end(&st), END_QUIET);
	check_int(st.sv->relay.n_sent, 2);
	shown_is(&st, "hello");
	stage_close(&st);
}

TEST("with send_only the end of the input is the end, at once")
{
	struct stage st;

	stage_open(&st, DGRAM_STDIO);
	st.rules.send_only = true;
	st.server_how.quiet = DURATION_NONE;
	stage_start(&st);
	check_int(write(st.to_local, "one\n", 4), 4);
	close(st.to_local);
	st.to_local = -1;
	say(&st, "hello");
	check_int(stage_end(&st), END_LOCAL_EOF);
	check_str(heard(&st), "one\n");
	stage_close(&st);
}

TEST("the limit is an end after a whole datagram, with its echo sent")
{
	struct stage st;

	stage_open(&st, DGRAM_ECHO);
	st.how.limit = 3;
	stage_start(&st);
	say(&st, "abcd");
	say(&st, "more");
	check_int(stage_end(&st), END_LIMIT);
	check_int(st.sv->relay.received, 4);
	check_str(heard(&st), "abcd");
	check_str(heard(&st), "-");
	stage_close(&st);
}

TEST("while the local side takes nothing there is no silence, and nothing is lost")
{
	static char filler[4096];
	struct stage st;
	size_t n = 0;
	ssize_t got;

	stage_open(&st, DGRAM_STDIO);
	fcntl(st.out, F_SETFL, O_NONBLOCK);
	fcntl(st.from_local, F_SETFL, O_NONBLOCK);
	while ((got = write(st.out, filler, sizeof(filler))) > 0)
		n += (size_t)got;
	stage_start(&st);
	close(st.to_local);
	st.to_local = -1;
	say(&st, "hello");
	stage_run(&st, 300);
	check(!st.over);
	for (; n > 0; n -= (size_t)got)
		if ((got = read(st.from_local, filler, n < sizeof(filler) ? n : sizeof(filler))) <
		    0)
			break;
	check_int(stage_end(&st), END_QUIET);
	shown_is(&st, "hello");
	stage_close(&st);
}

TEST("a closed local side ends the server")
{
	struct stage st;

	stage_open(&st, DGRAM_STDIO);
	stage_start(&st);
	close(st.from_local);
	st.from_local = -1;
	say(&st, "hello");
	check_int(stage_end(&st), END_STDOUT_CLOSED);
	stage_close(&st);
}

TEST("a malformed record of the input is reported after received datagrams are delivered")
{
	struct stage st;

	stage_open(&st, DGRAM_STDIO);
	st.server_how.framing.kind = FRAMING_HEX;
	stage_start(&st);
	check_int(write(st.to_local, "41\nxx\n", 6), 6);
	say(&st, "hello");
	check_int(stage_end(&st), END_ERROR);
	check(strncmp(st.sv->relay.error->text, "record 2: ", 10) == 0);
	check_str(heard(&st), "A");
	shown_is(&st, "hello");
	stage_close(&st);
}

TEST("a stop gives the reason for every sender, and an existing result stays")
{
	struct stage st;

	stage_open(&st, DGRAM_ECHO);
	st.server_how.keep_open = true;
	stage_start(&st);
	say(&st, "a");
	check_str(heard(&st), "a");
	relay_stop(&st.sv->relay, END_SIGNAL);
	check_int(st.last_end, END_SIGNAL);
	relay_stop(&st.sv->relay, END_DEADLINE);
	check_int(st.sv->relay.ending.end, END_SIGNAL);
	check(!st.over);
	stage_close(&st);
}

TEST("a datagram from our own address is dropped and counted, and no sender")
{
	struct stage st;

	stage_open(&st, DGRAM_ECHO);
	st.server_how.keep_open = true;
	stage_start(&st);
	check_int(sendto(st.fd, "me", 2, 0, &st.local.sa, st.local.len), 2);
	say(&st, "a");
	check_str(heard(&st), "a");
	check_int(st.sv->own, 1);
	check_int(st.sv->relay.n_received, 1);
	check_int(st.started, 1);
	stage_close(&st);
}

TEST("two servers that answer each other come to rest")
{
	struct stage a, b;
	int i;

	stage_open(&a, DGRAM_ECHO);
	stage_open(&b, DGRAM_ECHO);
	a.server_how.keep_open = b.server_how.keep_open = true;
	stage_start(&a);
	stage_start(&b);
	/* as if b had sent it */
	check_int(sendto(b.fd, "ball", 4, 0, &a.local.sa, a.local.len), 4);
	for (i = 0; i < 60000 && a.sv->looped + b.sv->looped == 0; i++) {
		stage_run(&a, 0);
		stage_run(&b, 0);
	}
	check_int(a.sv->looped + b.sv->looped, 1);
	check(a.sv->relay.n_received < 2 * ECHO_REPEATS);
	/* others are answered */
	say(&a, "a");
	check_str(heard(&a), "a");
	stage_close(&a);
	stage_close(&b);
}

TEST("a file answers each datagram, and without keep_open only the first")
{
	int fd = memfd_create("answers", MFD_CLOEXEC);
	char path[40];
	struct stage st;

	check_int(write(fd, "1\n2\n", 4), 4);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	stage_open(&st, DGRAM_FILE);
	st.server_how.file = path;
	stage_start(&st);
	say(&st, "a");
	check_int(stage_end(&st), END_LOCAL_EOF);
	check_str(heard(&st), "1\n");
	check_str(heard(&st), "2\n");
	stage_close(&st);
	close(fd);
}

TEST("the limit is an end of the input too, after a whole record")
{
	struct stage st;

	stage_open(&st, DGRAM_STDIO);
	st.how.limit = 6;
	stage_start(&st);
	check_int(write(st.to_local, "one\ntwo\nsix\n", 12), 12);
	say(&st, "hello");
	check_str(heard(&st), "one\n");
	check_str(heard(&st), "two\n");
	check_int(stage_end(&st), END_QUIET);
	check_int(st.sv->relay.n_sent, 2);
	stage_close(&st);
}

static int
no_env(struct udp_server *sv, const struct sender *s, char **env, size_t n)
{
	(void)sv, (void)s, (void)env, (void)n;
	return 0;
}

TEST("the last output of a program counts, even if others have it open")
{
	struct stage st;

	stage_open(&st, DGRAM_PROGRAM);
	st.server_how.env_fn = no_env;
	/* cat stays until the server closes its side, and writes nothing itself */
	st.server_how.program.shell_line = "exec 3<&0; cat <&3 4>&1 >/dev/null & printf last";
	stage_start(&st);
	say(&st, "hello");
	check_int(stage_end(&st), END_CHILD_EXIT);
	check_str(heard(&st), "last");
	stage_close(&st);
}
