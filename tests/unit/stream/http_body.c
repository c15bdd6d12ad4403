#include "stream/proxy_server/http_body.h"

#include <string.h>

#include "stream/negotiate/http_head.h"
#include "test.h"

static const char *
body_of(struct http_body *b, const char *text, const char *version)
{
	const struct http_text v = { version, strlen(version) };
	struct http_head head;

	check_str(http_head_parse(&head, text, strlen(text)), NULL);
	return http_body_of_request(b, &head, &v);
}

struct body_case {
	const char *fields, *bytes;
	long end; /* how many bytes belong to the body; -1: they are malformed */
	bool ended;
};

/* In one piece, and byte by byte. */
static void
check_body(const struct http_body *body, const struct body_case *c)
{
	struct http_body whole = *body, cut = *body;
	size_t n = strlen(c->bytes);
	long end = 0;

	check_int(http_body_take(&whole, c->bytes, n), c->end);
	for (size_t i = 0; i < n && end >= 0; i++) {
		long taken = http_body_take(&cut, &c->bytes[i], 1);

		end = taken < 0 ? -1 : end + taken;
	}
	check_int(end, c->end);
	if (c->end < 0)
		return;
	check(c->ended == (whole.state == HTTP_BODY_ENDED));
	check(c->ended == (cut.state == HTTP_BODY_ENDED));
}

#define CHUNKED "Transfer-Encoding: chunked\r\n"

static const struct body_case requests[] = {
	{ "", "more", 0, true },
	{ "Content-Length: 0\r\n", "more", 0, true },
	{ "Content-Length: 3\r\n", "more", 3, true },
	{ "Content-Length: 5\r\n", "more", 4, false },
	{ "Content-Length: 18446744073709551609\r\n", "more", 4, false },
	{ CHUNKED, "0\r\n\r\nmore", 5, true },
	{ CHUNKED, "4\r\nmore\r\n0\r\n\r\nmore", 14, true },
	{ CHUNKED, "000A \t;x=\"1\"\r\n0\r\n\r\n01234\r\n0\r\nA: b\r\nC: d\r\n\r\nmore", 43, true },
	{ CHUNKED, "ffffffffffffffff\r\nmore", 22, false },
	{ "Transfer-Encoding: gzip,\tChunked\r\n", "0\r\n\r\nmore", 5, true },
	{ CHUNKED, "\r\n", -1, false },
	{ CHUNKED, "x\r\n", -1, false },
	{ CHUNKED, "4\nmore\r\n", -1, false },
	{ CHUNKED, "4;x\nmore\r\n", -1, false },
	{ CHUNKED, "4\rmore\r\n", -1, false },
	{ CHUNKED, "4\r\nmore\n", -1, false },
	{ CHUNKED, "3\r\nmore\r\n", -1, false },
	{ CHUNKED, "00000000000000000\r\n\r\n", -1, false },
	{ CHUNKED, "0\r\nA: b\n\r\n", -1, false },
	{ CHUNKED, "0\r\n\n", -1, false },
};

TEST("the body of a request has one end, however its bytes are cut")
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct http_body body;
		char head[200];

		snprintf(head, sizeof(head), "POST / HTTP/1.1\r\n%s\r\n", requests[i].fields);
		check_str(body_of(&body, head, "HTTP/1.1"), NULL);
		check_body(&body, &requests[i]);
	}
}

TEST("the body of a response ends as its status and its fields say, or with the connection")
{
	static const struct {
		const char *head, *bytes;
		long end;
		bool ended, to_head;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\n\r\n", "more", 4, false, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "more", 2, true, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "more", 0, true, true },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", "more", 4,
		    false, false },
		{ "HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n", "more", 0, true, false },
		{ "HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\n", "more", 0, true, false },
		{ "HTTP/1.1 101 No\r\nContent-Length: 2\r\n\r\n", "more", 4, false, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" CHUNKED "\r\n", "0\r\n\r\nmore", 5,
		    true, false },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "0\r\n\r\nmore", 9, false,
		    false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct body_case c = { "", cases[i].bytes, cases[i].end, cases[i].ended };
		struct http_head head;
		struct http_body body;

		require(http_head_parse(&head, cases[i].head, strlen(cases[i].head)) == NULL);
		http_body_of_response(&body, &head, cases[i].to_head);
		check_body(&body, &c);
	}
}
