/*
 * A request to an HTTP proxy (RFC 9110, 9112): what it asks for, and the head that the target gets.
 * Pure functions over untrusted bytes.
 */
#ifndef STREAM_PROXY_SERVER_HTTP_REQUEST_H
#define STREAM_PROXY_SERVER_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "net/endpoint.h"
#include "stream/negotiate/http_head.h"
#include "stream/proxy_server/http_body.h"

struct buf;
struct error;

/* Points into the head, which the caller keeps. */
struct http_request {
	size_t length; /* of the head, with its empty line */
	struct http_head head;
	struct http_text method, uri, version;
	struct http_text authority; /* HOST[:PORT] */
	struct http_text path;      /* of an absolute URI */
	struct endpoint target;
	bool connects; /* the method is CONNECT */
	struct http_body body;
	int status; /* if it does not parse: the status to answer with */
};

/* Parses a complete head of n bytes. Returns -1 with ERROR_PROXY and r->status. */
int http_request_parse(struct http_request *r, const char *text, size_t n, struct error *e);

/* Appends the head for the target: the URI without its authority, a Host of the URI, no field that
 * concerns the client's connection, and "Connection: close". Fails like buf_append(). */
int http_request_rewrite(const struct http_request *r, struct buf *out, struct error *e);

#endif
