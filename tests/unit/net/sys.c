#include "net/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "test.h"

static struct error error;

/* connect(2) replaced: while this is set, a connect in progress returns EINTR. */
static bool interrupted;

int
connect(int fd, const struct sockaddr *name, socklen_t len)
{
	int rc = (int)syscall(SYS_connect, fd, name, len);

	if (interrupted && rc == -1 && errno == EINPROGRESS)
		errno = EINTR;
	return rc;
}

static struct sockname
loopback(void)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&name.storage;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return name;
}

static int
bound(int type, struct sockname *name)
{
	int fd = sys_socket(AF_INET, type, 0, &error);

	*name = loopback();
	if (!check(fd >= 0) || !check_int(sys_bind(fd, name, &error), 0))
		return -1;
	check_int(sys_local_name(fd, name, &error), 0);
	return fd;
}

static bool
wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return check_int(poll(&p, 1, 10000), 1);
}

/* A loopback connection: fds[0] has connected, fds[1] was accepted. */
struct pair {
	int fds[2];
	struct sockname server, seen;
};

static bool
pair_open(struct pair *p)
{
	int listener = bound(SOCK_STREAM, &p->server);
	int rc;

	if (listener < 0 || !check_int(sys_listen(listener, 1, &error), 0))
		return false;
	p->fds[0] = sys_socket(AF_INET, SOCK_STREAM, 0, &error);
	rc = sys_connect(p->fds[0], &p->server, &error);
	check(rc == 0 || rc == SYS_AGAIN);
	wait_for(listener, POLLIN);
	p->fds[1] = sys_accept(listener, &p->seen, &error);
	wait_for(p->fds[0], POLLOUT);
	check_int(sys_connected(p->fds[0], &p->server, &error), 0);
	sys_close(listener);
	return check(p->fds[1] >= 0);
}

static void
pair_close(struct pair *p)
{
	sys_close(p->fds[0]);
	sys_close(p->fds[1]);
}

static void
check_birth(int fd)
{
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	check(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

TEST("descriptors are close-on-exec and non-blocking from birth")
{
	struct pair p;

	require(pair_open(&p));
	check_birth(p.fds[0]);
	check_birth(p.fds[1]);
	pair_close(&p);
}

TEST("a missing family is named")
{
	check_int(sys_socket(AF_MAX - 1, SOCK_STREAM, 0, &error), -1);
	check_int(error.code, ERROR_NETWORK);
	check_int(error.number, EAFNOSUPPORT);
	check(strstr(error.text, "socket: Address family not supported by protocol (family ") ==
	    error.text);
	if (sys_socket(AF_CAN, SOCK_RAW, 1, &error) == -1 && error.number == EAFNOSUPPORT)
		check_str(error.text,
		    "socket: Address family not supported by protocol (this kernel has no CAN)");
	check_int(sys_socket(AF_INET, SOCK_STREAM, IPPROTO_UDP, &error), -1);
	check_str(error.text, "socket: Protocol not supported");
	check_int(sys_socket(AF_INET, SOCK_STREAM, IPPROTO_UDP, NULL), -1);
}

TEST("errors of bind and connect name the address")
{
	struct sockname name, none;
	char text[SOCKNAME_TEXT_MAX], want[SOCKNAME_TEXT_MAX + 64];
	int fd = bound(SOCK_STREAM, &name);
	int other = sys_socket(AF_INET, SOCK_STREAM, 0, &error);
	int rc;

	require(fd >= 0 && other >= 0);
	sockname_format(&name, text, sizeof(text));
	check_int(sys_bind(other, &name, &error), -1);
	snprintf(want, sizeof(want), "bind %s: Address already in use", text);
	check_str(error.text, want);
	check_int(error.number, EADDRINUSE);

	/* bound, not listening */
	rc = sys_connect(other, &name, &error);
	if (rc == SYS_AGAIN) {
		wait_for(other, POLLOUT);
		rc = sys_connected(other, &name, &error);
	}
	check_int(rc, -1);
	snprintf(want, sizeof(want), "connect %s: Connection refused", text);
	check_str(error.text, want);
	check_int(error.number, ECONNREFUSED);
	check_int(sys_peer_name(other, &none, NULL), -1);
	sys_close(fd);
	sys_close(other);
}

TEST("accept returns the peer, or that no client is waiting")
{
	struct sockname name, peer;
	struct pair p;
	int fd = bound(SOCK_STREAM, &name);

	require(fd >= 0);
	check_int(sys_accept(fd, &peer, &error), -1);
	check_int(error.number, EINVAL);
	check_str(error.text, "accept: Invalid argument");
	check_int(sys_listen(fd, 5, &error), 0);
	check_int(sys_accept(fd, &peer, &error), SYS_AGAIN);
	sys_close(fd);

	require(pair_open(&p));
	check_int(sys_local_name(p.fds[0], &name, &error), 0);
	check(sockname_equal(&name, &p.seen));
	pair_close(&p);
}

TEST("accept and listen on a datagram socket are errors")
{
	struct sockname name;
	int fd = bound(SOCK_DGRAM, &name);

	check_int(sys_accept(fd, &name, &error), -1);
	check_int(error.number, EOPNOTSUPP);
	check_int(sys_listen(fd, 5, &error), -1);
	check_str(error.text, "listen: Operation not supported");
	sys_close(fd);
}

TEST("recv returns bytes, would-block and the end")
{
	char data[8];
	struct pair p;

	require(pair_open(&p));
	check_int(sys_recv(p.fds[1], data, sizeof(data), 0, &error), SYS_AGAIN);
	check_int(sys_send(p.fds[0], "hello", 5, 0, &error), 5);
	wait_for(p.fds[1], POLLIN);
	check_int(sys_recv(p.fds[1], data, sizeof(data), 0, &error), 5);
	check_mem(data, 5, "hello", 5);
	check_int(sys_shutdown(p.fds[0], SHUT_WR, &error), 0);
	wait_for(p.fds[1], POLLIN);
	check_int(sys_recv(p.fds[1], data, sizeof(data), 0, &error), 0);
	check_int(sys_recv(p.fds[1], data, sizeof(data), 0, &error), 0);
	pair_close(&p);
}

TEST("send returns would-block when there is no room")
{
	static char data[1 << 16];
	struct pair p;
	ssize_t n;

	require(pair_open(&p));
	do
		n = sys_send(p.fds[0], data, sizeof(data), 0, &error);
	while (n > 0);
	check_int(n, SYS_AGAIN);
	pair_close(&p);
}

TEST("the socket calls do not wait on a descriptor in blocking mode")
{
	static char data[1 << 16];
	struct sockname from;
	struct pair p;
	bool cut;
	ssize_t n;

	require(pair_open(&p));
	check_int(sys_set_nonblocking(p.fds[0], false, &error), 0);
	check(!(fcntl(p.fds[0], F_GETFL) & O_NONBLOCK));
	check_int(sys_recv(p.fds[0], data, sizeof(data), 0, &error), SYS_AGAIN);
	check_int(sys_recvfrom(p.fds[0], data, sizeof(data), 0, &from, &cut, &error), SYS_AGAIN);
	do
		n = sys_send(p.fds[0], data, sizeof(data), 0, &error);
	while (n > 0);
	check_int(n, SYS_AGAIN);
	check_int(sys_set_nonblocking(p.fds[0], true, &error), 0);
	check_birth(p.fds[0]);
	pair_close(&p);
}

TEST("sending without a peer is an error and no SIGPIPE")
{
	int fd = sys_socket(AF_INET, SOCK_STREAM, 0, &error);

	check_int(sys_send(fd, "x", 1, 0, &error), -1);
	check_int(error.code, ERROR_NETWORK);
	check_int(error.number, EPIPE);
	check_str(error.text, "send: Broken pipe");
	check_int(sys_shutdown(fd, SHUT_WR, &error), -1);
	check_str(error.text, "shutdown: Transport endpoint is not connected");
	check_int(sys_recv(fd, (char[1]){ 0 }, 1, 0, &error), -1);
	check_str(error.text, "recv: Transport endpoint is not connected");
	sys_close(fd);
}

TEST("abort sends the peer a reset")
{
	struct pair p;
	char data[1];

	require(pair_open(&p));
	sys_abort(p.fds[0]);
	wait_for(p.fds[1], POLLIN);
	check_int(sys_recv(p.fds[1], data, 1, 0, &error), -1);
	check_int(error.number, ECONNRESET);
	sys_close(p.fds[1]);
}

TEST("a truncated datagram is known, with its length")
{
	struct sockname server, client, from;
	char data[100];
	int a = bound(SOCK_DGRAM, &server), b = bound(SOCK_DGRAM, &client);
	bool cut = true;

	require(a >= 0 && b >= 0);
	memset(data, 'x', sizeof(data));
	check_int(sys_recvfrom(a, data, sizeof(data), 0, &from, &cut, &error), SYS_AGAIN);
	check_int(sys_sendto(b, data, 100, 0, &server, &error), 100);
	check_int(sys_sendto(b, data, 100, 0, &server, &error), 100);
	check_int(sys_sendto(b, data, 0, 0, &server, &error), 0);
	wait_for(a, POLLIN);
	check_int(sys_recvfrom(a, data, 10, 0, &from, &cut, &error), 100);
	check(cut);
	check(sockname_equal(&from, &client));
	check_int(sys_recvfrom(a, data, sizeof(data), 0, &from, &cut, &error), 100);
	check(!cut);
	check_int(sys_recvfrom(a, data, sizeof(data), 0, &from, &cut, &error), 0);
	check(!cut);
	sys_close(a);
	sys_close(b);
}

TEST("recvfrom on a stream loses nothing")
{
	struct sockname from;
	struct pair p;
	char data[8];
	bool cut;

	require(pair_open(&p));
	check_int(sys_send(p.fds[0], "hello", 5, 0, &error), 5);
	wait_for(p.fds[1], POLLIN);
	check_int(sys_recvfrom(p.fds[1], data, 2, 0, &from, &cut, &error), 2);
	check_mem(data, 2, "he", 2);
	check(!cut);
	check_int(from.len, 0);
	check_int(sys_recvfrom(p.fds[1], data, 8, 0, &from, &cut, &error), 3);
	check_mem(data, 3, "llo", 3);
	pair_close(&p);
}

TEST("an error of sendto names the address")
{
	static char data[65508];
	struct sockname name;
	char text[SOCKNAME_TEXT_MAX], want[SOCKNAME_TEXT_MAX + 64];
	int fd = bound(SOCK_DGRAM, &name);

	check_int(sys_sendto(fd, data, sizeof(data), 0, &name, &error), -1);
	check_int(error.number, EMSGSIZE);
	snprintf(want, sizeof(want), "sendto %s: Message too long",
	    sockname_format(&name, text, sizeof(text)));
	check_str(error.text, want);
	check_int(sys_sendto(fd, data, 1, 0, NULL, &error), -1);
	check_str(error.text, "send: Destination address required");
	sys_close(fd);
}

TEST("an errno is caused by the peer, the network, a shortage, or this host")
{
	check_int(sys_cause(ECONNREFUSED), SYS_CAUSE_PEER);
	check_int(sys_cause(ETIMEDOUT), SYS_CAUSE_PEER);
	check_int(sys_cause(ECONNRESET), SYS_CAUSE_PEER);
	check_int(sys_cause(EHOSTUNREACH), SYS_CAUSE_NETWORK);
	check_int(sys_cause(ENETUNREACH), SYS_CAUSE_NETWORK);
	check_int(sys_cause(ENOBUFS), SYS_CAUSE_SHORTAGE);
	check_int(sys_cause(ENOMEM), SYS_CAUSE_SHORTAGE);
	check_int(sys_cause(EAGAIN), SYS_CAUSE_SHORTAGE);
	check_int(sys_cause(EMFILE), SYS_CAUSE_SHORTAGE);
	check_int(sys_cause(EADDRNOTAVAIL), SYS_CAUSE_HOST);
	check_int(sys_cause(EPERM), SYS_CAUSE_HOST);
	check_int(sys_cause(EACCES), SYS_CAUSE_HOST);
	check_int(sys_cause(EINVAL), SYS_CAUSE_HOST);
	check_int(sys_cause(EINTR), SYS_CAUSE_WAIT);
	check(sys_queue_is_full(ENOBUFS));
	check(!sys_queue_is_full(ENOMEM) && !sys_queue_is_full(EAGAIN));
}

TEST("a socket that never started to connect is not connected, though it has no error")
{
	struct sockname name;
	int fd = sys_socket(AF_INET, SOCK_STREAM, 0, &error);

	name = loopback();
	check_int(sys_connected(fd, &name, &error), -1);
	check_int(error.number, ENOTCONN);
	sys_close(fd);
}

TEST("a connect that a signal interrupts continues")
{
	struct sockname name = loopback();
	int listener = bound(SOCK_STREAM, &name), fd;
	struct pollfd ready;

	check_int(sys_listen(listener, 1, &error), 0);
	fd = sys_socket(AF_INET, SOCK_STREAM, 0, &error);
	interrupted = true;
	check_int(sys_connect(fd, &name, &error), SYS_AGAIN);
	interrupted = false;
	ready = (struct pollfd){ .fd = fd, .events = POLLOUT };
	check_int(poll(&ready, 1, 10000), 1);
	check_int(sys_connected(fd, &name, &error), 0);
	close(fd);
	close(listener);
}

TEST("a full queue of a unix listener is not reported as a connect in progress")
{
	struct sockname name = { .len = sizeof(sa_family_t) };
	int listener = sys_socket(AF_UNIX, SOCK_STREAM, 0, &error);
	int fds[16], n = 0, rc = 0;

	name.storage.ss_family = AF_UNIX; /* the kernel chooses an abstract name */
	check_int(sys_bind(listener, &name, &error), 0);
	check_int(sys_local_name(listener, &name, &error), 0);
	check_int(sys_listen(listener, 0, &error), 0);
	while (n < 16 && rc == 0) {
		fds[n] = sys_socket(AF_UNIX, SOCK_STREAM, 0, &error);
		rc = sys_connect(fds[n++], &name, &error);
	}
	check_int(rc, -1);
	check_int(error.number, EAGAIN);
	while (n > 0)
		sys_close(fds[--n]);
	sys_close(listener);
}

static int interrupted_fd;

static void
on_alarm(int signo)
{
	static int times;

	(void)signo;
	/* the first signal only interrupts, the second one brings a byte */
	if (times++ > 0 && write(interrupted_fd, "x", 1) < 0)
		abort();
	ualarm(1000, 0);
}

TEST("read continues after a signal")
{
	struct sigaction action = { .sa_handler = on_alarm }, before;
	int fds[2];
	char c;

	require(pipe(fds) == 0);
	interrupted_fd = fds[1];
	sigaction(SIGALRM, &action, &before);
	ualarm(1000, 0);
	check_int(sys_read(fds[0], &c, 1, &error), 1);
	check_int(c, 'x');
	ualarm(0, 0);
	sigaction(SIGALRM, &before, NULL);
	sys_close(fds[0]);
	sys_close(fds[1]);
}

TEST("read and write fail as local input and output")
{
	char c = 0;
	int fds[2];

	check_int(sys_read(-1, &c, 1, &error), -1);
	check_int(error.code, ERROR_LOCAL_IO);
	check_str(error.text, "read: Bad file descriptor");
	check_int(sys_write(-1, &c, 1, &error), -1);
	check_int(error.code, ERROR_LOCAL_IO);
	check_str(error.text, "write: Bad file descriptor");

	require(pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
	check_int(sys_read(fds[0], &c, 1, &error), SYS_AGAIN);
	check_int(sys_write(fds[1], "y", 1, &error), 1);
	check_int(sys_read(fds[0], &c, 1, &error), 1);
	sys_close(fds[1]);
	check_int(sys_read(fds[0], &c, 1, &error), 0);
	sys_close(fds[0]);
}

TEST("close keeps errno and accepts -1")
{
	errno = ENOENT;
	sys_close(-1);
	sys_close(12345);
	check_int(errno, ENOENT);
	sys_abort(-1);
	check_int(errno, ENOENT);
}
