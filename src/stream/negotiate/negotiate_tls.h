/*
 * TLS as a negotiation: the dialogue of STARTTLS where one comes first, then the handshake, which
 * leaves a TLS stream on top.
 */
#ifndef STREAM_NEGOTIATE_NEGOTIATE_TLS_H
#define STREAM_NEGOTIATE_NEGOTIATE_TLS_H

#include <stddef.h>

#include "stream/negotiate/negotiate_starttls.h"

struct error;
struct negotiation;
struct tls;

/* Texts and bytes stay the caller's until the negotiation is over. */
struct negotiate_tls_how {
	struct tls *tls;
	const char *name;  /* as tls_stream() */
	const void *first; /* DTLS: a datagram that has come already, as tls_push_datagram() */
	size_t n_first;    /* 0: none has */
	/* Of a client. STARTTLS_NONE: the handshake is first. */
	struct negotiate_starttls_how starttls;
};

/* A chain of one or two. ERROR_INTERNAL, and as negotiate_starttls(). */
int negotiate_tls(struct negotiation **ret_first, const struct negotiate_tls_how *how,
    struct error *e);

#endif
