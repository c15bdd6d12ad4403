#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/scan/portscan.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51 /* Linux 6.3 */
#endif

/* ---- socket(2) replaced: counts the failures ---- */

static unsigned refused;

int
socket(int family, int type, int proto)
{
	int fd = (int)syscall(SYS_socket, family, type, proto);

	refused += fd == -1 && errno == EMFILE;
	return fd;
}

/* "two.example" has the addresses 127.0.0.2, where nobody listens, and 127.0.0.1. */
int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **ret_list)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	int rc;

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (host == NULL || strcmp(host, "two.example") != 0)
		return real(host, port, hints, ret_list);
	if (hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	rc = real("127.0.0.2", port, hints, ret_list);
	return rc != 0 ? rc : real("127.0.0.1", port, hints, &(*ret_list)->ai_next);
}

/* ---- helpers ---- */

static int
bound(uint16_t *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(*port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)(void *)&in, sizeof(in)) != 0 ||
	    getsockname(fd, (struct sockaddr *)(void *)&in, &len) != 0) {
		close(fd);
		return -1;
	}
	*port = ntohs(in.sin_port);
	return fd;
}

static int
server(uint16_t *port, int backlog)
{
	int fd = bound(port);

	if (fd < 0 || listen(fd, backlog) != 0)
		abort();
	return fd;
}

static uint16_t
closed_port(void)
{
	uint16_t port = 0;

	close(bound(&port));
	return port;
}

/* Returns a listener whose queue is full. */
static int
silent_server(uint16_t *port, int *ret_filler)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = server(port, 0);

	in.sin_port = htons(*port);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*ret_filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(*ret_filler, (struct sockaddr *)(void *)&in, sizeof(in)) != 0)
		abort();
	return fd;
}

struct results {
	char text[4096]; /* one line each: "22 open" */
	unsigned count, counts[PORT_ERROR + 1];
	struct portscan_result last;
	uint32_t stop_after;
	bool disordered;
};

static int
add_result(void *arg, const struct portscan_result *result, struct error *e)
{
	struct results *r = arg;
	size_t n = strlen(r->text);

	snprintf(r->text + n, sizeof(r->text) - n, "%u %s\n", result->port,
	    port_verdict_word(result->verdict));
	if (r->count > 0 && result->port <= r->last.port)
		r->disordered = true;
	r->counts[result->verdict]++;
	r->last = *result;
	if (++r->count == r->stop_after)
		return error_set(e, ERROR_LOCAL_IO, "enough");
	return 0;
}

static struct endpoint
loopback(const char *ports)
{
	struct endpoint ep = { .kind = ENDPOINT_INET, .host = "127.0.0.1" };

	snprintf(ep.port, sizeof(ep.port), "%s", ports);
	return ep;
}

static int
run(const struct endpoint *ep, const struct portscan_how *how, struct results *r,
    unsigned *ret_open, struct error *e)
{
	struct loop *l;
	int rc;

	if (loop_open(&l, NULL) != 0)
		abort();
	rc = portscan(l, ep, how, deadline_in(50 * NSEC_PER_SEC), add_result, r, ret_open, e);
	loop_close(l);
	return rc;
}

static struct portscan_how
plain(void)
{
	return (struct portscan_how){ .connect_timeout = DURATION_NONE };
}

/* ---- verdicts ---- */

TEST("open, closed and filtered are reported in the order of the ports")
{
	uint16_t open = 0, silent = 0, closed = closed_port();
	int filler, a = server(&open, 5), b = silent_server(&silent, &filler);
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct endpoint ep;
	struct error e;
	unsigned n = 77;
	char ports[40], want[200];

	/* the silent port comes first: the results of the others are known long before */
	snprintf(ports, sizeof(ports), "%u,%u,%u", silent, open, closed);
	ep = loopback(ports);
	how.connect_timeout = 60 * MSEC;
	require(run(&ep, &how, &r, &n, &e) == 0);
	snprintf(want, sizeof(want), "%u filtered\n%u open\n%u closed\n", silent, open, closed);
	check_str(r.text, want);
	check_int(n, 1);
	check_int(r.last.errnum, ECONNREFUSED);
	check_int(sockname_port(&r.last.peer), closed);
	check(r.last.nsec > 0 && r.last.nsec < 1 * NSEC_PER_SEC);
	close(a);
	close(b);
	close(filler);
}

TEST("a port without an answer has ETIMEDOUT and the time it took")
{
	uint16_t silent = 0;
	int filler, l = silent_server(&silent, &filler);
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct endpoint ep;
	struct error e;
	unsigned n;
	char ports[40];

	snprintf(ports, sizeof(ports), "%u", silent);
	ep = loopback(ports);
	how.connect_timeout = 30 * MSEC;
	require(run(&ep, &how, &r, &n, &e) == 0);
	check_int(r.last.verdict, PORT_FILTERED);
	check_int(r.last.errnum, ETIMEDOUT);
	check(r.last.nsec >= 30 * MSEC);
	check_int(n, 0);
	close(l);
	close(filler);
}

TEST("a port that is open on any address of a name is open")
{
	uint16_t open = 0;
	int l = server(&open, 5);
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct endpoint ep;
	struct error e;
	unsigned n;
	char ports[40], text[SOCKNAME_TEXT_MAX];

	snprintf(ports, sizeof(ports), "%u", open);
	ep = loopback(ports);
	snprintf(ep.host, sizeof(ep.host), "two.example");
	require(run(&ep, &how, &r, &n, &e) == 0);
	check_int(n, 1);
	check_int(r.counts[PORT_OPEN], 1);
	check_str(sockname_host(&r.last.peer, text, sizeof(text)), "127.0.0.1");
	close(l);
}

TEST("a connection to itself is not an open port")
{
	uint32_t port = closed_port(), both = port | port << 16;
	struct sockopt_setting range = {
		.level = IPPROTO_IP,
		.number = IP_LOCAL_PORT_RANGE,
		.phase = PHASE_SOCKET,
		.len = sizeof(both),
	};
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct endpoint ep;
	struct error e = { .number = 0 };
	unsigned n;
	char ports[40];
	int rc;

	memcpy(range.value, &both, sizeof(both));
	how.bind.settings = &range;
	how.bind.n_settings = 1;
	snprintf(ports, sizeof(ports), "%u", (unsigned)port);
	ep = loopback(ports);
	rc = run(&ep, &how, &r, &n, &e);
	if (rc == -1 && e.number == ENOPROTOOPT)
		skip("no IP_LOCAL_PORT_RANGE");
	require(rc == 0);
	check_int(r.last.verdict, PORT_CLOSED);
}

TEST("a failure of this host is an error with its reason, and no verdict")
{
	uint16_t open = 0, from = 0;
	struct sockaddr_in in = { .sin_family = AF_INET };
	int l = server(&open, 5), taken = bound(&from);
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct endpoint ep;
	struct error e;
	unsigned n;
	char ports[40];

	/* this connection exists already, so the kernel returns EADDRNOTAVAIL */
	in.sin_port = htons(open);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	require(connect(taken, (struct sockaddr *)(void *)&in, sizeof(in)) == 0);
	how.bind.source = "127.0.0.1";
	how.bind.port_lo = how.bind.port_hi = from;
	snprintf(ports, sizeof(ports), "%u,%u", open, closed_port());
	ep = loopback(ports);
	require(run(&ep, &how, &r, &n, &e) == 0);
	check_int(r.counts[PORT_ERROR], 1);
	check_int(r.counts[PORT_CLOSED], 1);
	check_int(r.counts[PORT_FILTERED], 0);
	check_int(n, 0);
	close(taken);
	close(l);
}

TEST("an errno of the network is filtered, one of this host an error")
{
	check_int(port_verdict(0), PORT_OPEN);
	check_int(port_verdict(ECONNREFUSED), PORT_CLOSED);
	check_int(port_verdict(ETIMEDOUT), PORT_FILTERED);
	check_int(port_verdict(EHOSTUNREACH), PORT_FILTERED);
	check_int(port_verdict(ENETUNREACH), PORT_FILTERED);
	check_int(port_verdict(EADDRNOTAVAIL), PORT_ERROR);
	check_int(port_verdict(ENOBUFS), PORT_ERROR);
	check_int(port_verdict(ENOMEM), PORT_ERROR);
	check_int(port_verdict(EAGAIN), PORT_ERROR);
	check_int(port_verdict(EPERM), PORT_ERROR);
	check_int(port_verdict(EACCES), PORT_ERROR);
	check_int(port_verdict(EMFILE), PORT_ERROR);
	check_str(port_verdict_word(PORT_ERROR), "error");
}

/* ---- many ports ---- */

TEST("many ports are each reported once, in order")
{
	/* an address of its own, where other tests do not listen */
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(0x7f4d0001) } };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct endpoint ep = loopback("1-16384,65535");
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct error e;
	unsigned n = 0;

	require(bind(l, (struct sockaddr *)&a, len) == 0 && listen(l, 5) == 0);
	require(getsockname(l, (struct sockaddr *)&a, &len) == 0);
	snprintf(ep.host, sizeof(ep.host), "127.77.0.1");
	snprintf(ep.port, sizeof(ep.port), "1-16384,%u", (unsigned)ntohs(a.sin_port));
	require(run(&ep, &how, &r, &n, &e) == 0);
	check_int(r.count, 16384 + (ntohs(a.sin_port) > 16384));
	check(!r.disordered);
	check(n >= 1 && r.counts[PORT_OPEN] == n);
	check_int(r.counts[PORT_FILTERED], 0);
	close(l);
}

TEST("a scan with few descriptors is slower, but complete")
{
	struct rlimit before, few;
	uint16_t silent = 0;
	int filler, l = silent_server(&silent, &filler), taken[40], i, rc;
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct endpoint ep;
	struct error e;
	int64_t begin;
	unsigned n;
	char ports[200];

	/* all silent, so that each attempt keeps its descriptor for a while */
	snprintf(ports, sizeof(ports), "%u,%u,%u,%u,%u,%u,%u,%u", silent, silent, silent, silent,
	    silent, silent, silent, silent);
	ep = loopback(ports);
	how.connect_timeout = 150 * MSEC;
	for (i = 0; i < 40; i++)
		taken[i] = dup(l);
	/* the limit allows 8 attempts; the open descriptors leave room for 2 or 3 */
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = (rlim_t)taken[39] + 4;
	require(few.rlim_cur < before.rlim_cur && setrlimit(RLIMIT_NOFILE, &few) == 0);
	how.parallel = 8;
	refused = 0;
	begin = clock_now();
	rc = run(&ep, &how, &r, &n, &e);
	setrlimit(RLIMIT_NOFILE, &before);
	check_int(rc, 0);
	/* one attempt repeats every 10 ms, and the others wait for it */
	check(refused > 0 && refused <= 8 + 2 * (clock_now() - begin) / (10 * MSEC));
	check_int(r.counts[PORT_FILTERED], 8);
	for (i = 0; i < 40; i++)
		close(taken[i]);
	close(l);
	close(filler);
}

TEST("attempts start with the delay between them")
{
	struct endpoint ep;
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	int64_t started = clock_now();
	struct error e;
	unsigned n;
	char ports[40];

	snprintf(ports, sizeof(ports), "%u,%u,%u", closed_port(), closed_port(), closed_port());
	ep = loopback(ports);
	how.delay = 20 * MSEC;
	require(run(&ep, &how, &r, &n, &e) == 0);
	check_int(r.count, 3);
	check(clock_now() - started >= 40 * MSEC);
}

/* ---- ends ---- */

TEST("the caller can stop a scan with its own error")
{
	struct endpoint ep = loopback("1-1000");
	struct portscan_how how = plain();
	struct results r = { .stop_after = 3 };
	struct error e;
	unsigned n;

	check_int(run(&ep, &how, &r, &n, &e), -1);
	check_str(e.text, "enough");
	check_int(r.count, 3);
}

TEST("a deadline ends the scan as a time-out")
{
	uint16_t silent = 0;
	int filler, l = silent_server(&silent, &filler);
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct loop *loop;
	struct endpoint ep;
	struct error e;
	unsigned n;
	char ports[40];

	snprintf(ports, sizeof(ports), "%u", silent);
	ep = loopback(ports);
	require(loop_open(&loop, NULL) == 0);
	check_int(portscan(loop, &ep, &how, deadline_in(30 * MSEC), add_result, &r, &n, &e), -1);
	check_int(e.code, ERROR_TIMEOUT);
	check_str(e.text, "scan 127.0.0.1: timed out after 0 of 1 ports");
	loop_close(loop);
	close(l);
	close(filler);
}

TEST("a source address that is not local fails the scan, and is no verdict")
{
	struct endpoint ep = loopback("1-10");
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct error e;
	unsigned n;

	how.bind.source = "203.0.113.1";
	check_int(run(&ep, &how, &r, &n, &e), -1);
	check_str(e.text, "bind 203.0.113.1:0: Cannot assign requested address");
	check_int(r.count, 0);
}

TEST("a port of datagrams is closed if the host refuses one, and open|filtered if nobody says "
     "anything")
{
	struct portscan_how how = { .bind.type = SOCK_DGRAM, .connect_timeout = NSEC_PER_SEC / 10 };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct results r = { .count = 0 };
	struct endpoint ep;
	char port[8], got[8];
	struct error e;
	unsigned n;

	check_int(bind(fd, (struct sockaddr *)(void *)&in, sizeof(in)), 0);
	check_int(getsockname(fd, (struct sockaddr *)(void *)&in, &len), 0);
	snprintf(port, sizeof(port), "%u", ntohs(in.sin_port));
	ep = loopback(port);
	check_int(run(&ep, &how, &r, &n, &e), 0);
	check_int(r.counts[PORT_UNANSWERED], 1);
	check_int(n, 1);
	/* two at once, and one at the end */
	for (int i = 0; i < 3; i++) {
		check_int(recv(fd, got, sizeof(got), MSG_DONTWAIT), 1);
		check_int(got[0], 'X');
	}
	check_int(recv(fd, got, sizeof(got), MSG_DONTWAIT), -1);
	close(fd);
	r = (struct results){ .count = 0 };
	check_int(run(&ep, &how, &r, &n, &e), 0);
	check_int(r.counts[PORT_CLOSED], 1);
	check_int(n, 0);
}

TEST("shuffled ports are all there")
{
	struct portscan_how how = { .connect_timeout = DURATION_NONE, .shuffle = true };
	struct endpoint ep = loopback("1-60");
	struct results r = { .count = 0 };
	struct error e;
	unsigned n;

	check_int(run(&ep, &how, &r, &n, &e), 0);
	check_int(r.count, 60);
	check(r.disordered);
}

TEST("an endpoint without host and ports, or without ports at all, is a usage error")
{
	struct endpoint ep = loopback(""), raw = loopback("53"), wrong = loopback("1-99999");
	struct portscan_how how = plain();
	struct results r = { .count = 0 };
	struct error e;
	unsigned n;

	check_int(run(&ep, &how, &r, &n, &e), -1);
	check_int(e.code, ERROR_USAGE);
	check_int(run(&wrong, &how, &r, &n, &e), -1);
	check_int(e.code, ERROR_USAGE);
	how.bind.type = SOCK_RAW;
	check_int(run(&raw, &how, &r, &n, &e), -1);
	check_int(e.code, ERROR_USAGE);
}
