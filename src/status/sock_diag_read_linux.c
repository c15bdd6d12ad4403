#include <errno.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/deadline.h"
#include "base/error.h"
#include "status/sock_diag.h"

/* ---- attributes ---- */

struct attribute {
	unsigned type;
	const unsigned char *data;
	size_t len;
};

/* Sets the attribute at *at and moves *at past it. Returns false at the end and for an invalid
 * length. */
static bool
next_attribute(const unsigned char **at, const unsigned char *end, struct attribute *ret_attribute)
{
	size_t left = (size_t)(end - *at), step;
	struct nlattr head;

	if (left < sizeof(head))
		return false;
	memcpy(&head, *at, sizeof(head));
	if (head.nla_len < sizeof(head) || head.nla_len > left)
		return false;
	*ret_attribute = (struct attribute){
		.type = head.nla_type & NLA_TYPE_MASK,
		.data = *at + sizeof(head),
		.len = head.nla_len - sizeof(head),
	};
	step = NLA_ALIGN((size_t)head.nla_len);
	*at += step < left ? step : left;
	return true;
}

/* Returns the 32-bit number at this index of an attribute; 0 when the attribute is shorter. */
static uint32_t
attribute_u32(const struct attribute *a, size_t index)
{
	uint32_t value = 0;

	if (a->len >= (index + 1) * sizeof(value))
		memcpy(&value, a->data + index * sizeof(value), sizeof(value));
	return value;
}
/* ---- TCP and UDP ---- */

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

/* Returns true for IPv4, and for a dual-stack socket with an IPv4 connection or a v4-mapped
 * address. */
static bool
is_ipv4(const struct inet_diag_msg *msg)
{
	struct in6_addr src, dst;

	if (msg->idiag_family == AF_INET)
		return true;
	memcpy(&src, msg->id.idiag_src, sizeof(src));
	memcpy(&dst, msg->id.idiag_dst, sizeof(dst));
	return IN6_IS_ADDR_V4MAPPED(&src) &&
	    (IN6_IS_ADDR_V4MAPPED(&dst) || IN6_IS_ADDR_UNSPECIFIED(&dst));
}

static void
set_row_names(struct status_row *row, const struct inet_diag_msg *msg)
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
	set_row_names(ret_row, msg);
	ret_row->rqueue = msg->idiag_rqueue;
	ret_row->wqueue = msg->idiag_wqueue;
	ret_row->uid = msg->idiag_uid;
	ret_row->inode = msg->idiag_inode;
	ret_row->interface = msg->id.idiag_if;
	memcpy(ret_row->cookie, msg->id.idiag_cookie, sizeof(ret_row->cookie));
	ret_row->timer = msg->idiag_timer;
	/* the field may be garbage without a timer */
	if (msg->idiag_timer != 0)
		ret_row->timer_left = (int64_t)msg->idiag_expires * NSEC_PER_MSEC;
}

static int
fail_truncated(struct error *e)
{
	return error_set(e, ERROR_NETWORK, "status: the kernel's answer is cut short");
}

/* NLMSG_ERROR and NLMSG_DONE both begin with a negative errno or 0. */
static int
read_result(const struct nlmsghdr *h, struct error *e)
{
	int result;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(result)))
		return h->nlmsg_type == NLMSG_DONE ? SOCK_DIAG_DONE : fail_truncated(e);
	memcpy(&result, NLMSG_DATA(h), sizeof(result));
	if (result == -ENOENT)
		return SOCK_DIAG_MISSING;
	if (result < 0)
		return error_errno(e, ERROR_NETWORK, result == INT_MIN ? EPROTO : -result,
		    "status");
	return SOCK_DIAG_DONE;
}

static void
find_info(const struct nlmsghdr *h, struct status_row *row)
{
	const unsigned char *at =
	    (const unsigned char *)h + NLMSG_LENGTH(sizeof(struct inet_diag_msg));
	const unsigned char *end = (const unsigned char *)h + h->nlmsg_len;
	struct attribute a;

	while (next_attribute(&at, end, &a)) {
		if (a.type == INET_DIAG_INFO) {
			row->info = a.data;
			row->info_len = a.len;
		}
	}
}

static int
pass_row(struct sock_diag_sink *sink, const struct status_row *row)
{
	sink->stopped = sink->fn(sink->arg, row);
	return sink->stopped != 0 ? SOCK_DIAG_DONE : SOCK_DIAG_MORE;
}

static int
read_inet(const struct nlmsghdr *h, struct sock_diag_sink *sink, struct error *e)
{
	struct inet_diag_msg msg;
	struct status_row row;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(msg)))
		return fail_truncated(e);
	memcpy(&msg, NLMSG_DATA(h), sizeof(msg));
	if (msg.idiag_family != AF_INET && msg.idiag_family != AF_INET6)
		return SOCK_DIAG_MORE;
	read_row(&msg, &row);
	row.proto = sink->proto;
	if (sink->info)
		find_info(h, &row);
	return pass_row(sink, &row);
}

/* ---- unix ---- */

/* An abstract name begins with a NUL; a path may lack its final NUL. */
static void
unix_name(const struct attribute *a, struct sockname *ret_name)
{
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&ret_name->storage;
	size_t len = a->len < sizeof(un->sun_path) ? a->len : sizeof(un->sun_path);

	memcpy(un->sun_path, a->data, len);
	ret_name->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static void
read_unix_attribute(const struct attribute *a, struct status_row *row)
{
	if (a->type == UNIX_DIAG_NAME)
		unix_name(a, &row->local);
	else if (a->type == UNIX_DIAG_PEER)
		row->peer_inode = attribute_u32(a, 0);
	else if (a->type == UNIX_DIAG_UID)
		row->uid = attribute_u32(a, 0);
	else if (a->type == UNIX_DIAG_RQLEN) {
		row->rqueue = attribute_u32(a, 0);
		row->wqueue = attribute_u32(a, 1);
	}
}

static int
read_unix(const struct nlmsghdr *h, struct sock_diag_sink *sink, struct error *e)
{
	const unsigned char *at =
	    (const unsigned char *)h + NLMSG_LENGTH(sizeof(struct unix_diag_msg));
	struct status_row row = { .proto = STATUS_UNIX };
	struct unix_diag_msg msg;
	struct attribute a;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(msg)))
		return fail_truncated(e);
	memcpy(&msg, NLMSG_DATA(h), sizeof(msg));
	if (msg.udiag_family != AF_UNIX)
		return SOCK_DIAG_MORE;
	row.code = status_code_of_linux(msg.udiag_state);
	row.type = msg.udiag_type;
	row.inode = msg.udiag_ino;
	row.local.sa.sa_family = row.peer.sa.sa_family = AF_UNIX;
	row.local.len = row.peer.len = offsetof(struct sockaddr_un, sun_path);
	memcpy(row.cookie, msg.udiag_cookie, sizeof(row.cookie));
	while (next_attribute(&at, (const unsigned char *)h + h->nlmsg_len, &a))
		read_unix_attribute(&a, &row);
	return pass_row(sink, &row);
}

/* ---- messages ---- */

static int
read_netlink(const struct nlmsghdr *h, struct sock_diag_sink *sink, struct error *e)
{
	if ((h->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
		sink->inconsistent = true;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE)
		return read_result(h, e);
	/* replies to the older request for both families carry its number */
	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY && h->nlmsg_type != TCPDIAG_GETSOCK)
		return SOCK_DIAG_MORE;
	return sink->proto == STATUS_UNIX ? read_unix(h, sink, e) : read_inet(h, sink, e);
}

int
sock_diag_parse(const void *data, size_t len, struct sock_diag_sink *sink, struct error *e)
{
	const unsigned char *at = data;

	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)at;
		size_t step;
		int rc;

		if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > len)
			return fail_truncated(e);
		rc = read_netlink(h, sink, e);
		if (rc != SOCK_DIAG_MORE)
			return rc;
		step = NLMSG_ALIGN((size_t)h->nlmsg_len);
		if (step >= len)
			return SOCK_DIAG_MORE;
		at += step;
		len -= step;
	}
	return len == 0 ? SOCK_DIAG_MORE : fail_truncated(e);
}
