#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/connect.h"
#include "net/sys.h"
#include "net/udp_accept.h"
#include "test.h"

/* A datagram listener on 127.0.0.1 and a peer. */
struct pair {
	int listener, peer;
	struct sockname local, remote;
};

static int
bound(int family, struct sockname *ret_name)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct error e = { 0 };
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_int(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	check_int(sys_local_name(fd, ret_name, &e), 0);
	return fd;
}

static void
pair_open(struct pair *p)
{
	p->listener = bound(AF_INET, &p->local);
	p->peer = bound(AF_INET, &p->remote);
}

static void
pair_close(struct pair *p)
{
	close(p->listener);
	close(p->peer);
}

static int
option(int fd, int level, int number)
{
	socklen_t len = sizeof(int);
	int value = -1;

	getsockopt(fd, level, number, &value, &len);
	return value;
}

static int
open_for(const struct pair *p, const struct bind_how *bind, struct error *e)
{
	const struct sockname none = { .len = 0 };
	const struct udp_accept_how how = { .peer = &p->remote, .local = &none, .bind = bind };

	return udp_accept_open(p->listener, &how, e);
}

TEST("the new socket has the port of the listener, and receives from its peer only")
{
	struct error e = { 0 };
	struct sockname name;
	struct pair p;
	char byte;
	int fd;

	pair_open(&p);
	fd = open_for(&p, NULL, &e);
	require(check(fd >= 0));
	check_int(sys_local_name(fd, &name, &e), 0);
	check(sockname_equal(&name, &p.local));
	check_int(sendto(p.peer, "x", 1, 0, &p.local.sa, p.local.len), 1);
	check_int(recv(fd, &byte, 1, 0), 1);
	check_int(recv(p.listener, &byte, 1, MSG_DONTWAIT), -1);
	check_int(option(p.listener, SOL_SOCKET, SO_REUSEADDR), 0);
	close(fd);
	pair_close(&p);
}

TEST("the new socket has the options of the listener, like an accepted connection")
{
	struct sockopt_setting settings[2];
	struct bind_how bind = { .type = SOCK_DGRAM,
		.ttl = 7,
		.broadcast = true,
		.interface = "lo",
		.settings = settings,
		.n_settings = 2 };
	struct error e = { 0 };
	struct pair p;
	char name[32] = "";
	socklen_t len = sizeof name;
	int fd;

	check_int(sockopt_parse("SO_RCVBUF=12000", &settings[0], &e), 0);
	check_int(sockopt_parse("IP_TOS=16", &settings[1], &e), 0);
	pair_open(&p);
	fd = open_for(&p, &bind, &e);
	if (fd < 0 && strstr(e.text, "interface") != NULL) {
		pair_close(&p);
		skip("SO_BINDTODEVICE needs CAP_NET_RAW on this kernel");
	}
	require(check(fd >= 0));
	check_int(option(fd, IPPROTO_IP, IP_TTL), 7);
	check_int(option(fd, IPPROTO_IP, IP_MULTICAST_TTL), 7);
	check_int(option(fd, SOL_SOCKET, SO_BROADCAST), 1);
	check_int(option(fd, SOL_SOCKET, SO_RCVBUF), 24000);
	check_int(option(fd, IPPROTO_IP, IP_TOS), 16);
	check_int(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len), 0);
	check_str(name, "lo");
	close(fd);
	pair_close(&p);
}

TEST("an option that cannot be set is an error, and leaves the listener unchanged")
{
	struct bind_how bind = { .type = SOCK_DGRAM, .interface = "no-such-device" };
	struct error e = { 0 };
	struct pair p;

	pair_open(&p);
	check_int(open_for(&p, &bind, &e), -1);
	check(strncmp(e.text, "bind to interface no-such-device: ", 34) == 0);
	check_int(option(p.listener, SOL_SOCKET, SO_REUSEADDR), 0);
	pair_close(&p);
}
