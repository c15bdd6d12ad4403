/*
 * How a client of our HTTP proxy says who it is: Basic (RFC 7617) and Digest (RFC 7616).
 */
#ifndef STREAM_PROXY_SERVER_HTTP_SERVER_AUTH_H
#define STREAM_PROXY_SERVER_HTTP_SERVER_AUTH_H

#include <stdbool.h>

struct buf;
struct error;
struct http_request;
struct proxy_users;

/* Appends the fields Proxy-Authenticate. */
int http_server_auth_challenge(struct buf *out, struct error *e);

/* True if the request has the credentials of a user. */
bool http_server_auth_accepts(const struct proxy_users *users, const struct http_request *r);

#endif
