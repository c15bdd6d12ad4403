#include <netinet/tcp.h>
#include <sys/time.h>

#include "sock_test.h"

#define UNKNOWN 9999

static const struct set_row {
	const char *what;
	int level, number, value;
	size_t n;
	int errnum; /* 0: succeeds */
	int want_level, want_number, want;
} sets[] = {
	{ "an int", SOL_SOCKET, SO_KEEPALIVE, 1, 4, 0, SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ "one byte", SOL_SOCKET, SO_KEEPALIVE, 1, 1, EINVAL, SOL_SOCKET, SO_KEEPALIVE, 0 },
	{ "no bytes", SOL_SOCKET, SO_KEEPALIVE, 1, 0, EINVAL, SOL_SOCKET, SO_KEEPALIVE, 0 },
	{ "unknown", SOL_SOCKET, UNKNOWN, 1, 4, ENOPROTOOPT, SOL_SOCKET, SO_KEEPALIVE, 0 },
	{ "unknown of TCP", IPPROTO_TCP, UNKNOWN, 1, 4, ENOPROTOOPT, SOL_SOCKET, SO_KEEPALIVE, 0 },
	{ "the documents' SO_REUSEADDR", 4095, 4, 1, 4, 0, SOL_SOCKET, SO_REUSEADDR, 1 },
	{ "Linux's 4 is another", SOL_SOCKET, 4, 1, 4, ENOPROTOOPT, SOL_SOCKET, SO_REUSEADDR, 0 },
	{ "another of 4095", 4095, 2, 1, 4, ENOPROTOOPT, SOL_SOCKET, SO_REUSEADDR, 0 },
	{ "minutes", SOL_SOCKET, SOCK_TCP_KEEPALIVE_DOC, 2, 4, 0, IPPROTO_TCP, TCP_KEEPIDLE, 120 },
	{ "1 minute", 4095, SOCK_TCP_KEEPALIVE_DOC, 1, 4, 0, IPPROTO_TCP, TCP_KEEPINTVL, 60 },
	{ "120 minutes", IPPROTO_TCP, SOCK_TCP_KEEPALIVE_DOC, 120, 4, 0, IPPROTO_TCP, TCP_KEEPIDLE,
	    7200 },
	{ "probes are on", SOL_SOCKET, SOCK_TCP_KEEPALIVE_DOC, 5, 4, 0, SOL_SOCKET, SO_KEEPALIVE,
	    1 },
};

static int
get_int(struct sock *s, int level, int number)
{
	int value = -1;
	size_t n = sizeof(value);

	check_int(sock_getsockopt(s, level, number, &value, &n, &error), 0);
	check_int((intmax_t)n, sizeof(value));
	return value;
}

static bool
check_set(const struct set_row *r)
{
	struct sock *s = fresh(SOCK_STREAM);
	int rc;
	bool ok;

	error.number = 0;
	rc = sock_setsockopt(s, r->level, r->number, &r->value, r->n, &error);
	ok = check_int(rc, r->errnum == 0 ? 0 : -1);
	if (r->errnum != 0)
		ok &= check_int(error.number, r->errnum);
	ok &= check_int(get_int(s, r->want_level, r->want_number), r->want);
	sock_free(s);
	return ok;
}

TEST("setsockopt takes ints and bytes, and the documents' numbers")
{
	require(begin());
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		row(check_set(&sets[i]), sets[i].what);
	end();
}

TEST("TCP_KEEPALIVE takes 1 to 120 minutes only")
{
	static const int wrong[] = { 0, -1, 121, 100000 };
	struct sock *s;

	require(begin());
	s = fresh(SOCK_STREAM);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		check_usage(
		    sock_setsockopt_int(s, SOL_SOCKET, SOCK_TCP_KEEPALIVE_DOC, wrong[i], &error));
	check_int(get_int(s, SOL_SOCKET, SO_KEEPALIVE), 0);
	sock_free(s);
	end();
}

TEST("options can be set by name, and unknown ones are an error of usage")
{
	struct sock *s;

	require(begin());
	s = fresh(SOCK_STREAM);
	check_int(sock_setsockopt_text(s, "SO_REUSEADDR=1", &error), 0);
	check_int(get_int(s, 4095, 4), 1);
	check_int(sock_setsockopt_text(s, "TCP_KEEPALIVE=3", &error), 0);
	check_int(get_int(s, IPPROTO_TCP, TCP_KEEPIDLE), 180);
	check_usage(sock_setsockopt_text(s, "SO_NO_SUCH=1", &error));
	check_usage(sock_setsockopt_text(s, "TCP_KEEPALIVE=121", &error));
	sock_close(s, NULL);
	check_fails(sock_setsockopt_text(s, "SO_REUSEADDR=1", &error), EBADF);
	sock_free(s);
	end();
}

TEST("getsockopt fails for unknown options and for others of level 4095")
{
	struct sock *s;
	int value;
	size_t n = sizeof(value);

	require(begin());
	s = fresh(SOCK_STREAM);
	check_fails(sock_getsockopt(s, SOL_SOCKET, UNKNOWN, &value, &n, &error), ENOPROTOOPT);
	check_fails(sock_getsockopt(s, 4095, 3, &value, &n, &error), ENOPROTOOPT);
	sock_free(s);
	end();
}

TEST("SO_RCVTIMEO and SO_SNDTIMEO are time-outs of one direction, zero is for ever")
{
	const struct timeval short_time = { 0, 50000 }, never = { 0, 0 }, huge = { INT64_MAX, 0 };
	struct pair p;
	char data[8] = "";
	int64_t before;

	require(begin() && pair_open(&p));
	sock_setblocking(p.a, true, &error);
	check_int(
	    sock_setsockopt(p.a, SOL_SOCKET, SO_RCVTIMEO, &short_time, sizeof(short_time), &error),
	    0);
	check_int(sock_gettimeout(p.a), 50 * MSEC);
	before = clock_now();
	check_fails(sock_recv(p.a, data, sizeof(data), 0, &error), ETIMEDOUT);
	check_took(before, 50 * MSEC);
	check_int(sock_setsockopt(p.a, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof(never), &error), 0);
	check_int(sock_gettimeout(p.a), DURATION_NONE);
	check_int(sock_setsockopt(p.a, SOL_SOCKET, SO_RCVTIMEO, &huge, sizeof(huge), &error), 0);
	check_int(sock_gettimeout(p.a), DURATION_NONE);
	check_int(sock_setsockopt_text(p.a, "SO_RCVTIMEO=20ms", &error), 0);
	check_int(sock_gettimeout(p.a), 20 * MSEC);
	check_int(
	    sock_setsockopt(p.a, SOL_SOCKET, SO_SNDTIMEO, &short_time, sizeof(short_time), &error),
	    0);
	check_int(sock_gettimeout(p.a), 20 * MSEC);
	before = clock_now();
	while (sock_send(p.a, data, sizeof(data), 0, &error) > 0)
		before = clock_now();
	check_int(error.number, ETIMEDOUT);
	check_took(before, 50 * MSEC);
	pair_free(&p);
	end();
}

TEST("in Zerynth's dialect an integer SO_RCVTIMEO is milliseconds")
{
	struct sock *s;

	require(begin());
	check_int(sock_open(&s, loop, AF_INET, SOCK_STREAM, 0, SOCK_ZERYNTH, &error), 0);
	check_int(sock_setsockopt_int(s, SOL_SOCKET, SO_RCVTIMEO, 1500, &error), 0);
	check_int(sock_gettimeout(s), 1500 * MSEC);
	sock_free(s);
	s = fresh(SOCK_STREAM);
	check_fails(sock_setsockopt_int(s, SOL_SOCKET, SO_RCVTIMEO, 1500, &error), EINVAL);
	sock_free(s);
	end();
}
