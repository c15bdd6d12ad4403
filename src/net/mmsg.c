#include "net/mmsg.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include <linux/errqueue.h>

#include "base/error.h"
#include "net/sys.h"

enum {
	MESSAGES_MAX = 64,  /* messages of one sendmmsg(2) */
	SEGMENTS_MAX = 64,  /* datagrams of one message: UDP_MAX_SEGMENTS of older kernels */
	BYTES_MAX = 65000,  /* bytes of one segmented message */
	SEGMENT_MAX = 1232, /* needs no fragmentation on any path (RFC 8200, 5) */
	IOVS_MAX = 1024     /* UIO_MAXIOV */
};

/* SO_MEMINFO: SK_MEMINFO_DROPS and SK_MEMINFO_VARS of <linux/sock_diag.h>. */
enum { MEMINFO_DROPS = 8, MEMINFO_VARS = 9 };

static bool
would_block(int errnum)
{
	return errnum == EAGAIN || errnum == EWOULDBLOCK;
}

/* ---- local address ---- */

/* Receiving: a dual-stack socket reports both for IPv4. Sending: one of them, and UDP_SEGMENT. */
#define LOCAL_SPACE (CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(struct in6_pktinfo)))

union local_space {
	struct cmsghdr header;
	char space[LOCAL_SPACE];
};

/* An IPv6 socket may also use IPv4, so set both options. Returns false for sockets other than IP. */
static bool
enable_option(int fd, int option_v4, int option_v6)
{
	struct sockname local;
	int on = 1;

	if (sys_local_name(fd, &local, NULL) < 0 ||
	    (local.sa.sa_family != AF_INET && local.sa.sa_family != AF_INET6))
		return false;
	setsockopt(fd, IPPROTO_IP, option_v4, &on, sizeof(on));
	if (local.sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, option_v6, &on, sizeof(on));
	return true;
}

void
mmsg_enable_pktinfo(int fd)
{
	enable_option(fd, IP_PKTINFO, IPV6_RECVPKTINFO);
}

bool
mmsg_enable_errors(int fd)
{
	return enable_option(fd, IP_RECVERR, IPV6_RECVERR);
}

int
mmsg_next_error(int fd, struct sockname *ret_name)
{
	struct sock_extended_err answer = { .ee_errno = 0 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(answer) + sizeof(struct sockaddr_in6))];
	} control;
	struct msghdr msg = { .msg_name = &ret_name->storage,
		.msg_namelen = sizeof(ret_name->storage),
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return 0;
	ret_name->len = msg.msg_namelen;
	for (c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			memcpy(&answer, CMSG_DATA(c), sizeof(answer));
	return answer.ee_errno != 0 ? (int)answer.ee_errno : EIO;
}

static void
local_from_v4(const struct in_pktinfo *info, struct sockname *local)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&local->storage;

	memset(in, 0, sizeof(*in));
	in->sin_family = AF_INET;
	in->sin_addr = info->ipi_spec_dst;
	local->len = sizeof(*in);
}

/* A group's address cannot be a source, and for IPv4 IP_PKTINFO was read already. */
static void
local_from_v6(const struct in6_pktinfo *info, struct sockname *local)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&local->storage;

	if (local->len > 0 || IN6_IS_ADDR_MULTICAST(&info->ipi6_addr) ||
	    IN6_IS_ADDR_V4MAPPED(&info->ipi6_addr))
		return;
	memset(in6, 0, sizeof(*in6));
	in6->sin6_family = AF_INET6;
	in6->sin6_addr = info->ipi6_addr;
	if (IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
		in6->sin6_scope_id = info->ipi6_ifindex;
	local->len = sizeof(*in6);
}

static void
read_local(struct msghdr *msg, struct sockname *local)
{
	struct in6_pktinfo v6_info;
	struct in_pktinfo v4_info;
	struct cmsghdr *c;

	local->len = 0;
	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&v4_info, CMSG_DATA(c), sizeof(v4_info));
			local_from_v4(&v4_info, local);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6_info, CMSG_DATA(c), sizeof(v6_info));
			local_from_v6(&v6_info, local);
		}
}

/* ---- receiving ---- */

static void
init_messages(struct packet *packets, unsigned n, struct mmsghdr *msgs, struct iovec *iovs,
    union local_space *spaces)
{
	unsigned i;

	memset(msgs, 0, n * sizeof(*msgs));
	for (i = 0; i < n; i++) {
		iovs[i] = (struct iovec){ packets[i].data, packets[i].room };
		msgs[i].msg_hdr.msg_iov = &iovs[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &packets[i].name.storage;
		msgs[i].msg_hdr.msg_namelen = sizeof(packets[i].name.storage);
		msgs[i].msg_hdr.msg_control = &spaces[i];
		msgs[i].msg_hdr.msg_controllen = sizeof(spaces[i].space);
	}
}

int
mmsg_recv(int fd, struct packet *packets, unsigned n, struct error *e)
{
	union local_space spaces[MMSG_MAX];
	struct mmsghdr msgs[MMSG_MAX];
	struct iovec iovs[MMSG_MAX];
	int got, i;

	if (n > MMSG_MAX)
		n = MMSG_MAX;
	init_messages(packets, n, msgs, iovs, spaces);
	do
		got = recvmmsg(fd, msgs, n, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC, NULL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return would_block(errno) ? SYS_AGAIN
					  : error_errno(e, ERROR_NETWORK, errno, "recv");
	for (i = 0; i < got; i++) {
		struct packet *p = &packets[i];

		p->true_len = msgs[i].msg_len;
		p->truncated = (msgs[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
		p->len = p->true_len < p->room ? p->true_len : p->room;
		p->end = p->true_len == 0 && msgs[i].msg_hdr.msg_controllen == 0;
		p->name.len = msgs[i].msg_hdr.msg_namelen;
		read_local(&msgs[i].msg_hdr, &p->local);
	}
	return got;
}

void
mmsg_enable_end(int fd)
{
	int on = 1;

	/* a kernel without time stamps has no empty records either */
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
}

uint32_t
mmsg_dropped(int fd)
{
	uint32_t info[MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0 ||
	    len <= MEMINFO_DROPS * sizeof(info[0]))
		return 0;
	return info[MEMINFO_DROPS];
}

/* ---- sending ---- */

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(uint16_t)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* The arguments of one sendmmsg(2). A message is one datagram, or several of equal size. */
struct send_call {
	struct mmsghdr msgs[MESSAGES_MAX];
	struct iovec iovs[IOVS_MAX];
	union control controls[MESSAGES_MAX];
	unsigned packets[MESSAGES_MAX]; /* datagrams of each message */
	unsigned n_msgs, n_iovs;
};

static bool
names_equal(const struct sockname *a, const struct sockname *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(&a->storage, &b->storage, a->len) == 0);
}

static bool
same_addresses(const struct packet *a, const struct packet *b)
{
	return names_equal(&a->name, &b->name) && names_equal(&a->local, &b->local);
}

/* Returns how many packets from the first on fit in one message: all have its size, except a
 * shorter last one, because the kernel cuts the message into equal segments. */
static unsigned
run_length(const struct packet *p, unsigned n)
{
	size_t size = p->len, total = size;
	unsigned i;

	if (size == 0 || size > SEGMENT_MAX)
		return 1;
	for (i = 1; i < n && i < SEGMENTS_MAX; i++) {
		total += p[i].len;
		if (p[i].len == 0 || p[i].len > size || total > BYTES_MAX ||
		    !same_addresses(p, &p[i]))
			return i;
		if (p[i].len < size)
			return i + 1;
	}
	return i;
}

static void
add_control(struct msghdr *msg, union control *space, const struct cmsghdr *how, const void *value)
{
	size_t n = how->cmsg_len;
	struct cmsghdr *c;

	msg->msg_control = space;
	c = (struct cmsghdr *)(void *)(space->space + msg->msg_controllen);
	msg->msg_controllen += CMSG_SPACE(n);
	c->cmsg_level = how->cmsg_level;
	c->cmsg_type = how->cmsg_type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), value, n);
}

static void
set_segment_size(struct msghdr *msg, union control *space, size_t size)
{
	static const struct cmsghdr how = { .cmsg_len = sizeof(uint16_t),
		.cmsg_level = SOL_UDP,
		.cmsg_type = UDP_SEGMENT };
	uint16_t value = (uint16_t)size;

	add_control(msg, space, &how, &value);
}

static void
set_local(struct msghdr *msg, union control *space, const struct sockname *local)
{
	static const struct cmsghdr v4 = { .cmsg_len = sizeof(struct in_pktinfo),
		.cmsg_level = IPPROTO_IP,
		.cmsg_type = IP_PKTINFO };
	static const struct cmsghdr v6 = { .cmsg_len = sizeof(struct in6_pktinfo),
		.cmsg_level = IPPROTO_IPV6,
		.cmsg_type = IPV6_PKTINFO };
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&local->storage;
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&local->storage;
	struct in_pktinfo v4_info = { 0 };
	struct in6_pktinfo v6_info = { 0 };

	if (local->sa.sa_family == AF_INET) {
		v4_info.ipi_spec_dst = in->sin_addr;
		add_control(msg, space, &v4, &v4_info);
	} else {
		v6_info.ipi6_addr = in6->sin6_addr;
		v6_info.ipi6_ifindex = in6->sin6_scope_id;
		add_control(msg, space, &v6, &v6_info);
	}
}

static void
add_message(struct send_call *o, const struct packet *p, unsigned n)
{
	struct msghdr *msg = &o->msgs[o->n_msgs].msg_hdr;
	struct iovec *iov = &o->iovs[o->n_iovs];
	unsigned i;

	memset(&o->msgs[o->n_msgs], 0, sizeof(o->msgs[0]));
	msg->msg_iov = iov;
	*iov = (struct iovec){ p->data, p->len };
	for (i = 1; i < n; i++) {
		/* records of one read are adjacent */
		if ((char *)iov->iov_base + iov->iov_len == p[i].data)
			iov->iov_len += p[i].len;
		else
			*++iov = (struct iovec){ p[i].data, p[i].len };
	}
	msg->msg_iovlen = (size_t)(iov - msg->msg_iov) + 1;
	if (p->name.len > 0) {
		msg->msg_name = (void *)&p->name.storage;
		msg->msg_namelen = p->name.len;
	}
	memset(&o->controls[o->n_msgs], 0, sizeof(o->controls[0]));
	if (n > 1)
		set_segment_size(msg, &o->controls[o->n_msgs], p->len);
	if (p->local.len > 0)
		set_local(msg, &o->controls[o->n_msgs], &p->local);
	o->packets[o->n_msgs++] = n;
	o->n_iovs += (unsigned)msg->msg_iovlen;
}

static void
build_messages(struct send_call *o, const struct packet *p, unsigned n, bool segments)
{
	unsigned i, run;

	o->n_msgs = o->n_iovs = 0;
	for (i = 0; i < n && o->n_msgs < MESSAGES_MAX; i += run) {
		run = segments ? run_length(&p[i], n - i) : 1;
		if (o->n_iovs + run > IOVS_MAX)
			return;
		add_message(o, &p[i], run);
	}
}

/* Returns true for errors by which a kernel, a device or a route refuses segmentation. */
static bool
segmentation_refused(int errnum)
{
	return errnum == EINVAL || errnum == EIO || errnum == EMSGSIZE || errnum == ENOPROTOOPT ||
	    errnum == EOPNOTSUPP;
}

static int
send_messages(int fd, struct send_call *o)
{
	int sent, i;
	unsigned packets = 0;

	do
		sent = sendmmsg(fd, o->msgs, o->n_msgs, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -1;
	for (i = 0; i < sent; i++)
		packets += o->packets[i];
	return (int)packets;
}

static int
report_send_error(const struct packet *p, int errnum, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];

	if (p->name.len == 0)
		return error_errno(e, ERROR_NETWORK, errnum, "send");
	return error_errno(e, ERROR_NETWORK, errnum, "sendto %s",
	    sockname_format_short(&p->name, text, sizeof(text)));
}

int
mmsg_send(int fd, const struct packet *packets, unsigned n, struct error *e)
{
	bool segments = n > 1 && run_length(packets, n) > 1 && sys_proto(fd) == IPPROTO_UDP;
	struct send_call o;
	int sent;

	build_messages(&o, packets, n, segments);
	sent = send_messages(fd, &o);
	if (sent < 0 && segments && segmentation_refused(errno)) {
		build_messages(&o, packets, n, false);
		sent = send_messages(fd, &o);
	}
	if (sent >= 0)
		return sent;
	return would_block(errno) ? SYS_AGAIN : report_send_error(packets, errno, e);
}
