#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "status/sock_diag.h"

/* The kernel sends a dump in pieces of at most 32 KiB (netlink_dump()). */
#define ANSWER_MAX 32768

#define ALL_STATES 0xffffffffU

/* ---- requests and replies ---- */

static ssize_t
recv_answer(int fd, void *data, size_t n, int flags)
{
	ssize_t got;

	do
		got = recv(fd, data, n, flags | MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	return got;
}

static ssize_t
send_netlink(int fd, const void *request, size_t n)
{
	ssize_t sent;

	do
		sent = send(fd, request, n, MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent;
}

/* The reply is available as soon as the request is sent, and each piece of a dump as soon as
 * the previous one is read, so nothing here waits. */
static int
read_answers(int fd, struct sock_diag_sink *sink, struct error *e)
{
	union {
		struct nlmsghdr align;
		unsigned char bytes[ANSWER_MAX];
	} answer;
	int rc;

	do {
		ssize_t n = recv_answer(fd, answer.bytes, sizeof(answer.bytes), MSG_TRUNC);

		if (n < 0)
			return error_errno(e, ERROR_NETWORK, errno, "status: no answer");
		if ((size_t)n > sizeof(answer.bytes))
			return error_set(e, ERROR_NETWORK,
			    "status: the kernel's answer is too long");
		rc = sock_diag_parse(answer.bytes, (size_t)n, sink, e);
	} while (rc == SOCK_DIAG_MORE);
	return rc;
}

static int
query(int fd, const void *request, size_t n, struct sock_diag_sink *sink, struct error *e)
{
	if (send_netlink(fd, request, n) < 0)
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

struct exact_message {
	struct nlmsghdr header;
	struct inet_diag_req_v2 request;
};

struct lookup {
	struct sockname local, peer;
	int (*fn)(void *arg, const struct status_row *row);
	void *arg;
	bool found;
	int result; /* result of fn */
};

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

static struct exact_message
exact_request(const struct sockname *local, const struct sockname *peer)
{
	struct exact_message q = {
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

/* Checks the socket found: for a missing connection the kernel returns the listener of its port. */
static int
on_exact_row(void *arg, const struct status_row *row)
{
	struct lookup *w = arg;

	w->found = sockname_equal(&row->local, &w->local) && sockname_equal(&row->peer, &w->peer);
	if (w->found)
		w->result = w->fn(w->arg, row);
	return 1;
}

static int
request_exact(int fd, const struct exact_message *q, struct lookup *w, bool info, struct error *e)
{
	struct sock_diag_sink sink = { .fn = on_exact_row, .arg = w, .info = info };

	return query(fd, q, sizeof(*q), &sink, e) == -1 ? -1 : 0;
}

/* A socket that is bound to an interface is found only with the index of the interface. */
static int
request_each_interface(int fd, struct exact_message *q, struct lookup *w, bool info,
    struct error *e)
{
	struct if_nameindex *list = if_nameindex();
	int rc = 0;

	for (size_t i = 0; rc == 0 && !w->found && list != NULL && list[i].if_index != 0; i++) {
		q->request.id.idiag_if = list[i].if_index;
		rc = request_exact(fd, q, w, info, e);
	}
	if (list != NULL)
		if_freenameindex(list);
	return rc;
}

static int
find_exact(struct lookup *w, bool info, struct error *e)
{
	struct exact_message q = exact_request(&w->local, &w->peer);
	int fd, rc;

	if (info)
		q.request.idiag_ext = 1U << (INET_DIAG_INFO - 1);
	fd = diag_open(e);
	if (fd < 0)
		return -1;
	rc = request_exact(fd, &q, w, info, e);
	if (rc == 0 && !w->found && q.request.id.idiag_if == 0)
		rc = request_each_interface(fd, &q, w, info, e);
	close(fd);
	return rc;
}

static bool
is_inet_name(const struct sockname *name)
{
	return name->len != 0 && (name->sa.sa_family == AF_INET || name->sa.sa_family == AF_INET6);
}

static int
copy_row(void *arg, const struct status_row *row)
{
	struct status_row *copy = arg;

	*copy = *row;
	copy->info = NULL;
	copy->info_len = 0;
	return 0;
}

int
status_lookup(const struct sockname *local, const struct sockname *peer, struct status_row *ret_row,
    struct error *e)
{
	struct lookup w = { .fn = copy_row, .arg = ret_row };

	if (!is_inet_name(local) || !is_inet_name(peer))
		return error_set(e, ERROR_NETWORK, "status: not a TCP connection");
	w.local = sockname_unmapped(local);
	w.peer = sockname_unmapped(peer);
	if (w.local.sa.sa_family != w.peer.sa.sa_family)
		return 0;
	return find_exact(&w, false, e) == -1 ? -1 : w.found;
}

/* ---- dumps ---- */

struct dump {
	union {
		struct nlmsghdr header;
		unsigned char bytes[NLMSG_LENGTH(sizeof(struct inet_diag_req_v2)) +
		    sizeof(struct nlattr) + SOCK_DIAG_PROGRAM_MAX];
	} q;
	const struct status_how *how;
	struct sock_diag_sink sink;
	int (*fn)(void *arg, const struct status_row *row);
	void *arg;
};

/* Requests both families at once, with the older request: the newer one has one family only. */
static size_t
write_both_families_request(struct dump *d)
{
	struct inet_diag_req q = {
		.idiag_ext = d->how->info ? 1U << (INET_DIAG_INFO - 1) : 0,
		.idiag_states = sock_diag_states(d->how->filter.states),
	};

	d->q.header.nlmsg_type = TCPDIAG_GETSOCK;
	memcpy(d->q.bytes + NLMSG_HDRLEN, &q, sizeof(q));
	return NLMSG_LENGTH(sizeof(q));
}

static size_t
write_inet_request(struct dump *d, int family)
{
	struct inet_diag_req_v2 q = {
		.sdiag_family = (uint8_t)family,
		.sdiag_protocol = d->sink.proto == STATUS_UDP ? IPPROTO_UDP : IPPROTO_TCP,
		.idiag_ext = d->how->info ? 1U << (INET_DIAG_INFO - 1) : 0,
		.idiag_states = sock_diag_states(d->how->filter.states),
	};

	d->q.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	memcpy(d->q.bytes + NLMSG_HDRLEN, &q, sizeof(q));
	return NLMSG_LENGTH(sizeof(q));
}

static size_t
write_unix_request(struct dump *d)
{
	struct unix_diag_req q = {
		.sdiag_family = AF_UNIX,
		.udiag_states = sock_diag_states(d->how->filter.states),
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID,
	};

	d->q.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	memcpy(d->q.bytes + NLMSG_HDRLEN, &q, sizeof(q));
	return NLMSG_LENGTH(sizeof(q));
}

static size_t
append_program(struct dump *d, size_t at)
{
	struct nlattr head = { .nla_type = INET_DIAG_REQ_BYTECODE };
	size_t len = sock_diag_program(&d->how->filter, d->q.bytes + at + sizeof(head));

	if (len == 0)
		return at;
	head.nla_len = (uint16_t)(sizeof(head) + len);
	memcpy(d->q.bytes + at, &head, sizeof(head));
	return at + sizeof(head) + len;
}

static int
on_row(void *arg, const struct status_row *row)
{
	struct dump *d = arg;

	return status_match(&d->how->filter, row) ? d->fn(d->arg, row) : 0;
}

/* Dumps one table of the kernel. AF_UNSPEC: TCP of both families. */
static int
dump_family(struct dump *d, int fd, int family, struct error *e)
{
	size_t len;
	int rc;

	memset(&d->q, 0, NLMSG_LENGTH(sizeof(struct inet_diag_req_v2)));
	if (family == AF_UNIX)
		len = write_unix_request(d);
	else
		len = append_program(d,
		    family == AF_UNSPEC ? write_both_families_request(d)
					: write_inet_request(d, family));
	d->q.header.nlmsg_len = (uint32_t)len;
	d->q.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	rc = query(fd, d->q.bytes, len, &d->sink, e);
	if (rc == SOCK_DIAG_MISSING)
		return error_errno(e, ERROR_NETWORK, ENOENT, "status: socket table");
	return rc;
}

static int
dump_proto(struct dump *d, int fd, enum status_proto proto, struct error *e)
{
	int family = d->how->filter.family, rc;

	d->sink.info = d->how->info && proto == STATUS_TCP;
	if (proto == STATUS_UNIX)
		return dump_family(d, fd, AF_UNIX, e);
	/* the IPv6 table also has the IPv4 connections of dual-stack sockets */
	if (proto == STATUS_TCP && family != AF_INET6)
		return dump_family(d, fd, AF_UNSPEC, e);
	rc = dump_family(d, fd, AF_INET6, e);
	if (rc == -1 || d->sink.stopped != 0 || family == AF_INET6)
		return rc;
	return dump_family(d, fd, AF_INET, e);
}

/* Returns true when the kernel, or a sandbox, offers no such table by netlink. */
static bool
is_missing(const struct error *e)
{
	switch (e->number) {
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
	case EPERM:
	case EACCES:
	case EINVAL:
	case ENOENT:
	case EOPNOTSUPP:
	case ENOSYS:
		return e->origin == ORIGIN_ERRNO;
	default:
		return false;
	}
}

static int
dump_by_netlink(struct dump *d, enum status_proto proto, struct error *e)
{
	int fd = diag_open(e), rc;

	if (fd < 0)
		return -1;
	rc = dump_proto(d, fd, proto, e);
	close(fd);
	return rc == -1 ? -1 : d->sink.stopped;
}

/* ---- all matching sockets ---- */

static int
each_of_protocol(struct dump *d, enum status_proto proto, struct error *e)
{
	struct error failure = { .number = 0 };
	int rc = -1;

	d->sink.proto = proto;
	if (d->how->via != STATUS_VIA_PROC)
		rc = dump_by_netlink(d, proto, &failure);
	if (d->how->via == STATUS_VIA_PROC ||
	    (rc == -1 && d->how->via == STATUS_VIA_AUTO && is_missing(&failure)))
		rc = proc_net_each(proto, &d->sink, &failure);
	if (rc == -1 && e != NULL)
		*e = failure;
	return rc;
}

static int
stop_at_first(void *arg, const struct status_row *row)
{
	(void)arg;
	(void)row;
	return 1;
}

/* A kernel without a TCP table also replies "no such socket" to every look-up, but fails a dump. */
static bool
has_table(void)
{
	const struct status_how how = {
		.filter = { .protos = 1U << STATUS_TCP, .states = 1U << TCP_CODE_LISTEN },
	};
	struct dump d = { .how = &how, .fn = stop_at_first };

	d.sink.fn = stop_at_first;
	return dump_by_netlink(&d, STATUS_TCP, NULL) != -1;
}

/* Looks up one TCP connection. Returns 1 when done, with the result of fn in *ret_result (0
 * when the state does not match); 0 when the caller must read the table; -1 on failure. */
static int
each_exact(struct dump *d, struct lookup *w, int *ret_result, struct error *e)
{
	struct error failure = { .number = 0 };
	bool only = d->how->via == STATUS_VIA_NETLINK;

	w->local = sockname_unmapped(&w->local);
	w->peer = sockname_unmapped(&w->peer);
	w->fn = on_row;
	w->arg = d;
	if (find_exact(w, d->how->info, &failure) == -1) {
		if (!only && is_missing(&failure))
			return 0;
		if (e != NULL)
			*e = failure;
		return -1;
	}
	*ret_result = w->result;
	return w->found || only || has_table();
}

int
status_each(const struct status_how *how, int (*fn)(void *arg, const struct status_row *row),
    void *arg, bool *ret_inconsistent, struct error *e)
{
	const struct status_filter *f = &how->filter;
	struct dump d = { .how = how, .fn = fn, .arg = arg };
	struct lookup w = { .found = false };
	int rc = 0, result = 0;

	d.sink.fn = on_row;
	d.sink.arg = &d;
	if (f->protos == 1U << STATUS_TCP && how->via != STATUS_VIA_PROC &&
	    status_get_pair(f, &w.local, &w.peer)) {
		rc = each_exact(&d, &w, &result, e);
		if (rc != 0)
			return rc == -1 ? -1 : result;
	}
	for (int proto = 0; proto < STATUS_PROTOS && rc == 0; proto++)
		if ((f->protos & 1U << proto) != 0)
			rc = each_of_protocol(&d, (enum status_proto)proto, e);
	if (ret_inconsistent != NULL)
		*ret_inconsistent = d.sink.inconsistent;
	return rc;
}

int
status_by_port(uint16_t port, int (*fn)(void *arg, const struct status_row *row), void *arg,
    struct error *e)
{
	const struct status_range range = { port, port };
	const struct status_how how = {
		.filter = {
			.protos = 1U << STATUS_TCP,
			.states = STATUS_ALL_STATES,
			.local = { .ports = &range, .n_ports = 1 },
		},
	};

	return status_each(&how, fn, arg, NULL, e);
}

/* ---- destroying sockets ---- */

int
status_kill(const struct status_row *row, struct error *e)
{
	struct sock_diag_sink sink = { .fn = NULL };
	struct exact_message q;
	int fd, rc;

	if (row->proto == STATUS_UNIX)
		return error_errno(e, ERROR_NETWORK, EOPNOTSUPP, "kill unix socket");
	q = exact_request(&row->local, &row->peer);
	q.header.nlmsg_type = SOCK_DESTROY;
	q.header.nlmsg_flags |= NLM_F_ACK;
	q.request.sdiag_protocol = row->proto == STATUS_UDP ? IPPROTO_UDP : IPPROTO_TCP;
	q.request.id.idiag_if = row->interface;
	memcpy(q.request.id.idiag_cookie, row->cookie, sizeof(row->cookie));
	fd = diag_open(e);
	if (fd < 0)
		return -1;
	rc = query(fd, &q, sizeof(q), &sink, e);
	close(fd);
	if (rc == SOCK_DIAG_MISSING)
		return error_errno(e, ERROR_NETWORK, ENOENT, "status");
	return rc == -1 ? -1 : 0;
}

static int
join_groups(int fd)
{
	static const int groups[] = { SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY };
	/* an unbound socket has address 0, that of the kernel, and receives no events */
	const struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	int rc = bind(fd, (const struct sockaddr *)(const void *)&own, sizeof(own));

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(groups); i++)
		rc = setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
		    sizeof(groups[i]));
	return rc;
}

int
status_destroyed_open(struct error *e)
{
	int fd = diag_open(e);

	if (fd < 0)
		return -1;
	if (join_groups(fd) == 0)
		return fd;
	error_errno(e, ERROR_NETWORK, errno, "status: ends of sockets");
	close(fd);
	return -1;
}

struct destroyed {
	struct status_filter filter;
	bool any;
};

static bool
is_unspecified(const struct sockname *name)
{
	static const unsigned char zero[16];
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&name->storage;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&name->storage;

	if (name->sa.sa_family == AF_INET)
		return in->sin_addr.s_addr == 0;
	return memcmp(&in6->sin6_addr, zero, sizeof(zero)) == 0;
}

/* A destroyed socket may have released its address or port before the event: these then match
 * anything. */
static void
relax_filter(struct status_filter *f, struct status_end *end, const struct sockname *name)
{
	if (is_unspecified(name))
		end->n_addresses = 0;
	if (sockname_port(name) == 0)
		end->n_ports = f->n_ports = 0;
}

static int
on_destroyed_row(void *arg, const struct status_row *row)
{
	struct destroyed *destroyed = arg;
	struct status_filter f = destroyed->filter;

	relax_filter(&f, &f.local, &row->local);
	relax_filter(&f, &f.peer, &row->peer);
	destroyed->any = destroyed->any || status_match(&f, row);
	return 0;
}

bool
status_destroyed_read(int fd, const struct status_filter *f)
{
	struct destroyed destroyed = { .filter = *f };
	struct sock_diag_sink sink = { .fn = on_destroyed_row, .arg = &destroyed };
	union {
		struct nlmsghdr align;
		unsigned char bytes[ANSWER_MAX];
	} answer;
	ssize_t n;

	destroyed.filter.states = STATUS_ALL_STATES;
	while ((n = recv_answer(fd, answer.bytes, sizeof(answer.bytes), 0)) > 0)
		sock_diag_parse(answer.bytes, (size_t)n, &sink, NULL);
	return destroyed.any || (n < 0 && errno != EAGAIN);
}
