/*
 * One request and its response, as a stream on the connection to a target: what the client sends behind its request
 * is another one, which may be for another target, and is dropped; the response says that its connection
 * closes, and what follows it is dropped, too.
 */
#ifndef STREAM_PROXY_SERVER_HTTP_EXCHANGE_H
#define STREAM_PROXY_SERVER_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "stream/proxy_server/http_body.h"

struct error;
struct stream;

struct http_exchange_how {
	size_t first;             /* bytes that are written before all others */
	struct http_body request; /* what is left of the client's body then */
	bool head;                /* the method is HEAD */
};

/* Puts the stream on lower, which it owns on success. A response that is none of HTTP is passed on as it
 * is. Reading gives the end behind the response. Writing fails with ERROR_PROXY where the client's body
 * is malformed. Fails with ERROR_INTERNAL. */
int http_exchange_stream(struct stream **ret_stream, struct stream *lower,
    const struct http_exchange_how *how, struct error *e);

#endif
