/*
 * The first message of a DTLS handshake, as a server reads it before it keeps
 * anything about a client, and the answer that asks for its cookie (RFC 6347,
 * 4.2.1). Bytes of strangers: no allocation, no library.
 */
#ifndef STREAM_DTLS_COOKIE_H
#define STREAM_DTLS_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

#define DTLS_RECORD_HEADER 13
#define DTLS_COOKIE_MAX 255

struct dtls_hello {
	const unsigned char *cookie; /* in the datagram; n_cookie 0: none yet */
	size_t n_cookie;
	unsigned char sequence[6]; /* of its record */
};

/* Bytes of the record at data, with its header: at most n, all of them where the header
 * says more, or there is none. */
size_t dtls_record_size(const unsigned char *data, size_t n);

/* False where the datagram does not begin with a whole ClientHello. */
bool dtls_cookie_parse(const unsigned char *datagram, size_t n, struct dtls_hello *ret_hello);

/* The HelloVerifyRequest for it: its length, or 0 where it does not fit in size. */
size_t dtls_cookie_request(const struct dtls_hello *hello, const unsigned char *cookie,
    size_t n_cookie, unsigned char *answer, size_t size);

#endif
