/*
 * The nonces of Digest (RFC 7616, 3.3), as a server makes and checks them. One that nobody has logged
 * in with costs no memory: it carries its time, and a hash with our secret. Of those that were used,
 * the counts that have come are kept, so that no request can be sent a second time.
 */
#ifndef STREAM_PROXY_SERVER_HTTP_NONCE_H
#define STREAM_PROXY_SERVER_HTTP_NONCE_H

#include <stdbool.h>
#include <stddef.h>
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

/* A nonce that was used. */
struct http_nonce_used {
	int64_t made;
	uint64_t random;
	uint32_t count;  /* the highest */
	uint64_t before; /* bit i: count - 1 - i has come, too */
};

/* All zeroed at first. The secret is drawn with the first nonce. */
struct http_nonces {
	bool drawn;
	unsigned char secret[32];
	int64_t forgotten; /* nonces made until then are not taken any more */
	struct http_nonce_used *used;
	size_t n;
};

/* Makes a nonce. Fails with ERROR_INTERNAL. */
int http_nonce_make(struct http_nonces *s, int64_t now, char ret_text[HTTP_NONCE_TEXT],
    struct error *e);

/* Uses a nonce with this count, for a request whose response is right. Returns false if it is not ours,
 * too old, or was used with this count before. */
bool http_nonce_use(struct http_nonces *s, const char *text, uint32_t count, int64_t now);

void http_nonces_fini(struct http_nonces *s);

#endif
