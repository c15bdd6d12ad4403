#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sock/impl.h"
#include "sock_test.h"
#include "stream/stream.h"

/* ---- socket() ---- */

static const struct open_row {
	const char *what;
	int family, type, proto;
	int errnum; /* 0: succeeds */
} opens[] = {
	{ "TCP", AF_INET, SOCK_STREAM, 0, 0 },
	{ "TCP by number", AF_INET, SOCK_STREAM, IPPROTO_TCP, 0 },
	{ "TCP server of the documents", AF_INET, SOCK_STREAM, SOCK_PROTO_TCP_SER, 0 },
	{ "client that may bind", AF_INET, SOCK_STREAM, SOCK_PROTO_CUSTOMIZE_PORT, 0 },
	{ "UDP", AF_INET, SOCK_DGRAM, IPPROTO_UDP, 0 },
	{ "unix", AF_UNIX, SOCK_STREAM, 0, 0 },
	{ "no such family", 999, SOCK_STREAM, 0, EAFNOSUPPORT },
	{ "UDP as a stream", AF_INET, SOCK_STREAM, IPPROTO_UDP, EPROTONOSUPPORT },
	{ "documented TCP as datagrams", AF_INET, SOCK_DGRAM, SOCK_PROTO_TCP_SER, EPROTONOSUPPORT },
	{ "raw without a protocol", AF_INET, SOCK_RAW, 0, EPROTONOSUPPORT },
};

static bool
check_open(const struct open_row *r)
{
	struct sock *s = NULL;
	int rc;

	error.number = 0;
	rc = sock_open(&s, loop, r->family, r->type, r->proto, SOCK_QUECPYTHON, &error);
	sock_free(s);
	if (r->errnum != 0)
		return check_int(rc, -1) && check_int(error.number, r->errnum);
	return check_int(rc, 0);
}

TEST("each family, type and protocol opens, or fails with its errno")
{
	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(opens); i++)
		row(check_open(&opens[i]), opens[i].what);
	end();
}

TEST("ten thousand sockets are small")
{
	check(sizeof(struct sock) < 256);
}

/* ---- time-outs ---- */

static const struct timeout_row {
	const char *text;
	enum sock_dialect dialect;
	int64_t want; /* -1: an error of usage */
} timeouts[] = {
	{ "none", SOCK_QUECPYTHON, DURATION_NONE },
	{ "0", SOCK_QUECPYTHON, 0 },
	{ "0.3", SOCK_QUECPYTHON, 300 * MSEC },
	{ "2", SOCK_QUECPYTHON, 2000 * MSEC },
	{ "250ms", SOCK_QUECPYTHON, 250 * MSEC },
	{ "0.000000001", SOCK_QUECPYTHON, 1 },
	{ "0.0000000000001", SOCK_QUECPYTHON, 1 },
	{ "-1", SOCK_QUECPYTHON, -1 },
	{ "a", SOCK_QUECPYTHON, -1 },
	{ "", SOCK_QUECPYTHON, -1 },
	{ "none", SOCK_ZERYNTH, DURATION_NONE },
	{ "0", SOCK_ZERYNTH, 0 },
	{ "300", SOCK_ZERYNTH, 300 * MSEC },
	{ "0.3", SOCK_ZERYNTH, -1 },
	{ "-1", SOCK_ZERYNTH, -1 },
	{ "a", SOCK_ZERYNTH, -1 },
};

static bool
check_timeout(const struct timeout_row *r)
{
	struct sock *s;
	bool ok;

	if (!check_int(sock_open(&s, loop, AF_INET, SOCK_STREAM, 0, r->dialect, &error), 0))
		return false;
	if (r->want == -1)
		ok = check_usage(sock_settimeout_text(s, r->text, &error)) &&
		    check_int(sock_gettimeout(s), DURATION_NONE);
	else
		ok = check_int(sock_settimeout_text(s, r->text, &error), 0) &&
		    check_int(sock_gettimeout(s), r->want);
	sock_free(s);
	return ok;
}

TEST("settimeout takes seconds, in Zerynth's dialect milliseconds, and nothing negative")
{
	struct sock *s;

	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(timeouts); i++)
		row(check_timeout(&timeouts[i]), timeouts[i].text);
	s = fresh(SOCK_STREAM);
	check_usage(sock_settimeout(s, -1, &error));
	sock_free(s);
	end();
}

TEST("setblocking is a shorthand for settimeout, and both fail after close")
{
	struct sock *s;

	require(begin());
	s = fresh(SOCK_STREAM);
	check_int(sock_setblocking(s, false, &error), 0);
	check_int(sock_gettimeout(s), 0);
	check_int(sock_setblocking(s, true, &error), 0);
	check_int(sock_gettimeout(s), DURATION_NONE);
	sock_close(s, NULL);
	check_fails(sock_settimeout(s, 1, &error), EBADF);
	check_fails(sock_settimeout_text(s, "1", &error), EBADF);
	check_fails(sock_setblocking(s, true, &error), EBADF);
	sock_free(s);
	end();
}

TEST("a tiny time-out is a time-out, not a non-blocking call")
{
	struct pair p;
	char data[1];

	require(begin() && pair_open(&p));
	sock_settimeout(p.a, 1, &error);
	check_fails(sock_recv(p.a, data, 1, 0, &error), ETIMEDOUT);
	send_text(p.b, "x");
	require(arrived(p.a, 1));
	check_int(sock_recv(p.a, data, 1, 0, &error), 1);
	pair_free(&p);
	end();
}

/* A busy machine may be late at times, but not every time. */
TEST("a time-out is exact to 20 ms")
{
	int64_t best = INT64_MAX, before, took;
	struct pair p;
	char data[1];

	require(begin() && pair_open(&p));
	sock_settimeout(p.a, 30 * MSEC, &error);
	for (int i = 0; i < 20 && best >= 50 * MSEC; i++) {
		before = clock_now();
		check_fails(sock_recv(p.a, data, 1, 0, &error), ETIMEDOUT);
		took = clock_now() - before;
		check(took >= 30 * MSEC);
		if (took < best)
			best = took;
	}
	check(best < 50 * MSEC);
	pair_free(&p);
	end();
}

/* ---- bind ---- */

TEST("bind to a port that is bound or listening fails with EADDRINUSE")
{
	struct sock *holder, *s;
	struct sockname name;

	require(begin());
	holder = bound(SOCK_STREAM);
	s = fresh(SOCK_STREAM);
	name = name_of(holder);
	check_fails(sock_bind(s, &name, &error), EADDRINUSE);
	check_int(sock_listen(holder, 1, &error), 0);
	check_fails(sock_bind(s, &name, &error), EADDRINUSE);
	sock_free(s);
	sock_free(holder);
	end();
}

TEST("two servers of the documents may bind one port, but only one may listen")
{
	struct sock *s[2];
	struct sockname name = loopback(0);

	require(begin());
	for (int i = 0; i < 2; i++) {
		check_int(sock_open(&s[i], loop, AF_INET, SOCK_STREAM, SOCK_PROTO_TCP_SER,
			      SOCK_QUECPYTHON, &error),
		    0);
		check_int(sock_bind(s[i], &name, &error), 0);
		name = name_of(s[i]);
	}
	check_int(sock_listen(s[0], 1, &error), 0);
	check_fails(sock_listen(s[1], 1, &error), EADDRINUSE);
	sock_free(s[0]);
	sock_free(s[1]);
	end();
}

static const struct bind_row {
	const char *host, *port;
} binds[] = { { "127.0.0.1", "0" }, { "127.0.0.1", "" }, { "", "0" }, { "", "" } };

TEST("bind to port 0 or without one lets the kernel choose, which the name shows")
{
	struct sock *s;
	struct sockname name;

	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(binds); i++) {
		s = fresh(SOCK_STREAM);
		check_int(sock_bind_host(s, binds[i].host, binds[i].port, &error), 0);
		name = name_of(s);
		check(sockname_port(&name) != 0);
		sock_free(s);
	}
	end();
}

TEST("bind after connect, and after a datagram was refused, fails with EINVAL")
{
	static char data[65508];
	const struct sockname any = loopback(0);
	struct sockname to;
	struct pair p;
	struct sock *s;

	require(begin() && pair_open(&p));
	check_fails(sock_bind(p.a, &any, &error), EINVAL);
	pair_free(&p);
	s = fresh(SOCK_DGRAM);
	to = loopback(9);
	check_fails(sock_sendto(s, data, sizeof(data), 0, &to, &error), EMSGSIZE);
	check_fails(sock_bind(s, &any, &error), EINVAL);
	sock_free(s);
	end();
}

/* ---- connect ---- */

/* A listener whose queue is full: the next SYN gets no answer. */
static struct sock *
deaf_listener(struct sock **ret_filler)
{
	struct sock *listener = listening(0);
	struct sockname name = name_of(listener);

	*ret_filler = fresh(SOCK_STREAM);
	check_int(sock_connect(*ret_filler, &name, &error), 0);
	return listener;
}

TEST("connect to a closed port fails with ECONNREFUSED at once, and the end says so")
{
	struct sock *gone, *s;
	struct sockname name;
	int64_t before;

	require(begin());
	gone = bound(SOCK_STREAM);
	name = name_of(gone);
	sock_free(gone);
	s = fresh(SOCK_STREAM);
	before = clock_now();
	check_fails(sock_connect(s, &name, &error), ECONNREFUSED);
	check_took(before, 0);
	check_int(sock_end(s), END_REFUSED);
	check_int(sock_getsocketsta(s), 0);
	sock_free(s);
	end();
}

TEST("connect of a connected socket fails with EISCONN, however it was connected")
{
	struct connect_how how = { .connect_timeout = DURATION_NONE };
	struct sock *listener, *dialled = NULL;
	struct sockname name;
	struct endpoint ep;
	struct pair p;
	char text[SOCKNAME_TEXT_MAX];

	require(begin() && pair_open(&p));
	listener = listening(2);
	name = name_of(listener);
	check_fails(sock_connect(p.a, &name, &error), EISCONN);
	check_fails(sock_connect(p.b, &name, &error), EISCONN);
	sockname_format(&name, text, sizeof(text));
	check_int(endpoint_parse(text, NULL, &ep, &error), 0);
	require(check_int(
	    sock_open_connected(&dialled, loop, &ep, &how, deadline_in(PATIENCE), NULL, &error),
	    0));
	check_fails(sock_connect(dialled, &name, &error), EISCONN);
	sock_free(dialled);
	sock_free(listener);
	pair_free(&p);
	end();
}

TEST("a connect without an answer: EINPROGRESS, then EALREADY, or ETIMEDOUT in time")
{
	struct sock *listener, *filler, *s;
	struct sockname name;
	int64_t before;

	require(begin());
	listener = deaf_listener(&filler);
	name = name_of(listener);
	s = fresh(SOCK_STREAM);
	sock_setblocking(s, false, &error);
	check_fails(sock_connect(s, &name, &error), EINPROGRESS);
	check_fails(sock_connect(s, &name, &error), EALREADY);
	check_int(sock_getsocketsta(s), 2);
	sock_free(s);

	s = fresh(SOCK_STREAM);
	sock_settimeout(s, 100 * MSEC, &error);
	before = clock_now();
	check_fails(sock_connect(s, &name, &error), ETIMEDOUT);
	check_int(error.code, ERROR_TIMEOUT);
	check_took(before, 100 * MSEC);
	check_fails(sock_connect(s, &name, &error), EALREADY);
	sock_free(s);
	sock_free(filler);
	sock_free(listener);
	end();
}

/* Connects without blocking until the result is known. */
static int
connect_again(struct sock *s, const struct sockname *name)
{
	int rc;

	check_fails(sock_connect(s, name, &error), EINPROGRESS);
	do {
		turn();
		rc = sock_connect(s, name, &error);
	} while (rc == -1 && error.number == EALREADY);
	return rc;
}

TEST("a second non-blocking connect gives the outcome of the first, a third EISCONN")
{
	struct sock *listener, *s;
	struct sockname name, peer;

	require(begin());
	listener = listening(1);
	name = name_of(listener);
	s = fresh(SOCK_STREAM);
	sock_setblocking(s, false, &error);
	check_int(connect_again(s, &name), 0);
	sock_peer(s, &peer);
	check(sockname_equal(&peer, &name));
	check_fails(sock_connect(s, &name, &error), EISCONN);
	sock_free(s);
	sock_free(listener);

	s = fresh(SOCK_STREAM);
	sock_setblocking(s, false, &error);
	error.number = 0;
	check_int(connect_again(s, &name), -1);
	check_int(error.number, ECONNREFUSED);
	sock_free(s);
	end();
}

TEST("connect looks a name up, for the socket's own family")
{
	struct sock *listener, *s;
	struct sockname name;
	char port[8];

	require(begin());
	listener = listening(1);
	name = name_of(listener);
	snprintf(port, sizeof(port), "%u", (unsigned)sockname_port(&name));
	s = fresh(SOCK_STREAM);
	check_int(sock_connect_host(s, "localhost", port, &error), 0);
	check_fails(sock_connect_host(s, "localhost", port, &error), EISCONN);
	sock_close(s, NULL);
	check_fails(sock_connect_host(s, "localhost", port, &error), EBADF);
	check_fails(sock_bind_host(s, "localhost", port, &error), EBADF);
	sock_free(s);
	s = fresh(SOCK_STREAM);
	check_int(sock_connect_host(s, "nosuch.invalid", port, &error), -1);
	check_int(error.code, ERROR_RESOLVE);
	check_int(error.origin, ORIGIN_GAI);
	check(error.number < 0);
	sock_free(s);
	sock_free(listener);
	end();
}

TEST("a UDP socket may be connected again, and its peer is then the new one")
{
	struct pair p;
	struct sockname name, peer;

	require(begin() && udp_pair_open(&p));
	name = name_of(p.a);
	check_int(sock_connect(p.a, &name, &error), 0);
	sock_peer(p.a, &peer);
	check(sockname_equal(&peer, &name));
	pair_free(&p);
	end();
}

TEST("connect to a unix listener whose queue is full waits for room, and only so long")
{
	struct sock *listener, *s[3], *conn = NULL;
	struct sockname name = { .len = sizeof(sa_family_t) };
	int64_t before;
	int n = 0;

	require(begin());
	name.sa.sa_family = AF_UNIX;
	check_int(sock_open(&listener, loop, AF_UNIX, SOCK_STREAM, 0, SOCK_QUECPYTHON, &error), 0);
	check_int(sock_bind(listener, &name, &error), 0);
	check_int(sock_listen(listener, 0, &error), 0);
	name = name_of(listener);
	for (n = 0; n < 3; n++) {
		check_int(sock_open(&s[n], loop, AF_UNIX, SOCK_STREAM, 0, SOCK_QUECPYTHON, &error),
		    0);
		sock_settimeout(s[n], 50 * MSEC, &error);
		before = clock_now();
		if (sock_connect(s[n], &name, &error) == -1)
			break;
	}
	require(check(n < 3));
	check_int(error.number, ETIMEDOUT);
	check_took(before, 50 * MSEC);
	sock_setblocking(s[n], false, &error);
	check_fails(sock_connect(s[n], &name, &error), EAGAIN);
	check_int(sock_accept(listener, &conn, NULL, &error), 0);
	check_int(sock_connect(s[n], &name, &error), 0);
	for (int i = 0; i <= n; i++)
		sock_free(s[i]);
	sock_free(conn);
	sock_free(listener);
	end();
}

/* ---- listen, accept ---- */

static const int backlogs[] = { -1, 0, 1, 2, 128, SOCK_BACKLOG_DEFAULT };

TEST("listen takes any backlog, and even with 0 or less one connection is accepted")
{
	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(backlogs); i++) {
		struct sock *listener = listening(backlogs[i]), *s = fresh(SOCK_STREAM),
			    *conn = NULL;
		struct sockname name = name_of(listener);

		check_int(sock_connect(s, &name, &error), 0);
		check_int(sock_accept(listener, &conn, NULL, &error), 0);
		sock_free(conn);
		sock_free(s);
		sock_free(listener);
	}
	end();
}

TEST("listen without bind gets a port, which the name shows")
{
	struct sock *s;
	struct sockname name;

	require(begin());
	s = fresh(SOCK_STREAM);
	check_int(sock_listen(s, SOCK_BACKLOG_DEFAULT, &error), 0);
	name = name_of(s);
	check(sockname_port(&name) != 0);
	sock_free(s);
	end();
}

TEST("an inherited listener does not block while we have it, and is as it was afterwards")
{
	struct sock *listener;
	int fd, others;

	require(begin());
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check_int(bind(fd, (struct sockaddr *)&(struct sockaddr_un){ .sun_family = AF_UNIX },
		      sizeof(sa_family_t)),
	    0);
	check_int(listen(fd, 1), 0);
	others = dup(fd);
	require(check_int(sock_adopt(&listener, loop, fd, &error), 0));
	check(fcntl(others, F_GETFL) & O_NONBLOCK);
	sock_free(listener);
	check_int(fcntl(others, F_GETFL) & O_NONBLOCK, 0);
	close(others);
	end();
}

/* Replaces the C library's: how many clients go before they are accepted. */
static int aborted;

int
accept4(int fd, struct sockaddr *name, socklen_t *len, int flags)
{
	if (aborted == 0)
		return (int)syscall(SYS_accept4, fd, name, len, flags);
	aborted--;
	errno = ECONNABORTED;
	return -1;
}

TEST("a client that is gone before it is accepted is no failure: the next one is")
{
	struct sock *listener, *client, *conn = NULL;
	struct sockname name;

	require(begin());
	client = fresh(SOCK_STREAM);
	listener = listening(1);
	name = name_of(listener);
	check_int(sock_connect(client, &name, &error), 0);
	aborted = 2;
	check_int(sock_accept(listener, &conn, NULL, &error), 0);
	check_int(aborted, 0);
	sock_free(conn);
	sock_free(client);
	sock_free(listener);
	end();
}

TEST("accept without a client: ETIMEDOUT in time, non-blocking EAGAIN at once")
{
	struct sock *listener, *conn = NULL;
	int64_t before;

	require(begin());
	listener = listening(1);
	sock_settimeout(listener, 80 * MSEC, &error);
	before = clock_now();
	check_fails(sock_accept(listener, &conn, NULL, &error), ETIMEDOUT);
	check_took(before, 80 * MSEC);
	sock_settimeout(listener, 0, &error);
	before = clock_now();
	check_fails(sock_accept(listener, &conn, NULL, &error), EAGAIN);
	check_int(sock_accept(listener, &conn, NULL, NULL), -1);
	check_took(before, 0);
	sock_free(listener);
	end();
}

TEST("an accepted socket knows its peer, and inherits neither time-out nor non-blocking mode")
{
	static const int64_t modes[] = { 0, PATIENCE };

	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct sock *listener = listening(1), *s = fresh(SOCK_STREAM), *conn = NULL;
		struct sockname name = name_of(listener), from, peer, want;

		check_int(sock_connect(s, &name, &error), 0);
		while (sock_settimeout(listener, modes[i], &error) == 0 &&
		    sock_accept(listener, &conn, &from, &error) == -1)
			turn();
		check_int(sock_gettimeout(conn), DURATION_NONE);
		sock_peer(conn, &peer);
		want = name_of(s);
		check(sockname_equal(&from, &want) && sockname_equal(&peer, &want));
		want = name_of(conn);
		check(sockname_equal(&want, &name));
		sock_free(conn);
		sock_free(s);
		sock_free(listener);
	}
	end();
}

/* ---- close ---- */

TEST("close twice is fine, the descriptor is gone, and the names are as they were")
{
	struct sockname local, peer, name;
	struct pair p;
	int fd;

	require(begin() && pair_open(&p));
	local = name_of(p.a);
	sock_peer(p.a, &peer);
	fd = sock_fileno(p.a);
	check(fd >= 0);
	errno = 12345;
	sock_close(p.a, NULL);
	sock_close(p.a, NULL);
	sock_abort(p.a);
	check_int(errno, 12345);
	check_int(sock_fileno(p.a), -1);
	check_int(fcntl(fd, F_GETFD), -1);
	check(sock_stream(p.a) == NULL);
	check_int((intmax_t)sock_pending(p.a), 0);
	name = name_of(p.a);
	check(sockname_equal(&name, &local));
	sock_peer(p.a, &name);
	check(sockname_equal(&name, &peer));
	pair_free(&p);
	sock_close(NULL, NULL);
	sock_free(NULL);
	end();
}

TEST("the peer of a connection stays known after a reset, for UDP there is none to know")
{
	struct sockname want, peer;
	struct pair p;
	struct sock *s;
	char data[1];

	require(begin() && pair_open(&p));
	want = name_of(p.a);
	sock_abort(p.a);
	check_fails(sock_recv(p.b, data, 1, 0, &error), ECONNRESET);
	sock_peer(p.b, &peer);
	check(sockname_equal(&peer, &want));
	sock_close(p.b, NULL);
	sock_peer(p.b, &peer);
	check(sockname_equal(&peer, &want));
	pair_free(&p);
	s = bound(SOCK_DGRAM);
	sock_peer(s, &peer);
	check_int((intmax_t)peer.len, 0);
	sock_free(s);
	end();
}

TEST("the first end reason wins, and every one has its word")
{
	struct sock *s;

	require(begin());
	s = fresh(SOCK_STREAM);
	check_str(sock_end_word(sock_end(s)), "open");
	sock_set_end(s, END_LIMIT);
	sock_set_end(s, END_PEER_FIN);
	check_str(sock_end_word(sock_end(s)), "limit");
	sock_set_end(s, END_NONE);
	sock_set_end(s, END_ERROR);
	check_int(sock_end(s), END_ERROR);
	for (int i = END_NONE; i <= END_ERROR; i++)
		check(sock_end_word((enum sock_end)i) != NULL);
	sock_free(s);
	end();
}

/* ---- adopt ---- */

TEST("an adopted descriptor keeps its flags, and works whatever its family")
{
	struct pair p = { NULL, NULL };
	char data[8];
	int fds[2];

	require(begin());
	require(check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0));
	check_int(sock_adopt(&p.a, loop, fds[0], &error), 0);
	check_int(sock_adopt(&p.b, loop, fds[1], &error), 0);
	check((fcntl(fds[0], F_GETFL) & O_NONBLOCK) == 0);
	check_int(sock_fileno(p.a), fds[0]);
	send_text(p.a, "abc");
	check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 3);
	pair_free(&p);
	end();
}

TEST("a descriptor that is no socket cannot be adopted, and stays the caller's")
{
	struct sock *s = NULL;
	int fds[2];

	require(begin());
	require(check_int(pipe2(fds, O_CLOEXEC), 0));
	check_fails(sock_adopt(&s, loop, fds[0], &error), ENOTSOCK);
	check_int(close(fds[0]), 0);
	check_int(close(fds[1]), 0);
	check_fails(sock_adopt(&s, loop, fds[0], &error), EBADF);
	end();
}

/* ---- sock_open_connected, sock_open_listening ---- */

static const struct listen_how plainly = { .backlog = 5 };
static const struct connect_how directly = { .connect_timeout = DURATION_NONE };

static struct sock *
serve_at(const char *address)
{
	struct sock *s = NULL;
	struct endpoint ep;

	if (!check_int(endpoint_parse(address, NULL, &ep, &error), 0) ||
	    !check_int(
		sock_open_listening(&s, loop, &ep, &plainly, deadline_in(PATIENCE), NULL, &error),
		0))
		printf("# %s: %s\n", address, error.text);
	else
		sock_settimeout(s, PATIENCE, &error);
	return s;
}

static struct sock *
dial_to(const char *address)
{
	struct sock *s = NULL;
	struct endpoint ep;

	if (!check_int(endpoint_parse(address, NULL, &ep, &error), 0) ||
	    !check_int(
		sock_open_connected(&s, loop, &ep, &directly, deadline_in(PATIENCE), NULL, &error),
		0))
		printf("# %s: %s\n", address, error.text);
	else
		sock_settimeout(s, PATIENCE, &error);
	return s;
}

TEST("a listening socket can be connected to, and both ends know each other's names")
{
	struct sock *server, *client, *conn = NULL;
	struct sockname name, from, peer, want;
	char text[SOCKNAME_TEXT_MAX], data[8];

	require(begin());
	require((server = serve_at("127.0.0.1:0")) != NULL);
	name = name_of(server);
	require((client = dial_to(sockname_format(&name, text, sizeof(text)))) != NULL);
	require(check_int(sock_accept(server, &conn, &from, &error), 0));
	sock_peer(client, &peer);
	check(sockname_equal(&peer, &name));
	want = name_of(client);
	check(sockname_equal(&from, &want));
	send_text(client, "abc");
	check_int(sock_recv(conn, data, sizeof(data), 0, &error), 3);
	sock_free(conn);
	sock_free(client);
	sock_free(server);
	end();
}

TEST("an inherited descriptor can be a client or a server as fd:N")
{
	struct sock *server, *client;
	char text[32];
	int fds[2];

	require(begin());
	require(check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0));
	snprintf(text, sizeof(text), "fd:%d", fds[0]);
	require((client = dial_to(text)) != NULL);
	snprintf(text, sizeof(text), "fd:%d", fds[1]);
	require((server = serve_at(text)) != NULL);
	send_text(client, "abc");
	require(arrived(server, 3));
	sock_free(client);
	sock_free(server);
	end();
}

/* Returns an unused path. */
static const char *
unix_path(void)
{
	static char path[TEST_PATH_MAX];

	test_path(path, "sock_life");
	unlink(path);
	return path;
}

TEST("a listening unix path is removed at close, by sock_free too")
{
	const char *path = unix_path();
	struct sock *server, *client;
	struct stat st;

	require(begin());
	require((server = serve_at(path)) != NULL);
	require((client = dial_to(path)) != NULL);
	check_int(lstat(path, &st), 0);
	sock_close(server, NULL);
	check_int(lstat(path, &st), -1);
	sock_free(client);
	sock_free(server);
	require((server = serve_at(path)) != NULL);
	sock_free(server);
	check_int(lstat(path, &st), -1);
	end();
}

TEST("a listening unix path stays if a forked child closes it, or if it is another's now")
{
	const char *path = unix_path();
	struct sock *server, *other;
	struct stat st;
	int status;
	pid_t pid;

	require(begin());
	require((server = serve_at(path)) != NULL);
	pid = fork();
	if (pid == 0) {
		sock_free(server);
		_exit(0);
	}
	check_int(waitpid(pid, &status, 0), pid);
	check_int(lstat(path, &st), 0);
	unlink(path);
	require((other = serve_at(path)) != NULL);
	sock_free(server);
	check_int(lstat(path, &st), 0);
	sock_free(other);
	check_int(lstat(path, &st), -1);
	end();
}

TEST("sock_bind takes unix paths and abstract names; the path is the caller's to remove")
{
	const char *path = unix_path();
	struct sock *server, *client;
	struct stat st;
	char too_long[200];

	require(begin());
	check_int(sock_open(&server, loop, AF_UNIX, SOCK_STREAM, 0, SOCK_QUECPYTHON, &error), 0);
	check_int(sock_open(&client, loop, AF_UNIX, SOCK_STREAM, 0, SOCK_QUECPYTHON, &error), 0);
	check_int(sock_bind_host(server, path, "", &error), 0);
	check_int(sock_listen(server, 1, &error), 0);
	check_int(sock_connect_host(client, path, "", &error), 0);
	memset(too_long, 'x', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	sock_free(client);
	check_int(sock_open(&client, loop, AF_UNIX, SOCK_STREAM, 0, SOCK_QUECPYTHON, &error), 0);
	check_usage(sock_connect_host(client, too_long, "", &error));
	sock_free(client);
	sock_free(server);
	check_int(lstat(path, &st), 0);
	unlink(path);
	end();
}

/* ---- why an address is in use ---- */

TEST("the error of a port in use names its holder, in bind, listen, servers and clients")
{
	struct bind_how from = { .source = "127.0.0.1" };
	struct connect_how how = { .connect_timeout = DURATION_NONE };
	struct sock *holder, *s = NULL;
	struct sockname name;
	struct endpoint ep;
	char text[SOCKNAME_TEXT_MAX], want[64];
	const char *comma;

	require(begin());
	holder = listening(1);
	name = name_of(holder);
	sockname_format(&name, text, sizeof(text));
	snprintf(want, sizeof(want), ", pid %ld", (long)getpid());
	s = fresh(SOCK_STREAM);
	check_fails(sock_bind(s, &name, &error), EADDRINUSE);
	comma = strchr(error.hint, ',');
	check_str(comma, want);
	snprintf(want, sizeof(want), "port %u is held by ", (unsigned)sockname_port(&name));
	check_mem(error.hint, strlen(want), want, strlen(want));
	sock_free(s);

	check_int(endpoint_parse(text, NULL, &ep, &error), 0);
	error.hint[0] = '\0';
	check_fails(
	    sock_open_listening(&s, loop, &ep, &plainly, deadline_in(PATIENCE), NULL, &error),
	    EADDRINUSE);
	check_mem(error.hint, strlen(want), want, strlen(want));

	how.bind = from;
	how.bind.port_lo = how.bind.port_hi = sockname_port(&name);
	error.hint[0] = '\0';
	check_fails(sock_open_connected(&s, loop, &ep, &how, deadline_in(PATIENCE), NULL, &error),
	    EADDRINUSE);
	check_mem(error.hint, strlen(want), want, strlen(want));
	sock_free(holder);
	end();
}

/* Binds to the holder's address as a user who may not look into our process. The exit status is 0
 * when the hint is right. */
static void
bind_as_nobody(struct sock *holder)
{
	struct sockname name = name_of(holder);
	char want[100];
	struct sock *s;

	snprintf(want, sizeof(want), "port %u is held by a process of user %lu",
	    (unsigned)sockname_port(&name), (unsigned long)getuid());
	/* or this process would hold the port too */
	sock_free(holder);
	if (setgid(65534) != 0 || setuid(65534) != 0)
		_exit(2);
	s = fresh(SOCK_STREAM);
	check_fails(sock_bind(s, &name, &error), EADDRINUSE);
	_exit(check_str(error.hint, want) ? 0 : 1);
}

TEST("a port held by another user's process names the user")
{
	struct sock *holder;
	int status;
	pid_t pid;

	if (getuid() != 0)
		skip("needs root to become another user");
	require(begin());
	holder = listening(1);
	pid = fork();
	if (pid == 0)
		bind_as_nobody(holder);
	check_int(waitpid(pid, &status, 0), pid);
	check_int(status, 0);
	sock_free(holder);
	end();
}

/* Leaves the listener's port in TIME_WAIT. */
static struct sockname
leave_time_wait(bool reuse)
{
	struct sock *listener = fresh(SOCK_STREAM), *s = fresh(SOCK_STREAM), *conn = NULL;
	struct sockname name = loopback(0);
	char data[1];

	sock_setsockopt_int(listener, SOL_SOCKET, SO_REUSEADDR, reuse, &error);
	check_int(sock_bind(listener, &name, &error), 0);
	check_int(sock_listen(listener, 1, &error), 0);
	name = name_of(listener);
	check_int(sock_connect(s, &name, &error), 0);
	check_int(sock_accept(listener, &conn, NULL, &error), 0);
	sock_close(conn, NULL);
	check_int(sock_recv(s, data, 1, 0, &error), 0);
	sock_free(s);
	reaches(conn, 10);
	sock_free(conn);
	sock_free(listener);
	return name;
}

TEST("a port in TIME_WAIT says for how long, and what takes it over")
{
	const char *object = " s more; SO_REUSEADDR takes it over if the socket before had it too";
	const char *option = " s more; --reuse-addr takes it over if the socket before had it too";
	struct listen_how how = { .bind.no_reuse_addr = true };
	struct sockname name;
	struct endpoint ep;
	struct sock *s = NULL;
	char text[SOCKNAME_TEXT_MAX];

	require(begin());
	name = leave_time_wait(true);
	s = fresh(SOCK_STREAM);
	error.hint[0] = '\0';
	check_fails(sock_bind(s, &name, &error), EADDRINUSE);
	check_mem(error.hint, 10, "TIME_WAIT ", 10);
	check(strstr(error.hint, object) != NULL);
	check_int(sock_setsockopt_int(s, SOCK_SOL_SOCKET_DOC, SOCK_SO_REUSEADDR_DOC, 1, &error), 0);
	check_int(sock_bind(s, &name, &error), 0);
	check_int(sock_listen(s, 1, &error), 0);
	sock_free(s);

	sockname_format(&name, text, sizeof(text));
	check_int(endpoint_parse(text, NULL, &ep, &error), 0);
	error.hint[0] = '\0';
	check_fails(sock_open_listening(&s, loop, &ep, &how, deadline_in(PATIENCE), NULL, &error),
	    EADDRINUSE);
	check(strstr(error.hint, option) != NULL);
	s = serve_at(text);
	sock_free(s);

	/* the server before did not have it on: nothing helps */
	name = leave_time_wait(false);
	sockname_format(&name, text, sizeof(text));
	check_int(endpoint_parse(text, NULL, &ep, &error), 0);
	error.hint[0] = '\0';
	check_fails(
	    sock_open_listening(&s, loop, &ep, &plainly, deadline_in(PATIENCE), NULL, &error),
	    EADDRINUSE);
	check(strstr(error.hint, " s more") != NULL && strchr(error.hint, ';') == NULL);
	end();
}

TEST("other failures of bind get no such hint")
{
	struct sockname name = loopback(0);
	struct sock *s;

	require(begin());
	((struct sockaddr_in *)(void *)&name.storage)->sin_addr.s_addr = htonl(0xc0000201);
	s = fresh(SOCK_STREAM);
	error.hint[0] = '\0';
	check_fails(sock_bind(s, &name, &error), EADDRNOTAVAIL);
	check_str(error.hint, "");
	check_int(sock_bind(s, &name, NULL), -1);
	sock_free(s);
	end();
}
