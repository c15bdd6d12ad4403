#include "stream/tap.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/sys.h"
#include "stream/fd.h"
#include "test.h"

/* What was shown, a letter each: s(ent) r(eceived) S R: their ends, x: reset, c(losed) a(borted). */
static char shown[64];
static char bytes[64];
static size_t n_shown, n_bytes;

static void
on_event(void *arg, enum tap_event event, const void *data, size_t n)
{
	static const char letters[] = { [TAP_SENT] = 's',
		[TAP_RECEIVED] = 'r',
		[TAP_SENT_END] = 'S',
		[TAP_RECEIVED_END] = 'R',
		[TAP_RESET] = 'x',
		[TAP_CLOSE] = 'c',
		[TAP_ABORT] = 'a' };

	check(arg == shown);
	shown[n_shown++] = letters[event];
	shown[n_shown] = '\0';
	if (n > 0)
		memcpy(bytes + n_bytes, data, n);
	n_bytes += n;
	bytes[n_bytes] = '\0';
}

/* Makes a pair of sockets; one has a tap. */
static bool
open_tap(int type, struct stream **ret_stream, int *ret_peer)
{
	const struct tap_observer observer = { on_event, shown };
	struct stream *lower;
	int pair[2];

	n_shown = n_bytes = 0;
	shown[0] = bytes[0] = '\0';
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return false;
	*ret_peer = pair[1];
	return fd_stream_socket(&lower, pair[0], NULL) == 0 &&
	    tap_stream(ret_stream, lower, &observer, NULL) == 0;
}

TEST("what is sent and received is shown with its bytes, and both ends, and the close")
{
	struct stream *s;
	char data[16];
	int peer;

	require(open_tap(SOCK_STREAM, &s, &peer));
	check_int(stream_write(s, "ask", 3, NULL), 3);
	check_int(stream_read(s, data, sizeof data, NULL), STREAM_WANT_READ);
	check_int(write(peer, "answer", 6), 6);
	check_int(stream_read(s, data, sizeof data, NULL), 6);
	check_int(stream_shut(s, NULL), 0);
	check_int(shutdown(peer, SHUT_WR), 0);
	check_int(stream_read(s, data, sizeof data, NULL), 0);
	stream_close(s);
	check_str(shown, "srSRc");
	check_str(bytes, "askanswer");
	close(peer);
}

TEST("an empty datagram is one, and ends nothing")
{
	struct stream *s;
	char data[16];
	int peer;

	require(open_tap(SOCK_DGRAM, &s, &peer));
	check_int(send(peer, "", 0, 0), 0);
	check_int(stream_read(s, data, sizeof data, NULL), 0);
	check_int(send(peer, "x", 1, 0), 1);
	check_int(stream_read(s, data, sizeof data, NULL), 1);
	stream_close(s);
	check_str(shown, "rrc");
	close(peer);
}

TEST("a peer that is gone is a reset, and a close with SO_LINGER 0 one of ours")
{
	struct error e = { 0 };
	struct stream *s;
	int peer;

	require(open_tap(SOCK_STREAM, &s, &peer));
	close(peer);
	check_int(stream_write(s, "lost", 4, &e), -1);
	check_str(shown, "x");
	sys_reset_at_close(stream_raw_fd(s, STREAM_OUT));
	stream_close(s);
	check_str(shown, "xa");
}

TEST("a socket with a tap is none for who would go around it")
{
	struct stream *s;
	int peer;

	require(open_tap(SOCK_STREAM, &s, &peer));
	check_int(stream_kind(s, STREAM_IN), STREAM_OPAQUE);
	stream_close(s);
	close(peer);
	require(open_tap(SOCK_DGRAM, &s, &peer));
	check_int(stream_kind(s, STREAM_IN), STREAM_RECORDS);
	stream_close(s);
	close(peer);
}
