#include "net/mmsg.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <linux/errqueue.h>

#include "base/error.h"
#include "net/sys.h"

enum {
	MESSAGES_MAX = 64,  /* of one sendmmsg(2) */
	SEGMENTS_MAX = 64,  /* of one message: UDP_MAX_SEGMENTS of older kernels */
	BYTES_MAX = 65000,  /* of one message in segments */
	SEGMENT_MAX = 1232, /* goes unfragmented over everything (RFC 8200, 5) */
	IOVS_MAX = 1024     /* UIO_MAXIOV */
};

/* SO_MEMINFO: SK_MEMINFO_DROPS and SK_MEMINFO_VARS of <linux/sock_diag.h>. */
enum { MEMINFO_DROPS = 8, MEMINFO_VARS = 9 };

static bool
would_block(int errnum)
{
	return errnum == EAGAIN || errnum == EWOULDBLOCK;
}

/* ---- our own address ---- */

/* Received: a dual-stack socket says both about IPv4. Sent: one, and UDP_SEGMENT. */
#define HERE_SPACE (CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(struct in6_pktinfo)))

union here_space {
	struct cmsghdr header;
	char space[HERE_SPACE];
};

/* A socket of IPv6 may speak IPv4 as well. */
static void
switch_on(int fd, int option_v4, int option_v6)
{
	struct sockname local;
	int on = 1;

	if (sys_local_name(fd, &local, NULL) < 0)
		return;
	if (local.sa.sa_family == AF_INET || local.sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IP, option_v4, &on, sizeof(on));
	if (local.sa.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, option_v6, &on, sizeof(on));
}

void
mmsg_enable_pktinfo(int fd)
{
	switch_on(fd, IP_PKTINFO, IPV6_RECVPKTINFO);
}

void
mmsg_enable_errors(int fd)
{
	switch_on(fd, IP_RECVERR, IPV6_RECVERR);
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
here_v4(const struct in_pktinfo *info, struct sockname *here)
{
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&here->storage;

	memset(in, 0, sizeof(*in));
	in->sin_family = AF_INET;
	in->sin_addr = info->ipi_spec_dst;
	here->len = sizeof(*in);
}

/* Nobody answers from a group's address, and IPv4 has told its own already. */
static void
here_v6(const struct in6_pktinfo *info, struct sockname *here)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&here->storage;

	if (here->len > 0 || IN6_IS_ADDR_MULTICAST(&info->ipi6_addr) ||
	    IN6_IS_ADDR_V4MAPPED(&info->ipi6_addr))
		return;
	memset(in6, 0, sizeof(*in6));
	in6->sin6_family = AF_INET6;
	in6->sin6_addr = info->ipi6_addr;
	if (IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
		in6->sin6_scope_id = info->ipi6_ifindex;
	here->len = sizeof(*in6);
}

static void
read_here(struct msghdr *msg, struct sockname *here)
{
	struct in6_pktinfo six;
	struct in_pktinfo four;
	struct cmsghdr *c;

	here->len = 0;
	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&four, CMSG_DATA(c), sizeof(four));
			here_v4(&four, here);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&six, CMSG_DATA(c), sizeof(six));
			here_v6(&six, here);
		}
}

/* ---- receiving ---- */

static void
prepare(struct packet *packets, unsigned n, struct mmsghdr *msgs, struct iovec *iovs,
    union here_space *spaces)
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
	union here_space spaces[MMSG_MAX];
	struct mmsghdr msgs[MMSG_MAX];
	struct iovec iovs[MMSG_MAX];
	int got, i;

	if (n > MMSG_MAX)
		n = MMSG_MAX;
	prepare(packets, n, msgs, iovs, spaces);
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
		read_here(&msgs[i].msg_hdr, &p->here);
	}
	return got;
}

void
mmsg_enable_end(int fd)
{
	int on = 1;

	/* where there are no times there are no records without a byte */
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

/* One call in the making: a message is one datagram, or several of one size. */
struct outgoing {
	struct mmsghdr msgs[MESSAGES_MAX];
	struct iovec iovs[IOVS_MAX];
	union control controls[MESSAGES_MAX];
	unsigned packets[MESSAGES_MAX]; /* of each message */
	unsigned n_msgs, n_iovs;
};

static bool
same_name(const struct sockname *a, const struct sockname *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(&a->storage, &b->storage, a->len) == 0);
}

static bool
same_target(const struct packet *a, const struct packet *b)
{
	return same_name(&a->name, &b->name) && same_name(&a->here, &b->here);
}

/* How many from the first on can go as one message: all of its size, but for a
 * shorter last one (the kernel cuts what it is given every so many bytes). */
static unsigned
run_length(const struct packet *p, unsigned n)
{
	size_t size = p->len, total = size;
	unsigned i;

	if (size == 0 || size > SEGMENT_MAX)
		return 1;
	for (i = 1; i < n && i < SEGMENTS_MAX; i++) {
		total += p[i].len;
		if (p[i].len == 0 || p[i].len > size || total > BYTES_MAX || !same_target(p, &p[i]))
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
	static const struct cmsghdr how = { sizeof(uint16_t), SOL_UDP, UDP_SEGMENT };
	uint16_t value = (uint16_t)size;

	add_control(msg, space, &how, &value);
}

static void
set_here(struct msghdr *msg, union control *space, const struct sockname *here)
{
	static const struct cmsghdr v4 = { sizeof(struct in_pktinfo), IPPROTO_IP, IP_PKTINFO };
	static const struct cmsghdr v6 = { sizeof(struct in6_pktinfo), IPPROTO_IPV6, IPV6_PKTINFO };
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&here->storage;
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&here->storage;
	struct in_pktinfo four = { 0 };
	struct in6_pktinfo six = { 0 };

	if (here->sa.sa_family == AF_INET) {
		four.ipi_spec_dst = in->sin_addr;
		add_control(msg, space, &v4, &four);
	} else {
		six.ipi6_addr = in6->sin6_addr;
		six.ipi6_ifindex = in6->sin6_scope_id;
		add_control(msg, space, &v6, &six);
	}
}

static void
add_message(struct outgoing *o, const struct packet *p, unsigned n)
{
	struct msghdr *msg = &o->msgs[o->n_msgs].msg_hdr;
	struct iovec *iov = &o->iovs[o->n_iovs];
	unsigned i;

	memset(&o->msgs[o->n_msgs], 0, sizeof(o->msgs[0]));
	msg->msg_iov = iov;
	*iov = (struct iovec){ p->data, p->len };
	for (i = 1; i < n; i++) {
		/* records of one piece of input lie side by side */
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
	if (p->here.len > 0)
		set_here(msg, &o->controls[o->n_msgs], &p->here);
	o->packets[o->n_msgs++] = n;
	o->n_iovs += (unsigned)msg->msg_iovlen;
}

static void
fill(struct outgoing *o, const struct packet *p, unsigned n, bool segments)
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

/* The reasons for which a kernel, a device or a route does not cut. */
static bool
refuses_segments(int errnum)
{
	return errnum == EINVAL || errnum == EIO || errnum == EMSGSIZE || errnum == ENOPROTOOPT ||
	    errnum == EOPNOTSUPP;
}

static int
send_filled(int fd, struct outgoing *o)
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
send_failed(const struct packet *p, int errnum, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];

	if (p->name.len == 0)
		return error_errno(e, ERROR_NETWORK, errnum, "send");
	return error_errno(e, ERROR_NETWORK, errnum, "sendto %s",
	    sockname_format_end(&p->name, text, sizeof(text)));
}

int
mmsg_send(int fd, const struct packet *packets, unsigned n, struct error *e)
{
	bool segments = n > 1 && run_length(packets, n) > 1 && sys_proto(fd) == IPPROTO_UDP;
	struct outgoing o;
	int sent;

	fill(&o, packets, n, segments);
	sent = send_filled(fd, &o);
	if (sent < 0 && segments && refuses_segments(errno)) {
		fill(&o, packets, n, false);
		sent = send_filled(fd, &o);
	}
	if (sent >= 0)
		return sent;
	return would_block(errno) ? SYS_AGAIN : send_failed(packets, errno, e);
}
