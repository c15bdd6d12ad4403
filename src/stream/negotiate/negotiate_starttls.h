/*
 * Runs a dialogue of stream/negotiate/starttls on a stream, as a negotiation.
 */
#ifndef STREAM_NEGOTIATE_NEGOTIATE_STARTTLS_H
#define STREAM_NEGOTIATE_NEGOTIATE_STARTTLS_H

#include <stdbool.h>
#include <stddef.h>

#include "stream/negotiate/starttls.h"

struct error;
struct negotiation;

/* Strings and bytes stay the caller's until the negotiation is over. */
struct negotiate_starttls_how {
	enum starttls_protocol protocol;
	/* as in struct starttls */
	const char *host;
	bool greeted;
	void (*on_message)(void *arg, char who, const char *text);
	void *arg;
	/* bytes from the server that somebody has already read; copied. Must be empty if greeted is
	 * set. */
	const void *held;
	size_t n_held;
};

/* Makes the negotiation, which begins with the bytes of held. Fails as starttls_begin(). Bytes
 * after the server's agreement are ERROR_TLS, even in a later segment; so is the end of the
 * stream. */
int negotiate_starttls(struct negotiation **ret_first, const struct negotiate_starttls_how *how,
    struct error *e);

#endif
