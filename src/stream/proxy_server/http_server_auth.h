/*
 * How a client of our HTTP proxy says who it is: Basic (RFC 7617), and Digest (RFC 7616) with SHA-256 or
 * MD5 and qop=auth.
 */
#ifndef STREAM_PROXY_SERVER_HTTP_SERVER_AUTH_H
#define STREAM_PROXY_SERVER_HTTP_SERVER_AUTH_H

#include <stdbool.h>

#include "stream/proxy_server/http_nonce.h"

struct buf;
struct error;
struct http_request;
struct proxy_users;

/* What all clients of a server share. */
struct http_server_auth {
	/* set by the caller, the rest zeroed */
	const struct proxy_users *users;
	bool basic, digest; /* which are offered and taken */
	/* private */
	struct http_nonces *nonces;
};

/* The processes that are forked later share what it keeps. Fails with ERROR_INTERNAL. */
int http_server_auth_open(struct http_server_auth *a, struct error *e);

/* Accepts a zeroed a. */
void http_server_auth_close(struct http_server_auth *a);

/* Appends the fields Proxy-Authenticate. stale: the password was right, and the nonce too old. */
int http_server_auth_challenge(struct http_server_auth *a, bool stale, struct buf *out,
    struct error *e);

enum http_login_verdict { HTTP_LOGIN_ACCEPTED, HTTP_LOGIN_REJECTED, HTTP_LOGIN_STALE };

/* Checks the credentials of a request, which has no effect a second time. */
enum http_login_verdict http_server_auth_check(struct http_server_auth *a,
    const struct http_request *r);

#endif
