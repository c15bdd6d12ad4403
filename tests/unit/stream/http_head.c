#include "stream/negotiate/http_head.h"
#include "test.h"

/* Parses a copy of its exact size, so that the sanitizer sees a read behind the end. */
static const char *
parse(struct http_head *h, const char *text, char **copy)
{
	size_t n = strlen(text);

	*copy = malloc(n > 0 ? n : 1);
	if (!check(*copy != NULL))
		return "no memory";
	memcpy(*copy, text, n);
	check_int(http_head_length(*copy, n), n);
	return http_head_parse(h, *copy, n);
}

TEST("a head ends with its empty line, and is incomplete before")
{
	static const char text[] = "GET / HTTP/1.1\r\nA: b\r\n\r\nbody\n\n";

	for (size_t n = 0; n < sizeof(text); n++)
		check_int(http_head_length(text, n), n >= 24 ? 24 : 0);
	check_int(http_head_length("a\n\n", 3), 3);
	check_int(http_head_length("\r\n", 2), 2);
}

TEST("fields are found by their names, in any case and number")
{
	struct http_head h;
	struct http_text value;
	char *copy;

	check_str(
	    parse(&h,
		"HTTP/1.1 101 Go on\r\nA: 1\r\nab:2 \r\na:\t\r\nX-y: u, v ,,w\r\nx-Y: z\r\n\r\n",
		&copy),
	    NULL);
	check_int(http_head_status(&h), 101);
	check(http_head_field(&h, "a", 0, &value));
	check_mem(value.at, value.n, "1", 1);
	check(http_head_field(&h, "a", 1, &value));
	check_int(value.n, 0);
	check(!http_head_field(&h, "a", 2, &value));
	check(http_head_field(&h, "AB", 0, &value));
	check_mem(value.at, value.n, "2", 1);
	check(!http_head_field(&h, "abc", 0, &value));
	check(http_head_lists(&h, "x-y", "V"));
	check(http_head_lists(&h, "x-y", "z"));
	check(!http_head_lists(&h, "x-y", "u,"));
	check(!http_head_lists(&h, "x-y", ""));
	free(copy);
}

TEST("what is no head is refused, and the text says why")
{
	static const char *const rows[][2] = {
		{ "a\x01\n\n", "the first line has control characters" },
		{ "a\nb: \x7f\n\n", "a field has control characters" },
		{ "a\nb: c\rd\n\n", "a field has control characters" },
		{ "a\nb\n\n", "a line is no field" },
		{ "a\n: b\n\n", "a line is no field" },
		{ "a\nb : c\n\n", "a line is no field" },
		{ "a\nb: c\n d\n\n", "a field is continued on the next line" },
	};
	struct http_head h;
	char *copy;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_str(parse(&h, rows[i][0], &copy), rows[i][1]);
		free(copy);
	}
}

static unsigned
status_of(const char *line)
{
	const struct http_head h = { .start = { line, strlen(line) } };

	return http_head_status(&h);
}

TEST("the status of a response is three digits behind the version")
{
	check_int(status_of("HTTP/1.1 200 OK"), 200);
	check_int(status_of("HTTP/1.0 404"), 404);
	check_int(status_of("HTTP/1.1 099 x"), 0);
	check_int(status_of("HTTP/2.0 200 x"), 0);
	check_int(status_of("HTTP/1.1 2000"), 0);
	check_int(status_of("HTTP/1.1 20"), 0);
	check_int(status_of("SSH-2.0-x"), 0);
	check_int(status_of(""), 0);
}

static bool
is_request(const char *line, const char *method, const char *target)
{
	const struct http_head h = { .start = { line, strlen(line) } };
	struct http_text m, t;

	return http_head_request(&h, &m, &t) && http_text_is(&m, method) &&
	    http_text_is(&t, target);
}

TEST("a request has a method, a target and a version")
{
	check(is_request("GET / HTTP/1.1", "GET", "/"));
	check(is_request("OPTIONS * HTTP/1.2", "OPTIONS", "*"));
	check(!is_request("GET / HTTP/1.0", "GET", "/"));
	check(!is_request("GET / HTTP/2.0", "GET", "/"));
	check(!is_request("GET  / HTTP/1.1", "GET", "/"));
	check(!is_request("GET /a b HTTP/1.1", "GET", "/a b"));
	check(!is_request("GET HTTP/1.1", "GET", ""));
	check(!is_request(" / HTTP/1.1", "", "/"));
	check(!is_request("GET /", "GET", "/"));
	check(!is_request("", "", ""));
}
