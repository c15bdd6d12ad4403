#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/bind.h"
#include "net/connect.h"
#include "net/listen.h"
#include "net/sys.h"
#include "race.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51 /* Linux 6.3 */
#endif

/* ---- helpers ---- */

struct lines {
	struct log log;
	char text[8192];
};

static void
lines_add(void *arg, enum log_level level, const char *line)
{
	struct lines *lines = arg;
	size_t n = strlen(lines->text);

	snprintf(lines->text + n, sizeof(lines->text) - n, "%d %s\n", (int)level, line);
}

static const struct log *
lines_init(struct lines *lines)
{
	lines->log = (struct log){ .level = LOG_TRACE, .fn = lines_add, .arg = lines };
	lines->text[0] = '\0';
	return &lines->log;
}

static bool
lines_have(const struct lines *lines, const char *part)
{
	if (strstr(lines->text, part) != NULL)
		return true;
	printf("# no '%s' in:\n# %s\n", part, lines->text);
	return false;
}

static struct loop *
new_loop(void)
{
	struct loop *l = NULL;

	if (loop_open(&l, NULL) != 0)
		abort();
	return l;
}

static struct sockname
ipv4(const char *quad, uint16_t port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;
	uint8_t bytes[4];

	ip_to_tuple(quad, bytes, NULL);
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	memcpy(&in->sin_addr, bytes, sizeof(bytes));
	return name;
}

/* Returns a socket bound to name; for port 0 sets the port. */
static int
bind_socket(struct sockname *name)
{
	int fd = socket(name->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, &name->sa, name->len) != 0 || sys_local_name(fd, name, NULL) != 0)
		abort();
	return fd;
}

static int
server(struct sockname *name, int backlog)
{
	int fd = bind_socket(name);

	if (listen(fd, backlog) != 0)
		abort();
	return fd;
}

/* Returns an address with a port on which nobody listens now. */
static struct sockname
closed_port(const char *quad)
{
	struct sockname name = ipv4(quad, 0);

	close(bind_socket(&name));
	return name;
}

/* Returns a listener whose queue is full, so that SYNs are dropped. */
static int
silent_server(struct sockname *name, int *ret_filler)
{
	int fd = server(name, 0);

	*ret_filler = socket(name->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(*ret_filler, &name->sa, name->len) != 0)
		abort();
	return fd;
}

static struct endpoint
to(const struct sockname *name)
{
	struct endpoint ep = { .kind = ENDPOINT_INET };

	sockname_host(name, ep.host, sizeof(ep.host));
	snprintf(ep.port, sizeof(ep.port), "%u", sockname_port(name));
	return ep;
}

static struct endpoint
parsed(const char *word)
{
	struct endpoint ep = { 0 };

	if (endpoint_parse(word, NULL, &ep, NULL) != 0)
		abort();
	return ep;
}

static struct connect_how
plain(void)
{
	return (struct connect_how){ .connect_timeout = 5 * NSEC_PER_SEC };
}

static int
try_dial(const struct endpoint *ep, const struct connect_how *how, struct lines *lines,
    struct error *e)
{
	struct loop *l = new_loop();
	struct sockname peer;
	int fd = -1;

	if (connect_open(l, ep, how, deadline_never(), lines_init(lines), &fd, &peer, e) != 0)
		fd = -1;
	loop_close(l);
	return fd;
}

static int
try_listen(const struct endpoint *ep, const struct listen_how *how, struct sockname *ret_local,
    struct error *e)
{
	struct loop *l = new_loop();
	int fd = -1;

	if (listen_open(l, ep, how, deadline_never(), NULL, &fd, ret_local, e) != 0)
		fd = -1;
	loop_close(l);
	return fd;
}

static bool
can_connect(const struct sockname *name)
{
	int fd = socket(name->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = connect(fd, &name->sa, name->len) == 0;

	close(fd);
	return ok;
}

static const char *
format(const struct sockname *name)
{
	static char text[SOCKNAME_TEXT_MAX];

	return sockname_format(name, text, sizeof(text));
}

/* ---- one address ---- */

TEST("connect_open returns a connected, non-blocking, close-on-exec descriptor and the peer")
{
	struct sockname name = ipv4("127.0.0.1", 0), peer;
	int l = server(&name, 5), fd = -1;
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct loop *loop = new_loop();
	struct error e;

	require(connect_open(loop, &ep, &how, deadline_never(), NULL, &fd, &peer, &e) == 0);
	check(sockname_equal(&peer, &name));
	check(sys_peer_name(fd, &peer, NULL) == 0 && sockname_equal(&peer, &name));
	check(fcntl(fd, F_GETFL) & O_NONBLOCK);
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	close(l);
	loop_close(loop);
}

TEST("a refused connection is an error with its address, before the time-out")
{
	struct sockname name = closed_port("127.0.0.1");
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;
	char want[400];

	check_int(try_dial(&ep, &how, &lines, &e), -1);
	snprintf(want, sizeof(want), "connect 127.0.0.1:%s: Connection refused", ep.port);
	check_str(e.text, want);
	check_int(e.code, ERROR_NETWORK);
	check_int(e.number, ECONNREFUSED);
}

TEST("the error shows the name after the address")
{
	struct sockname name = closed_port("127.0.0.1");
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;
	char want[400];

	how.bind.family = AF_INET;
	snprintf(ep.host, sizeof(ep.host), "localhost");
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	snprintf(want, sizeof(want), "connect 127.0.0.1:%s (localhost): Connection refused",
	    ep.port);
	check_str(e.text, want);
	check(lines_have(&lines, "1 resolved localhost to 127.0.0.1\n"));
	check(lines_have(&lines, "1 trying 127.0.0.1:"));
}

TEST("the log lines show both addresses")
{
	struct sockname name = ipv4("127.0.0.1", 0);
	int l = server(&name, 5), fd;
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	char want[400];

	fd = try_dial(&ep, &how, &lines, NULL);
	require(fd >= 0);
	snprintf(want, sizeof(want), "1 connected to 127.0.0.1:%s from 127.0.0.1:", ep.port);
	check(lines_have(&lines, want));
	check(strstr(lines.text, "resolved") == NULL);
	close(fd);
	close(l);
}

TEST("no answer within the time is a time-out error with the duration")
{
	struct sockname name = ipv4("127.0.0.1", 0);
	int filler, l = silent_server(&name, &filler);
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;
	char want[400];

	how.connect_timeout = 50 * MSEC;
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	snprintf(want, sizeof(want), "connect 127.0.0.1:%s: timed out after 0.05 s", ep.port);
	check_str(e.text, want);
	check_int(e.code, ERROR_TIMEOUT);
	check_int(e.number, ETIMEDOUT);
	close(filler);
	close(l);
}

TEST("an endpoint without exactly one port, or without an address, is a usage error")
{
	struct endpoint several = parsed("127.0.0.1:80,81"), none = { .host = "127.0.0.1" };
	struct endpoint inherited = parsed("fd:5");
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	check_int(try_dial(&several, &how, &lines, &e), -1);
	check_int(e.code, ERROR_USAGE);
	check_int(try_dial(&none, &how, &lines, &e), -1);
	check_int(e.code, ERROR_USAGE);
	check_int(try_dial(&inherited, &how, &lines, &e), -1);
	check_int(e.code, ERROR_USAGE);
}

TEST("an interruption ends the wait with its signal")
{
	struct sockname name = ipv4("127.0.0.1", 0), peer;
	int filler, l = silent_server(&name, &filler), fd;
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct loop *loop = new_loop();
	struct error e;

	loop_interrupt(loop, 15);
	check_int(connect_open(loop, &ep, &how, deadline_never(), NULL, &fd, &peer, &e), -1);
	check_int(e.code, ERROR_SIGNAL);
	check_int(e.number, 15);
	loop_close(loop);
	close(filler);
	close(l);
}

TEST("a socket that would connect to itself is refused")
{
	struct sockname name = closed_port("127.0.0.1");
	struct sockopt_setting range = {
		.level = IPPROTO_IP,
		.number = IP_LOCAL_PORT_RANGE,
		.phase = PHASE_SOCKET,
		.len = sizeof(uint32_t),
	};
	uint32_t port = sockname_port(&name), both = port | port << 16;
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e = { .number = 0 };

	memcpy(range.value, &both, sizeof(both));
	how.bind.settings = &range;
	how.bind.n_settings = 1;
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	if (e.number == ENOPROTOOPT)
		skip("no IP_LOCAL_PORT_RANGE");
	check_int(e.number, ECONNREFUSED);
}

/* ---- several addresses ---- */

struct race_test {
	struct loop *loop;
	struct bind_source source;
	struct connect_how connect;
	struct happy_eyeballs_how how;
	struct lines lines;
};

static void
race_test_init(struct race_test *t, int64_t attempt_delay)
{
	*t = (struct race_test){ .loop = new_loop() };
	t->connect = plain();
	t->connect.attempt_delay = attempt_delay;
	t->source.how = &t->connect.bind;
	t->how = (struct happy_eyeballs_how){ .connect = &t->connect,
		.source = &t->source,
		.host = "name" };
	t->how.log = lines_init(&t->lines);
}

static int
race(struct race_test *t, const struct sockname *peers, size_t n, struct sockname *ret_peer,
    struct error *e)
{
	int fd = -1;
	struct deadline until = deadline_in(t->connect.connect_timeout);

	if (race_run(t->loop, peers, n, &t->how, until, &fd, ret_peer, e) != 0)
		fd = -1;
	loop_close(t->loop);
	return fd;
}

TEST("a silent address does not delay the next, and is abandoned when that one wins")
{
	struct sockname peers[2] = { ipv4("127.0.0.1", 0), ipv4("127.0.0.2", 0) }, peer;
	int filler, silent = silent_server(&peers[0], &filler), l = server(&peers[1], 5), fd;
	struct race_test t;
	struct error e;
	char want[400];

	race_test_init(&t, 20 * MSEC);
	fd = race(&t, peers, 2, &peer, &e);
	require(fd >= 0);
	check(sockname_equal(&peer, &peers[1]));
	snprintf(want, sizeof(want), "2 attempt %s abandoned", format(&peers[0]));
	check(lines_have(&t.lines, want));
	snprintf(want, sizeof(want), "2 connected %s after", format(&peers[1]));
	check(lines_have(&t.lines, want));
	close(fd);
	close(l);
	close(silent);
	close(filler);
}

TEST("the next address is tried as soon as one fails")
{
	struct sockname peers[2] = { closed_port("127.0.0.1"), ipv4("127.0.0.2", 0) }, peer;
	int l = server(&peers[1], 5), fd;
	struct race_test t;
	struct error e;

	/* otherwise the round would end before the second attempt */
	race_test_init(&t, 60 * NSEC_PER_SEC);
	fd = race(&t, peers, 2, &peer, &e);
	require(fd >= 0);
	check(sockname_equal(&peer, &peers[1]));
	close(fd);
	close(l);
}

TEST("the first address that answers wins although it was tried first and slowly")
{
	struct sockname peers[2] = { ipv4("127.0.0.1", 0), ipv4("127.0.0.2", 0) }, peer;
	int filler, fillers, l = silent_server(&peers[0], &filler);
	int other = silent_server(&peers[1], &fillers), fd;
	struct race_test t;
	struct error e;

	race_test_init(&t, 10 * MSEC);
	/* makes room in the queue: the SYN that is repeated after 1 s succeeds */
	close(accept(l, NULL, NULL));
	fd = race(&t, peers, 2, &peer, &e);
	require(fd >= 0);
	check(sockname_equal(&peer, &peers[0]));
	close(fd);
	close(l);
	close(other);
	close(filler);
	close(fillers);
}

TEST("the answer of a peer is reported rather than a failure of this host")
{
	struct sockname peers[2] = { closed_port("127.0.0.1"), ipv4("255.255.255.255", 9) }, peer;
	struct race_test t;
	struct error e;

	race_test_init(&t, 0);
	check_int(race(&t, peers, 2, &peer, &e), -1);
	check_int(e.number, ECONNREFUSED);
	check(strstr(e.text, "connect 127.0.0.1:") == e.text);
	check(strstr(e.text, " (name): Connection refused") != NULL);
	check(lines_have(&t.lines, "2 connect 255.255.255.255:9 (name): "));
}

TEST("of equal failures the first is reported")
{
	struct sockname peers[2] = { closed_port("127.0.0.1"), closed_port("127.0.0.2") }, peer;
	struct race_test t;
	struct error e;

	race_test_init(&t, 0);
	check_int(race(&t, peers, 2, &peer, &e), -1);
	check(strstr(e.text, "connect 127.0.0.1:") == e.text);
}

/* ---- retry ---- */

struct late_server {
	struct timer timer;
	struct sockname name;
	int fd;
};

static void
late_server_start(struct timer *t)
{
	struct late_server *s = t->arg;

	s->fd = server(&s->name, 5);
}

TEST("retries go on until the server is there")
{
	struct late_server s = { .name = closed_port("127.0.0.1"), .fd = -1 };
	struct endpoint ep = to(&s.name);
	struct connect_how how = plain();
	struct loop *loop = new_loop();
	struct sockname peer;
	struct lines lines;
	struct error e;
	int fd;

	s.timer = (struct timer){ .fn = late_server_start, .arg = &s };
	require(loop_timer_set(loop, &s.timer, deadline_in(300 * MSEC), NULL) == 0);
	how.retries = UINT_MAX;
	how.retry_interval = 10 * MSEC;
	require(connect_open(loop, &ep, &how, deadline_in(10 * NSEC_PER_SEC), lines_init(&lines),
		    &fd, &peer, &e) == 0);
	check(lines_have(&lines, ": Connection refused; retry 1 in 0.01 s\n"));
	check(lines_have(&lines, ": Connection refused; retry 2 in 0.01 s\n"));
	close(fd);
	close(s.fd);
	loop_close(loop);
}

TEST("N retries are N + 1 rounds, and the error is that of the last round")
{
	struct sockname name = closed_port("127.0.0.1");
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	how.retries = 2;
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	check(lines_have(&lines, "; retry 2 in 0 s\n"));
	check(strstr(lines.text, "retry 3") == NULL);
	check_int(e.number, ECONNREFUSED);
}

TEST("a deadline over all rounds ends retries as a time-out with the last reason")
{
	struct sockname name = closed_port("127.0.0.1"), peer;
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct loop *loop = new_loop();
	struct error e;
	int fd;

	how.retries = UINT_MAX;
	how.retry_interval = 10 * MSEC;
	check_int(connect_open(loop, &ep, &how, deadline_in(40 * MSEC), NULL, &fd, &peer, &e), -1);
	check_int(e.code, ERROR_TIMEOUT);
	check(strstr(e.text, ": Connection refused; gave up after 0.") != NULL);
	loop_close(loop);
}

TEST("a usage error in the source address is not retried")
{
	struct endpoint ep = parsed("unix:/nonexistent/socket");
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	how.retries = 3;
	how.bind.source = "127.0.0.1:1";
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	check_int(e.code, ERROR_USAGE);
	check(strstr(lines.text, "retry") == NULL);
}

/* ---- binding ---- */

static uint16_t
local_port(int fd)
{
	struct sockname name;

	return sys_local_name(fd, &name, NULL) == 0 ? sockname_port(&name) : 0;
}

/* Returns the first of two adjacent free ports. */
static uint16_t
free_pair(void)
{
	for (;;) {
		struct sockname first = ipv4("127.0.0.1", 0), second;
		int fd = bind_socket(&first),
		    other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool free;

		second = ipv4("127.0.0.1", (uint16_t)(sockname_port(&first) + 1));
		free = bind(other, &second.sa, second.len) == 0;
		close(fd);
		close(other);
		if (free)
			return sockname_port(&first);
	}
}

TEST("a fixed source address and port are the local address of the connection")
{
	struct sockname name = ipv4("127.0.0.1", 0), local;
	int l = server(&name, 5), fd;
	uint16_t port = free_pair();
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	how.bind.source = "127.0.0.3";
	how.bind.port_lo = how.bind.port_hi = port;
	fd = try_dial(&ep, &how, &lines, &e);
	require(fd >= 0);
	require(sys_local_name(fd, &local, NULL) == 0);
	name = ipv4("127.0.0.3", port);
	check(sockname_equal(&local, &name));
	close(fd);
	close(l);
}

TEST("a port range is tried upwards until a port is free, and the error names the range")
{
	struct sockname name = ipv4("127.0.0.1", 0), own;
	int l = server(&name, 5), holder, fd, other;
	uint16_t port = free_pair();
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;
	char want[400];

	own = ipv4("0.0.0.0", port);
	holder = server(&own, 1);
	how.bind.port_lo = port;
	how.bind.port_hi = (uint16_t)(port + 1);
	fd = try_dial(&ep, &how, &lines, &e);
	require(fd >= 0);
	check_int(local_port(fd), port + 1);
	/* the second port already has a connection to this peer */
	other = try_dial(&ep, &how, &lines, &e);
	check_int(other, -1);
	check(e.number == EADDRINUSE || e.number == EADDRNOTAVAIL);
	how.bind.port_hi = port;
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	snprintf(want, sizeof(want), "bind 0.0.0.0:%u: Address already in use", port);
	check_str(e.text, want);
	check_int(e.number, EADDRINUSE);
	close(fd);
	close(holder);
	close(l);
}

TEST("a range without a free port is an error")
{
	struct sockname name = ipv4("127.0.0.1", 0), low, high;
	int l = server(&name, 5), a, b;
	uint16_t port = free_pair();
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;
	char want[400];

	low = ipv4("127.0.0.1", port);
	high = ipv4("127.0.0.1", (uint16_t)(port + 1));
	a = server(&low, 1);
	b = server(&high, 1);
	how.bind.source = "127.0.0.1";
	how.bind.port_lo = port;
	how.bind.port_hi = (uint16_t)(port + 1);
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	snprintf(want, sizeof(want), "bind 127.0.0.1:%u-%u: Address already in use", port,
	    port + 1);
	check_str(e.text, want);
	check_int(e.number, EADDRINUSE);
	close(a);
	close(b);
	close(l);
}

TEST("a second connection between the same two addresses is an error that keeps its errno")
{
	struct sockname name = ipv4("127.0.0.1", 0);
	int l = server(&name, 5), fd;
	uint16_t port = free_pair();
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;
	char want[400];

	how.bind.port_lo = how.bind.port_hi = port;
	fd = try_dial(&ep, &how, &lines, &e);
	require(fd >= 0);
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	snprintf(want, sizeof(want),
	    "connect 127.0.0.1:%s from port %u: Cannot assign requested address", ep.port, port);
	check_str(e.text, want);
	check_int(e.number, EADDRNOTAVAIL);
	close(fd);
	close(l);
}

TEST("an address that is not ours is an error of bind with a hint")
{
	struct sockname name = closed_port("127.0.0.1");
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	how.bind.source = "203.0.113.1";
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	check_str(e.text, "bind 203.0.113.1:0: Cannot assign requested address");
	check_str(e.hint, "no interface of this host has that address");
	check_int(e.number, EADDRNOTAVAIL);
}

TEST("a link-local address without its interface has a hint")
{
	struct endpoint ep = parsed("[fe80::1]:9");
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	check_int(try_dial(&ep, &how, &lines, &e), -1);
	if (e.number != EINVAL)
		skip("no IPv6");
	check_str(e.text, "connect [fe80::1]:9: Invalid argument");
	check_str(e.hint, "a link-local address needs its interface: ADDRESS%INTERFACE");
}

TEST("a source of the other family is an error that names the missing family")
{
	struct endpoint ep = parsed("127.0.0.1:9");
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	how.bind.source = "::1";
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	check_str(e.text, "bind ::1: no IPv4 address");
	check_int(e.code, ERROR_NETWORK);
}

/* Runs in a child without privileges, whose exit status tells what failed. */
static int
bind_unprivileged(void)
{
	struct endpoint ep = parsed("127.0.0.1:9");
	struct connect_how how = plain();
	struct lines lines;
	struct error e = { .number = 0 };

	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 1;
	how.bind.source = "127.0.0.1";
	how.bind.port_lo = how.bind.port_hi = 80;
	if (try_dial(&ep, &how, &lines, &e) != -1)
		return 2;
	if (strcmp(e.text, "bind 127.0.0.1:80: Permission denied") != 0)
		return 3;
	return strcmp(e.hint, "ports below 1024 need root or CAP_NET_BIND_SERVICE") != 0 ? 4 : 0;
}

TEST("a privileged port is an error with the limit of the kernel")
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r");
	int limit = 0, status;
	pid_t pid;

	if (f != NULL) {
		if (fscanf(f, "%d", &limit) != 1)
			limit = 0;
		fclose(f);
	}
	if (geteuid() != 0 || limit != 1024)
		skip("needs root and the usual limit");
	pid = fork();
	if (pid == 0)
		_exit(bind_unprivileged());
	require(waitpid(pid, &status, 0) == pid);
	check_int(WEXITSTATUS(status), 0);
}

TEST("an interface that does not exist is named")
{
	struct endpoint ep = parsed("127.0.0.1:9");
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	how.bind.interface = "nosuch0";
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	check_str(e.text, "bind to interface nosuch0: No such device");
}

TEST("MPTCP is used, or TCP where the kernel has none")
{
	struct sockname name = ipv4("127.0.0.1", 0);
	int l = server(&name, 5), fd, proto = 0;
	socklen_t len = sizeof(proto);
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	how.bind.mptcp = true;
	fd = try_dial(&ep, &how, &lines, &e);
	require(fd >= 0);
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &len);
	if (proto != IPPROTO_MPTCP)
		check(lines_have(&lines, "0 this kernel offers no MPTCP: using TCP\n"));
	close(fd);
	close(l);
}

TEST("TCP Fast Open connects where the server does not know it, too")
{
	struct sockname name = ipv4("127.0.0.1", 0);
	int l = server(&name, 5), fd;
	struct endpoint ep = to(&name);
	struct connect_how how = plain();
	struct lines lines;
	struct error e;

	how.fastopen = true;
	fd = try_dial(&ep, &how, &lines, &e);
	require(fd >= 0);
	check_int(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	close(fd);
	close(l);
}

TEST("a datagram socket is connected without sending to the peer")
{
	struct connect_how how = plain();
	struct listen_how lh = { .backlog = -1, .bind.type = SOCK_DGRAM };
	struct endpoint ep = parsed("127.0.0.1:0");
	struct sockname local, from = { .len = 0 };
	struct lines lines;
	struct error e = { .number = 0 };
	int server = try_listen(&ep, &lh, &local, &e), fd;
	bool cut;
	char text[8];

	require(server >= 0);
	ep = to(&local);
	how.bind.type = SOCK_DGRAM;
	fd = try_dial(&ep, &how, &lines, &e);
	require(fd >= 0);
	check_int(sys_recvfrom(server, text, sizeof(text), 0, &from, &cut, &e), SYS_AGAIN);
	check_int(sys_send(fd, "one", 3, 0, &e), 3);
	check_int(sys_recvfrom(server, text, sizeof(text), 0, &from, &cut, &e), 3);
	check_int(sockname_port(&from), local_port(fd));
	close(fd);
	close(server);
}

/* Runs a unix datagram server at word. Sets the client's name as the server sees it. */
static bool
answers_to(const char *word, const char *return_dir, struct sockname *ret_from)
{
	struct connect_how how = plain();
	struct listen_how lh = { .backlog = -1, .bind.type = SOCK_DGRAM };
	struct endpoint ep = parsed(word);
	struct sockname local, from;
	struct lines lines;
	struct error e = { .number = 0 };
	int server = try_listen(&ep, &lh, &local, &e), fd;
	char text[8];
	bool cut, answered;

	how.bind.type = SOCK_DGRAM;
	how.bind.return_dir = return_dir;
	fd = try_dial(&ep, &how, &lines, &e);
	check_int(sys_send(fd, "one", 3, 0, &e), 3);
	check_int(sys_recvfrom(server, text, sizeof(text), 0, &from, &cut, &e), 3);
	check_int(sys_sendto(server, "two!", 4, 0, &from, &e), 4);
	answered = sys_recv(fd, text, sizeof(text), 0, &e) == 4;
	bind_discard(fd);
	sys_close(server);
	*ret_from = from;
	return answered;
}

TEST("a unix datagram client has a path, which is removed with it")
{
	struct sockname from;
	char dir[TEST_PATH_MAX], word[TEST_PATH_MAX + 8], text[SOCKNAME_TEXT_MAX];

	test_path(dir, "usock-dial.XXXXXX");
	require(mkdtemp(dir) != NULL);
	snprintf(word, sizeof(word), "%s/server", dir);
	check(answers_to(word, dir, &from));
	sockname_host(&from, text, sizeof(text));
	check_mem(text, strlen(dir), dir, strlen(dir));
	check_int(access(text, F_OK), -1);
	/* no folder, or a path that cannot be made: the kernel chooses a name */
	unlink(word);
	check(answers_to(word, NULL, &from));
	check_int(sockname_is_path(&from), false);
	check(from.len > (socklen_t)sizeof(sa_family_t));
	unlink(word);
	rmdir(dir);
}

TEST("a client of an abstract datagram server has an abstract name")
{
	struct sockname from;
	char word[64];

	snprintf(word, sizeof(word), "unix:@usock-dial-%ld", (long)getpid());
	check(answers_to(word, "/tmp", &from));
	check_int(sockname_is_path(&from), false);
	check(from.len > (socklen_t)sizeof(sa_family_t));
}

TEST("a unix datagram client that is refused leaves no path behind")
{
	struct connect_how how = plain();
	char dir[TEST_PATH_MAX], word[TEST_PATH_MAX + 8];
	struct endpoint ep;
	struct lines lines;
	struct error e = { .number = 0 };

	test_path(dir, "usock-dial.XXXXXX");
	require(mkdtemp(dir) != NULL);
	snprintf(word, sizeof(word), "%s/server", dir);
	ep = parsed(word);
	how.bind.type = SOCK_DGRAM;
	how.bind.return_dir = dir;
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	check_int(e.number, ENOENT);
	check_int(rmdir(dir), 0);
}

/* Checks that a member of the group at `at` receives what is sent to the group over lo. */
static void
check_member(const char *at, const char *join, const char *via, const char *group, int family)
{
	struct sockopt_setting member, out;
	struct listen_how lh = {
		.backlog = -1,
		.bind = { .type = SOCK_DGRAM, .settings = &member, .n_settings = 1, .joins = true }
	};
	struct bind_how bh = { .type = SOCK_DGRAM, .settings = &out, .n_settings = 1, .ttl = 3 };
	struct endpoint ep = parsed(at);
	struct sockname local, to_group, from;
	struct loop *loop = new_loop();
	struct error e = { .text = "" };
	int first, second, fd;
	char text[8];
	bool cut;

	check_int(sockopt_parse(join, &member, &e), 0);
	check_int(sockopt_parse(via, &out, &e), 0);
	first = try_listen(&ep, &lh, &local, &e);
	check_str(e.text, "");
	ep.port[0] = '\0';
	snprintf(ep.port, sizeof(ep.port), "%u", sockname_port(&local));
	/* members share the port */
	second = try_listen(&ep, &lh, &local, &e);
	check_str(e.text, "");
	require(connect_socket(loop, &bh, family, NULL, &fd, &e) == 0);
	to_group = local;
	inet_pton(family, group,
	    family == AF_INET ? (void *)&((struct sockaddr_in *)&to_group.storage)->sin_addr
			      : (void *)&((struct sockaddr_in6 *)&to_group.storage)->sin6_addr);
	/* lo may lack the IPv6 multicast route; then nothing arrives */
	if (sys_sendto(fd, "one", 3, 0, &to_group, &e) != 3)
		check(family == AF_INET6 && (e.number == ENETUNREACH || e.number == EADDRNOTAVAIL));
	else if (check(sys_recvfrom(first, text, sizeof(text), 0, &from, &cut, &e) == 3))
		check_int(sys_recvfrom(second, text, sizeof(text), 0, &from, &cut, &e), 3);
	sys_close(fd);
	sys_close(first);
	sys_close(second);
	loop_close(loop);
}

TEST("the members of a multicast group share a port and receive what is sent to the group")
{
	check_member("0.0.0.0:0", "MCAST_JOIN_GROUP=239.7.7.7%lo", "IP_MULTICAST_IF=lo",
	    "239.7.7.7", AF_INET);
	check_member("0.0.0.0:0", "MCAST_JOIN_SOURCE_GROUP=127.0.0.1@232.7.7.7%lo",
	    "IP_MULTICAST_IF=127.0.0.1", "232.7.7.7", AF_INET);
	check_member("[::]:0", "MCAST_JOIN_GROUP=ff15::7777%lo", "IPV6_MULTICAST_IF=lo",
	    "ff15::7777", AF_INET6);
}

TEST("hops and broadcast are set on datagrams of both families")
{
	struct bind_how how = { .type = SOCK_DGRAM, .ttl = 9, .broadcast = true };
	struct loop *loop = new_loop();
	int fd, value = 0;
	struct error e;

	require(connect_socket(loop, &how, AF_INET, NULL, &fd, &e) == 0);
	check_int(sockopt_get_int(fd, IPPROTO_IP, IP_TTL, &value, "", &e), 0);
	check_int(value, 9);
	check_int(sockopt_get_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, &value, "", &e), 0);
	check_int(value, 9);
	check_int(sockopt_get_int(fd, SOL_SOCKET, SO_BROADCAST, &value, "", &e), 0);
	check_int(value, 1);
	close(fd);
	require(connect_socket(loop, &how, AF_INET6, NULL, &fd, &e) == 0);
	check_int(sockopt_get_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value, "", &e), 0);
	check_int(value, 9);
	check_int(sockopt_get_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &value, "", &e), 0);
	check_int(value, 9);
	close(fd);
	loop_close(loop);
}

TEST("options that were set are logged with the value the kernel reports")
{
	struct sockopt_setting setting;
	struct connect_how how = plain();
	struct listen_how lh = { .backlog = -1 };
	struct endpoint ep = parsed("127.0.0.1:0");
	struct sockname local;
	struct lines lines;
	struct error e;
	int server_fd = try_listen(&ep, &lh, &local, &e), fd;

	require(server_fd >= 0);
	ep = to(&local);
	check_int(sockopt_parse("SO_RCVBUF=8k", &setting, &e), 0);
	how.bind.settings = &setting;
	how.bind.n_settings = 1;
	fd = try_dial(&ep, &how, &lines, &e);
	require(fd >= 0);
	check(lines_have(&lines, "SO_RCVBUF is 16384\n"));
	close(fd);
	close(server_fd);
}

TEST("a family or protocol that this kernel lacks is named")
{
	struct connect_how how = plain();
	struct endpoint ep = parsed("can:can0");
	struct lines lines;
	struct error e = { .number = 0 };
	int fd = socket(AF_CAN, SOCK_RAW, 1);

	if (fd >= 0) {
		close(fd);
		skip("this kernel has CAN");
	}
	how.bind.type = SOCK_RAW;
	how.bind.proto = 1;
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	check_str(e.text,
	    "socket: Address family not supported by protocol (this kernel has no CAN)");
}

TEST("connect_socket binds a datagram socket without SO_REUSEADDR")
{
	struct bind_how how = { .type = SOCK_DGRAM, .source = "127.0.0.1" };
	struct loop *loop = new_loop();
	struct error e;
	int fd, other, reuse = 1;
	socklen_t len = sizeof(reuse);

	require(connect_socket(loop, &how, AF_INET, NULL, &fd, &e) == 0);
	check(local_port(fd) != 0);
	getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, &len);
	check_int(reuse, 0);
	how.port_lo = how.port_hi = local_port(fd);
	check_int(connect_socket(loop, &how, AF_INET, NULL, &other, &e), -1);
	check_int(e.number, EADDRINUSE);
	close(fd);
	loop_close(loop);
}

TEST("connections from an address alone may share a port")
{
	struct sockname a = ipv4("127.0.0.1", 0), b = ipv4("127.0.0.2", 0);
	int la = server(&a, 5), lb = server(&b, 5), fd, other;
	uint32_t port = free_pair(), both = port | port << 16;
	struct sockopt_setting range = {
		.level = IPPROTO_IP,
		.number = IP_LOCAL_PORT_RANGE,
		.phase = PHASE_SOCKET,
		.len = sizeof(both),
	};
	struct endpoint to_a = to(&a), to_b = to(&b);
	struct connect_how how = plain();
	struct lines lines;
	struct error e = { .number = 0 };

	memcpy(range.value, &both, sizeof(both));
	how.bind.source = "127.0.0.1";
	how.bind.settings = &range;
	how.bind.n_settings = 1;
	fd = try_dial(&to_a, &how, &lines, &e);
	if (fd < 0 && e.number == ENOPROTOOPT)
		skip("no IP_LOCAL_PORT_RANGE");
	require(fd >= 0);
	other = try_dial(&to_b, &how, &lines, &e);
	check(other >= 0);
	close(fd);
	close(other);
	close(la);
	close(lb);
}

/* ---- unix sockets ---- */

struct directory {
	char path[TEST_PATH_MAX], socket[TEST_PATH_MAX + 8];
};

static void
directory_make(struct directory *d)
{
	test_path(d->path, "usock-unit-XXXXXX");
	if (mkdtemp(d->path) == NULL)
		abort();
	snprintf(d->socket, sizeof(d->socket), "%s/socket", d->path);
}

static void
directory_remove(const struct directory *d)
{
	unlink(d->socket);
	rmdir(d->path);
}

static struct sockname
unix_name(const char *path)
{
	struct sockname name = { .len = sizeof(struct sockaddr_un) };
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&name.storage;

	un->sun_family = AF_UNIX;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s", path);
	return name;
}

struct acceptor {
	struct timer timer;
	int fd, client;
};

static void
acceptor_accept(struct timer *t)
{
	struct acceptor *a = t->arg;

	a->client = accept(a->fd, NULL, NULL);
}

TEST("a full queue of a unix listener is tried again")
{
	struct directory d;
	struct sockname name, peer;
	struct acceptor a = { .client = -1 };
	struct connect_how how = plain();
	struct loop *loop = new_loop();
	struct endpoint ep;
	struct error e;
	int filler, fd, other;

	directory_make(&d);
	name = unix_name(d.socket);
	ep = parsed(d.socket);
	a.fd = silent_server(&name, &filler);
	a.timer = (struct timer){ .fn = acceptor_accept, .arg = &a };
	require(loop_timer_set(loop, &a.timer, deadline_in(20 * MSEC), NULL) == 0);
	check_int(connect_open(loop, &ep, &how, deadline_never(), NULL, &fd, &peer, &e), 0);
	check(a.client >= 0);
	/* it fills the queue, and nobody accepts any more */
	how.connect_timeout = 30 * MSEC;
	check_int(connect_open(loop, &ep, &how, deadline_never(), NULL, &other, &peer, &e), -1);
	check_int(e.code, ERROR_TIMEOUT);
	close(fd);
	close(a.client);
	close(a.fd);
	close(filler);
	loop_close(loop);
	directory_remove(&d);
}

TEST("a unix path without a server is refused, and a missing one is named")
{
	struct directory d;
	struct connect_how how = plain();
	struct sockname name;
	struct lines lines;
	struct endpoint ep;
	struct error e;
	char want[400];

	directory_make(&d);
	ep = parsed(d.socket);
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	snprintf(want, sizeof(want), "connect unix:%s: No such file or directory", d.socket);
	check_str(e.text, want);
	name = unix_name(d.socket);
	close(server(&name, 1));
	check_int(try_dial(&ep, &how, &lines, &e), -1);
	check_int(e.number, ECONNREFUSED);
	directory_remove(&d);
}

TEST("a unix path gets exactly its mode, whatever the umask")
{
	struct directory d;
	struct listen_how how = { .backlog = -1 };
	struct sockname local;
	struct endpoint ep;
	struct error e;
	struct stat st = { .st_mode = 0 };
	mode_t before = umask(0);
	int fd;

	directory_make(&d);
	ep = parsed(d.socket);
	fd = try_listen(&ep, &how, &local, &e);
	check(fd >= 0);
	check_int(stat(d.socket, &st), 0);
	check_int(st.st_mode & 0777, 0600);
	check_int(umask(077), 0);
	close(fd);
	unlink(d.socket);
	how.mode = 0666;
	fd = try_listen(&ep, &how, &local, &e);
	check(fd >= 0);
	check_int(stat(d.socket, &st), 0);
	check_int(st.st_mode & 0777, 0666);
	check(can_connect(&local));
	close(fd);
	umask(before);
	directory_remove(&d);
}

TEST("a unix path with a live server is never taken over, not even with unlink")
{
	struct directory d;
	struct listen_how how = { .backlog = -1, .unlink_stale = true };
	struct sockname name, local;
	struct endpoint ep;
	struct error e;
	char want[400];
	int l;

	directory_make(&d);
	name = unix_name(d.socket);
	ep = parsed(d.socket);
	l = server(&name, 5);
	check_int(try_listen(&ep, &how, &local, &e), -1);
	snprintf(want, sizeof(want), "bind unix:%s: Address already in use", d.socket);
	check_str(e.text, want);
	check_str(e.hint, "a server answers there");
	check_int(e.number, EADDRINUSE);
	close(l);
	directory_remove(&d);
}

TEST("a stale unix path is an error with a hint, and is removed with unlink")
{
	struct directory d;
	struct listen_how how = { .backlog = -1 };
	struct sockname name, local;
	struct endpoint ep;
	struct error e;
	int fd;

	directory_make(&d);
	name = unix_name(d.socket);
	ep = parsed(d.socket);
	close(server(&name, 5));
	check_int(try_listen(&ep, &how, &local, &e), -1);
	check_int(e.number, EADDRINUSE);
	check(strstr(e.hint, "--unlink removes a stale socket") != NULL);
	how.unlink_stale = true;
	fd = try_listen(&ep, &how, &local, &e);
	check(fd >= 0 && can_connect(&name));
	close(fd);
	directory_remove(&d);
}

TEST("a file that is not a socket is never removed")
{
	struct directory d;
	struct listen_how how = { .backlog = -1, .unlink_stale = true };
	struct sockname local;
	struct endpoint ep;
	struct error e;

	directory_make(&d);
	ep = parsed(d.socket);
	close(open(d.socket, O_CREAT | O_WRONLY, 0600));
	check_int(try_listen(&ep, &how, &local, &e), -1);
	check_int(e.number, EADDRINUSE);
	check_int(access(d.socket, F_OK), 0);
	directory_remove(&d);
}

TEST("an abstract name is listened on and connected to")
{
	struct listen_how how = { .backlog = -1 };
	struct connect_how connect_how = plain();
	struct sockname local;
	struct lines lines;
	struct endpoint ep;
	struct error e;
	char word[60];
	int fd, client;

	snprintf(word, sizeof(word), "unix:@usock-unit-%ld", (long)getpid());
	ep = parsed(word);
	fd = try_listen(&ep, &how, &local, &e);
	require(fd >= 0);
	client = try_dial(&ep, &connect_how, &lines, &e);
	check(client >= 0);
	check_int(try_listen(&ep, &how, &local, &e), -1);
	check_int(e.number, EADDRINUSE);
	close(client);
	close(fd);
}

/* ---- listening ---- */

TEST("port 0 is replaced by the port of the kernel, which is logged")
{
	struct listen_how how = { .backlog = -1 };
	struct endpoint ep = parsed("127.0.0.1:0");
	struct loop *loop = new_loop();
	struct sockname local;
	struct lines lines;
	struct error e;
	char want[400];
	int fd;

	require(listen_open(loop, &ep, &how, deadline_never(), lines_init(&lines), &fd, &local,
		    &e) == 0);
	check(sockname_port(&local) != 0);
	check(can_connect(&local));
	snprintf(want, sizeof(want), "0 listening on %s\n", format(&local));
	check(lines_have(&lines, want));
	close(fd);
	loop_close(loop);
}

static bool
has_ipv6(void)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in6) };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&name.storage;
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool ok;

	in6->sin6_family = AF_INET6;
	in6->sin6_addr = in6addr_loopback;
	ok = fd >= 0 && bind(fd, &name.sa, name.len) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static struct sockname
ipv6_loopback(uint16_t port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in6) };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&name.storage;

	in6->sin6_family = AF_INET6;
	in6->sin6_addr = in6addr_loopback;
	in6->sin6_port = htons(port);
	return name;
}

TEST("a port alone listens on both families")
{
	struct listen_how how = { .backlog = -1 };
	struct endpoint ep = parsed(":0");
	struct sockname local, v4, v6;
	struct error e;
	int fd = try_listen(&ep, &how, &local, &e);

	require(fd >= 0);
	v4 = ipv4("127.0.0.1", sockname_port(&local));
	check(can_connect(&v4));
	v6 = ipv6_loopback(sockname_port(&local));
	check(!has_ipv6() || can_connect(&v6));
	close(fd);
}

TEST("listening on one family leaves the port of the other free")
{
	struct listen_how how = { .backlog = -1, .bind.family = AF_INET6 };
	struct endpoint ep = parsed(":0");
	struct sockname local, v4;
	struct error e;
	int fd, other;

	if (!has_ipv6())
		skip("no IPv6");
	fd = try_listen(&ep, &how, &local, &e);
	require(fd >= 0);
	v4 = ipv4("127.0.0.1", sockname_port(&local));
	check(!can_connect(&v4));
	how.bind.family = AF_INET;
	snprintf(ep.port, sizeof(ep.port), "%u", sockname_port(&local));
	other = try_listen(&ep, &how, &local, &e);
	check(other >= 0);
	close(fd);
	close(other);
}

TEST("an IPv6 source port does not conflict with an IPv4 server on the same port")
{
	struct sockname name = ipv6_loopback(0), own;
	struct connect_how how = plain();
	struct lines lines;
	struct endpoint ep;
	struct error e;
	int l, holder, fd;

	if (!has_ipv6())
		skip("no IPv6");
	l = server(&name, 5);
	own = ipv4("0.0.0.0", 0);
	holder = server(&own, 5);
	ep = to(&name);
	how.bind.port_lo = how.bind.port_hi = sockname_port(&own);
	fd = try_dial(&ep, &how, &lines, &e);
	check(fd >= 0);
	close(fd);
	close(holder);
	close(l);
}

TEST("a port in use is an error, and a range continues with the next port")
{
	struct listen_how how = { .backlog = -1 };
	uint16_t port = free_pair();
	struct sockname name = ipv4("127.0.0.1", port), local;
	struct endpoint ep = to(&name), any = { .kind = ENDPOINT_INET, .host = "127.0.0.1" };
	struct error e;
	int l = server(&name, 5), fd;

	check_int(try_listen(&ep, &how, &local, &e), -1);
	check_int(e.number, EADDRINUSE);
	check(strstr(e.text, format(&name)) != NULL);
	how.bind.port_lo = port;
	how.bind.port_hi = (uint16_t)(port + 1);
	fd = try_listen(&any, &how, &local, &e);
	require(fd >= 0);
	check_int(sockname_port(&local), port + 1);
	close(fd);
	close(l);
}

TEST("a port in TIME_WAIT can be used at once")
{
	struct listen_how how = { .backlog = -1 };
	struct endpoint ep = parsed("127.0.0.1:0");
	struct connect_how connect_how = plain();
	struct sockname local, again;
	struct lines lines;
	struct error e;
	int fd = try_listen(&ep, &how, &local, &e), client, conn;
	char byte;

	require(fd >= 0);
	ep = to(&local);
	client = try_dial(&ep, &connect_how, &lines, &e);
	conn = accept(fd, NULL, NULL);
	require(client >= 0 && conn >= 0);
	close(fd);
	/* the server closes first */
	shutdown(conn, SHUT_WR);
	fcntl(client, F_SETFL, 0);
	check_int(recv(client, &byte, 1, 0), 0);
	close(client);
	check_int(recv(conn, &byte, 1, 0), 0);
	close(conn);
	fd = try_listen(&ep, &how, &again, &e);
	check(fd >= 0);
	close(fd);
}

TEST("a datagram endpoint is bound and not listened on")
{
	struct listen_how how = { .backlog = -1, .bind.type = SOCK_DGRAM };
	struct endpoint ep = parsed("127.0.0.1:0");
	struct sockname local;
	struct error e;
	int fd = try_listen(&ep, &how, &local, &e), type = 0;
	socklen_t len = sizeof(type);

	require(fd >= 0);
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	check_int(type, SOCK_DGRAM);
	check(sockname_port(&local) != 0);
	close(fd);
}

TEST("a foreign address and a port list cannot be listened on")
{
	struct listen_how how = { .backlog = -1 };
	struct endpoint foreign = parsed("203.0.113.1:0"), list = parsed("127.0.0.1:80,81");
	struct sockname local;
	struct error e;

	check_int(try_listen(&foreign, &how, &local, &e), -1);
	check_str(e.text, "bind 203.0.113.1:0: Cannot assign requested address");
	check_str(e.hint, "no interface of this host has that address");
	check_int(try_listen(&list, &how, &local, &e), -1);
	check_int(e.code, ERROR_USAGE);
}
