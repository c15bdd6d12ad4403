#include "status/diag.h"

#include <errno.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"
#include "status/status.h"

/* Dumps come in pieces of at most 32 KiB (netlink_dump() in the kernel). */
#define ANSWER_MAX 32768

#define ALL_STATES 0xffffffffU

/* ---- reading ---- */

static void
ipv4_name(const uint32_t *address, uint16_t port, struct sockname *ret_name)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&ret_name->storage;

	in->sin_family = AF_INET;
	in->sin_port = port;
	memcpy(&in->sin_addr, address, sizeof(in->sin_addr));
	ret_name->len = sizeof(*in);
}

static void
ipv6_name(const uint32_t *address, uint16_t port, uint32_t interface, struct sockname *ret_name)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&ret_name->storage;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = port;
	memcpy(&in6->sin6_addr, address, sizeof(in6->sin6_addr));
	if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		in6->sin6_scope_id = interface;
	ret_name->len = sizeof(*in6);
}

/* A connection of IPv4, also where a dual-stack socket has it. */
static bool
is_ipv4(const struct inet_diag_msg *msg)
{
	struct in6_addr src, dst;

	if (msg->idiag_family == AF_INET)
		return true;
	memcpy(&src, msg->id.idiag_src, sizeof(src));
	memcpy(&dst, msg->id.idiag_dst, sizeof(dst));
	return IN6_IS_ADDR_V4MAPPED(&src) && IN6_IS_ADDR_V4MAPPED(&dst);
}

static void
set_names(struct status_row *row, const struct inet_diag_msg *msg)
{
	const struct inet_diag_sockid *id = &msg->id;

	if (is_ipv4(msg)) {
		size_t word = msg->idiag_family == AF_INET ? 0 : 3;

		ipv4_name(&id->idiag_src[word], id->idiag_sport, &row->local);
		ipv4_name(&id->idiag_dst[word], id->idiag_dport, &row->peer);
		return;
	}
	ipv6_name(id->idiag_src, id->idiag_sport, id->idiag_if, &row->local);
	ipv6_name(id->idiag_dst, id->idiag_dport, id->idiag_if, &row->peer);
}

static void
read_row(const struct inet_diag_msg *msg, struct status_row *ret_row)
{
	memset(ret_row, 0, sizeof(*ret_row));
	ret_row->code = status_code_of_linux(msg->idiag_state);
	set_names(ret_row, msg);
	ret_row->rqueue = msg->idiag_rqueue;
	ret_row->wqueue = msg->idiag_wqueue;
	ret_row->uid = msg->idiag_uid;
	ret_row->inode = msg->idiag_inode;
	ret_row->timer = msg->idiag_timer;
	/* without a timer the field is not always 0 */
	if (msg->idiag_timer != 0)
		ret_row->timer_left = (int64_t)msg->idiag_expires * NSEC_PER_MSEC;
}

static int
too_short(struct error *e)
{
	return error_set(e, ERROR_NETWORK, "status: the kernel's answer is cut short");
}

/* NLMSG_ERROR and NLMSG_DONE both begin with a negative errno, or 0. */
static int
read_result(const struct nlmsghdr *h, struct error *e)
{
	int result;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(result)))
		return h->nlmsg_type == NLMSG_DONE ? DIAG_DONE : too_short(e);
	memcpy(&result, NLMSG_DATA(h), sizeof(result));
	if (result == -ENOENT)
		return DIAG_MISSING;
	if (result < 0)
		return error_errno(e, ERROR_NETWORK, result == INT_MIN ? EPROTO : -result,
		    "status");
	return DIAG_DONE;
}

static int
read_message(const struct nlmsghdr *h, struct diag_sink *sink, struct error *e)
{
	struct inet_diag_msg msg;
	struct status_row row;

	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE)
		return read_result(h, e);
	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return DIAG_MORE;
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(msg)))
		return too_short(e);
	memcpy(&msg, NLMSG_DATA(h), sizeof(msg));
	if (msg.idiag_family != AF_INET && msg.idiag_family != AF_INET6)
		return DIAG_MORE;
	read_row(&msg, &row);
	sink->stopped = sink->fn(sink->arg, &row);
	return sink->stopped != 0 ? DIAG_DONE : DIAG_MORE;
}

int
diag_parse(const void *data, size_t len, struct diag_sink *sink, struct error *e)
{
	const unsigned char *at = data;

	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)at;
		size_t step;
		int rc;

		if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > len)
			return too_short(e);
		rc = read_message(h, sink, e);
		if (rc != DIAG_MORE)
			return rc;
		step = NLMSG_ALIGN((size_t)h->nlmsg_len);
		if (step >= len)
			return DIAG_MORE;
		at += step;
		len -= step;
	}
	return len == 0 ? DIAG_MORE : too_short(e);
}

/* ---- asking ---- */

/* An answer is there as soon as the question has been sent, and each piece of
 * a dump when the one before has been read: nothing here waits. */
static int
read_answers(int fd, struct diag_sink *sink, struct error *e)
{
	union {
		struct nlmsghdr align;
		unsigned char bytes[ANSWER_MAX];
	} answer;
	int rc;

	do {
		ssize_t n = recv(fd, answer.bytes, sizeof(answer.bytes), MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			return error_errno(e, ERROR_NETWORK, errno, "status: no answer");
		if ((size_t)n > sizeof(answer.bytes))
			return too_short(e);
		rc = diag_parse(answer.bytes, (size_t)n, sink, e);
	} while (rc == DIAG_MORE);
	return rc;
}

static int
ask(int fd, const void *request, size_t n, struct diag_sink *sink, struct error *e)
{
	if (send(fd, request, n, MSG_DONTWAIT) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "status: socket table");
	return read_answers(fd, sink, e);
}

static int
diag_open(struct error *e)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		error_errno(e, ERROR_NETWORK, errno, "status: socket table");
	return fd;
}

/* ---- one connection ---- */

struct exact {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
};

struct wanted {
	struct sockname local, peer;
	struct status_row row;
	bool found;
};

/* The kernel keeps IPv4 connections of dual-stack sockets as IPv4. */
static struct sockname
unmapped(const struct sockname *name)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&name->storage;
	struct sockname v4 = { .len = 0 };

	if (name->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return *name;
	ipv4_name((const uint32_t *)(const void *)&in6->sin6_addr + 3, in6->sin6_port, &v4);
	return v4;
}

static void
set_id(uint32_t address[4], uint16_t *port, uint32_t *interface, const struct sockname *name)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&name->storage;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&name->storage;

	if (name->sa.sa_family == AF_INET) {
		memcpy(address, &in->sin_addr, sizeof(in->sin_addr));
		*port = in->sin_port;
		return;
	}
	memcpy(address, &in6->sin6_addr, sizeof(in6->sin6_addr));
	*port = in6->sin6_port;
	if (in6->sin6_scope_id != 0)
		*interface = in6->sin6_scope_id;
}

static struct exact
exact_request(const struct sockname *local, const struct sockname *peer)
{
	struct exact q = {
		.header = {
			.nlmsg_len = sizeof(q),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.request = {
			.sdiag_family = (uint8_t)local->sa.sa_family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ALL_STATES,
			.id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
		},
	};
	struct inet_diag_sockid *id = &q.request.id;

	set_id(id->idiag_src, &id->idiag_sport, &id->idiag_if, local);
	set_id(id->idiag_dst, &id->idiag_dport, &id->idiag_if, peer);
	return q;
}

/* Where the connection is gone, the kernel offers the listener of its port. */
static int
take_exact(void *arg, const struct status_row *row)
{
	struct wanted *w = arg;

	w->found = sockname_equal(&row->local, &w->local) && sockname_equal(&row->peer, &w->peer);
	if (w->found)
		w->row = *row;
	return 1;
}

static bool
is_inet(const struct sockname *name)
{
	return name->len != 0 && (name->sa.sa_family == AF_INET || name->sa.sa_family == AF_INET6);
}

int
status_lookup(const struct sockname *local, const struct sockname *peer, struct status_row *ret_row,
    struct error *e)
{
	struct wanted w = { .found = false };
	struct diag_sink sink = { .fn = take_exact, .arg = &w };
	struct exact q;
	int fd, rc;

	if (!is_inet(local) || !is_inet(peer))
		return error_set(e, ERROR_NETWORK, "status: not a TCP connection");
	w.local = unmapped(local);
	w.peer = unmapped(peer);
	if (w.local.sa.sa_family != w.peer.sa.sa_family)
		return 0;
	q = exact_request(&w.local, &w.peer);
	fd = diag_open(e);
	if (fd < 0)
		return -1;
	rc = ask(fd, &q, sizeof(q), &sink, e);
	close(fd);
	if (rc == -1)
		return -1;
	if (w.found)
		*ret_row = w.row;
	return w.found;
}

/* ---- all of a port ---- */

/* "Source port >= PORT and source port <= PORT": inet_diag's filter language has
 * S_EQ only since Linux 4.16. A jump that leaves the program by 4 bytes says no. */
struct by_port {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
	struct nlattr attribute;
	struct inet_diag_bc_op ge, ge_port, le, le_port;
};

#define OP_SIZE sizeof(struct inet_diag_bc_op)

static struct by_port
by_port_request(int family, uint16_t port)
{
	struct by_port q = {
		.header = {
			.nlmsg_len = sizeof(q),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.request = {
			.sdiag_family = (uint8_t)family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ALL_STATES,
		},
		.attribute = {
			.nla_len = sizeof(struct nlattr) + 4 * OP_SIZE,
			.nla_type = INET_DIAG_REQ_BYTECODE,
		},
		.ge = { .code = INET_DIAG_BC_S_GE, .yes = 2 * OP_SIZE, .no = 5 * OP_SIZE },
		.ge_port = { .no = port },
		.le = { .code = INET_DIAG_BC_S_LE, .yes = 2 * OP_SIZE, .no = 3 * OP_SIZE },
		.le_port = { .no = port },
	};

	return q;
}

int
status_by_port(uint16_t port, int (*fn)(void *arg, const struct status_row *row), void *arg,
    struct error *e)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct diag_sink sink = { .fn = fn, .arg = arg };
	int fd = diag_open(e);
	int rc = 0;
	size_t i;

	if (fd < 0)
		return -1;
	for (i = 0; rc != -1 && sink.stopped == 0 && i < sizeof(families) / sizeof(*families);
	     i++) {
		struct by_port q = by_port_request(families[i], port);

		rc = ask(fd, &q, sizeof(q), &sink, e);
	}
	close(fd);
	return rc == -1 ? -1 : sink.stopped;
}
