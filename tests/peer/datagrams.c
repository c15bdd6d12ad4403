/*
 * A peer of datagrams that uses nothing but the socket calls.
 *
 *	datagrams echo HOST            prints its port; sends back what comes, for ever, each to whom it came from
 *	datagrams sizes HOST PORT N... one datagram of each size, and wants each back as it was
 *	datagrams lines HOST PORT      each line of standard input is one; prints what comes
 *
 * HOST is an address of IPv4 or IPv6. What does not come within 30 seconds: one line on stderr, status 1.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 70000, LIMIT = 30000 /* ms */ };

static unsigned char sent[ROOM], got[ROOM];

static void
die(const char *what)
{
	fprintf(stderr, "datagrams: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
open_socket(const char *host, const char *port, int (*act)(int, const struct sockaddr *, socklen_t))
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *to;
	int fd;

	if (getaddrinfo(host, port, &hints, &to) != 0)
		die(host);
	fd = socket(to->ai_family, SOCK_DGRAM, 0);
	if (fd < 0 || act(fd, to->ai_addr, to->ai_addrlen) < 0)
		die(host);
	freeaddrinfo(to);
	return fd;
}

static void
echo(const char *host)
{
	int fd = open_socket(host, "0", bind);
	struct sockaddr_in6 name;
	struct sockaddr_storage from;
	socklen_t len = sizeof name;
	ssize_t n;

	/* the port is in the same place for both families */
	if (getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		die("getsockname");
	printf("%d\n", ntohs(name.sin6_port));
	fflush(stdout);
	for (;;) {
		len = sizeof from;
		n = recvfrom(fd, got, sizeof got, 0, (struct sockaddr *)&from, &len);
		if (n >= 0 && sendto(fd, got, (size_t)n, 0, (struct sockaddr *)&from, len) != n)
			die("sendto");
	}
}

static ssize_t
receive(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	errno = ETIMEDOUT;
	return poll(&p, 1, LIMIT) == 1 ? recv(fd, got, sizeof got, 0) : -1;
}

static void
sizes(const char *host, const char *port, char **size)
{
	int fd = open_socket(host, port, connect);

	for (; *size != NULL; size++) {
		size_t n = strtoul(*size, NULL, 10), i;

		for (i = 0; i < n; i++)
			sent[i] = (unsigned char)(i % 251);
		if (send(fd, sent, n, 0) != (ssize_t)n)
			die(*size);
		errno = 0;
		if (receive(fd) != (ssize_t)n || memcmp(sent, got, n) != 0)
			die(*size);
	}
}

static void
lines(const char *host, const char *port)
{
	int fd = open_socket(host, port, connect);
	struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN } };
	char line[1000];
	ssize_t n;

	setvbuf(stdin, NULL, _IONBF, 0);
	setvbuf(stdout, NULL, _IONBF, 0);
	while (poll(p, 2, LIMIT) > 0) {
		if (p[0].revents != 0 && fgets(line, sizeof line, stdin) == NULL)
			return;
		if (p[0].revents != 0 && send(fd, line, strlen(line), 0) < 0)
			die("send");
		if (p[1].revents != 0 && (n = recv(fd, got, sizeof got, 0)) >= 0)
			fwrite(got, 1, (size_t)n, stdout);
	}
	die("poll");
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "echo") == 0)
		echo(argv[2]);
	else if (argc > 4 && strcmp(argv[1], "sizes") == 0)
		sizes(argv[2], argv[3], argv + 4);
	else if (argc == 4 && strcmp(argv[1], "lines") == 0)
		lines(argv[2], argv[3]);
	else
		return 2;
	return 0;
}
