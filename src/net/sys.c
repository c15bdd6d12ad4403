#include "net/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "net/sockopt/symbol.h"

/* Repeats a call that signals interrupt. */
#define RETRY(result, call)                                                                        \
	do                                                                                         \
		(result) = (call);                                                                 \
	while ((result) < 0 && errno == EINTR)

static bool
would_block(int errnum)
{
	return errnum == EAGAIN || errnum == EWOULDBLOCK;
}

/* Errors that are not listed come from this host. The ICMP errors are those of ip(7) and of
 * icmp_err_convert[] in the kernel; a host without a route, or without the family, also reports
 * ENETUNREACH and EAFNOSUPPORT. */
static const struct {
	int errnum;
	enum sys_cause cause;
} causes[] = {
	{ EINTR, SYS_CAUSE_WAIT },
	{ EINPROGRESS, SYS_CAUSE_WAIT },
	{ EALREADY, SYS_CAUSE_WAIT },
	{ ECONNREFUSED, SYS_CAUSE_PEER },
	{ ECONNRESET, SYS_CAUSE_PEER },
	{ EPIPE, SYS_CAUSE_PEER },
	{ ETIMEDOUT, SYS_CAUSE_PEER },
	{ ENETUNREACH, SYS_CAUSE_NETWORK },
	{ EHOSTUNREACH, SYS_CAUSE_NETWORK },
	{ EHOSTDOWN, SYS_CAUSE_NETWORK },
	{ ENONET, SYS_CAUSE_NETWORK },
	{ ENOPROTOOPT, SYS_CAUSE_NETWORK },
	{ EPROTO, SYS_CAUSE_NETWORK },
	{ EMSGSIZE, SYS_CAUSE_NETWORK },
	{ EAFNOSUPPORT, SYS_CAUSE_NETWORK },
	{ EAGAIN, SYS_CAUSE_SHORTAGE },
	{ ENOMEM, SYS_CAUSE_SHORTAGE },
	{ ENOBUFS, SYS_CAUSE_SHORTAGE },
	{ EMFILE, SYS_CAUSE_SHORTAGE },
	{ ENFILE, SYS_CAUSE_SHORTAGE },
};

enum sys_cause
sys_cause(int errnum)
{
	for (size_t i = 0; i < ARRAY_LEN(causes); i++)
		if (causes[i].errnum == errnum)
			return causes[i].cause;
	return SYS_CAUSE_HOST;
}

bool
sys_queue_is_full(int errnum)
{
	return errnum == ENOBUFS;
}

enum { DESCRIPTORS_MAX = 4 };

bool
sys_has_descriptors(unsigned n)
{
	int fds[DESCRIPTORS_MAX];
	unsigned opened = 0;
	bool enough;

	while (opened < n && opened < DESCRIPTORS_MAX &&
	    (fds[opened] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0)
		opened++;
	enough = opened == n;
	while (opened > 0)
		sys_close(fds[--opened]);
	return enough;
}

/* Returns the usual name of a feature that a kernel can be built without; "" for others. */
static const char *
feature_title(int family, int proto)
{
	const char *title = NULL;

	if (family == AF_INET || family == AF_INET6)
		title = symbol_title(SYMBOL_PROTO, proto);
	if (title == NULL)
		title = symbol_title(SYMBOL_FAMILY, family);
	return title == NULL ? "" : title;
}

static void
socket_hint(int type, int proto, int errnum, struct error *e)
{
	if (errnum == EPERM && type == SOCK_RAW)
		error_hint(e,
		    "raw sockets need CAP_NET_RAW: run as root, or setcap cap_net_raw+ep");
	else if (errnum == EACCES && (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6))
		error_hint(e,
		    "net.ipv4.ping_group_range must have a group of yours, "
		    "or use --type raw with CAP_NET_RAW");
}

static int
socket_failed(int family, int type, int proto, int errnum, struct error *e)
{
	const char *feature = feature_title(family, proto);
	size_t n;

	error_errno(e, ERROR_NETWORK, errnum, "socket");
	if (e == NULL)
		return -1;
	n = strlen(e->text);
	if (errnum == EAFNOSUPPORT && feature[0] == '\0')
		snprintf(e->text + n, sizeof(e->text) - n, " (family %d)", family);
	else if (errnum == EAFNOSUPPORT || (errnum == EPROTONOSUPPORT && feature[0] != '\0'))
		snprintf(e->text + n, sizeof(e->text) - n, " (this kernel has no %s)", feature);
	else
		socket_hint(type, proto, errnum, e);
	return -1;
}

int
sys_socket(int family, int type, int proto, struct error *e)
{
	int fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);

	if (fd < 0)
		return socket_failed(family, type, proto, errno, e);
	return fd;
}

int
sys_bind(int fd, const struct sockname *name, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];
	int errnum;

	if (bind(fd, &name->sa, name->len) == 0)
		return 0;
	errnum = errno;
	return error_errno(e, ERROR_NETWORK, errnum, "bind %s",
	    sockname_format(name, text, sizeof(text)));
}

static int
connect_failed(const struct sockname *name, int errnum, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];

	return error_errno(e, ERROR_NETWORK, errnum, "connect %s",
	    sockname_format(name, text, sizeof(text)));
}

int
sys_connect(int fd, const struct sockname *name, struct error *e)
{
	if (connect(fd, &name->sa, name->len) == 0)
		return 0;
	/* An interrupted connect(2) continues, and a second call would return EALREADY
	 * (connect(2)). EAGAIN is a failure: the queue of a unix listener is full, or the local
	 * ports are used up. */
	if (errno == EINPROGRESS || errno == EINTR)
		return SYS_AGAIN;
	return connect_failed(name, errno, e);
}

int
sys_connected(int fd, const struct sockname *name, struct error *e)
{
	struct sockname peer = { .len = sizeof(peer.storage) };
	int errnum = 0;
	socklen_t len = sizeof(errnum);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len) < 0)
		errnum = errno;
	/* without an error, the connect may never have started */
	else if (errnum == 0 && getpeername(fd, &peer.sa, &peer.len) < 0)
		errnum = errno;
	return errnum == 0 ? 0 : connect_failed(name, errnum, e);
}

int
sys_listen(int fd, int backlog, struct error *e)
{
	if (listen(fd, backlog) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "listen");
	return 0;
}

int
sys_accept(int fd, struct sockname *ret_peer, struct error *e)
{
	struct sockname peer = { .len = sizeof(peer.storage) };
	int client;

	RETRY(client, accept4(fd, &peer.sa, &peer.len, SOCK_CLOEXEC | SOCK_NONBLOCK));
	if (client < 0) {
		if (would_block(errno))
			return SYS_AGAIN;
		return error_errno(e, ERROR_NETWORK, errno, "accept");
	}
	*ret_peer = peer;
	return client;
}

static ssize_t
io_result(ssize_t n, enum error_code code, const char *verb, struct error *e)
{
	if (n >= 0)
		return n;
	if (would_block(errno))
		return SYS_AGAIN;
	return error_errno(e, code, errno, "%s", verb);
}

ssize_t
sys_recv(int fd, void *data, size_t n, int flags, struct error *e)
{
	ssize_t got;

	RETRY(got, recv(fd, data, n, flags | MSG_DONTWAIT));
	return io_result(got, ERROR_NETWORK, "recv", e);
}

ssize_t
sys_send(int fd, const void *data, size_t n, int flags, struct error *e)
{
	ssize_t sent;

	RETRY(sent, send(fd, data, n, flags | MSG_DONTWAIT | MSG_NOSIGNAL));
	return io_result(sent, ERROR_NETWORK, "send", e);
}

ssize_t
sys_read(int fd, void *data, size_t n, struct error *e)
{
	ssize_t got;

	RETRY(got, read(fd, data, n));
	return io_result(got, ERROR_LOCAL_IO, "read", e);
}

ssize_t
sys_write(int fd, const void *data, size_t n, struct error *e)
{
	ssize_t written;

	RETRY(written, write(fd, data, n));
	return io_result(written, ERROR_LOCAL_IO, "write", e);
}

/* MSG_TRUNC requests the true length of a datagram, but makes TCP discard the bytes (tcp(7)). */
static int
trunc_flag(int fd)
{
	int type = sys_type(fd);

	return type == -1 || type == SOCK_STREAM ? 0 : MSG_TRUNC;
}

ssize_t
sys_recvfrom(int fd, void *data, size_t n, int flags, struct sockname *ret_from,
    bool *ret_truncated, struct error *e)
{
	struct sockname from = { .len = 0 };
	struct iovec iov = { .iov_base = data, .iov_len = n };
	struct msghdr msg = {
		.msg_name = &from.storage,
		.msg_namelen = sizeof(from.storage),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t got;

	flags |= MSG_DONTWAIT | MSG_CMSG_CLOEXEC | trunc_flag(fd);
	RETRY(got, recvmsg(fd, &msg, flags));
	if (got < 0)
		return io_result(got, ERROR_NETWORK, "recvfrom", e);
	from.len = msg.msg_namelen;
	*ret_from = from;
	*ret_truncated = (msg.msg_flags & MSG_TRUNC) != 0;
	return got;
}

ssize_t
sys_sendto(int fd, const void *data, size_t n, int flags, const struct sockname *to,
    struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];
	ssize_t sent;

	if (to == NULL || to->len == 0)
		return sys_send(fd, data, n, flags, e);
	RETRY(sent, sendto(fd, data, n, flags | MSG_DONTWAIT | MSG_NOSIGNAL, &to->sa, to->len));
	if (sent < 0 && !would_block(errno)) {
		int errnum = errno;

		return error_errno(e, ERROR_NETWORK, errnum, "sendto %s",
		    sockname_format_short(to, text, sizeof(text)));
	}
	return sent < 0 ? SYS_AGAIN : sent;
}

static int
get_socket_int(int fd, int option)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 ? value : -1;
}

int
sys_family(int fd)
{
	return get_socket_int(fd, SO_DOMAIN);
}

int
sys_type(int fd)
{
	return get_socket_int(fd, SO_TYPE);
}

int
sys_proto(int fd)
{
	return get_socket_int(fd, SO_PROTOCOL);
}

int
sys_unacknowledged(int fd)
{
	int n = 0;

	return sys_proto(fd) == IPPROTO_TCP && ioctl(fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

int
sys_local_name(int fd, struct sockname *ret_name, struct error *e)
{
	struct sockname name = { .len = sizeof(name.storage) };

	if (getsockname(fd, &name.sa, &name.len) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "getsockname");
	if (sockname_port(&name) != 0 && sys_type(fd) == SOCK_RAW)
		sockname_set_port(&name, 0);
	*ret_name = name;
	return 0;
}

int
sys_peer_name(int fd, struct sockname *ret_name, struct error *e)
{
	struct sockname name = { .len = sizeof(name.storage) };

	if (getpeername(fd, &name.sa, &name.len) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "getpeername");
	*ret_name = name;
	return 0;
}

int
sys_pass_fd(int fd, int passed, struct error *e)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	ssize_t sent;

	c->cmsg_len = CMSG_LEN(sizeof(int));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(c), &passed, sizeof(passed));
	RETRY(sent, sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
	if (sent < 0 && would_block(errno))
		return SYS_AGAIN;
	if (sent < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "pass the socket");
	return 0;
}

int
sys_shutdown(int fd, int how, struct error *e)
{
	if (shutdown(fd, how) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "shutdown");
	return 0;
}

int
sys_is_ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };
	int saved = errno, n;

	RETRY(n, poll(&p, 1, 0));
	if (n < 0)
		return -1;
	errno = saved;
	return n > 0;
}

void
sys_close(int fd)
{
	int saved = errno;

	/* Never repeat close(2) after EINTR: Linux has already freed the descriptor (close(2)). */
	if (fd >= 0)
		close(fd);
	errno = saved;
}

void
sys_reset_at_close(int fd)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	int saved = errno;

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	errno = saved;
}

bool
sys_resets_at_close(int fd)
{
	struct linger linger = { 0 };
	socklen_t n = sizeof(linger);

	return getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &n) == 0 && linger.l_onoff != 0 &&
	    linger.l_linger == 0;
}

void
sys_abort(int fd)
{
	sys_reset_at_close(fd);
	sys_close(fd);
}

int
sys_set_nonblocking(int fd, bool on, struct error *e)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "fcntl F_GETFL");
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	if (fcntl(fd, F_SETFL, flags) < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "fcntl F_SETFL");
	return 0;
}
