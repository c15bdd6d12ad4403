#include "stream/proxy_server/http_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "stream/stream.h"
#include "test.h"

/* A target: gives its bytes in pieces and ends or stays, and takes at most a piece at a time. */
struct target {
	struct stream base;
	const char *in;
	size_t n, piece;
	bool stays, asked;
	char out[1000];
	size_t n_out;
};

static ssize_t
target_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct target *t = (struct target *)s;

	(void)e;
	t->asked = !t->asked;
	if (t->asked || (t->n == 0 && t->stays))
		return STREAM_WANT_READ;
	n = n < t->piece ? n : t->piece;
	n = n < t->n ? n : t->n;
	memcpy(data, t->in, n);
	t->in += n;
	t->n -= n;
	return (ssize_t)n;
}

static ssize_t
target_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct target *t = (struct target *)s;

	(void)e;
	n = n < t->piece ? n : t->piece;
	check(t->n_out + n < sizeof(t->out));
	memcpy(t->out + t->n_out, data, n);
	t->n_out += n;
	return (ssize_t)n;
}

static void
target_close(struct stream *s)
{
	(void)s;
}

static const struct stream_ops target_ops = { .read = target_read,
	.write = target_write,
	.close = target_close };

static struct stream *
exchange_on(struct target *t, const struct http_exchange_how *how, const char *in, size_t piece)
{
	struct stream *s = NULL;

	*t = (struct target){ .base.ops = &target_ops, .in = in, .n = strlen(in), .piece = piece };
	check_int(http_exchange_stream(&s, &t->base, how, NULL), 0);
	return s;
}

/* Reads to the end, or until nothing more comes. */
static const char *
read_all(struct stream *s, bool *ret_ended)
{
	enum { IDLE = 300 };
	static char text[2000];
	size_t n = 0;
	int idle = 0;
	ssize_t got;

	while (idle < IDLE && (got = stream_read(s, text + n, sizeof(text) - 1 - n, NULL)) != 0) {
		check(got > 0 || got == STREAM_WANT_READ);
		n += got > 0 ? (size_t)got : 0;
		idle = got > 0 ? 0 : idle + 1;
	}
	*ret_ended = idle < IDLE;
	text[n] = '\0';
	return text;
}

#define CLOSE "Connection: close\r\n\r\n"

static const struct {
	const char *in, *out;
	bool stays, head;
} answers[] = {
	{ "HTTP/1.1 200 OK\r\nConnection: a, keep-alive\r\nA: 1\r\nB: 2\r\n\r\nrest",
	    "HTTP/1.1 200 OK\r\nB: 2\r\n" CLOSE "rest", false, false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nrest",
	    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" CLOSE "re", true, false },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nrest",
	    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" CLOSE, true, true },
	{ "HTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\n\nrest",
	    "HTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 "
	    "No\r\n" CLOSE,
	    true, false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nrest",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" CLOSE "1\r\na\r\n0\r\n\r\n", true,
	    false },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunks",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" CLOSE "no chunks", false, false },
	{ "HTTP/1.1 101 Switch\r\nConnection: upgrade\r\n\r\nrest",
	    "HTTP/1.1 101 Switch\r\nConnection: upgrade\r\n\r\nrest", false, false },
	{ "ICY 200 OK\r\n\r\nrest", "ICY 200 OK\r\n\r\nrest", false, false },
	{ "no head", "no head", false, false },
	{ "", "", false, false },
};

TEST(
    "a response says that the connection closes, and ends where it says, however its bytes are cut")
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		for (size_t piece = 1; piece < strlen(answers[i].in) + 2; piece++) {
			const struct http_exchange_how how = { .head = answers[i].head };
			struct target t;
			struct stream *s = exchange_on(&t, &how, answers[i].in, piece);
			bool ended;

			t.stays = answers[i].stays;
			check_str(read_all(s, &ended), answers[i].out);
			check(ended);
			stream_close(s);
		}
}

TEST("what follows the request is dropped, and malformed chunks are an error")
{
	for (size_t piece = 1; piece < 20; piece++) {
		const struct http_exchange_how how = { .first = 5,
			.request = { .state = HTTP_BODY_SIZE, .chunked = true } };
		struct target t;
		struct stream *s = exchange_on(&t, &how, "", piece);
		const char text[] = "HEAD\n2\r\nab\r\n0\r\n\r\nGET http://other/";
		struct error e = { 0 };
		ssize_t put;

		for (size_t at = 0; at < sizeof(text) - 1; at += (size_t)put) {
			put = stream_write(s, text + at, sizeof(text) - 1 - at, &e);
			require(put > 0);
		}
		t.out[t.n_out] = '\0';
		check_str(t.out, "HEAD\n2\r\nab\r\n0\r\n\r\n");
		stream_close(s);
		s = exchange_on(&t, &how, "", piece);
		for (size_t at = 0; (put = stream_write(s, "HEAD\nno" + at, 7 - at, &e)) > 0;)
			at += (size_t)put;
		check_int(put, -1);
		check_int(e.code, ERROR_PROXY);
		check_int((long)t.n_out, 5);
		stream_close(s);
	}
}
