#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "stream/shared_out.h"
#include "test.h"

enum { PIECE = 300000 };

static struct error error;
static struct shared_out out;
static struct stream *one, *two;
static int ends[2];
static char piece[2][PIECE];

static bool
begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	memset(piece[0], 'a', PIECE);
	memset(piece[1], 'b', PIECE);
	return check_int(pipe2(ends, O_CLOEXEC), 0) &&
	    check_int(shared_out_open(&out, ends[1], &error), 0) &&
	    check_int(shared_out_stream(&one, &out, &error), 0) &&
	    check_int(shared_out_stream(&two, &out, &error), 0);
}

static void
end(void)
{
	stream_close(one);
	stream_close(two);
	shared_out_close(&out);
	close(ends[0]);
	close(ends[1]);
}

/* Reads n bytes, which must all be c. */
static void
check_comes(char c, size_t n)
{
	static char data[1 << 16];
	ssize_t got;
	size_t i;

	while (n > 0) {
		got = read(ends[0], data, n < sizeof(data) ? n : sizeof(data));
		if (!check(got > 0))
			return;
		for (i = 0; i < (size_t)got; i++)
			if (!check_int(data[i], c))
				return;
		n -= (size_t)got;
	}
}

/* Reads the rest of a piece of c, written when there is room. */
static void
check_rest(char c, size_t written)
{
	size_t held = shared_out_held(&out);

	check_comes(c, written);
	while (held > 0) {
		(void)shared_out_flush(&out, &error);
		check_comes(c, held - shared_out_held(&out));
		held = shared_out_held(&out);
	}
}

TEST("a piece is taken whole, and no other is written before it is complete")
{
	size_t held;

	require(begin());
	check_int(stream_write(one, piece[0], PIECE, &error), PIECE);
	held = shared_out_held(&out);
	check(held > 0 && held < PIECE);
	check_int(stream_flush(one, &error), STREAM_WANT_WRITE);
	check_int(stream_write(two, piece[1], PIECE, &error), STREAM_WANT_WRITE);
	check_int(stream_flush(two, &error), STREAM_WANT_WRITE);
	check_rest('a', PIECE - held);
	check_int(stream_write(two, piece[1], 10, &error), 10);
	check_int(stream_flush(two, &error), 0);
	check_comes('b', 10);
	end();
}

TEST("the rest of a piece whose stream is closed is still written")
{
	require(begin());
	check_int(stream_write(one, piece[0], PIECE, &error), PIECE);
	stream_close(one);
	one = NULL;
	check_int(stream_write(two, piece[1], 1, &error), STREAM_WANT_WRITE);
	check_rest('a', PIECE - shared_out_held(&out));
	check_int(stream_write(two, piece[1], 1, &error), 1);
	check_comes('b', 1);
	end();
}

TEST("reads give nothing, and shut of one stream does not affect another")
{
	char data[4];

	require(begin());
	check_int(stream_read(one, data, sizeof(data), &error), STREAM_WANT_READ);
	check_int(stream_raw_fd(one, STREAM_IN), -1);
	check_int(stream_raw_fd(one, STREAM_OUT), ends[1]);
	check_int(stream_shut(one, &error), 0);
	check_int(stream_write(two, "hi", 2, &error), 2);
	check_int(read(ends[0], data, sizeof(data)), 2);
	end();
}

TEST("an output without a reader is an error")
{
	require(begin());
	close(ends[0]);
	check_int(stream_write(one, "hi", 2, &error), -1);
	check_int(error.number, EPIPE);
	ends[0] = -1;
	end();
}
