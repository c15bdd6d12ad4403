#include "net/mmsg.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "net/sys.h"
#include "test.h"

enum { ROOM = 70000 };

static struct error error;
static char storage[MMSG_MAX][ROOM];

static int
bound(int family, struct sockname *ret_name)
{
	struct sockname name = { .len = 0 };
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)&name.storage;
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)&name.storage;
	int fd = sys_socket(family, SOCK_DGRAM, 0, &error);

	name.sa.sa_family = (sa_family_t)family;
	if (family == AF_INET6)
		six->sin6_addr = in6addr_loopback;
	else
		four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	name.len = family == AF_INET6 ? sizeof(*six) : sizeof(*four);
	if (!check(fd >= 0) || !check_int(sys_bind(fd, &name, &error), 0))
		return -1;
	check_int(sys_local_name(fd, ret_name, &error), 0);
	return fd;
}

static void
packets_for(struct packet *packets, unsigned n, size_t room)
{
	for (unsigned i = 0; i < n; i++)
		packets[i] = (struct packet){ .data = storage[i], .room = room };
}

/* Receives until n packets have arrived or one is missing. */
static unsigned
receive(int fd, struct packet *packets, unsigned n)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	unsigned have = 0;
	int got;

	while (have < n && poll(&p, 1, 10000) > 0) {
		got = mmsg_recv(fd, packets + have, n - have, &error);
		if (got < 0)
			break;
		have += (unsigned)got;
	}
	return have;
}

/* Sends all packets, in batches. */
static bool
send_all(int fd, const struct packet *packets, unsigned n)
{
	unsigned done = 0;
	int sent;

	while (done < n) {
		sent = mmsg_send(fd, packets + done, n - done, &error);
		if (!check(sent > 0))
			return false;
		done += (unsigned)sent;
	}
	return true;
}

static void
sizes_arrive(int family)
{
	static const size_t sizes[] = { 0, 1, 64, 64, 64, 10, 64, 0, 0, 1472, 9000, 65507, 3 };
	enum { N = sizeof(sizes) / sizeof(sizes[0]) };
	static char data[N][ROOM];
	struct packet out[N], in[N];
	struct sockname server, client;
	int to = bound(family, &server), from = bound(family, &client);
	unsigned i, got;

	for (i = 0; i < N; i++) {
		memset(data[i], 'a' + (int)i, sizes[i]);
		out[i] = (struct packet){ .data = data[i], .len = sizes[i], .name = server };
	}
	packets_for(in, N, ROOM);
	require(send_all(from, out, N));
	got = receive(to, in, N);
	require(check_int(got, N));
	for (i = 0; i < N; i++) {
		check_mem(in[i].data, in[i].len, data[i], sizes[i]);
		check(!in[i].truncated && in[i].true_len == sizes[i]);
		check(sockname_equal(&in[i].name, &client));
	}
	check_int(mmsg_recv(to, in, N, &error), SYS_AGAIN);
	check_int(mmsg_dropped(to), 0);
	close(to);
	close(from);
}

TEST("datagrams of all sizes keep their boundaries and their sender, over IPv4")
{
	sizes_arrive(AF_INET);
}

TEST("... and over IPv6")
{
	sizes_arrive(AF_INET6);
}

TEST("datagrams of equal size with a shorter last one arrive one by one, adjacent in memory or not")
{
	enum { N = 150, SIZE = 7 };
	static char block[N * 2 * SIZE];
	struct packet out[N], in[N];
	struct sockname server, client;
	int to = bound(AF_INET, &server), from = bound(AF_INET, &client);

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 7);
	for (int gap = 0; gap < 2; gap++) {
		for (unsigned i = 0; i < N; i++)
			out[i] = (struct packet){
				.data = block + (size_t)(gap + 1) * i * SIZE,
				.len = i % 50 == 49 ? 3 : SIZE,
				.name = server,
			};
		require(send_all(from, out, N));
		for (unsigned done = 0; done < N; done += 50) {
			packets_for(in, 50, ROOM);
			require(check_int(receive(to, in, 50), 50));
			for (unsigned i = 0; i < 50; i++)
				check_mem(in[i].data, in[i].len, out[done + i].data,
				    out[done + i].len);
		}
	}
	close(to);
	close(from);
}

TEST("a datagram that is too long for its room is truncated, and its length is known")
{
	struct packet out = { .data = storage[1], .len = 5000 }, in;
	struct sockname client;
	int to = bound(AF_INET, &out.name), from = bound(AF_INET, &client);

	require(send_all(from, &out, 1));
	packets_for(&in, 1, 100);
	require(receive(to, &in, 1) == 1);
	check(in.truncated);
	check_int(in.len, 100);
	check_int(in.true_len, 5000);
	close(to);
	close(from);
}

TEST("an ICMP error is reported, and the socket stays usable")
{
	struct packet out = { .data = storage[0], .len = 5 }, in;
	struct sockname server, client;
	int to = bound(AF_INET, &server), from = bound(AF_INET, &client);
	struct pollfd p = { .fd = from, .events = POLLIN };

	require(sys_connect(from, &server, &error) == 0);
	close(to);
	check_int(mmsg_send(from, &out, 1, &error), 1);
	require(poll(&p, 1, 10000) == 1);
	packets_for(&in, 1, ROOM);
	check_int(mmsg_recv(from, &in, 1, &error), -1);
	check_int(error.number, ECONNREFUSED);
	check_str(error.text, "recv: Connection refused");
	check_int(mmsg_recv(from, &in, 1, &error), SYS_AGAIN);
	check_int(mmsg_send(from, &out, 1, &error), 1);
	close(from);
}

TEST("the first datagram that cannot be sent is the error, and those before it were sent")
{
	struct packet out[3], in[2];
	struct sockname server, client;
	int to = bound(AF_INET, &server), from = bound(AF_INET, &client);
	char text[64], want[128];

	for (int i = 0; i < 3; i++)
		out[i] =
		    (struct packet){ .data = storage[i], .len = 10 + (size_t)i, .name = server };
	out[1].len = 65508;
	check_int(mmsg_send(from, out, 3, &error), 1);
	check_int(mmsg_send(from, out + 1, 2, &error), -1);
	check_int(error.number, EMSGSIZE);
	snprintf(want, sizeof(want), "sendto %s: Message too long",
	    sockname_format(&server, text, sizeof(text)));
	check_str(error.text, want);
	check_int(mmsg_send(from, out + 2, 1, &error), 1);
	packets_for(in, 2, ROOM);
	check_int(receive(to, in, 2), 2);
	check_int(in[0].len, 10);
	check_int(in[1].len, 12);
	close(to);
	close(from);
}

TEST("datagrams that the kernel drops are counted")
{
	enum { N = 64 };
	struct packet out[N];
	struct sockname server, client;
	int to = bound(AF_INET, &server), from = bound(AF_INET, &client);
	const int small = 4096;

	require(setsockopt(to, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)) == 0);
	for (int i = 0; i < N; i++)
		out[i] = (struct packet){ .data = storage[i], .len = 2000, .name = server };
	require(send_all(from, out, N));
	check(mmsg_dropped(to) > 0 && mmsg_dropped(to) <= N);
	close(to);
	close(from);
}

TEST("records of a unix seqpacket socket, empty ones too, are distinguished from its end")
{
	struct packet out[3], in[4];
	int pair[2];

	require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	memset(out, 0, sizeof(out));
	for (size_t i = 0; i < 3; i++)
		out[i] = (struct packet){ .data = storage[i], .len = 2 - i };
	mmsg_enable_end(pair[1]);
	require(send_all(pair[0], out, 3));
	/* the connection ends before the records are read */
	close(pair[0]);
	packets_for(in, 4, ROOM);
	require(receive(pair[1], in, 3) == 3);
	check_int(in[0].len, 2);
	check_int(in[1].len, 1);
	check_int(in[2].len, 0);
	check(!in[2].end);
	require(receive(pair[1], in, 1) == 1);
	check_int(in[0].len, 0);
	check(in[0].end);
	close(pair[1]);
}

TEST("the local address of a datagram is known, and the answer leaves from it")
{
	struct sockname any = { .len = sizeof(struct sockaddr_in) }, local, from;
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&any.storage;
	struct packet p[1], back[1];
	int server = sys_socket(AF_INET, SOCK_DGRAM, 0, &error);
	int client = bound(AF_INET, &from);

	in->sin_family = AF_INET;
	require(server >= 0 && client >= 0 && sys_bind(server, &any, &error) == 0);
	mmsg_enable_pktinfo(server);
	require(sys_local_name(server, &local, &error) == 0);
	in = (struct sockaddr_in *)(void *)&local.storage;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK + 4);
	require(sys_connect(client, &local, &error) == 0);
	check_int(sys_send(client, "hello", 5, 0, &error), 5);
	packets_for(p, 1, ROOM);
	require(receive(server, p, 1) == 1);
	require(p[0].local.len == sizeof(*in));
	check_int(((struct sockaddr_in *)(void *)&p[0].local.storage)->sin_addr.s_addr,
	    in->sin_addr.s_addr);
	check_int(mmsg_send(server, p, 1, &error), 1);
	/* a connected socket receives from its peer only */
	packets_for(back, 1, ROOM);
	check_int(receive(client, back, 1), 1);
	check_int(back[0].local.len, 0);
	sys_close(server);
	sys_close(client);
}
