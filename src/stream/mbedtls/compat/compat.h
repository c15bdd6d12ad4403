/*
 * The differences between mbedTLS 2.28, 3.x and 4.x, and nothing else.
 */
#ifndef STREAM_MBEDTLS_COMPAT_COMPAT_H
#define STREAM_MBEDTLS_COMPAT_COMPAT_H

#define MBEDTLS_ALLOW_PRIVATE_ACCESS

#include <mbedtls/base64.h>
#include <mbedtls/error.h>
#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#include <stdbool.h>
#include <string.h>

#include "stream/tls.h"

/* Gets random bytes from the kernel, with the signature of the library's callback. Safe after a
 * fork. */
int tls_mbed_random(void *unused, unsigned char *out, size_t n);

/* A secret of the handshake. */
enum tls_exported {
	TLS_EXPORTED_MASTER, /* TLS 1.2 */
	TLS_EXPORTED_CLIENT_HANDSHAKE,
	TLS_EXPORTED_SERVER_HANDSHAKE,
	TLS_EXPORTED_CLIENT_TRAFFIC,
	TLS_EXPORTED_SERVER_TRAFFIC
};

struct tls_export {
	enum tls_exported what;
	const unsigned char *secret;
	size_t n;
	const unsigned char *client, *server; /* random values of the hellos, 32 bytes each */
	mbedtls_tls_prf_types prf;
};

/* Called during a step of the handshake for each secret. context is the one of compat_export(). */
void tls_mbed_exported(void *context, const struct tls_export *x);

#define TICKET_LIFETIME 86400 /* seconds */

/* The file of a version has the functions compat_*. Version 3 takes a random generator for
 * operations with keys (COMPAT_KEY_RANDOM), versions 2 and 3 for signing (COMPAT_SIGN_RANDOM). */
#if MBEDTLS_VERSION_MAJOR == 2
#include "stream/mbedtls/compat/compat_2.h"
#elif MBEDTLS_VERSION_MAJOR == 3
#include "stream/mbedtls/compat/compat_3.h"
#else
#include "stream/mbedtls/compat/compat_4.h"
#endif

static inline int
compat_parse_key(mbedtls_pk_context *key, const unsigned char *text, size_t size,
    const unsigned char *phrase, size_t n)
{
	return mbedtls_pk_parse_key(key, COMPAT_KEY_RANDOM(text, size, phrase, n));
}

static inline int
compat_check_pair(const mbedtls_pk_context *pub, const mbedtls_pk_context *key)
{
	return mbedtls_pk_check_pair(pub, COMPAT_KEY_RANDOM(key));
}

static inline int
compat_write_crt(mbedtls_x509write_cert *crt, unsigned char *der, size_t size)
{
	return mbedtls_x509write_crt_der(crt, COMPAT_SIGN_RANDOM(der, size));
}

#endif
