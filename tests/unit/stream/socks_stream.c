#include "stream/negotiate/proxy/socks_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/sys.h"
#include "stream/fd.h"
#include "stream/negotiate/proxy/socks_datagram.h"
#include "stream/stream.h"
#include "test.h"

enum { ROOM = 70000 };

/* The relay and the connection of a proxy, and our stream. */
struct stage {
	struct stream *stream;
	struct socks_stream_how how;
	int relay, control;
	char data[ROOM];
};

static void
pair_open(int type, int *ret_fd, struct stream **ret_stream)
{
	int pair[2], size = 400000;

	check_int(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	*ret_fd = pair[1];
	check_int(fd_stream_socket(ret_stream, pair[0], NULL), 0);
}

static void
stage_open(struct stage *st, const char *host, bool connected)
{
	struct endpoint ep = { .kind = ENDPOINT_INET };

	signal(SIGPIPE, SIG_IGN);
	memset(st, 0, sizeof(*st));
	pair_open(SOCK_DGRAM, &st->relay, &st->how.lower);
	pair_open(SOCK_STREAM, &st->control, &st->how.control);
	snprintf(ep.host, sizeof(ep.host), "%s", host);
	proxy_target_set(&st->how.target, &ep, 258);
	st->how.connected = connected;
	check_int(socks_stream(&st->stream, &st->how, NULL), 0);
}

static void
stage_close(struct stage *st)
{
	stream_close(st->stream);
	if (st->control >= 0)
		close(st->control);
	close(st->relay);
}

/* The proxy sends this. */
static void
relays(const struct stage *st, const char *data, size_t n)
{
	check_int(send(st->relay, data, n, 0), (intmax_t)n);
}

#define RELAYS(st, text) relays(st, text, sizeof(text) - 1)

static void
proxy_ends(struct stage *st)
{
	close(st->control);
	st->control = -1;
}

TEST("a record is sent with the header of the target: its address, or its name")
{
	static const struct {
		const char *host, *want;
		size_t n;
	} rows[] = {
		{ "127.0.0.1", "\0\0\0\1\x7f\0\0\1\1\2hello", 15 },
		{ "::1", "\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1\2hello", 27 },
		{ "far.test", "\0\0\0\3\10far.test\1\2hello", 20 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static struct stage st;
		struct error e = { 0 };

		stage_open(&st, rows[i].host, true);
		check_int(stream_write(st.stream, "hello", 5, &e), 5);
		check_mem(st.data, (size_t)recv(st.relay, st.data, ROOM, MSG_DONTWAIT),
		    rows[i].want, rows[i].n);
		check_int(stream_write(st.stream, "", 0, &e), 0);
		check_mem(st.data, (size_t)recv(st.relay, st.data, ROOM, MSG_DONTWAIT),
		    rows[i].want, rows[i].n - 5);
		stage_close(&st);
	}
}

TEST("a record is received without its header, an empty one too, with its sender")
{
	static struct stage st;
	struct sockname from;
	struct error e = { 0 };
	char text[SOCKNAME_TEXT_MAX];

	stage_open(&st, "127.0.0.1", false);
	check_int(stream_read(st.stream, st.data, ROOM, &e), STREAM_WANT_READ);
	RELAYS(&st, "\0\0\0\1\x7f\0\0\2\1\2hello");
	RELAYS(&st, "\0\0\0\3\10far.test\1\2");
	RELAYS(&st, "\0\0\0\1\x7f\0\0\1\1\2longer");
	check_int(socks_stream_receive(st.stream, st.data, ROOM, &from, &e), 5);
	check_mem(st.data, 5, "hello", 5);
	check_str(sockname_format(&from, text, sizeof(text)), "127.0.0.2:258");
	check_int(socks_stream_receive(st.stream, st.data, ROOM, &from, &e), 0);
	check_int(from.len, 0);
	/* as on a socket, what does not fit is dropped */
	check_int(stream_read(st.stream, st.data, 4, &e), 4);
	check_mem(st.data, 4, "long", 4);
	check_int(stream_read(st.stream, st.data, ROOM, &e), STREAM_WANT_READ);
	stage_close(&st);
}

TEST("the longest datagram is received whole")
{
	static struct stage st;
	static char data[65507] = "\0\0\0\1\x7f\0\0\1\1\2";

	stage_open(&st, "127.0.0.1", true);
	data[sizeof(data) - 1] = 'x';
	relays(&st, data, sizeof(data));
	check_int(stream_read(st.stream, st.data, ROOM, NULL), sizeof(data) - 10);
	check_int(st.data[sizeof(data) - 11], 'x');
	stage_close(&st);
}

TEST("a connected stream drops what others than its target have sent")
{
	static struct stage st;
	struct error e = { 0 };

	stage_open(&st, "127.0.0.1", true);
	RELAYS(&st, "\0\0\0\1\x7f\0\0\2\1\2another");
	RELAYS(&st, "\0\0\0\1\x7f\0\0\1\1\3port");
	RELAYS(&st, "\0\0\0\3\10far.test\1\2name");
	RELAYS(&st, "\0\0\0\1\x7f\0\0\1\1\2mine");
	check_int(stream_read(st.stream, st.data, ROOM, &e), 4);
	check_mem(st.data, 4, "mine", 4);
	stage_close(&st);
	/* a name has no address here */
	stage_open(&st, "far.test", true);
	RELAYS(&st, "\0\0\0\1\x7f\0\0\2\1\2any");
	check_int(stream_read(st.stream, st.data, ROOM, &e), 3);
	stage_close(&st);
}

TEST("an address of IPv4 within IPv6 is the same to a proxy as to us")
{
	static struct stage st;
	struct error e = { 0 };

	stage_open(&st, "::ffff:127.0.0.1", true);
	RELAYS(&st, "\0\0\0\1\x7f\0\0\1\1\2short");
	RELAYS(&st, "\0\0\0\4\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1\1\2longer");
	check_int(stream_read(st.stream, st.data, ROOM, &e), 5);
	check_int(stream_read(st.stream, st.data, ROOM, &e), 6);
	stage_close(&st);
}

TEST("what has no header, and a fragment, are failures of the proxy")
{
	static struct stage st;
	struct error e = { 0 };

	stage_open(&st, "127.0.0.1", true);
	RELAYS(&st, "hello");
	RELAYS(&st, "\0\0\1\1\x7f\0\0\1\1\2part");
	check_int(stream_read(st.stream, st.data, ROOM, &e), -1);
	check_str(e.text, "the proxy has sent a datagram without a header of SOCKS5");
	check_int(e.code, ERROR_PROXY);
	check_int(stream_read(st.stream, st.data, ROOM, &e), -1);
	check(strstr(e.text, "fragment") != NULL);
	stage_close(&st);
}

TEST("once the proxy has ended the connection, what has come is read, and nothing can be sent")
{
	static struct stage st;
	struct error e = { 0 };

	stage_open(&st, "127.0.0.1", true);
	/* what it says there has no meaning */
	check_int(send(st.control, "noise", 5, 0), 5);
	check_int(stream_read(st.stream, st.data, ROOM, &e), STREAM_WANT_READ);
	check_int(stream_write(st.stream, "hello", 5, &e), 5);
	check_int(recv(st.relay, st.data, ROOM, MSG_DONTWAIT), 15);
	RELAYS(&st, "\0\0\0\1\x7f\0\0\1\1\2last");
	proxy_ends(&st);
	check_int(stream_write(st.stream, "too late", 8, &e), -1);
	check_str(e.text, "the proxy has ended the association");
	check_int(recv(st.relay, st.data, ROOM, MSG_DONTWAIT), -1);
	check_int(stream_read(st.stream, st.data, ROOM, &e), 4);
	e.code = ERROR_INTERNAL;
	check_int(stream_read(st.stream, st.data, ROOM, &e), -1);
	check_int(e.code, ERROR_PROXY);
	stage_close(&st);
}

TEST("a datagram that is too long says so, as a socket does")
{
	static struct stage st;
	static const char data[ROOM];
	char name[256];
	int small = 5000;
	struct error e = { 0 };

	/* one that our room does not hold, and one that the socket does not take */
	memset(name, 'x', 255);
	name[255] = '\0';
	stage_open(&st, name, true);
	check_int(stream_write(st.stream, data, 65507, &e), -1);
	check_str(e.text, "datagram of 65507 bytes: Message too long");
	check_str(e.hint, "the limit is 65245 bytes through this proxy");
	check_int(e.origin, ORIGIN_ERRNO);
	check_int(e.number, EMSGSIZE);
	check_int(stream_write(st.stream, data, 65245, &e), 65245);
	check_int(recv(st.relay, st.data, ROOM, MSG_DONTWAIT), 65507);
	check_int(setsockopt(stream_raw_fd(st.stream, STREAM_OUT), SOL_SOCKET, SO_SNDBUF, &small,
		      sizeof(small)),
	    0);
	check_int(stream_write(st.stream, data, 60000, &e), -1);
	check_str(e.text, "datagram of 60000 bytes: Message too long");
	check_str(e.hint, "the limit is 65245 bytes through this proxy");
	check_int(e.number, EMSGSIZE);
	stage_close(&st);
}

TEST("a proxy that takes no more now is waited for, and the record is whole then")
{
	static struct stage st;
	struct error e = { 0 };
	ssize_t n = 0;
	unsigned sent = 0;

	stage_open(&st, "127.0.0.1", true);
	for (; n >= 0 && sent < 10000; sent += n >= 0)
		n = stream_write(st.stream, "hello", 5, &e);
	check_int(n, STREAM_WANT_WRITE);
	for (unsigned i = 0; i < sent; i++)
		check_int(recv(st.relay, st.data, ROOM, MSG_DONTWAIT), 15);
	check_int(recv(st.relay, st.data, ROOM, MSG_DONTWAIT), -1);
	check_int(stream_write(st.stream, "hello", 5, &e), 5);
	stage_close(&st);
}

TEST("why the proxy takes no datagram is told")
{
	static struct stage st;
	struct error e = { 0 };

	stage_open(&st, "127.0.0.1", true);
	close(st.relay);
	check_int(stream_write(st.stream, "hello", 5, &e), -1);
	check_int(e.origin, ORIGIN_ERRNO);
	check_int(e.number, ECONNREFUSED);
	check_int(stream_write(st.stream, "hello", 5, NULL), -1);
	st.relay = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	stage_close(&st);
}

TEST("the stream is one of records, with the descriptors of both connections")
{
	static struct stage st;

	stage_open(&st, "127.0.0.1", true);
	check(socks_stream_is(st.stream));
	check(!socks_stream_is(st.how.lower));
	check_int(stream_kind(st.stream, STREAM_IN), STREAM_RECORDS);
	check_int(stream_raw_fd(st.stream, STREAM_IN), stream_raw_fd(st.how.lower, STREAM_IN));
	check_int(socks_stream_control_fd(st.stream), stream_raw_fd(st.how.control, STREAM_IN));
	check_int(stream_shut(st.stream, NULL), 0);
	check_int(stream_write(st.stream, "hello", 5, NULL), 5);
	stage_close(&st);
}
