#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"
#include "net/sys.h"
#include "status/sock_diag.h"
#include "status/table.h"
#include "test.h"

/* ---- a listener and one connection to it ---- */

struct fixture {
	int listener, client, server;
	struct sockname address, name;
};

static struct sockname
ipv4(uint32_t address, uint16_t port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(address);
	in->sin_port = htons(port);
	return name;
}

static void
set_up(struct fixture *f, const char *interface)
{
	struct sockname at = ipv4(INADDR_LOOPBACK, 0);

	f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	f->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (interface != NULL)
		setsockopt(f->client, SOL_SOCKET, SO_BINDTODEVICE, interface, 3);
	if (bind(f->listener, &at.sa, at.len) != 0 || listen(f->listener, 5) != 0 ||
	    sys_local_name(f->listener, &f->address, NULL) != 0 ||
	    connect(f->client, &f->address.sa, f->address.len) != 0 ||
	    sys_local_name(f->client, &f->name, NULL) != 0)
		abort();
	f->server = accept(f->listener, NULL, NULL);
}

static void
tear_down(struct fixture *f)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(f->client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(f->client);
	close(f->server);
	close(f->listener);
}

struct counted {
	const struct fixture *f;
	int n;
};

/* Other tests may use the same port of other addresses. */
static int
count(void *arg, const struct status_row *row)
{
	struct counted *c = arg;

	if (sockname_equal(&row->local, &c->f->address) ||
	    sockname_equal(&row->peer, &c->f->address))
		c->n++;
	return 0;
}

static int
rows_of(const struct fixture *f, const struct status_filter *filter, enum status_via via)
{
	const struct status_how how = { .filter = *filter, .via = via };
	struct counted c = { .f = f };

	check_int(status_each(&how, count, &c, NULL, NULL), 0);
	return c.n;
}

/* Returns the count by netlink, where the kernel filters, which must equal that by /proc. /proc
 * may miss or repeat rows while other sockets change; it is then read again. */
static int
count_both_ways(const struct fixture *f, const struct status_filter *filter)
{
	int n = rows_of(f, filter, STATUS_VIA_NETLINK);
	int by_proc = rows_of(f, filter, STATUS_VIA_PROC);

	for (int again = 0; again < 20 && by_proc != n; again++)
		by_proc = rows_of(f, filter, STATUS_VIA_PROC);
	check_int(by_proc, n);
	return n;
}

#define TCP_ALL .protos = 1U << STATUS_TCP, .states = STATUS_ALL_STATES

TEST("ports: the last of a list, a range, of one end and of either")
{
	struct fixture f;

	set_up(&f, NULL);
	const uint16_t port = sockname_port(&f.address);
	const struct status_range list[] = { { 1, 1 }, { 2, 3 }, { port, port } };
	const struct status_end end = { .ports = list, .n_ports = 3 };

	check_int(count_both_ways(&f, &(struct status_filter){ TCP_ALL, .local = end }), 2);
	check_int(count_both_ways(&f, &(struct status_filter){ TCP_ALL, .peer = end }), 1);
	check_int(
	    count_both_ways(&f, &(struct status_filter){ TCP_ALL, .ports = list, .n_ports = 3 }),
	    3);
	check_int(
	    count_both_ways(&f, &(struct status_filter){ TCP_ALL, .ports = list, .n_ports = 2 }),
	    0);
	check_int(
	    count_both_ways(&f, &(struct status_filter){ TCP_ALL, .local = end, .peer = end }), 0);
	tear_down(&f);
}

TEST("addresses: one of several, of both families, and with a port")
{
	struct fixture f;
	struct sockname any6 = { .len = sizeof(struct sockaddr_in6) };

	any6.sa.sa_family = AF_INET6;
	set_up(&f, NULL);
	const uint16_t port = sockname_port(&f.address);
	const struct status_range one = { port, port };
	struct status_filter filter = { TCP_ALL,
		.local = { .addresses = (struct sockname[]){ any6, ipv4(INADDR_LOOPBACK + 1, 0),
			       ipv4(INADDR_LOOPBACK, 9) },
		    .n_addresses = 3,
		    .ports = &one,
		    .n_ports = 1 } };

	check_int(count_both_ways(&f, &filter), 2);
	filter.local.n_addresses = 2;
	check_int(count_both_ways(&f, &filter), 0);
	tear_down(&f);
}

TEST("states are chosen by code")
{
	struct fixture f;

	set_up(&f, NULL);
	const uint16_t port = sockname_port(&f.address);
	const struct status_range one = { port, port };
	struct status_filter filter = { TCP_ALL, .ports = &one, .n_ports = 1 };

	filter.states = 1U << TCP_CODE_LISTEN;
	check_int(count_both_ways(&f, &filter), 1);
	filter.states = 1U << TCP_CODE_ESTABLISHED;
	check_int(count_both_ways(&f, &filter), 2);
	filter.states = 1U << TCP_CODE_TIME_WAIT;
	check_int(count_both_ways(&f, &filter), 0);
	tear_down(&f);
}

static int
seven(void *arg, const struct status_row *row)
{
	(void)row;
	++*(int *)arg;
	return 7;
}

TEST("a result of the callback ends the reading and is returned")
{
	struct fixture f;
	int n = 0;

	set_up(&f, NULL);
	struct status_how how = { .filter = { TCP_ALL } };
	check_int(status_each(&how, seven, &n, NULL, NULL), 7);
	check_int(n, 1);
	how.via = STATUS_VIA_PROC;
	check_int(status_each(&how, seven, &n, NULL, NULL), 7);
	check_int(n, 2);
	tear_down(&f);
}

TEST("a connection that is bound to an interface is found by its two addresses")
{
	struct status_row row;
	struct fixture f;

	set_up(&f, "lo");
	check_int(status_lookup(&f.name, &f.address, &row, NULL), 1);
	check_int(row.code, TCP_CODE_ESTABLISHED);
	tear_down(&f);
	check_int(status_lookup(&f.name, &f.address, &row, NULL), 0);
}

TEST("a socket that has ended is not destroyed, nor is a later one in its place")
{
	struct status_row row;
	struct fixture f;
	struct error e = { .number = 0 };

	set_up(&f, NULL);
	check_int(status_lookup(&f.name, &f.address, &row, NULL), 1);
	row.cookie[0] ^= 1;
	check_int(status_kill(&row, &e), -1);
	/* without the privilege it does not get that far */
	check(e.number != 0 && e.number != EINVAL);
	check_int(status_lookup(&f.name, &f.address, &row, NULL), 1);
	tear_down(&f);
}

TEST("the end of a connection is reported")
{
	const struct status_filter any = { TCP_ALL, .local = { .n_addresses = 0 } };
	struct deadline until = deadline_in(5 * NSEC_PER_SEC);
	struct fixture f;
	bool told = false;
	int fd = status_destroyed_open(NULL);

	require(fd >= 0);
	set_up(&f, NULL);
	tear_down(&f);
	while (!told && !deadline_passed(until))
		told = status_destroyed_read(fd, &any);
	check(told);
	close(fd);
}

/* ---- names ---- */

TEST("states have names in any spelling, and numbers")
{
	static const struct {
		const char *name;
		int code;
	} cases[] = { { "LISTEN", 1 }, { "listen", 1 }, { "time-wait", 10 }, { "TIMEWAIT", 10 },
		{ "Syn_Rcvd", 3 }, { "syn-recv", 3 }, { "fin-wait-2", 6 }, { "10", 10 }, { "0", 0 },
		{ "unconnected", 0 }, { "closed", 0 }, { "", -2 }, { "11", -2 }, { "listening", 1 },
		{ "ESTAB", 4 }, { "SYN-RECV", 3 }, { "UNCONN", 0 }, { "FIN_WAIT1", 5 },
		{ "CLOSE", 0 }, { "liste", -2 }, { "estable", -2 }, { "-1", -2 }, { "01", -2 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_int(status_code_of_name(cases[i].name, strlen(cases[i].name)), cases[i].code);
}

/* ---- /proc/net ---- */

static const char tcp_line[] =
    "   0: 0100007F:1F90 0200007F:D2A4 06 00000010:00000002 03:000016A7 00000000"
    "  1000        0 18421 1 0000000000000000 20 4 30 10 -1";

TEST("a line of /proc/net/tcp")
{
	struct status_row row;
	char text[SOCKNAME_TEXT_MAX];

	check_int(proc_net_parse(tcp_line, STATUS_TCP, false, &row), 1);
	check_int(row.code, TCP_CODE_TIME_WAIT);
	check_str(sockname_format(&row.local, text, sizeof(text)), "127.0.0.1:8080");
	check_str(sockname_format(&row.peer, text, sizeof(text)), "127.0.0.2:53924");
	check_int(row.wqueue, 16);
	check_int(row.rqueue, 2);
	check_int(row.uid, 1000);
	check_int((intmax_t)row.inode, 18421);
	check_int(row.timer, 3);
	check(row.timer_left > 57 * NSEC_PER_SEC && row.timer_left < 59 * NSEC_PER_SEC);
}

TEST("a line of /proc/net/tcp6 for an IPv4 connection")
{
	static const char line[] =
	    "   0: 0000000000000000FFFF00000100007F:A2E7 "
	    "0000000000000000FFFF00000100007F:BEEF 01 00000000:00000000 00:00000000 "
	    "00000000     0        0 7 3 0000000000000000";
	struct status_row row;
	char text[SOCKNAME_TEXT_MAX];

	check_int(proc_net_parse(line, STATUS_TCP, true, &row), 1);
	check_str(sockname_format(&row.local, text, sizeof(text)), "127.0.0.1:41703");
	check_int(row.local.sa.sa_family, AF_INET);
	check_int(row.code, TCP_CODE_ESTABLISHED);
}

TEST("lines of /proc/net/unix: a listener with an abstract name, a connection without one")
{
	struct status_row row;
	char text[SOCKNAME_TEXT_MAX];

	check_int(
	    proc_net_parse("0000000000000000: 00000002 00000000 00010000 0001 01 18421 @/tmp/x",
		STATUS_UNIX, false, &row),
	    1);
	check_int(row.code, TCP_CODE_LISTEN);
	check_str(sockname_format(&row.local, text, sizeof(text)), "unix:@/tmp/x");
	check_mem(&row.local.sa.sa_data, 7, "\0/tmp/x", 7);
	check_int(proc_net_parse("0000000000000000: 00000003 00000000 00000000 0005 03    18",
		      STATUS_UNIX, false, &row),
	    1);
	check_int(row.code, TCP_CODE_ESTABLISHED);
	check_int(row.type, SOCK_SEQPACKET);
	check_int((intmax_t)row.inode, 18);
}

TEST("a line truncated before its inode is no row, and neither is a heading")
{
	const char *inode = strstr(tcp_line, "18421");
	struct status_row row;
	char cut[sizeof(tcp_line)];

	for (size_t n = 0; n < (size_t)(inode - tcp_line); n++) {
		memcpy(cut, tcp_line, n);
		cut[n] = '\0';
		check_int(proc_net_parse(cut, STATUS_TCP, false, &row), 0);
	}
	check_int(proc_net_parse("  sl  local_address rem_address   st tx_queue", STATUS_TCP, false,
		      &row),
	    0);
	check_int(proc_net_parse("Num       RefCount Protocol Flags", STATUS_UNIX, false, &row), 0);
}

struct queue {
	uint32_t waiting, backlog;
};

static int
take_queue(void *arg, const struct status_row *row)
{
	*(struct queue *)arg = (struct queue){ row->rqueue, row->wqueue };
	return 1;
}

TEST("the queue of a unix listener is the number of waiting clients, and its limit")
{
	struct sockname name = { .len = sizeof(sa_family_t) };
	struct status_how how = { .filter = { .protos = 1U << STATUS_UNIX,
				      .states = STATUS_ALL_STATES } };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), clients[2];
	struct queue queue = { 0, 0 };

	name.sa.sa_family = AF_UNIX;
	require(bind(listener, &name.sa, name.len) == 0 && listen(listener, 7) == 0);
	require(sys_local_name(listener, &how.filter.local.path, NULL) == 0);
	for (size_t i = 0; i < 2; i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		require(
		    connect(clients[i], &how.filter.local.path.sa, how.filter.local.path.len) == 0);
	}
	how.filter.states = 1U << TCP_CODE_LISTEN;
	check_int(status_each(&how, take_queue, &queue, NULL, NULL), 1);
	check_int(queue.waiting, 2);
	check_int(queue.backlog, 7);
	close(clients[0]);
	close(clients[1]);
	close(listener);
}

/* ---- requests and replies ---- */

/* Runs a filter program over an IPv4 socket like the kernel does (inet_diag(7)). */
static bool
kernel_accepts(const unsigned char *program, size_t len, const struct status_row *row)
{
	long left = (long)len;

	while (left > 0) {
		unsigned sport = sockname_port(&row->local), dport = sockname_port(&row->peer);
		const struct sockaddr_in *src =
		    (const struct sockaddr_in *)(const void *)&row->local.storage;
		const struct sockaddr_in *dst =
		    (const struct sockaddr_in *)(const void *)&row->peer.storage;
		struct inet_diag_bc_op op[2] = { { .code = 0 } };
		bool yes = true;

		memcpy(op, program + len - left,
		    left < (long)sizeof(op) ? (size_t)left : sizeof(op));
		switch (op[0].code) {
		case INET_DIAG_BC_JMP:
			yes = false;
			break;
		case INET_DIAG_BC_S_GE:
			yes = sport >= op[1].no;
			break;
		case INET_DIAG_BC_S_LE:
			yes = sport <= op[1].no;
			break;
		case INET_DIAG_BC_D_GE:
			yes = dport >= op[1].no;
			break;
		case INET_DIAG_BC_D_LE:
			yes = dport <= op[1].no;
			break;
		case INET_DIAG_BC_S_COND:
		case INET_DIAG_BC_D_COND:
			yes =
			    memcmp(program + len - left + sizeof(op[0]) +
				    sizeof(struct inet_diag_hostcond),
				op[0].code == INET_DIAG_BC_S_COND ? &src->sin_addr : &dst->sin_addr,
				4) == 0;
			break;
		default:
			break;
		}
		left -= yes ? op[0].yes : op[0].no;
	}
	return left == 0;
}

TEST("the filter of the kernel accepts what matches and nothing else")
{
	static const struct status_range local[] = { { 80, 80 }, { 1000, 2000 } }, peer = { 9, 9 },
					 either[] = { { 7, 7 }, { 1500, 1600 } };
	static const uint16_t ports[] = { 7, 9, 79, 80, 81, 999, 1000, 1550, 2000, 2001 };
	const size_t n = sizeof(ports) / sizeof(ports[0]);
	unsigned char program[SOCK_DIAG_PROGRAM_MAX];
	int wrong = 0, taken = 0;

	for (unsigned kind = 0; kind < 32; kind++) {
		struct sockname addresses[2] = { ipv4(INADDR_LOOPBACK + 1, 0),
			ipv4(INADDR_LOOPBACK, 0) };
		struct status_filter f = { .protos = 1U << STATUS_TCP,
			.states = STATUS_ALL_STATES };
		size_t len;

		f.local.ports = local;
		f.local.n_ports = kind & 3;
		f.local.n_ports = f.local.n_ports > 2 ? 0 : f.local.n_ports;
		f.peer.ports = &peer;
		f.peer.n_ports = kind >> 2 & 1;
		f.ports = either;
		f.n_ports = (kind >> 3 & 1) * 2;
		f.local.addresses = addresses;
		f.local.n_addresses = (kind >> 4 & 1) * 2;
		len = sock_diag_program(&f, program);
		for (size_t i = 0; i < n * n; i++) {
			const struct status_row row = {
				.code = TCP_CODE_ESTABLISHED,
				.local = ipv4(INADDR_LOOPBACK + (uint32_t)(i % 3), ports[i % n]),
				.peer = ipv4(INADDR_LOOPBACK, ports[i / n]),
			};

			wrong += kernel_accepts(program, len, &row) != status_match(&f, &row);
			taken += status_match(&f, &row);
		}
	}
	check_int(wrong, 0);
	check(taken > 100);
}

static int
never(void *arg, const struct status_row *row)
{
	(void)arg;
	(void)row;
	return 0;
}

TEST("a table that changed while it was read is reported as inconsistent")
{
	struct {
		struct nlmsghdr head;
		int result;
	} answer = { .head = { .nlmsg_len = sizeof(answer), .nlmsg_type = NLMSG_DONE } };
	struct sock_diag_sink sink = { .fn = never };

	check_int(sock_diag_parse(&answer, sizeof(answer), &sink, NULL), SOCK_DIAG_DONE);
	check(!sink.inconsistent);
	answer.head.nlmsg_flags = NLM_F_DUMP_INTR;
	check_int(sock_diag_parse(&answer, sizeof(answer), &sink, NULL), SOCK_DIAG_DONE);
	check(sink.inconsistent);
}

TEST("a destroyed socket that has released its port matches any port, and others do not")
{
	static const struct status_range wanted = { 80, 80 };
	struct {
		struct nlmsghdr head;
		struct inet_diag_msg msg;
	} news = { .head = { .nlmsg_len = sizeof(news), .nlmsg_type = SOCK_DIAG_BY_FAMILY } };
	struct status_filter f = { .protos = 1U << STATUS_TCP,
		.states = 1U << TCP_CODE_ESTABLISHED,
		.ports = &wanted,
		.n_ports = 1 };
	int ends[2];

	require(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0);
	news.msg.idiag_family = AF_INET;
	news.msg.idiag_state = TCP_CLOSE;
	news.msg.id.idiag_sport = htons(79);
	news.msg.id.idiag_dport = htons(81);
	require(send(ends[1], &news, sizeof(news), 0) == sizeof(news));
	check(!status_destroyed_read(ends[0], &f));
	news.msg.id.idiag_dport = htons(80);
	require(send(ends[1], &news, sizeof(news), 0) == sizeof(news));
	check(status_destroyed_read(ends[0], &f));
	news.msg.id.idiag_sport = news.msg.id.idiag_dport = 0;
	require(send(ends[1], &news, sizeof(news), 0) == sizeof(news));
	check(status_destroyed_read(ends[0], &f));
	check(!status_destroyed_read(ends[0], &f));
	close(ends[0]);
	close(ends[1]);
}
