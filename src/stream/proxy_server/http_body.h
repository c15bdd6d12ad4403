/*
 * Where the body of an HTTP/1.1 message ends (RFC 9112, 6). A parser without I/O, of requests and responses; the
 * bytes are untrusted.
 */
#ifndef STREAM_PROXY_SERVER_HTTP_BODY_H
#define STREAM_PROXY_SERVER_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct http_head;
struct http_text;

enum http_body_state {
	HTTP_BODY_ENDED, /* also: there is none */
	HTTP_BODY_OPEN,  /* it ends with the connection */
	HTTP_BODY_DATA,  /* `left` bytes of it, or of a chunk */
	/* of a chunk, what is expected next */
	HTTP_BODY_SIZE,
	HTTP_BODY_EXTENSION,
	HTTP_BODY_SIZE_LF,
	HTTP_BODY_CR,
	HTTP_BODY_LF,
	HTTP_BODY_TRAILER, /* the beginning of a line */
	HTTP_BODY_TRAILER_LINE,
	HTTP_BODY_TRAILER_LF,
	HTTP_BODY_LAST_LF
};

struct http_body {
	enum http_body_state state;
	bool chunked;
	unsigned digits; /* of the size of a chunk */
	uint64_t left;
};

/* The body of a request with this head. Returns NULL, or why it has no end that all see alike. */
const char *http_body_of_request(struct http_body *ret_body, const struct http_head *h,
    const struct http_text *version);

/* The body of the final response to a request, whose method was HEAD or not. One that does not say where it
 * ends, ends with the connection. */
void http_body_of_response(struct http_body *ret_body, const struct http_head *h, bool head);

/* Reads on. Returns how many of the n bytes belong to the body: fewer than n, it has ended. -1: they are no
 * chunks. */
ssize_t http_body_take(struct http_body *b, const char *data, size_t n);

#endif
