/*
 * TLS as a negotiation: an optional STARTTLS dialogue, then the handshake,
 * which leaves a TLS stream on top.
 */
#ifndef STREAM_NEGOTIATE_NEGOTIATE_TLS_H
#define STREAM_NEGOTIATE_NEGOTIATE_TLS_H

#include <stddef.h>

#include "stream/negotiate/negotiate_starttls.h"

struct error;
struct negotiation;
struct tls;

/* Strings and bytes stay the caller's until the negotiation is over. */
struct negotiate_tls_how {
	struct tls *tls;
	const char *name; /* as in tls_stream() */
	/* DTLS: a datagram that has already arrived, as in tls_push_datagram() */
	const void *first;
	size_t n_first; /* 0: none */
	/* for clients; STARTTLS_NONE: the handshake begins at once */
	struct negotiate_starttls_how starttls;
};

/* Makes a chain of one or two negotiations. Fails with ERROR_INTERNAL, and as
 * negotiate_starttls(). */
int negotiate_tls(struct negotiation **ret_first, const struct negotiate_tls_how *how,
    struct error *e);

#endif
