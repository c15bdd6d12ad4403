#include <string.h>

#include "base/buf.h"
#include "sock_test.h"

static void
close_it(void *s)
{
	check_int(sock_close(s, &error), 0);
}

enum { MAX = 64 * 1024 };

static bool
holds(const struct sock *s, const char *text)
{
	size_t n;
	const char *bytes = sock_buffered(s, &n);

	return check_mem(bytes, n, text, text == NULL ? 0 : strlen(text));
}

/* ---- one socket ---- */

TEST("buffered bytes that were not consumed are what recv, read and readline return next")
{
	struct pair p;
	char data[16];
	struct buf line;

	require(begin() && pair_open(&p));
	buf_init(&line, 100);
	send_text(p.b, "abcdef\nrest");
	while (sock_pending(p.a) < 11)
		require(check_int(sock_buffer_fill(p.a, MAX, deadline_in(PATIENCE), &error), 1));
	holds(p.a, "abcdef\nrest");
	sock_consume(p.a, 1);
	check_int(sock_recv(p.a, data, 2, 0, &error), 2);
	check_mem(data, 2, "bc", 2);
	holds(p.a, "def\nrest");
	check_int(sock_readline(p.a, &line, 100, &error), 0);
	check_str(buf_text(&line, &error), "def\n");
	check_int(sock_read(p.a, data, 4, NULL, &error), 4);
	check_mem(data, 4, "rest", 4);
	holds(p.a, NULL);
	buf_fini(&line);
	pair_free(&p);
	end();
}

TEST("a fill waits for later bytes, whatever time-out the socket has")
{
	struct pair p;
	struct later later;

	require(begin() && pair_open(&p));
	sock_settimeout(p.a, 1, &error);
	later_start(&later, 30 * MSEC, close_it, p.b);
	check_int(sock_buffer_fill(p.a, MAX, deadline_in(PATIENCE), &error), 0);
	check_int(sock_buffer_fill(p.a, MAX, deadline_in(PATIENCE), &error), 0);
	check_int(sock_end(p.a), END_PEER_FIN);
	pair_free(&p);
	end();
}

TEST("a fill ends at its deadline, and buffered bytes stay")
{
	struct pair p;
	int64_t before;

	require(begin() && pair_open(&p));
	send_text(p.b, "ab");
	check_int(sock_buffer_fill(p.a, MAX, deadline_in(PATIENCE), &error), 1);
	before = clock_now();
	check_fails(sock_buffer_fill(p.a, MAX, deadline_in(50 * MSEC), &error), ETIMEDOUT);
	check_int(error.code, ERROR_TIMEOUT);
	check_took(before, 50 * MSEC);
	check_fails(sock_buffer_fill(p.a, MAX, deadline_in(0), &error), ETIMEDOUT);
	holds(p.a, "ab");
	pair_free(&p);
	end();
}

TEST("no more is buffered than the limit, and at the limit a fill says so")
{
	struct pair p;
	size_t n;

	require(begin() && pair_open(&p));
	fill_up(p.b);
	do
		require(check_int(sock_buffer_fill(p.a, 1000, deadline_in(PATIENCE), &error), 1));
	while (sock_pending(p.a) < 1000);
	sock_buffered(p.a, &n);
	check_int(n, 1000);
	check_fails(sock_buffer_fill(p.a, 1000, deadline_in(PATIENCE), &error), ENOBUFS);
	pair_free(&p);
	end();
}

TEST("a reset is a failure, after the bytes before it")
{
	struct pair p;

	require(begin() && pair_open(&p));
	send_text(p.b, "last");
	require(arrived(p.a, 4));
	sock_abort(p.b);
	check_int(sock_buffer_fill(p.a, MAX, deadline_in(PATIENCE), &error), 1);
	check_fails(sock_buffer_fill(p.a, MAX, deadline_in(PATIENCE), &error), ECONNRESET);
	check_int(sock_end(p.a), END_PEER_RESET);
	holds(p.a, "last");
	pair_free(&p);
	end();
}

TEST("datagrams are buffered one after the other, and an empty one is no end")
{
	struct pair p;

	require(begin() && udp_pair_open(&p));
	send_text(p.a, "one");
	check_int(sock_send(p.a, "", 0, 0, &error), 0);
	send_text(p.a, "two");
	check_int(sock_buffer_fill(p.b, MAX, deadline_in(PATIENCE), &error), 1);
	check_int(sock_buffer_fill(p.b, MAX, deadline_in(PATIENCE), &error), 1);
	holds(p.b, "onetwo");
	pair_free(&p);
	end();
}

TEST("a closed socket is not filled, even if a callback closes it")
{
	struct pair p;
	struct later later;

	require(begin() && pair_open(&p));
	later_start(&later, 10 * MSEC, close_it, p.a);
	check_fails(sock_buffer_fill(p.a, MAX, deadline_in(PATIENCE), &error), EBADF);
	check_fails(sock_buffer_fill(p.a, MAX, deadline_in(PATIENCE), &error), EBADF);
	holds(p.a, NULL);
	pair_free(&p);
	end();
}

/* ---- several ---- */

enum { TEN = 10 };

struct ten {
	struct pair pairs[TEN];
	struct sock *socks[TEN];
};

static bool
ten_open(struct ten *t)
{
	for (int i = 0; i < TEN; i++) {
		if (!pair_open(&t->pairs[i]))
			return false;
		t->socks[i] = t->pairs[i].a;
	}
	return true;
}

static void
ten_free(struct ten *t)
{
	for (int i = 0; i < TEN; i++)
		pair_free(&t->pairs[i]);
}

static void
say_hello(void *arg)
{
	send_text(arg, "hello");
}

TEST("a fill of several sockets names the one that is ready")
{
	struct ten t;
	struct later later;
	size_t index;

	require(begin() && ten_open(&t));
	for (int i = TEN - 1; i >= 0; i--) {
		later_start(&later, 5 * MSEC, say_hello, t.pairs[i].b);
		check_int(
		    sock_buffer_fill_any(t.socks, TEN, MAX, deadline_in(PATIENCE), &index, &error),
		    1);
		check_int(index, i);
		holds(t.socks[i], "hello");
	}
	ten_free(&t);
	end();
}

TEST("an end, a reset and a close of several sockets name the socket")
{
	struct ten t;
	size_t index = 0;

	require(begin() && ten_open(&t));
	sock_close(t.pairs[7].b, NULL);
	check_int(sock_buffer_fill_any(t.socks, TEN, MAX, deadline_in(PATIENCE), &index, &error),
	    0);
	check_int(index, 7);
	t.socks[7] = t.pairs[8].a;
	sock_abort(t.pairs[3].b);
	check_fails(sock_buffer_fill_any(t.socks, 7, MAX, deadline_in(PATIENCE), &index, &error),
	    ECONNRESET);
	check_int(index, 3);
	sock_close(t.pairs[1].a, NULL);
	check_fails(sock_buffer_fill_any(t.socks, 3, MAX, deadline_in(PATIENCE), &index, &error),
	    EBADF);
	check_int(index, 1);
	ten_free(&t);
	end();
}

TEST("a time-out of several sockets names none")
{
	struct ten t;
	size_t index = 0;

	require(begin() && ten_open(&t));
	check_fails(sock_buffer_fill_any(t.socks, TEN, MAX, deadline_in(20 * MSEC), &index, &error),
	    ETIMEDOUT);
	check_int(index, TEN);
	/* all can be waited for again */
	send_text(t.pairs[4].b, "x");
	check_int(sock_buffer_fill_any(t.socks, TEN, MAX, deadline_in(PATIENCE), &index, &error),
	    1);
	check_int(index, 4);
	ten_free(&t);
	end();
}

TEST("a callback may close one of several")
{
	struct ten t;
	struct later later;
	size_t index = 0;

	require(begin() && ten_open(&t));
	later_start(&later, 5 * MSEC, close_it, t.socks[6]);
	check_fails(sock_buffer_fill_any(t.socks, TEN, MAX, deadline_in(PATIENCE), &index, &error),
	    EBADF);
	check_int(index, 6);
	ten_free(&t);
	end();
}

TEST("the same socket twice among several is busy")
{
	struct ten t;
	size_t index;

	require(begin() && ten_open(&t));
	t.socks[1] = t.socks[0];
	check_fails(sock_buffer_fill_any(t.socks, 2, MAX, deadline_in(PATIENCE), &index, &error),
	    EBUSY);
	ten_free(&t);
	end();
}
