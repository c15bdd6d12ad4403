/*
 * What the system calls alone cost: each transfer of tests/bench/peers.py with the calls
 * that usock makes for it and nothing else. No options, no messages, no loop but the one
 * that is needed; every failure ends it with 1.
 *
 *	limit connect PORT	standard input to 127.0.0.1:PORT, then its answer to standard output
 *	limit listen PORT	one client of it to standard output
 *	limit echo PORT		every client gets back what it sends
 *	limit forward PORT TO	one client after the other to 127.0.0.1:TO and back
 *	limit ping PORT N	N lines there and back; prints microseconds
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (1 << 20)
#define EVENTS 64

static char data[CHUNK];

static void
require(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static int
tcp_socket(const char *port, struct sockaddr_in *in)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	*in = (struct sockaddr_in){ .sin_family = AF_INET };
	in->sin_port = htons((uint16_t)atoi(port));
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	require(fd >= 0, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return fd;
}

static int
client(const char *port)
{
	struct sockaddr_in in;
	int fd = tcp_socket(port, &in);

	require(connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0, "connect");
	return fd;
}

static int
server(const char *port)
{
	struct sockaddr_in in;
	int fd = tcp_socket(port, &in);

	require(bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0, "bind");
	require(listen(fd, 4096) == 0, "listen");
	return fd;
}

static void
write_all(int fd, size_t n)
{
	size_t at = 0;

	while (at < n) {
		ssize_t put = write(fd, data + at, n - at);

		require(put > 0, "write");
		at += (size_t)put;
	}
}

/* ---- standard input to the socket: sendfile from a file, else read and write ---- */

static void
send_input(int fd)
{
	struct stat st;
	ssize_t n;

	fstat(0, &st);
	if (S_ISREG(st.st_mode)) {
		while ((n = sendfile(fd, 0, NULL, 0x7ffff000)) > 0)
			continue;
		require(n == 0, "sendfile");
		return;
	}
	if (S_ISFIFO(st.st_mode))
		fcntl(0, F_SETPIPE_SZ, CHUNK);
	while ((n = read(0, data, sizeof(data))) > 0)
		write_all(fd, (size_t)n);
	require(n == 0, "read");
}

/* ---- the socket to standard output: splice into a pipe, dropped for /dev/null, else read and write ---- */

static void
receive_output(int fd)
{
	struct stat st;
	ssize_t n;

	fstat(1, &st);
	if (S_ISFIFO(st.st_mode)) {
		fcntl(1, F_SETPIPE_SZ, CHUNK);
		while ((n = splice(fd, NULL, 1, NULL, CHUNK, SPLICE_F_MOVE)) > 0)
			continue;
		require(n == 0, "splice");
		return;
	}
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) {
		while ((n = recv(fd, NULL, 1 << 30, MSG_TRUNC)) > 0)
			continue;
		require(n == 0, "recv");
		return;
	}
	while ((n = read(fd, data, sizeof(data))) > 0)
		write_all(1, (size_t)n);
	require(n == 0, "read");
}

/* ---- echo ---- */

static void
echo_ready(int queue, int fd)
{
	ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	if (n > 0)
		write_all(fd, (size_t)n);
	else if (n == 0 || errno != EAGAIN) {
		epoll_ctl(queue, EPOLL_CTL_DEL, fd, NULL);
		close(fd);
	}
}

static void
echo(int listener)
{
	struct epoll_event events[EVENTS], want = { .events = EPOLLIN };
	struct rlimit limit;
	int queue = epoll_create1(EPOLL_CLOEXEC), on = 1;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	want.data.fd = listener;
	require(epoll_ctl(queue, EPOLL_CTL_ADD, listener, &want) == 0, "epoll_ctl");
	for (;;) {
		int n = epoll_wait(queue, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd != listener) {
				echo_ready(queue, events[i].data.fd);
				continue;
			}
			want.data.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
			if (want.data.fd < 0)
				continue;
			setsockopt(want.data.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			epoll_ctl(queue, EPOLL_CTL_ADD, want.data.fd, &want);
		}
	}
}

/* ---- round trips ---- */

static void
ping(int fd, long rounds)
{
	struct timespec began, now;
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	clock_gettime(CLOCK_MONOTONIC, &began);
	for (long i = 0; i < rounds; i++) {
		size_t got = 0;

		require(send(fd, "ping\n", 5, MSG_NOSIGNAL) == 5, "send");
		while (got < 5) {
			ssize_t n = recv(fd, data, sizeof(data), 0);

			require(n > 0, "recv");
			got += (size_t)n;
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%lld\n",
	    (long long)(now.tv_sec - began.tv_sec) * 1000000 +
		(now.tv_nsec - began.tv_nsec) / 1000);
}

/* Both directions of one client, until both have ended. */
static void
forward_one(int a, int b)
{
	struct pollfd polls[2] = { { a, POLLIN, 0 }, { b, POLLIN, 0 } };
	int open = 2, i, on = 1;

	setsockopt(a, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(b, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	while (open > 0) {
		require(poll(polls, 2, -1) > 0, "poll");
		for (i = 0; i < 2; i++) {
			ssize_t n = polls[i].revents != 0 ? read(polls[i].fd, data, CHUNK) : -1;

			if (n > 0)
				write_all(i == 0 ? b : a, (size_t)n);
			if (n != 0)
				continue;
			shutdown(i == 0 ? b : a, SHUT_WR);
			polls[i].fd = -1;
			open--;
		}
	}
	close(a);
	close(b);
}

static void
forward(int listener, const char *to)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		require(fd >= 0, "accept");
		forward_one(fd, client(to));
	}
}

int
main(int argc, char *argv[])
{
	int fd;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "connect") == 0) {
		fd = client(argv[2]);
		send_input(fd);
		shutdown(fd, SHUT_WR);
		receive_output(fd);
	} else if (argc == 3 && strcmp(argv[1], "listen") == 0) {
		fd = accept4(server(argv[2]), NULL, NULL, SOCK_CLOEXEC);
		require(fd >= 0, "accept");
		receive_output(fd);
	} else if (argc == 3 && strcmp(argv[1], "echo") == 0) {
		echo(server(argv[2]));
	} else if (argc == 4 && strcmp(argv[1], "forward") == 0) {
		forward(server(argv[2]), argv[3]);
	} else if (argc == 4 && strcmp(argv[1], "ping") == 0) {
		ping(client(argv[2]), atol(argv[3]));
	} else {
		return argc == 2 && strcmp(argv[1], "nothing") == 0 ? 0 : 2;
	}
	return 0;
}
