/*
 * The stream below a TLS one: the queue of records to it, and its failure.
 * TLS and DTLS share this.
 */
#ifndef STREAM_MBEDTLS_LOWER_H
#define STREAM_MBEDTLS_LOWER_H

#include "stream/mbedtls/conn.h"

/* Returns true once the lower stream has failed. */
static inline bool
tls_mbed_lower_has_failed(const struct tls_conn *c)
{
	return c->lower.text[0] != '\0';
}

/* Returns the STREAM_WANT_* for a code of the library, or 0. */
int tls_mbed_lower_wants(int code);
/* Returns the result of a read that gave no byte but this code. A failure is final: every later
 * read reports it. */
ssize_t tls_mbed_read_stopped(struct tls_conn *c, int code, struct error *e);
/* Returns 0, STREAM_WANT_* or -1. Reports also a failure after a write that had taken its bytes. */
int tls_mbed_stream_flush(struct stream *s, struct error *e);

/* Sends the queued records. Returns 0 when none is left, STREAM_WANT_*, or -1 with c->lower set. */
int tls_mbed_lower_flush(struct tls_conn *c);
/* Records that the lower stream has failed, which every later write reports. Returns the library's
 * code for it. */
int tls_mbed_lower_fail(struct tls_conn *c, const struct error *e);

#endif
