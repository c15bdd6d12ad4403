/*
 * Parses the first message of a DTLS handshake before the server keeps any
 * state about the client, and makes the answer that asks for a cookie (RFC
 * 6347, 4.2.1). The input is untrusted: no allocation, no library.
 */
#ifndef STREAM_DTLS_COOKIE_H
#define STREAM_DTLS_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

#define DTLS_RECORD_HEADER 13
#define DTLS_COOKIE_MAX 255

struct dtls_hello {
	/* points into the datagram; n_cookie is 0 in the first hello */
	const unsigned char *cookie;
	size_t n_cookie;
	unsigned char sequence[6]; /* of the record that carries the hello */
};

/* Returns the length of the record at data, header included. It is n if the header claims more
 * than n bytes or is incomplete. */
size_t dtls_record_size(const unsigned char *data, size_t n);

/* Returns false if the datagram does not begin with a complete ClientHello. */
bool dtls_cookie_parse(const unsigned char *datagram, size_t n, struct dtls_hello *ret_hello);

/* Writes the HelloVerifyRequest that answers hello. Returns its length, or 0 if it does not fit
 * in size. */
size_t dtls_cookie_request(const struct dtls_hello *hello, const unsigned char *cookie,
    size_t n_cookie, unsigned char *answer, size_t size);

#endif
