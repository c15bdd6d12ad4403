#include "stream/proxy_server/http_body.h"

#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "stream/negotiate/http_head.h"

/* Digits of the size of a chunk. */
enum { DIGITS_MAX = 16 };

static bool
length_from(const struct http_text *t, uint64_t *ret_length)
{
	uint64_t length = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (!parse_is_digit(t->at[i]) || length > (UINT64_MAX - 9) / 10)
			return false;
		length = length * 10 + (uint64_t)(t->at[i] - '0');
	}
	*ret_length = length;
	return t->n > 0;
}

/* A field that comes several times has to say the same each time. */
static bool
get_length(const struct http_head *h, uint64_t *ret_length)
{
	struct http_text value;
	uint64_t other;

	for (unsigned i = 0; http_head_field(h, "Content-Length", i, &value); i++) {
		if (!length_from(&value, &other) || (i > 0 && other != *ret_length))
			return false;
		*ret_length = other;
	}
	return true;
}

/* True if the last coding, and no other, is this one. */
static bool
ends_chunked(const struct http_head *h)
{
	static const char chunked[] = "chunked";
	struct http_text list, word;
	unsigned n = 0;
	bool last = false;

	for (unsigned i = 0; http_head_field(h, "Transfer-Encoding", i, &list); i++)
		while (http_head_next_word(&list, &word)) {
			last = word.n == sizeof(chunked) - 1 &&
			    strncasecmp(word.at, chunked, word.n) == 0;
			n += last;
		}
	return last && n == 1;
}

static bool
has_head_field(const struct http_head *h, const char *name)
{
	struct http_text value;

	return http_head_field(h, name, 0, &value);
}

static void
set_length(struct http_body *b, uint64_t length)
{
	b->state = length > 0 ? HTTP_BODY_DATA : HTTP_BODY_ENDED;
	b->left = length;
}

const char *
http_body_of_request(struct http_body *ret_body, const struct http_head *h,
    const struct http_text *version)
{
	uint64_t length = 0;

	*ret_body = (struct http_body){ .state = HTTP_BODY_SIZE, .chunked = true };
	if (has_head_field(h, "Transfer-Encoding")) {
		if (has_head_field(h, "Content-Length"))
			return "both Content-Length and Transfer-Encoding";
		if (http_text_is(version, "HTTP/1.0") || !ends_chunked(h))
			return "Transfer-Encoding does not say where the body ends";
		return NULL;
	}
	ret_body->chunked = false;
	if (!get_length(h, &length))
		return "Content-Length is not one number";
	set_length(ret_body, length);
	return NULL;
}

void
http_body_of_response(struct http_body *ret_body, const struct http_head *h, bool head)
{
	unsigned status = http_head_status(h);
	uint64_t length = 0;

	*ret_body = (struct http_body){ .state = HTTP_BODY_OPEN };
	if (head || status == 204 || status == 304) {
		ret_body->state = HTTP_BODY_ENDED;
	} else if (has_head_field(h, "Transfer-Encoding")) {
		ret_body->chunked = ends_chunked(h);
		if (ret_body->chunked)
			ret_body->state = HTTP_BODY_SIZE;
	} else if (status != 101 && has_head_field(h, "Content-Length") && get_length(h, &length)) {
		set_length(ret_body, length);
	}
}

/* ---- chunks ---- */

static int
take_size(struct http_body *b, char c)
{
	int digit = parse_hex_digit(c);

	if (digit >= 0 && ++b->digits <= DIGITS_MAX) {
		b->left = b->left << 4 | (unsigned)digit;
		return 0;
	}
	if (digit >= 0 || b->digits == 0)
		return -1;
	if (c == '\r')
		b->state = HTTP_BODY_SIZE_LF;
	else if (c == ';' || c == ' ' || c == '\t')
		b->state = HTTP_BODY_EXTENSION;
	else
		return -1;
	return 0;
}

static int
expect(struct http_body *b, char c, char want, enum http_body_state next)
{
	b->state = next;
	return c == want ? 0 : -1;
}

/* A line goes on until its CR; a bare LF would end it for some. */
static int
take_line(struct http_body *b, char c, enum http_body_state next)
{
	if (c == '\r')
		b->state = next;
	return c == '\n' ? -1 : 0;
}

/* One byte between the data of chunks. */
static int
take_chunk_char(struct http_body *b, char c)
{
	switch (b->state) {
	case HTTP_BODY_SIZE:
		return take_size(b, c);
	case HTTP_BODY_EXTENSION:
		return take_line(b, c, HTTP_BODY_SIZE_LF);
	case HTTP_BODY_SIZE_LF:
		b->digits = 0;
		return expect(b, c, '\n', b->left > 0 ? HTTP_BODY_DATA : HTTP_BODY_TRAILER);
	case HTTP_BODY_CR:
		return expect(b, c, '\r', HTTP_BODY_LF);
	case HTTP_BODY_LF:
		return expect(b, c, '\n', HTTP_BODY_SIZE);
	case HTTP_BODY_TRAILER:
		b->state = HTTP_BODY_TRAILER_LINE;
		return take_line(b, c, HTTP_BODY_LAST_LF);
	case HTTP_BODY_TRAILER_LINE:
		return take_line(b, c, HTTP_BODY_TRAILER_LF);
	case HTTP_BODY_TRAILER_LF:
		return expect(b, c, '\n', HTTP_BODY_TRAILER);
	case HTTP_BODY_LAST_LF:
		return expect(b, c, '\n', HTTP_BODY_ENDED);
	default:
		return -1;
	}
}

static size_t
take_data(struct http_body *b, size_t n)
{
	size_t taken = n < b->left ? n : (size_t)b->left;

	b->left -= taken;
	if (b->left == 0)
		b->state = b->chunked ? HTTP_BODY_CR : HTTP_BODY_ENDED;
	return taken;
}

ssize_t
http_body_take(struct http_body *b, const char *data, size_t n)
{
	size_t at = 0;

	if (b->state == HTTP_BODY_OPEN)
		return (ssize_t)n;
	while (at < n && b->state != HTTP_BODY_ENDED)
		if (b->state == HTTP_BODY_DATA)
			at += take_data(b, n - at);
		else if (take_chunk_char(b, data[at++]) < 0)
			return -1;
	return (ssize_t)at;
}
