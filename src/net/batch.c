#include "net/batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

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

/* ---- receiving ---- */

static void
prepare(struct packet *packets, unsigned n, struct mmsghdr *msgs, struct iovec *iovs)
{
	unsigned i;

	memset(msgs, 0, n * sizeof(*msgs));
	for (i = 0; i < n; i++) {
		iovs[i] = (struct iovec){ packets[i].data, packets[i].room };
		msgs[i].msg_hdr.msg_iov = &iovs[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &packets[i].name.storage;
		msgs[i].msg_hdr.msg_namelen = sizeof(packets[i].name.storage);
	}
}

int
batch_recv(int fd, struct packet *packets, unsigned n, struct error *e)
{
	struct mmsghdr msgs[BATCH_MAX];
	struct iovec iovs[BATCH_MAX];
	int got, i;

	if (n > BATCH_MAX)
		n = BATCH_MAX;
	prepare(packets, n, msgs, iovs);
	do
		got = recvmmsg(fd, msgs, n, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC, NULL);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return would_block(errno) ? SYS_AGAIN
					  : error_errno(e, ERROR_NETWORK, errno, "recv");
	for (i = 0; i < got; i++) {
		struct packet *p = &packets[i];

		p->true_len = msgs[i].msg_len;
		p->cut = (msgs[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
		p->len = p->true_len < p->room ? p->true_len : p->room;
		p->name.len = msgs[i].msg_hdr.msg_namelen;
	}
	return got;
}

bool
batch_ended(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_SEQPACKET)
		return false;
	return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP)) != 0;
}

uint32_t
batch_dropped(int fd)
{
	uint32_t info[MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0 ||
	    len <= MEMINFO_DROPS * sizeof(info[0]))
		return 0;
	return info[MEMINFO_DROPS];
}

/* ---- sending ---- */

union segment_size {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(uint16_t))];
};

/* One call in the making: a message is one datagram, or several of one size. */
struct outgoing {
	struct mmsghdr msgs[MESSAGES_MAX];
	struct iovec iovs[IOVS_MAX];
	union segment_size sizes[MESSAGES_MAX];
	unsigned packets[MESSAGES_MAX]; /* of each message */
	unsigned n_msgs, n_iovs;
};

static bool
same_target(const struct packet *a, const struct packet *b)
{
	return a->name.len == b->name.len &&
	    (a->name.len == 0 || memcmp(&a->name.storage, &b->name.storage, a->name.len) == 0);
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
set_segment_size(struct msghdr *msg, union segment_size *space, size_t size)
{
	uint16_t value = (uint16_t)size;
	struct cmsghdr *c;

	memset(space, 0, sizeof(*space));
	msg->msg_control = space;
	msg->msg_controllen = sizeof(space->space);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(value));
	memcpy(CMSG_DATA(c), &value, sizeof(value));
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
	if (n > 1)
		set_segment_size(msg, &o->sizes[o->n_msgs], p->len);
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

static bool
takes_segments(int fd)
{
	int proto = 0;
	socklen_t len = sizeof(proto);

	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &len) == 0 && proto == IPPROTO_UDP;
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
	    sockname_format(&p->name, text, sizeof(text)));
}

int
batch_send(int fd, const struct packet *packets, unsigned n, struct error *e)
{
	bool segments = n > 1 && run_length(packets, n) > 1 && takes_segments(fd);
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
