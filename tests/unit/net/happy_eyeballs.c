#include "net/connect/happy_eyeballs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/bind.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"
#include "race.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

static struct error error;

/* ---- order of addresses ---- */

/* `families` is the families of the list, "4" and "6", in order; the port of each address is
 * its position. Returns the ports in the order of the attempts. */
static const char *
order_of(const char *families)
{
	static char text[256];
	struct resolved list[32];
	struct sockname peers[32];
	size_t n = strlen(families), at = 0;

	memset(list, 0, sizeof(list));
	for (size_t i = 0; i < n; i++) {
		bool six = families[i] == '6';

		list[i].family = six ? AF_INET6 : AF_INET;
		list[i].name.sa.sa_family = (sa_family_t)list[i].family;
		list[i].name.len = six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
		sockname_set_port(&list[i].name, (uint16_t)(i + 1));
	}
	happy_eyeballs_interleave(list, n, peers);
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u", i > 0 ? " " : "",
		    sockname_port(&peers[i]));
	return text;
}

TEST("families alternate, beginning with that of the first address")
{
	check_str(order_of("666444"), "1 4 2 5 3 6");
	check_str(order_of("444666"), "1 4 2 5 3 6");
	check_str(order_of("646464"), "1 2 3 4 5 6");
	check_str(order_of("64"), "1 2");
}

TEST("the rest of the longer family follows, in its order")
{
	check_str(order_of("66664"), "1 5 2 3 4");
	check_str(order_of("46666"), "1 2 3 4 5");
	check_str(order_of("644"), "1 2 3");
	check_str(order_of("664664"), "1 3 2 6 4 5");
}

TEST("one family keeps the order of the resolver")
{
	check_str(order_of("4"), "1");
	check_str(order_of("6666"), "1 2 3 4");
	check_str(order_of("444"), "1 2 3");
}

/* ---- race ---- */

/* The attempts, in order. */
struct tried {
	char text[1024];
};

static void
add_line(void *arg, enum log_level level, const char *line)
{
	struct tried *t = arg;
	size_t n = strlen(t->text);

	if (level == LOG_VERBOSE && strncmp(line, "trying ", 7) == 0)
		snprintf(t->text + n, sizeof(t->text) - n, "%s\n", line + 7);
}

/* Binds a port of 127.0.0.LAST, and listens unless backlog is -1. */
static int
server(int last, int backlog, struct sockname *ret_name)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl((uint32_t)(0x7f000000 + last));
	if (bind(fd, (struct sockaddr *)(void *)&in, sizeof(in)) != 0 ||
	    (backlog >= 0 && listen(fd, backlog) != 0) || sys_local_name(fd, ret_name, NULL) != 0)
		abort();
	return fd;
}

static int
run(const struct sockname *peers, size_t n, struct tried *t, struct sockname *ret_winner)
{
	const struct connect_how dial = { .attempt_delay = 20 * MSEC };
	const struct log log = { .level = LOG_TRACE, .fn = add_line, .arg = t };
	struct bind_source source = { .how = &dial.bind };
	struct happy_eyeballs_how how = { .connect = &dial,
		.source = &source,
		.host = "name",
		.log = &log };
	struct loop *l;
	int fd = -1, rc;

	t->text[0] = '\0';
	memset(&error, 0, sizeof(error));
	if (loop_open(&l, NULL) != 0)
		abort();
	how.started = clock_now();
	rc = race_run(l, peers, n, &how, deadline_in(20 * NSEC_PER_SEC), &fd, ret_winner, &error);
	loop_close(l);
	if (rc == 0)
		close(fd);
	return rc;
}

/* Returns an address for which connect(2) fails with EINVAL, whatever the routes. */
static struct sockname
invalid_address(void)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) - 1 };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;

	in->sin_family = AF_INET;
	in->sin_port = htons(9);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return name;
}

TEST("addresses are tried in the given order, and none after the one that answers")
{
	struct sockname peers[3], winner;
	int a = server(11, -1, &peers[0]), b = server(12, 5, &peers[1]);
	int c = server(13, 5, &peers[2]);
	char want[256], first[SOCKNAME_TEXT_MAX], second[SOCKNAME_TEXT_MAX];
	struct tried t;

	require(run(peers, 3, &t, &winner) == 0);
	check(sockname_equal(&winner, &peers[1]));
	snprintf(want, sizeof(want), "%s\n%s\n", sockname_format(&peers[0], first, sizeof(first)),
	    sockname_format(&peers[1], second, sizeof(second)));
	check_str(t.text, want);
	close(a);
	close(b);
	close(c);
}

TEST("the answer of the peer is the error, whatever failed on this host before or after")
{
	struct sockname peers[3], winner;
	int a;
	struct tried t;

	peers[0] = peers[2] = invalid_address();
	a = server(11, -1, &peers[1]);
	check_int(run(peers, 3, &t, &winner), -1);
	check_int(error.number, ECONNREFUSED);
	check_int(error.code, ERROR_NETWORK);
	close(a);
}

TEST("a failure of this host is the error when no peer answered")
{
	struct sockname peer = invalid_address(), winner;
	struct tried t;

	check_int(run(&peer, 1, &t, &winner), -1);
	check_int(error.number, EINVAL);
	check(strstr(error.text, "connect 127.0.0.1:9 (name): ") == error.text);
}
