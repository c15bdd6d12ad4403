#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"
#include "net/endpoint.h"
#include "net/sys.h"
#include "status/owners.h"
#include "status/sock_diag.h"
#include "status/table.h"
#include "test.h"

/* ---- connections over loopback ---- */

struct pair {
	int listener, client, server;
	struct sockname address, client_name, server_name;
};

static struct sockname
loopback(int family)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&name.storage;

	name.sa.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return name;
	}
	name.len = sizeof(*in6);
	in6->sin6_addr = in6addr_loopback;
	return name;
}

static int
tcp_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), size = 4096;

	/* small buffers, which fill up soon */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static void
pair_listen(struct pair *p, const struct sockname *at, int backlog)
{
	*p = (struct pair){ .client = -1, .server = -1, .address = *at };
	p->listener = tcp_socket(at->sa.sa_family);
	if (bind(p->listener, &at->sa, at->len) != 0 || listen(p->listener, backlog) != 0 ||
	    sys_local_name(p->listener, &p->address, NULL) != 0)
		abort();
}

static void
pair_connect(struct pair *p)
{
	p->client = tcp_socket(p->address.sa.sa_family);
	if (connect(p->client, &p->address.sa, p->address.len) != 0)
		abort();
	p->server = accept(p->listener, NULL, NULL);
	if (p->server < 0 || sys_local_name(p->client, &p->client_name, NULL) != 0 ||
	    sys_local_name(p->server, &p->server_name, NULL) != 0)
		abort();
}

static void
pair_open(struct pair *p)
{
	struct sockname at = loopback(AF_INET);

	pair_listen(p, &at, 5);
	pair_connect(p);
}

static void
end(int fd)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void
pair_close(struct pair *p)
{
	end(p->client);
	end(p->server);
	close(p->listener);
}

static void
fill(int fd)
{
	static const char data[4096];
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	do {
		while (send(fd, data, sizeof(data), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			continue;
		/* still full after the peer's kernel has read some */
	} while (poll(&p, 1, 20) == 1);
}

static void
read_to_end(int fd)
{
	char data[4096];

	while (recv(fd, data, sizeof(data), 0) > 0)
		continue;
}

/* Returns the code of a connection as soon as it is the expected one, or its code after 5 s. */
static int
wait_for_code(const struct sockname *local, const struct sockname *peer, int expected)
{
	struct deadline until = deadline_in(5 * NSEC_PER_SEC);
	struct status_row row;
	struct error e;
	int code, rc;

	do {
		rc = status_lookup(local, peer, &row, &e);
		if (rc == -1) {
			printf("# %s\n", e.text);
			return -2;
		}
		code = rc == 1 ? row.code : TCP_CODE_CLOSED;
		if (code == expected)
			return code;
		poll(NULL, 0, 1);
	} while (!deadline_passed(until));
	return code;
}

static int
settled_client(const struct pair *p, int expected)
{
	return wait_for_code(&p->client_name, &p->address, expected);
}

static int
settled_server(const struct pair *p, int expected)
{
	return wait_for_code(&p->address, &p->client_name, expected);
}

static int
count_row(void *arg, const struct status_row *row)
{
	int *counts = arg;

	counts[row->code]++;
	return 0;
}

/* ---- the eleven states ---- */

TEST("CLOSED: a connection that never was is found nowhere")
{
	struct sockname local = loopback(AF_INET), peer = loopback(AF_INET);
	struct status_row row = { .code = 77 };

	sockname_set_port(&local, 1);
	sockname_set_port(&peer, 2);
	check_int(status_lookup(&local, &peer, &row, NULL), 0);
	check_int(row.code, 77);
}

TEST("CLOSED: a missing connection on a listening port is not its listener")
{
	struct sockname at = loopback(AF_INET), peer = loopback(AF_INET);
	struct status_row row;
	struct pair p;

	pair_listen(&p, &at, 5);
	sockname_set_port(&peer, 2);
	check_int(status_lookup(&p.address, &peer, &row, NULL), 0);
	pair_close(&p);
}

TEST("LISTEN")
{
	struct sockname at = loopback(AF_INET);
	int counts[TCP_CODE_TIME_WAIT + 1] = { 0 };
	struct pair p;

	pair_listen(&p, &at, 5);
	check_int(status_by_port(sockname_port(&p.address), count_row, counts, NULL), 0);
	check_int(counts[TCP_CODE_LISTEN], 1);
	pair_close(&p);
}

TEST("SYN_SENT")
{
	struct sockname at = loopback(AF_INET), local;
	struct pair p;
	int fd;

	pair_listen(&p, &at, 0);
	pair_connect(&p);
	/* the queue holds one connection and has no room for another */
	end(p.client);
	end(p.server);
	p.server = -1;
	p.client = tcp_socket(AF_INET);
	check_int(connect(p.client, &p.address.sa, p.address.len), 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check_int(connect(fd, &p.address.sa, p.address.len), -1);
	require(sys_local_name(fd, &local, NULL) == 0);
	check_int(wait_for_code(&local, &p.address, TCP_CODE_SYN_SENT), TCP_CODE_SYN_SENT);
	end(fd);
	pair_close(&p);
}

TEST("SYN_RCVD")
{
	struct sockname at = loopback(AF_INET);
	struct status_row row;
	struct pair p;
	int seconds = 30;

	pair_listen(&p, &at, 5);
	setsockopt(p.listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds));
	p.client = tcp_socket(AF_INET);
	check_int(connect(p.client, &p.address.sa, p.address.len), 0);
	require(sys_local_name(p.client, &p.client_name, NULL) == 0);
	check_int(settled_server(&p, TCP_CODE_SYN_RCVD), TCP_CODE_SYN_RCVD);
	check_int(status_lookup(&p.address, &p.client_name, &row, NULL), 1);
	check_int((intmax_t)row.inode, 0);
	pair_close(&p);
}

TEST("ESTABLISHED, with its addresses, owner and queues")
{
	struct status_row row = { .code = 77 };
	struct pair p;

	pair_open(&p);
	check_int(settled_server(&p, TCP_CODE_ESTABLISHED), TCP_CODE_ESTABLISHED);
	check_int(send(p.client, "hello", 5, 0), 5);
	while (recv(p.server, &row, 1, MSG_PEEK) != 1)
		continue;
	require(status_lookup(&p.server_name, &p.client_name, &row, NULL) == 1);
	check_int(row.code, TCP_CODE_ESTABLISHED);
	check(sockname_equal(&row.local, &p.address));
	check(sockname_equal(&row.peer, &p.client_name));
	check_int(row.rqueue, 5);
	check_int(row.uid, geteuid());
	check(row.inode != 0);
	check_int(row.timer, 0);
	check_int(row.timer_left, 0);
	pair_close(&p);
}

TEST("FIN_WAIT_1, with a running timer")
{
	struct status_row row;
	struct pair p;

	pair_open(&p);
	fill(p.client);
	shutdown(p.client, SHUT_WR);
	check_int(settled_client(&p, TCP_CODE_FIN_WAIT_1), TCP_CODE_FIN_WAIT_1);
	require(status_lookup(&p.client_name, &p.address, &row, NULL) == 1);
	check(row.timer == 1 || row.timer == 4);
	check(row.timer_left > 0 && row.timer_left < 120 * NSEC_PER_SEC);
	check(row.wqueue > 0);
	pair_close(&p);
}

TEST("FIN_WAIT_2 and CLOSE_WAIT")
{
	struct pair p;

	pair_open(&p);
	shutdown(p.client, SHUT_WR);
	check_int(settled_client(&p, TCP_CODE_FIN_WAIT_2), TCP_CODE_FIN_WAIT_2);
	check_int(settled_server(&p, TCP_CODE_CLOSE_WAIT), TCP_CODE_CLOSE_WAIT);
	pair_close(&p);
}

TEST("CLOSING")
{
	struct pair p;

	pair_open(&p);
	fill(p.client);
	fill(p.server);
	shutdown(p.client, SHUT_WR);
	shutdown(p.server, SHUT_WR);
	read_to_end(p.client);
	check_int(settled_client(&p, TCP_CODE_CLOSING), TCP_CODE_CLOSING);
	pair_close(&p);
}

TEST("LAST_ACK")
{
	struct pair p;

	pair_open(&p);
	shutdown(p.client, SHUT_WR);
	check_int(settled_server(&p, TCP_CODE_CLOSE_WAIT), TCP_CODE_CLOSE_WAIT);
	fill(p.server);
	shutdown(p.server, SHUT_WR);
	check_int(settled_server(&p, TCP_CODE_LAST_ACK), TCP_CODE_LAST_ACK);
	pair_close(&p);
}

TEST("TIME_WAIT, with the time that is left, while the descriptor says CLOSED")
{
	struct status_row row;
	struct tcp_info info;
	socklen_t len = sizeof(info);
	struct pair p;

	pair_open(&p);
	shutdown(p.client, SHUT_WR);
	read_to_end(p.server);
	close(p.server);
	p.server = -1;
	read_to_end(p.client);
	check_int(settled_client(&p, TCP_CODE_TIME_WAIT), TCP_CODE_TIME_WAIT);
	getsockopt(p.client, IPPROTO_TCP, TCP_INFO, &info, &len);
	check_int(status_code_of_linux(info.tcpi_state), TCP_CODE_CLOSED);
	close(p.client);
	p.client = -1;
	require(status_lookup(&p.client_name, &p.address, &row, NULL) == 1);
	check_int(row.timer, 3);
	check(row.timer_left > 50 * NSEC_PER_SEC && row.timer_left <= 60 * NSEC_PER_SEC);
	check_int((intmax_t)row.inode, 0);
	check_int(settled_server(&p, TCP_CODE_CLOSED), TCP_CODE_CLOSED);
	pair_close(&p);
}

/* ---- look-ups ---- */

TEST("a connection over IPv6 is found")
{
	struct sockname at = loopback(AF_INET6);
	struct pair p;
	int fd = tcp_socket(AF_INET6);
	bool has_ipv6 = fd >= 0 && bind(fd, &at.sa, at.len) == 0;

	close(fd);
	if (!has_ipv6)
		skip("no IPv6");
	pair_listen(&p, &at, 5);
	pair_connect(&p);
	check_int(settled_client(&p, TCP_CODE_ESTABLISHED), TCP_CODE_ESTABLISHED);
	check_int(settled_server(&p, TCP_CODE_ESTABLISHED), TCP_CODE_ESTABLISHED);
	pair_close(&p);
}

TEST("an IPv4 connection of a dual-stack socket is found by its mapped names")
{
	struct sockname at = { .len = sizeof(struct sockaddr_in6) }, v4 = loopback(AF_INET);
	struct sockname peer;
	struct status_row row;
	struct pair p;
	int fd = tcp_socket(AF_INET6), off = 0;

	if (fd < 0)
		skip("no IPv6");
	at.sa.sa_family = AF_INET6;
	p = (struct pair){ .listener = fd, .client = tcp_socket(AF_INET) };
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	require(bind(fd, &at.sa, at.len) == 0 && listen(fd, 5) == 0);
	require(sys_local_name(fd, &p.address, NULL) == 0);
	sockname_set_port(&v4, sockname_port(&p.address));
	require(connect(p.client, &v4.sa, v4.len) == 0);
	p.server = accept(fd, NULL, NULL);
	require(sys_local_name(p.server, &p.server_name, NULL) == 0);
	require(sys_peer_name(p.server, &peer, NULL) == 0);
	check_int(p.server_name.sa.sa_family, AF_INET6);
	check_int(status_lookup(&p.server_name, &peer, &row, NULL), 1);
	check_int(row.code, TCP_CODE_ESTABLISHED);
	check_int(row.local.sa.sa_family, AF_INET);
	check(sockname_equal(&row.local, &v4));
	pair_close(&p);
}

TEST("a socket other than a TCP connection cannot be looked up")
{
	struct sockname none = { .len = 0 }, local = loopback(AF_INET);
	struct status_row row;
	struct error e;

	check_int(status_lookup(&local, &none, &row, &e), -1);
	check_int(e.code, ERROR_NETWORK);
}

static int
first_row(void *arg, const struct status_row *row)
{
	*(struct status_row *)arg = *row;
	return 5;
}

TEST("a port shows its listener and connections of both families, and none of other ports")
{
	int counts[TCP_CODE_TIME_WAIT + 1] = { 0 };
	struct status_row row = { .code = 77 };
	struct pair p, other;

	pair_open(&p);
	pair_open(&other);
	check_int(settled_server(&p, TCP_CODE_ESTABLISHED), TCP_CODE_ESTABLISHED);
	check_int(status_by_port(sockname_port(&p.address), count_row, counts, NULL), 0);
	check_int(counts[TCP_CODE_LISTEN], 1);
	check_int(counts[TCP_CODE_ESTABLISHED], 1);
	memset(counts, 0, sizeof(counts));
	check_int(status_by_port(sockname_port(&p.client_name), count_row, counts, NULL), 0);
	check_int(counts[TCP_CODE_LISTEN], 0);
	/* the kernel may have used the same port for connections to other peers */
	check(counts[TCP_CODE_ESTABLISHED] >= 1);
	check_int(status_by_port(sockname_port(&p.address), first_row, &row, NULL), 5);
	check_int(sockname_port(&row.local), sockname_port(&p.address));
	pair_close(&p);
	pair_close(&other);
}

TEST("a port shows the IPv4 connections of a dual-stack listener")
{
	struct sockname at = { .len = sizeof(struct sockaddr_in6) }, v4 = loopback(AF_INET);
	int counts[TCP_CODE_TIME_WAIT + 1] = { 0 };
	struct pair p;

	at.sa.sa_family = AF_INET6;
	p.listener = tcp_socket(AF_INET6);
	if (p.listener < 0)
		skip("no IPv6");
	close(p.listener);
	pair_listen(&p, &at, 5);
	p.client = tcp_socket(AF_INET);
	sockname_set_port(&v4, sockname_port(&p.address));
	require(connect(p.client, &v4.sa, v4.len) == 0);
	p.server = accept(p.listener, NULL, NULL);
	check_int(status_by_port(sockname_port(&p.address), count_row, counts, NULL), 0);
	check_int(counts[TCP_CODE_LISTEN], 1);
	check_int(counts[TCP_CODE_ESTABLISHED], 1);
	pair_close(&p);
}

TEST("many sockets of a port are read in several pieces")
{
	enum { MANY = 200 };
	int counts[TCP_CODE_TIME_WAIT + 1] = { 0 }, fds[MANY], i;
	struct sockname at = loopback(AF_INET);
	struct pair p;

	pair_listen(&p, &at, MANY);
	for (i = 0; i < MANY; i++) {
		fds[i] = tcp_socket(AF_INET);
		if (connect(fds[i], &p.address.sa, p.address.len) != 0)
			abort();
	}
	check_int(status_by_port(sockname_port(&p.address), count_row, counts, NULL), 0);
	check_int(counts[TCP_CODE_ESTABLISHED], MANY);
	for (i = 0; i < MANY; i++)
		end(fds[i]);
	pair_close(&p);
}

/* ---- owners ---- */

TEST("the owner of a listener is this process, and a socket without an inode has none")
{
	struct sockname at = loopback(AF_INET);
	struct status_row row = { .inode = 0 };
	char command[64] = "", own[64] = "";
	FILE *f = fopen("/proc/self/comm", "r");
	struct pair p;
	pid_t pid = 0;

	require(f != NULL && fgets(own, sizeof(own), f) != NULL);
	fclose(f);
	own[strcspn(own, "\n")] = '\0';
	pair_listen(&p, &at, 5);
	check_int(status_by_port(sockname_port(&p.address), first_row, &row, NULL), 5);
	check_int(status_holder(row.inode, &pid, command, sizeof(command)), 1);
	check_int(pid, getpid());
	check_str(command, own);
	check_int(status_holder(row.inode, &pid, command, 4), 1);
	check_int((intmax_t)strlen(command), 3);
	pair_close(&p);
	check_int(status_holder(row.inode, &pid, command, sizeof(command)), 0);
	check_int(status_holder(0, &pid, command, sizeof(command)), 0);
}

/* ---- names and numbers ---- */

TEST("Linux's state numbers become the documents' codes")
{
	static const int codes[] = { 0, 4, 2, 3, 5, 6, 10, 0, 7, 9, 1, 8, 3, 0, 0 };
	int i;

	for (i = 0; i < (int)(sizeof(codes) / sizeof(codes[0])); i++)
		check_int(status_code_of_linux(i), codes[i]);
	check_int(status_code_of_linux(-1), 0);
}

TEST("every code has its name")
{
	static const char *const names[] = { "CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD",
		"ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK",
		"TIME_WAIT" };
	int i;

	for (i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++)
		check_str(status_code_name(i), names[i]);
	check_str(status_code_name(-1), "RELEASED");
	check_str(status_code_name(11), "UNKNOWN");
	check_str(status_code_name(-2), "UNKNOWN");
}

/* ---- replies of the kernel ---- */

/* The part of a socket message that the parser reads: header, family, state, timer, ports,
 * addresses. The offsets are those of struct inet_diag_msg. */
#define ROW_LEN (NLMSG_HDRLEN + 72)

static void
put_header(unsigned char *at, uint32_t len, uint16_t type)
{
	struct nlmsghdr h = { .nlmsg_len = len, .nlmsg_type = type };

	memcpy(at, &h, sizeof(h));
}

static void
put_row(unsigned char *at, unsigned char family)
{
	memset(at, 0, ROW_LEN);
	put_header(at, ROW_LEN, 20); /* SOCK_DIAG_BY_FAMILY */
	at[NLMSG_HDRLEN] = family;
	at[NLMSG_HDRLEN + 1] = TCP_LISTEN;
	at[NLMSG_HDRLEN + 5] = 80;  /* source port */
	at[NLMSG_HDRLEN + 8] = 127; /* source address */
	at[NLMSG_HDRLEN + 11] = 1;
	memset(at + NLMSG_HDRLEN + 52, 0xff, 4); /* expires, without a timer */
}

/* Parses a copy of exactly this length, so that the sanitizer sees a read past its end. */
static int
parse(const unsigned char *data, size_t n, int *ret_rows, struct error *e)
{
	int counts[TCP_CODE_TIME_WAIT + 1] = { 0 };
	struct sock_diag_sink sink = { .fn = count_row, .arg = counts };
	unsigned char *copy = malloc(n > 0 ? n : 1);
	int rc;

	if (copy == NULL)
		abort();
	memcpy(copy, data, n);
	rc = sock_diag_parse(copy, n, &sink, e);
	free(copy);
	*ret_rows = counts[TCP_CODE_LISTEN];
	return rc;
}

TEST("a truncated reply is an error, or its complete rows")
{
	unsigned char data[2 * ROW_LEN];
	struct error e;
	size_t n;
	int rows;

	put_row(data, AF_INET);
	put_row(data + ROW_LEN, AF_INET6);
	check_int(parse(data, sizeof(data), &rows, &e), SOCK_DIAG_MORE);
	check_int(rows, 2);
	for (n = 0; n < sizeof(data); n++) {
		int rc = parse(data, n, &rows, &e);

		check_int(rc, n % ROW_LEN == 0 ? SOCK_DIAG_MORE : -1);
		check_int(rows, (intmax_t)(n / ROW_LEN));
	}
}

TEST("invalid lengths are errors")
{
	static const uint32_t lengths[] = { 0, 1, 15, 16, 17, NLMSG_HDRLEN + 71, ROW_LEN + 1,
		0x7fffffff, 0xfffffffe, 0xffffffff };
	unsigned char data[ROW_LEN];
	struct error e;
	size_t i;
	int rows;

	put_row(data, AF_INET);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		memcpy(data, &lengths[i], sizeof(lengths[i]));
		check_int(parse(data, sizeof(data), &rows, &e), -1);
		check_int(rows, 0);
	}
}

TEST("the kernel replies no such socket, an error, or the end")
{
	unsigned char data[NLMSG_HDRLEN + 4];
	int result = -ENOENT, rows;
	struct error e = { .number = 0 };

	put_header(data, sizeof(data), NLMSG_ERROR);
	memcpy(data + NLMSG_HDRLEN, &result, sizeof(result));
	check_int(parse(data, sizeof(data), &rows, &e), SOCK_DIAG_MISSING);
	result = -EPERM;
	memcpy(data + NLMSG_HDRLEN, &result, sizeof(result));
	check_int(parse(data, sizeof(data), &rows, &e), -1);
	check_int(e.number, EPERM);
	check_str(e.text, "status: Operation not permitted");
	result = 0;
	memcpy(data + NLMSG_HDRLEN, &result, sizeof(result));
	put_header(data, sizeof(data), NLMSG_DONE);
	check_int(parse(data, sizeof(data), &rows, &e), SOCK_DIAG_DONE);
	put_header(data, NLMSG_HDRLEN, NLMSG_DONE);
	check_int(parse(data, NLMSG_HDRLEN, &rows, &e), SOCK_DIAG_DONE);
	put_header(data, NLMSG_HDRLEN, NLMSG_ERROR);
	check_int(parse(data, NLMSG_HDRLEN, &rows, &e), -1);
}

static int
keep_row(void *arg, const struct status_row *row)
{
	*(struct status_row *)arg = *row;
	return 0;
}

TEST("the time left counts only with a timer, and other families are skipped")
{
	unsigned char data[ROW_LEN] __attribute__((aligned(8)));
	struct status_row row = { .code = 77 };
	struct sock_diag_sink sink = { .fn = keep_row, .arg = &row };

	put_row(data, AF_UNIX);
	check_int(sock_diag_parse(data, sizeof(data), &sink, NULL), SOCK_DIAG_MORE);
	check_int(row.code, 77);
	put_row(data, AF_INET);
	check_int(sock_diag_parse(data, sizeof(data), &sink, NULL), SOCK_DIAG_MORE);
	check_int(row.code, TCP_CODE_LISTEN);
	check_int(row.timer_left, 0);
	check_int(sockname_port(&row.local), 80);
	data[NLMSG_HDRLEN + 2] = 3;
	check_int(sock_diag_parse(data, sizeof(data), &sink, NULL), SOCK_DIAG_MORE);
	check_int(row.timer_left, INT64_C(0xffffffff) * NSEC_PER_MSEC);
}
