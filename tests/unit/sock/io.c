#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "base/buf.h"
#include "sock_test.h"
#include "stream/stream.h"

#define EIGHT_MB (8u << 20)

/* ---- every method on every kind of socket ---- */

enum kind { FRESH, UDP, BOUND, LISTENING, CONNECTED, CLOSED, KINDS };

static const char *const kind_names[KINDS] = { "fresh", "fresh udp", "bound", "listening",
	"connected", "closed" };

static struct pair cell_pair;

static struct sock *
make(enum kind kind)
{
	struct sock *s;

	cell_pair = (struct pair){ NULL, NULL };
	switch (kind) {
	case FRESH:
		return fresh(SOCK_STREAM);
	case UDP:
		return fresh(SOCK_DGRAM);
	case BOUND:
		return bound(SOCK_STREAM);
	case LISTENING:
		return listening(1);
	case CONNECTED:
		pair_open(&cell_pair);
		s = cell_pair.a;
		cell_pair.a = NULL;
		return s;
	default:
		s = fresh(SOCK_STREAM);
		sock_close(s, NULL);
		return s;
	}
}

static intmax_t
do_bind(struct sock *s)
{
	const struct sockname name = loopback(0);

	return sock_bind(s, &name, &error);
}

static intmax_t
do_connect(struct sock *s)
{
	struct sock *listener = listening(1);
	struct sockname name = name_of(listener);
	int rc = sock_connect(s, &name, &error);

	sock_free(listener);
	return rc;
}

static intmax_t
do_listen(struct sock *s)
{
	return sock_listen(s, 1, &error);
}

static intmax_t
do_accept(struct sock *s)
{
	struct sock *conn;

	return sock_accept(s, &conn, NULL, &error);
}

static intmax_t
do_recv(struct sock *s)
{
	char data[8];

	return sock_recv(s, data, sizeof(data), 0, &error);
}

static intmax_t
do_recvfrom(struct sock *s)
{
	char data[8];

	return sock_recvfrom(s, data, sizeof(data), 0, NULL, NULL, &error);
}

static intmax_t
do_read(struct sock *s)
{
	char data[8];

	return sock_read(s, data, sizeof(data), NULL, &error);
}

static intmax_t
do_readall(struct sock *s)
{
	struct buf out;
	int rc;

	buf_init(&out, 1000);
	rc = sock_readall(s, &out, &error);
	buf_fini(&out);
	return rc;
}

static intmax_t
do_readline(struct sock *s)
{
	struct buf out;
	int rc;

	buf_init(&out, 1000);
	rc = sock_readline(s, &out, 100, &error);
	buf_fini(&out);
	return rc;
}

static intmax_t
do_send(struct sock *s)
{
	return sock_send(s, "x", 1, 0, &error) == 1 ? 0 : -1;
}

static intmax_t
do_sendall(struct sock *s)
{
	return sock_sendall(s, "x", 1, NULL, &error);
}

static intmax_t
do_write(struct sock *s)
{
	return sock_write(s, "x", 1, NULL, &error) == 1 ? 0 : -1;
}

static intmax_t
do_sendto(struct sock *s)
{
	const struct sockname name = loopback(9);

	return sock_sendto(s, "x", 1, 0, &name, &error) == 1 ? 0 : -1;
}

static intmax_t
do_shutdown(struct sock *s)
{
	return sock_shutdown(s, SHUT_RDWR, &error);
}

static intmax_t
do_setsockopt(struct sock *s)
{
	return sock_setsockopt_int(s, SOL_SOCKET, SO_KEEPALIVE, 1, &error);
}

static intmax_t
do_getsockopt(struct sock *s)
{
	int value;
	size_t n = sizeof(value);

	return sock_getsockopt(s, SOL_SOCKET, SO_TYPE, &value, &n, &error);
}

static intmax_t
do_makefile(struct sock *s)
{
	struct sock_file *f;
	int rc = sock_makefile(s, "rb", &f, &error);

	if (rc == 0)
		sock_file_close(f, NULL);
	return rc;
}

static const struct cell_row {
	const char *method;
	intmax_t (*call)(struct sock *s);
	int errnums[KINDS]; /* by kind of socket, all non-blocking; 0: succeeds */
} cells[] = {
	{ "bind", do_bind, { 0, 0, EINVAL, EINVAL, EINVAL, EBADF } },
	{ "connect", do_connect, { EINPROGRESS, 0, EINPROGRESS, EISCONN, EISCONN, EBADF } },
	{ "listen", do_listen, { 0, EOPNOTSUPP, 0, 0, EINVAL, EBADF } },
	{ "accept", do_accept, { EINVAL, EOPNOTSUPP, EINVAL, EAGAIN, EINVAL, EBADF } },
	{ "recv", do_recv, { ENOTCONN, EAGAIN, ENOTCONN, ENOTCONN, EAGAIN, EBADF } },
	{ "recvfrom", do_recvfrom, { ENOTCONN, EAGAIN, ENOTCONN, ENOTCONN, EAGAIN, EBADF } },
	{ "read", do_read, { ENOTCONN, EAGAIN, ENOTCONN, ENOTCONN, EAGAIN, EBADF } },
	{ "readall", do_readall, { ENOTCONN, EAGAIN, ENOTCONN, ENOTCONN, EAGAIN, EBADF } },
	{ "readline", do_readline, { ENOTCONN, EAGAIN, ENOTCONN, ENOTCONN, EAGAIN, EBADF } },
	{ "send", do_send, { EPIPE, EDESTADDRREQ, EPIPE, EPIPE, 0, EBADF } },
	{ "sendall", do_sendall, { EPIPE, EDESTADDRREQ, EPIPE, EPIPE, 0, EBADF } },
	{ "write", do_write, { EPIPE, EDESTADDRREQ, EPIPE, EPIPE, 0, EBADF } },
	{ "sendto", do_sendto, { EPIPE, 0, EPIPE, EPIPE, 0, EBADF } },
	{ "shutdown", do_shutdown, { ENOTCONN, ENOTCONN, ENOTCONN, 0, 0, EBADF } },
	{ "setsockopt", do_setsockopt, { 0, 0, 0, 0, 0, EBADF } },
	{ "getsockopt", do_getsockopt, { 0, 0, 0, 0, 0, EBADF } },
	{ "makefile", do_makefile, { 0, 0, 0, 0, 0, EBADF } },
};

static void
check_cell(const struct cell_row *c, enum kind kind)
{
	struct sock *s = make(kind);
	bool ok;

	if (kind != CLOSED)
		sock_setblocking(s, false, &error);
	if (c->errnums[kind] == 0)
		ok = check_int(c->call(s), 0);
	else
		ok = check_fails(c->call(s), c->errnums[kind]);
	if (!ok)
		printf("#   row: %s on a %s socket: %s\n", c->method, kind_names[kind], error.text);
	sock_free(s);
	pair_free(&cell_pair);
}

TEST("each method gives on each kind of socket the errno of the table, and never a SIGPIPE")
{
	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		for (int kind = 0; kind < KINDS; kind++)
			check_cell(&cells[i], (enum kind)kind);
	end();
}

/* ---- ends and resets ---- */

TEST("at the end every way to receive gives nothing, again and again, and the reason is peer-fin")
{
	struct pair p;
	struct buf out;
	char data[8];

	require(begin() && pair_open(&p));
	buf_init(&out, 1000);
	check_int(sock_end(p.b), END_NONE);
	check_int(sock_shutdown(p.a, SHUT_WR, &error), 0);
	for (int i = 0; i < 3; i++) {
		check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 0);
		check_int(sock_recvfrom(p.b, data, sizeof(data), 0, NULL, NULL, &error), 0);
		check_int(sock_read(p.b, data, sizeof(data), NULL, &error), 0);
		check_int(sock_readline(p.b, &out, 100, &error), 0);
		check_int(sock_readall(p.b, &out, &error), 0);
	}
	check_int((intmax_t)out.len, 0);
	check_str(sock_end_word(sock_end(p.b)), "peer-fin");
	buf_fini(&out);
	pair_free(&p);
	end();
}

TEST("after a reset the pending data comes first, then ECONNRESET once, then nothing")
{
	struct pair p;
	char data[8];

	require(begin() && pair_open(&p));
	send_text(p.a, "abc");
	require(arrived(p.b, 3));
	sock_abort(p.a);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 3);
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), ECONNRESET);
	check_int(sock_end(p.b), END_PEER_RESET);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 0);
	check_int(sock_end(p.b), END_PEER_RESET);
	sock_close(p.b, NULL);
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), EBADF);
	pair_free(&p);
	end();
}

TEST("a reset in the middle of a read keeps what came before it")
{
	struct pair p;
	char data[8];
	size_t held;

	require(begin() && pair_open(&p));
	send_text(p.a, "ab");
	require(arrived(p.b, 2));
	sock_abort(p.a);
	check_fails(sock_read(p.b, data, 5, &held, &error), ECONNRESET);
	check_int((intmax_t)held, 2);
	check_int(sock_read(p.b, data, 5, NULL, &error), 2);
	check_mem(data, 2, "ab", 2);
	check_int(sock_read(p.b, data, 5, NULL, &error), 0);
	pair_free(&p);
	end();
}

/* ---- recv ---- */

TEST("recv gives what is there and does not wait for the whole size")
{
	struct pair p;
	char data[100];

	require(begin() && pair_open(&p));
	send_text(p.a, "abc");
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 3);
	check_mem(data, 3, "abc", 3);
	pair_free(&p);
	end();
}

TEST("recv of no bytes returns at once, with nothing pending too")
{
	struct pair p;
	char data[1];
	int64_t before = clock_now();

	require(begin() && pair_open(&p));
	check_int(sock_recv(p.b, data, 0, 0, &error), 0);
	check_int(sock_read(p.b, data, 0, NULL, &error), 0);
	check_int(sock_recvfrom(p.b, data, 0, 0, NULL, NULL, &error), 0);
	check_took(before, 0);
	pair_free(&p);
	end();
}

TEST("a negative size is an error of usage, and nothing is allocated for it")
{
	struct pair p;
	char data[1];

	require(begin() && pair_open(&p));
	check_usage(sock_recv(p.b, data, (size_t)-1, 0, &error));
	check_usage(sock_read(p.b, data, (size_t)-1, NULL, &error));
	check_usage(sock_recvfrom(p.b, data, (size_t)-1, 0, NULL, NULL, &error));
	pair_free(&p);
	end();
}

TEST("recv refuses MSG_TRUNC, which would return bytes that are not in the buffer, and loses "
     "nothing")
{
	struct pair p;
	char data[5];

	require(begin() && pair_open(&p));
	send_text(p.a, "abc");
	check_fails(sock_recv(p.b, data, sizeof(data), MSG_TRUNC, &error), EOPNOTSUPP);
	check_fails(sock_recvfrom(p.b, data, sizeof(data), MSG_TRUNC, NULL, NULL, &error),
	    EOPNOTSUPP);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 3);
	check_mem(data, 3, "abc", 3);
	pair_free(&p);
	end();
}

TEST("a time-out of recv is ETIMEDOUT, of a non-blocking one EAGAIN at once")
{
	struct pair p;
	char data[8];
	int64_t before;

	require(begin() && pair_open(&p));
	sock_settimeout(p.b, 100 * MSEC, &error);
	before = clock_now();
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), ETIMEDOUT);
	check_int(error.code, ERROR_TIMEOUT);
	check_took(before, 100 * MSEC);
	sock_setblocking(p.b, false, &error);
	before = clock_now();
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), EAGAIN);
	check_int(error.code, ERROR_NETWORK);
	check_took(before, 0);
	pair_free(&p);
	end();
}

static void
ignore_signal(int signo)
{
	(void)signo;
}

TEST("signals do not stretch a time-out, nor end it")
{
	const struct itimerval often = { { 0, 10000 }, { 0, 10000 } },
			       never = { { 0, 0 }, { 0, 0 } };
	struct sigaction sa = { .sa_handler = ignore_signal }, former;
	struct pair p;
	char data[8];
	int64_t before;

	require(begin() && pair_open(&p));
	sock_settimeout(p.b, 150 * MSEC, &error);
	sigaction(SIGALRM, &sa, &former);
	setitimer(ITIMER_REAL, &often, NULL);
	before = clock_now();
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), ETIMEDOUT);
	check_took(before, 150 * MSEC);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &former, NULL);
	pair_free(&p);
	end();
}

TEST("MSG_PEEK keeps the data, MSG_DONTWAIT does not wait, and both look at held data first")
{
	struct pair p;
	struct buf line;
	char data[8];
	int64_t before;

	require(begin() && pair_open(&p));
	buf_init(&line, 100);
	before = clock_now();
	check_fails(sock_recv(p.b, data, sizeof(data), MSG_DONTWAIT, &error), EAGAIN);
	check_fails(sock_recv(p.b, data, sizeof(data), MSG_PEEK | MSG_DONTWAIT, &error), EAGAIN);
	check_took(before, 0);
	send_text(p.a, "l\nabc");
	check_int(sock_recv(p.b, data, 3, MSG_PEEK, &error), 3);
	check_int(sock_readline(p.b, &line, 100, &error), 0);
	check_int(sock_recv(p.b, data, 2, MSG_PEEK | MSG_DONTWAIT, &error), 2);
	check_int(sock_recv(p.b, data, sizeof(data), MSG_DONTWAIT, &error), 3);
	check_mem(data, 3, "abc", 3);
	buf_fini(&line);
	pair_free(&p);
	end();
}

TEST("urgent data goes and comes by its flag")
{
	struct pair p;
	char data[8];

	require(begin() && pair_open(&p));
	check_int(sock_send(p.a, "!", 1, MSG_OOB, &error), 1);
	for (int i = 0; i < 1000 && sock_recv(p.b, data, 1, MSG_OOB, &error) != 1; i++)
		turn();
	check_mem(data, 1, "!", 1);
	pair_free(&p);
	end();
}

TEST("in Zerynth's dialect recv waits for the whole size and keeps what a time-out leaves")
{
	struct sock *listener, *conn = NULL;
	struct pair p = { NULL, NULL };
	struct sockname name;
	char data[8];

	require(begin());
	check_int(sock_open(&listener, loop, AF_INET, SOCK_STREAM, 0, SOCK_ZERYNTH, &error), 0);
	name = loopback(0);
	check_int(sock_bind(listener, &name, &error), 0);
	check_int(sock_listen(listener, 2, &error), 0);
	name = name_of(listener);
	p.a = fresh(SOCK_STREAM);
	check_int(sock_connect(p.a, &name, &error), 0);
	require(check_int(sock_accept(listener, &conn, NULL, &error), 0));
	check_int(sock_dialect(conn), SOCK_ZERYNTH);
	check_int(sock_settimeout_text(conn, "50", &error), 0);
	send_text(p.a, "ab");
	check_fails(sock_recv(conn, data, 4, 0, &error), ETIMEDOUT);
	check_int((intmax_t)sock_pending(conn), 2);
	send_text(p.a, "cdef");
	check_int(sock_recv(conn, data, 4, 0, &error), 4);
	check_mem(data, 4, "abcd", 4);
	sock_shutdown(p.a, SHUT_WR, &error);
	check_int(sock_recv(conn, data, 4, 0, &error), 2);
	check_int(sock_recv(conn, data, 4, 0, &error), 0);
	sock_free(conn);
	sock_free(listener);
	sock_free(p.a);
	end();
}

/* ---- read, readline, readall ---- */

static const struct read_row {
	const char *what, *sent;
	bool fin;
	int64_t timeout;
	size_t n;
	const char *want; /* NULL: fails with errnum */
	int errnum;
	size_t held;
} reads[] = {
	{ "all of it", "abcdefg", false, PATIENCE, 5, "abcde", 0, 0 },
	{ "3 bytes, then the end", "abc", true, PATIENCE, 5, "abc", 0, 0 },
	{ "the end", "", true, PATIENCE, 5, "", 0, 0 },
	{ "the end, non-blocking", "", true, 0, 5, "", 0, 0 },
	{ "2 bytes, then time-out", "ab", false, 30 * MSEC, 5, NULL, ETIMEDOUT, 2 },
	{ "nothing, then time-out", "", false, 30 * MSEC, 5, NULL, ETIMEDOUT, 0 },
	{ "non-blocking, nothing", "", false, 0, 5, NULL, EAGAIN, 0 },
	{ "non-blocking, 2 bytes", "ab", false, 0, 5, "ab", 0, 0 },
	{ "non-blocking, enough", "abcdefg", false, 0, 5, "abcde", 0, 0 },
	{ "no bytes", "ab", false, PATIENCE, 0, "", 0, 0 },
};

static bool
check_read(const struct read_row *r)
{
	struct pair p;
	char data[16];
	size_t held = 99;
	ssize_t got;
	bool ok;

	if (!pair_open(&p) || !send_text(p.a, r->sent) ||
	    (r->sent[0] != '\0' && !arrived(p.b, strlen(r->sent))))
		return false;
	if (r->fin) {
		sock_shutdown(p.a, SHUT_WR, &error);
		reaches(p.b, 7);
	}
	sock_settimeout(p.b, r->timeout, &error);
	error.number = 0;
	got = sock_read(p.b, data, r->n, &held, &error);
	ok = check_int((intmax_t)held, (intmax_t)r->held);
	if (r->want != NULL)
		ok &= got >= 0 && check_mem(data, (size_t)got, r->want, strlen(r->want));
	else
		ok &= test_fails(got, r->errnum, __FILE__, __LINE__, r->what) &&
		    check_int(sock_recv(p.b, data, sizeof(data), MSG_DONTWAIT, &error),
			r->held > 0 ? (intmax_t)r->held : -1);
	pair_free(&p);
	return ok;
}

TEST("read gives no short reads but at the end, and a time-out loses nothing")
{
	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(reads); i++)
		row(check_read(&reads[i]), reads[i].what);
	end();
}

TEST("reading goes on after a time-out where it stopped")
{
	struct pair p;
	char data[8];
	size_t held;

	require(begin() && pair_open(&p));
	sock_settimeout(p.b, 30 * MSEC, &error);
	send_text(p.a, "ab");
	for (int i = 0; i < 2; i++) {
		check_fails(sock_read(p.b, data, 5, &held, &error), ETIMEDOUT);
		check_int((intmax_t)held, 2);
		check_mem(data, 2, "ab", 2);
	}
	send_text(p.a, "cde");
	check_int(sock_read(p.b, data, 5, &held, &error), 5);
	check_mem(data, 5, "abcde", 5);
	pair_free(&p);
	end();
}

/* A peer that sends a byte every other millisecond. */
struct dripper {
	struct timer timer;
	struct sock *sock;
};

static void
drip(struct timer *t)
{
	struct dripper *d = t->arg;

	sock_send(d->sock, "x", 1, 0, NULL);
	loop_timer_set(loop, t, deadline_in(2 * MSEC), NULL);
}

TEST("a time-out bounds a read whose peer sends a little all the time")
{
	struct dripper d = { .timer = { .fn = drip, .arg = &d } };
	struct pair p;
	struct buf out;
	char data[1000];
	size_t held;
	int64_t before;

	require(begin() && pair_open(&p));
	buf_init(&out, 1000);
	d.sock = p.a;
	drip(&d.timer);
	sock_settimeout(p.b, 60 * MSEC, &error);
	before = clock_now();
	check_fails(sock_read(p.b, data, sizeof(data), &held, &error), ETIMEDOUT);
	check_took(before, 60 * MSEC);
	check(held > 1);
	before = clock_now();
	check_fails(sock_readall(p.b, &out, &error), ETIMEDOUT);
	check_took(before, 60 * MSEC);
	before = clock_now();
	check_fails(sock_readline(p.b, &out, 1000, &error), ETIMEDOUT);
	check_took(before, 60 * MSEC);
	check(sock_pending(p.b) > held);
	loop_timer_stop(loop, &d.timer);
	buf_fini(&out);
	pair_free(&p);
	end();
}

static const struct line_row {
	const char *what, *sent;
	bool fin;
	int64_t timeout;
	const char *lines[4]; /* read one after the other */
	int errnum;           /* of the next call; 0: the end */
	const char *rest;     /* what remains */
} lines[] = {
	{ "LF and CR stay, the last may lack LF", "l1\nl2\r\npart", true, PATIENCE,
	    { "l1\n", "l2\r\n", "part", NULL }, 0, "" },
	{ "an empty line is one", "\n\n", true, PATIENCE, { "\n", "\n", NULL, NULL }, 0, "" },
	{ "the end only", "", true, PATIENCE, { NULL, NULL, NULL, NULL }, 0, "" },
	{ "time-out", "l1\nab", false, 30 * MSEC, { "l1\n", NULL, NULL, NULL }, ETIMEDOUT, "ab" },
	{ "non-blocking", "l1\nab", false, 0, { "l1\n", NULL, NULL, NULL }, EAGAIN, "ab" },
	{ "non-blocking, nothing", "", false, 0, { NULL, NULL, NULL, NULL }, EAGAIN, "" },
};

static bool
check_line(struct sock *s, const char *want)
{
	struct buf line;
	bool ok;

	buf_init(&line, 1000);
	ok = check_int(sock_readline(s, &line, 100, &error), 0) &&
	    check_mem(line.len > 0 ? buf_head(&line) : "", line.len, want, strlen(want));
	buf_fini(&line);
	return ok;
}

static bool
check_lines(const struct line_row *r)
{
	struct pair p;
	char data[16];
	bool ok = true;

	if (!pair_open(&p) || !send_text(p.a, r->sent) ||
	    (r->sent[0] != '\0' && !arrived(p.b, strlen(r->sent))))
		return false;
	if (r->fin)
		sock_shutdown(p.a, SHUT_WR, &error);
	sock_settimeout(p.b, r->timeout, &error);
	for (int i = 0; r->lines[i] != NULL; i++)
		ok &= check_line(p.b, r->lines[i]);
	if (r->errnum == 0)
		ok &= check_line(p.b, "");
	else
		ok &= check_fails(do_readline(p.b), r->errnum);
	check_int((intmax_t)sock_pending(p.b), (intmax_t)strlen(r->rest));
	if (r->rest[0] != '\0')
		check_mem(data, (size_t)sock_recv(p.b, data, sizeof(data), 0, &error), r->rest,
		    strlen(r->rest));
	pair_free(&p);
	return ok;
}

TEST("readline gives lines with their ends, and keeps what is no line yet")
{
	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		row(check_lines(&lines[i]), lines[i].what);
	end();
}

TEST("readline refuses a line longer than asked for, which stays")
{
	struct pair p;
	struct buf line;
	char data[16];

	require(begin() && pair_open(&p));
	buf_init(&line, 1000);
	send_text(p.a, "12345\n");
	require(arrived(p.b, 6));
	check_int(sock_readline(p.b, &line, 5, &error), -1);
	check_int((intmax_t)line.len, 0);
	check_int(sock_readline(p.b, &line, 6, &error), 0);
	check_int((intmax_t)line.len, 6);
	send_text(p.a, "1234567");
	require(arrived(p.b, 7));
	check_int(sock_readline(p.b, &line, 6, &error), -1);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 7);
	buf_fini(&line);
	pair_free(&p);
	end();
}

TEST("readall reads until the end, keeps its data on a time-out, and stops at the room of out")
{
	struct pair p;
	struct buf out;

	require(begin() && pair_open(&p));
	buf_init(&out, 10);
	sock_settimeout(p.b, 30 * MSEC, &error);
	send_text(p.a, "abc");
	check_fails(sock_readall(p.b, &out, &error), ETIMEDOUT);
	check_int((intmax_t)out.len, 0);
	check_int((intmax_t)sock_pending(p.b), 3);
	send_text(p.a, "def");
	sock_shutdown(p.a, SHUT_WR, &error);
	check_int(sock_readall(p.b, &out, &error), 0);
	check_mem(buf_head(&out), out.len, "abcdef", 6);
	pair_free(&p);

	require(pair_open(&p));
	send_text(p.a, "12345");
	require(arrived(p.b, 5));
	check_int(sock_readall(p.b, &out, &error), -1);
	check_int((intmax_t)out.len, 6);
	check_int((intmax_t)sock_pending(p.b), 5);
	buf_fini(&out);
	pair_free(&p);
	end();
}

TEST("a non-blocking readall gives what is there, and EAGAIN when nothing is")
{
	struct pair p;
	struct buf out;

	require(begin() && pair_open(&p));
	buf_init(&out, 1000);
	sock_setblocking(p.b, false, &error);
	check_fails(sock_readall(p.b, &out, &error), EAGAIN);
	send_text(p.a, "abc");
	require(arrived(p.b, 3));
	check_int(sock_readall(p.b, &out, &error), 0);
	check_mem(buf_head(&out), out.len, "abc", 3);
	buf_fini(&out);
	pair_free(&p);
	end();
}

/* ---- send ---- */

static char eight_mb[EIGHT_MB];

TEST("sending nothing sends nothing")
{
	struct pair p;
	size_t sent = 99;

	require(begin() && pair_open(&p));
	check_int(sock_send(p.a, "", 0, 0, &error), 0);
	check_int(sock_sendall(p.a, "", 0, &sent, &error), 0);
	check_int((intmax_t)sent, 0);
	check_int(sock_write(p.a, "", 0, &sent, &error), 0);
	check_fails(sock_recv(p.b, eight_mb, 1, MSG_DONTWAIT, &error), EAGAIN);
	pair_free(&p);
	end();
}

/* Fixed buffers do not grow while a test takes them for full. */
static void
fix_buffers(const struct pair *p)
{
	check_int(sock_setsockopt_int(p->a, SOL_SOCKET, SO_SNDBUF, 65536, &error), 0);
	check_int(sock_setsockopt_int(p->b, SOL_SOCKET, SO_RCVBUF, 65536, &error), 0);
}

TEST("send and write of more than fits give a short count, then EAGAIN or ETIMEDOUT")
{
	struct pair p;
	size_t sent;
	ssize_t n;
	int64_t before;

	require(begin() && pair_open(&p));
	fix_buffers(&p);
	sock_setblocking(p.a, false, &error);
	n = sock_send(p.a, eight_mb, EIGHT_MB, 0, &error);
	check(n > 0 && n < EIGHT_MB);
	/* a late acknowledgement makes room for some more */
	do
		n = sock_send(p.a, eight_mb, EIGHT_MB, 0, &error);
	while (n > 0);
	check_int(error.number, EAGAIN);
	do
		n = sock_write(p.a, eight_mb, EIGHT_MB, &sent, &error);
	while (n > 0);
	check_int(error.number, EAGAIN);
	check_int((intmax_t)sent, 0);
	check_fails(sock_sendall(p.a, eight_mb, EIGHT_MB, NULL, &error), EAGAIN);
	sock_settimeout(p.a, 50 * MSEC, &error);
	do {
		before = clock_now();
		n = sock_send(p.a, eight_mb, EIGHT_MB, 0, &error);
	} while (n > 0);
	check_int(error.number, ETIMEDOUT);
	check_took(before, 50 * MSEC);
	do
		n = sock_send(p.a, eight_mb, EIGHT_MB, MSG_DONTWAIT, &error);
	while (n > 0);
	check_int(error.number, EAGAIN);
	pair_free(&p);

	require(pair_open(&p));
	sock_setblocking(p.a, false, &error);
	n = sock_write(p.a, eight_mb, EIGHT_MB, &sent, &error);
	check(n > 0 && n < EIGHT_MB);
	check_int((intmax_t)sent, n);
	pair_free(&p);
	end();
}

TEST("sendall and write to a full connection end in time and say how many bytes went out")
{
	struct pair p;
	size_t sent = 0;
	int64_t before;

	require(begin() && pair_open(&p));
	fix_buffers(&p);
	sock_settimeout(p.a, 100 * MSEC, &error);
	before = clock_now();
	check_fails(sock_sendall(p.a, eight_mb, EIGHT_MB, &sent, &error), ETIMEDOUT);
	check_took(before, 100 * MSEC);
	check(sent > 0 && sent < EIGHT_MB);
	check_int((intmax_t)drain(p.b), (intmax_t)sent);
	before = clock_now();
	check_fails(sock_write(p.a, eight_mb, EIGHT_MB, &sent, &error), ETIMEDOUT);
	check_took(before, 100 * MSEC);
	check_int((intmax_t)drain(p.b), (intmax_t)sent);
	pair_free(&p);
	end();
}

/* A reader in the same process, which counts what it reads while write waits. */
struct reader {
	struct watch watch;
	struct sock *sock;
	size_t total;
};

static void
reader_ready(struct watch *w, unsigned ready)
{
	struct reader *r = w->arg;
	static char data[256 * 1024];
	ssize_t n;

	(void)ready;
	while ((n = sock_recv(r->sock, data, sizeof(data), MSG_DONTWAIT, &error)) > 0)
		r->total += (size_t)n;
}

TEST("a blocking write sends everything, however long the peer takes, while callbacks run")
{
	struct pair p;
	struct reader r = { .watch = { .fn = reader_ready } };
	size_t sent;

	require(begin() && pair_open(&p));
	sock_setblocking(p.a, true, &error);
	r.sock = p.b;
	r.watch.fd = sock_fileno(p.b);
	r.watch.arg = &r;
	check_int(loop_watch(loop, &r.watch, LOOP_READ, &error), 0);
	check_int(sock_write(p.a, eight_mb, EIGHT_MB, &sent, &error), EIGHT_MB);
	check_int((intmax_t)sent, EIGHT_MB);
	check_int(sock_sendall(p.a, eight_mb, EIGHT_MB, &sent, &error), 0);
	loop_unwatch(loop, &r.watch);
	check_int((intmax_t)(r.total + drain(p.b)), 2 * EIGHT_MB);
	pair_free(&p);
	end();
}

TEST("sendto on a connected stream goes to its peer, and recvfrom gives the peer")
{
	const struct sockname elsewhere = loopback(9);
	struct sockname from, want;
	struct pair p;
	bool cut = true;
	char data[8];

	require(begin() && pair_open(&p));
	check_int(sock_sendto(p.a, "abc", 3, 0, &elsewhere, &error), 3);
	check_int(sock_recvfrom(p.b, data, sizeof(data), 0, &from, &cut, &error), 3);
	want = name_of(p.a);
	check(sockname_equal(&from, &want));
	check(!cut);
	pair_free(&p);
	end();
}

TEST("after a reset of the peer sending fails with EPIPE or ECONNRESET and no signal")
{
	struct pair p;

	require(begin() && pair_open(&p));
	sock_abort(p.b);
	require(reaches(p.a, 0));
	check_fails(sock_send(p.a, "x", 1, 0, &error), ECONNRESET);
	check_int(sock_end(p.a), END_PEER_RESET);
	check_fails(sock_send(p.a, "x", 1, 0, &error), EPIPE);
	pair_free(&p);
	end();
}

TEST("shutdown of one direction leaves the other")
{
	struct pair p;
	char data[8];

	require(begin() && pair_open(&p));
	check_int(sock_shutdown(p.a, SHUT_WR, &error), 0);
	check_int(sock_shutdown(p.a, SHUT_WR, &error), 0);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 0);
	check_fails(sock_send(p.a, "x", 1, 0, &error), EPIPE);
	send_text(p.b, "abc");
	check_int(sock_recv(p.a, data, sizeof(data), 0, &error), 3);
	check_int(sock_shutdown(p.a, SHUT_RD, &error), 0);
	check_int(sock_recv(p.a, data, sizeof(data), 0, &error), 0);
	pair_free(&p);
	end();
}

/* ---- datagrams ---- */

TEST("a datagram larger than asked for is cut, says so, and its rest is gone")
{
	struct pair p;
	struct sockname from, want;
	bool cut = false;
	char data[8];

	require(begin() && udp_pair_open(&p));
	check_int(sock_send(p.a, "0123456789", 10, 0, &error), 10);
	check_int(sock_send(p.a, "next", 4, 0, &error), 4);
	check_int(sock_recvfrom(p.b, data, 4, 0, &from, &cut, &error), 4);
	check_mem(data, 4, "0123", 4);
	check(cut);
	want = name_of(p.a);
	check(sockname_equal(&from, &want));
	check_int(sock_recvfrom(p.b, data, sizeof(data), 0, NULL, &cut, &error), 4);
	check_mem(data, 4, "next", 4);
	check(!cut);
	pair_free(&p);
	end();
}

TEST("an empty datagram has length 0, a sender, and is no end")
{
	struct pair p;
	struct sockname from = { .len = 0 };
	char data[8];

	require(begin() && udp_pair_open(&p));
	check_int(sock_send(p.a, "", 0, 0, &error), 0);
	check_int(sock_recvfrom(p.b, data, sizeof(data), 0, &from, NULL, &error), 0);
	check(from.len > 0);
	check_int(sock_sendall(p.a, "", 0, NULL, &error), 0);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 0);
	check_int(sock_end(p.b), END_NONE);
	pair_free(&p);
	end();
}

TEST("sendto takes 65507 bytes, refuses 65508 with EMSGSIZE, and sends none")
{
	struct pair p = { NULL, NULL };
	struct sockname to;

	require(begin());
	p.a = fresh(SOCK_DGRAM);
	p.b = bound(SOCK_DGRAM);
	to = name_of(p.b);
	check_int(sock_sendto(p.a, eight_mb, 65507, 0, &to, &error), 65507);
	check_fails(sock_sendto(p.a, eight_mb, 65508, 0, &to, &error), EMSGSIZE);
	check_int(sock_sendto(p.a, "", 0, 0, &to, &error), 0);
	check_int(sock_recvfrom(p.b, eight_mb, EIGHT_MB, 0, NULL, NULL, &error), 65507);
	check_int(sock_recvfrom(p.b, eight_mb, EIGHT_MB, 0, NULL, NULL, &error), 0);
	pair_free(&p);
	end();
}

TEST("datagrams can be peeked at, and a time-out or non-blocking call fails as on streams")
{
	struct pair p;
	bool cut;
	char data[8];
	int64_t before;

	require(begin() && udp_pair_open(&p));
	sock_settimeout(p.b, 50 * MSEC, &error);
	before = clock_now();
	check_fails(sock_recvfrom(p.b, data, sizeof(data), 0, NULL, NULL, &error), ETIMEDOUT);
	check_took(before, 50 * MSEC);
	check_fails(sock_recvfrom(p.b, data, sizeof(data), MSG_DONTWAIT, NULL, NULL, &error),
	    EAGAIN);
	send_text(p.a, "abc");
	check_int(sock_recvfrom(p.b, data, 2, MSG_PEEK, NULL, &cut, &error), 2);
	check(cut);
	check_int(sock_recv(p.b, data, sizeof(data), MSG_PEEK, &error), 3);
	check_int(sock_recvfrom(p.b, data, sizeof(data), 0, NULL, &cut, &error), 3);
	check_fails(sock_recv(p.b, data, sizeof(data), MSG_DONTWAIT, &error), EAGAIN);
	pair_free(&p);
	end();
}

TEST("a connected UDP socket to a closed port sends once and receives ECONNREFUSED")
{
	struct sock *s, *gone;
	struct sockname name;
	char data[8];

	require(begin());
	gone = bound(SOCK_DGRAM);
	name = name_of(gone);
	sock_free(gone);
	s = fresh(SOCK_DGRAM);
	check_int(sock_connect(s, &name, &error), 0);
	check_int(sock_send(s, "x", 1, 0, &error), 1);
	check_fails(sock_recv(s, data, sizeof(data), 0, &error), ECONNREFUSED);
	check_int(sock_end(s), END_NONE);
	sock_free(s);
	end();
}

TEST("a connected UDP socket hears its peer only")
{
	struct pair p;
	struct sock *stranger;
	struct sockname to;
	char data[16];

	require(begin() && udp_pair_open(&p));
	stranger = bound(SOCK_DGRAM);
	to = name_of(p.a);
	check_int(sock_sendto(stranger, "stranger", 8, 0, &to, &error), 8);
	check_int(sock_sendto(p.b, "peer", 4, 0, &to, &error), 4);
	check_int(sock_recv(p.a, data, sizeof(data), 0, &error), 4);
	check_mem(data, 4, "peer", 4);
	check_fails(sock_recv(p.a, data, sizeof(data), MSG_DONTWAIT, &error), EAGAIN);
	sock_free(stranger);
	pair_free(&p);
	end();
}

TEST("read, readline and readall take datagrams whole, whatever the size")
{
	struct pair p;
	struct buf line;
	char data[16];

	require(begin() && udp_pair_open(&p));
	buf_init(&line, 1 << 20);
	send_text(p.a, "short");
	check_int(sock_read(p.b, data, sizeof(data), NULL, &error), 5);
	check_int(sock_send(p.a, eight_mb, 60000, 0, &error), 60000);
	send_text(p.a, "x\ny");
	check_int(sock_readline(p.b, &line, 1 << 20, &error), 0);
	check_int((intmax_t)line.len, 60002);
	check_int(sock_read(p.b, data, sizeof(data), NULL, &error), 1);
	buf_fini(&line);
	pair_free(&p);
	end();
}

TEST("sendto to a unix socket whose queue is full waits, and only so long")
{
	struct sock *to, *s;
	struct sockname name;
	struct error e;
	int64_t before;
	ssize_t rc;

	require(begin());
	check_int(sock_open(&to, loop, AF_UNIX, SOCK_DGRAM, 0, SOCK_QUECPYTHON, &e), 0);
	check_int(sock_open(&s, loop, AF_UNIX, SOCK_DGRAM, 0, SOCK_QUECPYTHON, &e), 0);
	name = (struct sockname){ .len = sizeof(sa_family_t) }; /* autobind, unix(7) */
	name.sa.sa_family = AF_UNIX;
	check_int(sock_bind(to, &name, &e), 0);
	name = name_of(to);
	do
		rc = sock_sendto(s, "x", 1, MSG_DONTWAIT, &name, &e);
	while (rc == 1);
	check_int(e.number, EAGAIN);
	check_int(sock_settimeout(s, 50 * MSEC, &e), 0);
	before = clock_now();
	check_fails(sock_sendto(s, "x", 1, 0, &name, &error), ETIMEDOUT);
	check_took(before, 50 * MSEC);
	sock_free(s);
	sock_free(to);
	end();
}

TEST("records of a seqpacket socket keep their limits, and it has an end")
{
	struct pair p = { NULL, NULL };
	int fds[2];
	char data[16];

	require(begin());
	require(check_int(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0));
	check_int(sock_adopt(&p.a, loop, fds[0], &error), 0);
	check_int(sock_adopt(&p.b, loop, fds[1], &error), 0);
	send_text(p.a, "one");
	send_text(p.a, "two");
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 3);
	check_int(sock_read(p.b, data, sizeof(data), NULL, &error), 3);
	sock_close(p.a, NULL);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 0);
	check_int(sock_end(p.b), END_PEER_FIN);
	pair_free(&p);
	end();
}

/* ---- calls and callbacks ---- */

static void
close_it(void *arg)
{
	sock_close(arg, NULL);
}

TEST("a callback that closes the socket ends the call that waits on it with EBADF")
{
	struct later later;
	struct pair p;
	char data[8];

	require(begin() && pair_open(&p));
	sock_setblocking(p.b, true, &error);
	later_start(&later, 5 * MSEC, close_it, p.b);
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), EBADF);
	pair_free(&p);

	require(pair_open(&p));
	send_text(p.a, "ab");
	later_start(&later, 5 * MSEC, close_it, p.b);
	check_fails(sock_read(p.b, data, 5, NULL, &error), EBADF);
	pair_free(&p);
	end();
}

static int nested_recv, nested_send;

static void
use_it(void *arg)
{
	char data[8];

	nested_recv = sock_recv(arg, data, sizeof(data), 0, &error) == -1 ? error.number : 0;
	nested_send = (int)sock_send(arg, "x", 1, 0, &error);
	sock_close(arg, NULL);
}

TEST("a callback may send on a socket that a call receives from, but not receive too")
{
	struct later later;
	struct error e;
	struct pair p;
	char data[8];

	require(begin() && pair_open(&p));
	later_start(&later, 5 * MSEC, use_it, p.b);
	check_int(sock_recv(p.b, data, sizeof(data), 0, &e), -1);
	check_int(e.number, EBADF);
	check_int(nested_recv, EBUSY);
	check_int(nested_send, 1);
	check_int(sock_recv(p.a, data, sizeof(data), 0, &error), 1);
	pair_free(&p);
	end();
}

/* ---- a layer above the socket ---- */

/* Inverts every bit, and needs a write before its first read, as a handshake does. */
struct mirror {
	struct stream base;
	bool greeted;
};

static ssize_t
mirror_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct mirror *m = (struct mirror *)(void *)s;
	ssize_t got;

	if (!m->greeted) {
		m->greeted = true;
		return STREAM_WANT_WRITE;
	}
	got = stream_read(s->next, data, n, e);
	for (ssize_t i = 0; i < got; i++)
		((unsigned char *)data)[i] ^= 0xff;
	return got;
}

static ssize_t
mirror_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	unsigned char turned[64];

	n = n < sizeof(turned) ? n : sizeof(turned);
	for (size_t i = 0; i < n; i++)
		turned[i] = ((const unsigned char *)data)[i] ^ 0xff;
	return stream_write(s->next, turned, n, e);
}

static int
mirror_shut(struct stream *s, struct error *e)
{
	if (stream_write(s->next, "\xbd", 1, e) != 1) /* "B" for bye */
		return -1;
	return stream_shut(s->next, e);
}

static void
mirror_close(struct stream *s)
{
	stream_close(s->next);
	free(s);
}

static size_t
mirror_pending(const struct stream *s)
{
	return stream_pending(s->next);
}

static int
mirror_fd(const struct stream *s, enum stream_side side)
{
	return stream_raw_fd(s->next, side);
}

static enum stream_kind
mirror_kind(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return STREAM_OPAQUE;
}

static const struct stream_ops mirror_ops = {
	.read = mirror_read,
	.write = mirror_write,
	.shut = mirror_shut,
	.close = mirror_close,
	.pending = mirror_pending,
	.raw_fd = mirror_fd,
	.kind = mirror_kind,
};

static void
put_mirror(struct sock *s)
{
	struct mirror *m = calloc(1, sizeof(*m));

	m->base.ops = &mirror_ops;
	m->base.next = sock_stream(s);
	*sock_top(s) = &m->base;
}

TEST("all methods go through a layer that slides in underneath them")
{
	struct pair p;
	struct buf line;
	char data[16];

	require(begin() && pair_open(&p));
	buf_init(&line, 100);
	put_mirror(p.b);
	check_int(sock_stream(p.b)->ops->raw_fd(sock_stream(p.b), STREAM_IN), sock_fileno(p.b));
	send_text(p.a, "\x9e\x9d\x9c\xf5\x9b");
	check_int(sock_recv(p.b, data, 1, MSG_PEEK, &error), 1);
	require(arrived(p.b, 1));
	check_int(sock_readline(p.b, &line, 100, &error), 0);
	check_mem(buf_head(&line), line.len, "abc\n", 4);
	check_int(sock_read(p.b, data, 1, NULL, &error), 1);
	check_mem(data, 1, "d", 1);
	send_text(p.b, "ab");
	check_int(sock_sendto(p.b, "c", 1, 0, NULL, &error), 1);
	check_int(sock_read(p.a, data, 3, NULL, &error), 3);
	check_mem(data, 3, "\x9e\x9d\x9c", 3);
	check_fails(sock_send(p.b, "x", 1, MSG_OOB, &error), EOPNOTSUPP);
	check_int(sock_shutdown(p.b, SHUT_WR, &error), 0);
	check_int(sock_read(p.a, data, 3, NULL, &error), 1);
	check_mem(data, 1, "\xbd", 1);
	buf_fini(&line);
	pair_free(&p);
	end();
}

/* ---- makefile ---- */

static const char *const wrong_modes[] = { "", "r", "w", "rw", "br", "rt", "a", "rbb", "RB" };

TEST("makefile takes rb, wb and rwb, and each file object keeps to its mode")
{
	struct sock_file *r, *w, *both;
	struct pair p;
	struct buf out;
	size_t n;
	char data[8];

	require(begin() && pair_open(&p));
	for (size_t i = 0; i < ARRAY_LEN(wrong_modes); i++)
		row(check_usage(sock_makefile(p.a, wrong_modes[i], &r, &error)), wrong_modes[i]);
	require(check_int(sock_makefile(p.a, "rb", &r, &error), 0));
	require(check_int(sock_makefile(p.a, "wb", &w, &error), 0));
	require(check_int(sock_makefile(p.b, "rwb", &both, &error), 0));
	buf_init(&out, 100);
	check_fails(sock_file_write(r, "x", 1, &n, &error), EBADF);
	check_fails(sock_file_read(w, data, 1, &n, &error), EBADF);
	check_fails(sock_file_readline(w, &out, 10, &error), EBADF);
	check_fails(sock_file_readall(w, &out, &error), EBADF);
	check_int(sock_file_write(both, "line\nrest", 9, &n, &error), 9);
	check_int(sock_file_readline(r, &out, 100, &error), 0);
	check_mem(buf_head(&out), out.len, "line\n", 5);
	check_int(sock_file_read(r, data, 2, &n, &error), 2);
	check_int(sock_recv(p.a, data, sizeof(data), 0, &error), 2);
	check_int(sock_file_write(w, "abc", 3, &n, &error), 3);
	check_int(sock_file_read(both, data, 3, &n, &error), 3);
	sock_file_close(r, NULL);
	check(sock_fileno(p.a) != -1);
	sock_file_close(w, NULL);
	check_int(sock_fileno(p.a), -1);
	check_int(sock_file_readall(both, &out, &error), 0);
	sock_file_close(both, NULL);
	buf_fini(&out);
	pair_free(&p);
	end();
}

TEST("closing the last file object closes the socket, and outlives its handle")
{
	struct sock_file *f;
	struct pair p;
	char data[8];
	size_t held;

	require(begin() && pair_open(&p));
	require(check_int(sock_makefile(p.b, "rb", &f, &error), 0));
	sock_file_close(f, NULL);
	check_fails(sock_recv(p.b, data, sizeof(data), 0, &error), EBADF);
	check_int(sock_getsocketsta(p.b), -1);
	pair_free(&p);

	require(pair_open(&p));
	require(check_int(sock_makefile(p.b, "rb", &f, &error), 0));
	sock_free(p.b);
	p.b = NULL;
	check_fails(sock_file_read(f, data, 1, &held, &error), EBADF);
	sock_file_close(f, NULL);
	sock_file_close(NULL, NULL);
	pair_free(&p);
	end();
}

TEST("a file object's time-out keeps the data for the next read")
{
	struct sock_file *f;
	struct pair p;
	char data[8];
	size_t held;

	require(begin() && pair_open(&p));
	require(check_int(sock_makefile(p.b, "rb", &f, &error), 0));
	sock_settimeout(p.b, 30 * MSEC, &error);
	send_text(p.a, "ab");
	check_fails(sock_file_read(f, data, 4, &held, &error), ETIMEDOUT);
	check_int((intmax_t)held, 2);
	send_text(p.a, "cd");
	check_int(sock_file_read(f, data, 4, &held, &error), 4);
	check_mem(data, 4, "abcd", 4);
	sock_file_close(f, NULL);
	pair_free(&p);
	end();
}
