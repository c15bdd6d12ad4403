/*
 * A dialogue of stream/negotiate/starttls as a negotiation on a stream.
 */
#ifndef STREAM_NEGOTIATE_NEGOTIATE_STARTTLS_H
#define STREAM_NEGOTIATE_NEGOTIATE_STARTTLS_H

#include <stdbool.h>
#include <stddef.h>

#include "stream/negotiate/starttls.h"

struct error;
struct negotiation;

/* Texts stay the caller's until the negotiation is over. */
struct negotiate_starttls_how {
	enum starttls_protocol protocol;
	/* as struct starttls has them */
	const char *host;
	bool greeted;
	void (*said)(void *arg, char who, const char *text);
	void *arg;
	/* What the server has said already and nobody has read; copied. Not where greeted. */
	const void *held;
	size_t n_held;
};

/* Begins with what is held. Fails as starttls_begin(). Bytes behind the server's go-ahead are
 * ERROR_TLS, also those that come in a segment of their own before the handshake; the end of
 * the stream too. */
int negotiate_starttls(struct negotiation **ret_first, const struct negotiate_starttls_how *how,
    struct error *e);

#endif
