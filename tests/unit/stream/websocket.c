#include "stream/websocket/websocket.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "stream/fd.h"
#include "stream/stream.h"
#include "test.h"

/* A stream on one end of a socketpair; the test has the other. */
struct ends {
	struct stream *s;
	int fd;
	struct error e;
};

static bool
open_ends(struct ends *x, bool server)
{
	const struct websocket_how how = { .server = server,
		.max_message = 1 << 20,
		.subprotocol = "" };
	struct stream *lower;
	int fds[2];

	memset(x, 0, sizeof(*x));
	if (!check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0) ||
	    !check(fd_stream_socket(&lower, fds[0], &x->e) == 0))
		return false;
	x->fd = fds[1];
	return check(websocket_stream(&x->s, lower, &how, &x->e) == 0);
}

static void
close_ends(struct ends *x)
{
	stream_close(x->s);
	close(x->fd);
}

static void
put(const struct ends *x, const char *data, size_t n)
{
	check_int(write(x->fd, data, n), (ssize_t)n);
}

#define PUT(x, text) put(x, text, sizeof(text) - 1)

#define CHECK_SENT(x, text)                                                                        \
	do {                                                                                       \
		char sent_[256];                                                                   \
		ssize_t n_ = read((x)->fd, sent_, sizeof(sent_));                                  \
		check_mem(sent_, n_ > 0 ? (size_t)n_ : 0, text, sizeof(text) - 1);                 \
	} while (0)

TEST("a message is a read, and a write is a message")
{
	struct ends x;
	char data[8];

	require(open_ends(&x, true));
	check_int(stream_kind(x.s, STREAM_IN), STREAM_RECORDS);
	check_int(stream_pending(x.s), 0);
	check_int(stream_read(x.s, data, sizeof(data), &x.e), STREAM_WANT_READ);
	PUT(&x, "\x81\x82\0\0\0\0hi\x82\x80\0\0\0\0\x81");
	check_int(stream_read(x.s, data, sizeof(data), &x.e), 2);
	check_mem(data, 2, "hi", 2);
	check(stream_pending(x.s) > 0);
	check_int(stream_read(x.s, data, sizeof(data), &x.e), 0);
	check_int(stream_read(x.s, data, sizeof(data), &x.e), STREAM_WANT_READ);
	check_int(stream_pending(x.s), 0);
	check_int(stream_write(x.s, "yes", 3, &x.e), 3);
	check_int(stream_write(x.s, "", 0, &x.e), 0);
	check_int(stream_flush(x.s, &x.e), 0);
	CHECK_SENT(&x, "\x81\x03yes\x81\x00");
	close_ends(&x);
}

TEST("a ping is answered while the stream is read")
{
	struct ends x;
	char data[8];

	require(open_ends(&x, true));
	PUT(&x, "\x89\x82\0\0\0\0ab");
	check_int(stream_read(x.s, data, sizeof(data), &x.e), STREAM_WANT_READ);
	CHECK_SENT(&x,
	    "\x8a\x02"
	    "ab");
	close_ends(&x);
}

TEST("the peer's close frame is the end, and gets its code back")
{
	struct websocket_end end;
	struct ends x;
	char data[8];

	require(open_ends(&x, true));
	PUT(&x,
	    "\x88\x85\0\0\0\0\x0f\xa1"
	    "bye\x81\x80\0\0\0\0");
	check_int(stream_read(x.s, data, sizeof(data), &x.e), STREAM_END);
	check_int(stream_read(x.s, data, sizeof(data), &x.e), STREAM_END);
	check_int(stream_shut(x.s, &x.e), 0);
	check_int(stream_shut(x.s, &x.e), 0);
	CHECK_SENT(&x, "\x88\x02\x0f\xa1");
	check_int(read(x.fd, data, 1), 0);
	websocket_get_end(x.s, &end);
	check_int(end.code, 4001);
	check(end.from_peer);
	check_str(end.reason, "bye");
	check_int(stream_write(x.s, "x", 1, &x.e), -1);
	check_int(x.e.number, EPIPE);
	close_ends(&x);
}

TEST("a half-close is a close frame, and the peer may still send")
{
	struct websocket_end end;
	struct ends x;
	char data[8];

	require(open_ends(&x, true));
	check_int(stream_shut(x.s, &x.e), 0);
	CHECK_SENT(&x, "\x88\x02\x03\xe8");
	PUT(&x, "\x82\x81\0\0\0\0z\x89\x80\0\0\0\0\x88\x80\0\0\0\0");
	check_int(stream_read(x.s, data, sizeof(data), &x.e), 1);
	check_int(stream_read(x.s, data, sizeof(data), &x.e), STREAM_END);
	check_int(read(x.fd, data, 1), -1);
	websocket_get_end(x.s, &end);
	check_int(end.code, 1000);
	check(!end.from_peer);
	close_ends(&x);
}

TEST("a violation is told to the peer, and every read fails with it")
{
	struct ends x;
	char data[8];

	require(open_ends(&x, true));
	PUT(&x, "\x81\x02hi");
	for (int i = 0; i < 2; i++) {
		check_int(stream_read(x.s, data, sizeof(data), &x.e), -1);
		check_str(x.e.text, "not WebSocket: a client's frame is not masked");
		check(stream_pending(x.s) > 0);
	}
	CHECK_SENT(&x, "\x88\x02\x03\xea");
	close_ends(&x);
}

TEST("an end without a close frame is a failure")
{
	struct websocket_end end;
	struct ends x;
	char data[8];

	require(open_ends(&x, true));
	PUT(&x, "\x81\x83\0\0\0\0h");
	check_int(shutdown(x.fd, SHUT_WR), 0);
	check_int(stream_read(x.s, data, sizeof(data), &x.e), -1);
	check_str(x.e.text, "the peer ended without a close frame");
	check_int(x.e.code, ERROR_PEER_ENDED);
	check_int(x.e.number, WEBSOCKET_NO_CLOSE);
	websocket_get_end(x.s, &end);
	check_int(end.code, WEBSOCKET_NO_CLOSE);
	close_ends(&x);
}

TEST("text that is not UTF-8 is not sent as text")
{
	struct ends x;

	require(open_ends(&x, true));
	check_int(stream_write(x.s, "\xff", 1, &x.e), -1);
	check_str(x.e.hint, "--binary sends binary messages");
	check_int(websocket_send(x.s, &(struct websocket_message){ "\xff", 1, true }, &x.e), 1);
	check_int(stream_flush(x.s, &x.e), 0);
	CHECK_SENT(&x, "\x82\x01\xff");
	close_ends(&x);
}

TEST("a client masks each frame with another key")
{
	unsigned char frames[3][8];
	struct ends x;

	require(open_ends(&x, false));
	for (int i = 0; i < 3; i++) {
		check_int(stream_write(x.s, "ab", 2, &x.e), 2);
		check_int(stream_flush(x.s, &x.e), 0);
		check_int(read(x.fd, frames[i], sizeof(frames[i])), 8);
		check(frames[i][0] == 0x81 && frames[i][1] == 0x82);
		check_int(frames[i][6] ^ frames[i][2], 'a');
	}
	check(memcmp(frames[0] + 2, frames[1] + 2, 4) != 0 ||
	    memcmp(frames[1] + 2, frames[2] + 2, 4) != 0);
	close_ends(&x);
}

TEST("a peer that does not read is sent the last pong only, and takes no more messages")
{
	char *large = calloc(1, 1 << 20);
	struct ends x;
	char data[8];
	int taken = 0;

	require(open_ends(&x, true) && large != NULL);
	while (taken < 100 && stream_write(x.s, large, 1 << 20, &x.e) > 0)
		taken++;
	check(taken > 0 && taken < 5);
	for (int i = 0; i < 1000; i++) {
		PUT(&x, "\x89\x82\0\0\0\0ab");
		check_int(stream_read(x.s, data, sizeof(data), &x.e), STREAM_WANT_READ);
	}
	check_int(stream_write(x.s, "x", 1, &x.e), STREAM_WANT_WRITE);
	close_ends(&x);
	free(large);
}
