/*
 * How a client of HTTP says who it is: Basic (RFC 7617) and Digest (RFC 7616) with SHA-256 or MD5.
 * No I/O, and no random numbers of its own.
 */
#ifndef STREAM_NEGOTIATE_PROXY_HTTP_AUTH_H
#define STREAM_NEGOTIATE_PROXY_HTTP_AUTH_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct error;
struct http_text;

/* The longest parameter that is read, with a NUL. */
#define HTTP_AUTH_TEXT 512

/* From the weakest to the best. */
enum http_auth_scheme {
	HTTP_AUTH_NONE,
	HTTP_AUTH_BASIC,
	HTTP_AUTH_DIGEST_MD5,
	HTTP_AUTH_DIGEST_SHA256
};

/* What a server asks for. */
struct http_challenge {
	enum http_auth_scheme scheme;
	bool session; /* the algorithm ends in -sess */
	bool qop;     /* "auth" is offered; without it the older form of RFC 2069 is used */
	bool stale;   /* the nonce was too old, and the password is not wrong */
	bool opaque_given;
	char realm[HTTP_AUTH_TEXT], nonce[HTTP_AUTH_TEXT], opaque[HTTP_AUTH_TEXT];
};

/* Reads the value of a WWW-Authenticate or Proxy-Authenticate field, which may hold several
 * challenges. Sets *best to the one with the best scheme, if it is better than *best. Challenges
 * that are unknown or wrong are skipped. */
void http_challenge_read(struct http_challenge *best, const struct http_text *value);

/* One request. Texts without control characters. */
struct http_login {
	const char *user, *pass;
	const char *method, *uri;
	unsigned count;     /* how often the nonce was used, with this request */
	const char *cnonce; /* a random text of the client's */
};

/* Gets the response of Digest, as hexadecimal digits; c is a challenge of Digest. */
int http_digest(const struct http_challenge *c, const struct http_login *l, char ret_hex[65],
    struct error *e);

/* Appends the value of an Authorization or Proxy-Authorization field. Fails as buf_append(). */
int http_auth_answer(struct buf *out, const struct http_challenge *c, const struct http_login *l,
    struct error *e);

/* A word of a list of challenges or parameters. */
struct http_auth_word {
	bool is_scheme; /* name is a scheme, whose parameters follow */
	const char *name;
	size_t n;
	char value[HTTP_AUTH_TEXT]; /* of a parameter, without its quotes */
};

/* Gets the next word, and moves *list behind it. Returns false at the end, and where the list is
 * wrong. */
bool http_auth_next(struct http_text *list, struct http_auth_word *ret_word);

#endif
