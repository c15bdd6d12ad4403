/*
 * A TLS or DTLS connection.
 */
#ifndef STREAM_MBEDTLS_CONN_H
#define STREAM_MBEDTLS_CONN_H

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "stream/mbedtls/config.h"
#include "stream/mbedtls/ktls.h"

struct tls_dgram;

struct tls_conn {
	struct tls_stream_base base;
	struct tls *tls;
	mbedtls_ssl_context ssl;
	struct tls_dgram *dgram; /* NULL for a TCP stream */
	/* records received, and records not yet sent; for DTLS, out is the datagram that did not
	 * fit */
	struct buf in, out;
	char *name; /* that the peer's certificate has to match; NULL: any */
	unsigned char ip[16];
	size_t n_ip;        /* bytes of ip if name is an address, else 0 */
	struct error lower; /* why the lower stream failed; empty text: it has not */
	enum { TLS_NOTHING_YET, TLS_RECORDS, TLS_OTHER_PROTOCOL } peer_speaks; /* the first byte */
	int fault;        /* the library's failure, reported by every later read */
	int write_fault;  /* the library's failure, reported by every later write */
	int keylog_fault; /* the errno of a secret that could not be written */
	bool ended, shut, secured, saw_certificate, offered, saved;
	unsigned refusals; /* of renegotiations */
	/* about certificates */
	uint32_t flags;       /* MBEDTLS_X509_BADCERT_*, of the whole chain */
	int bad_depth;        /* depth of the certificate that `bad` names */
	char bad[256];        /* its subject */
	char bad_issuer[256]; /* its issuer */
	char bad_dates[2][32];
	bool wrong_name, wrong_pin;
	/* of the offered session: the pin of the peer's key, and notAfter of its certificate */
	char leaf_pin[64], leaf_until[32];
	struct tls_info info;
	struct tls_ktls kernel;
	struct buf secrets; /* for tls_secrets(), with a NUL at the end */
};

/* Returns the connection whose stream s is. */
static inline struct tls_conn *
tls_mbed_conn_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct tls_conn, base.stream);
}

#endif
