/*
 * The TLS handshake as a negotiation, which leaves a TLS stream on top.
 */
#ifndef STREAM_NEGOTIATE_NEGOTIATE_TLS_H
#define STREAM_NEGOTIATE_NEGOTIATE_TLS_H

#include <stddef.h>

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
};

/* Fails with ERROR_INTERNAL. */
int negotiate_tls(struct negotiation **ret_first, const struct negotiate_tls_how *how,
    struct error *e);

#endif
