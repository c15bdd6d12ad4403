/*
 * The nonces of Digest (RFC 7616, 3.3), as a server of one or several processes makes and checks them. One
 * that nobody has logged in with costs no memory: it carries its time, and a hash with our secret. Of those
 * that were used, the counts that have come are kept, so that no request can be sent a second time, to
 * whichever process.
 */
#ifndef STREAM_PROXY_SERVER_HTTP_NONCE_H
#define STREAM_PROXY_SERVER_HTTP_NONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"

struct error;

/* A nonce as text, with a NUL. */
#define HTTP_NONCE_TEXT (2 * (8 + 8 + 16) + 1)

/* How long a nonce may be used. */
#define HTTP_NONCE_LIFE (300 * NSEC_PER_SEC)

/* How many nonces are kept. When another one is used the oldest is forgotten, and with it all that are
 * older. */
#define HTTP_NONCES_MAX 1024

struct http_nonces;

/* The nonces are shared with the processes that are forked later. Fails with ERROR_INTERNAL. */
int http_nonces_open(struct http_nonces **ret_nonces, struct error *e);

/* In this process. Accepts NULL. */
void http_nonces_close(struct http_nonces *s);

/* Makes a nonce. Fails with ERROR_INTERNAL. */
int http_nonce_make(struct http_nonces *s, int64_t now, char ret_text[HTTP_NONCE_TEXT],
    struct error *e);

/* Uses a nonce with this count, for a request whose response is right. Returns false if it is not ours,
 * too old, or was used with this count before. */
bool http_nonce_use(struct http_nonces *s, const char *text, uint32_t count, int64_t now);

#endif
