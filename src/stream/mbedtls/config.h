/*
 * A TLS context: what all connections of a command share.
 */
#ifndef STREAM_MBEDTLS_CONFIG_H
#define STREAM_MBEDTLS_CONFIG_H

#include "stream/mbedtls/certificates/trust.h"
#include "stream/tls.h"
#include "stream/tls_module.h"

struct tls_credentials;
struct tls_psk;

/* A SHA-256 that the peer has to have. */
struct tls_pin {
	unsigned char digest[32];
	bool of_certificate; /* of its certificate; else of its public key */
};

struct tls {
	struct tls_base base;
	struct tls_how how;
	mbedtls_ssl_config conf;
	struct tls_credentials *own;
	size_t n_own;
	struct tls_trust trust;
	char *phrases; /* the contents of key_pass_file, while keys are loaded */
	size_t phrases_n;
	struct tls_psk *psks;
	size_t n_psks;
	int *ciphers;
	char *alpn_text;
	const char **alpn;
	struct tls_pin *pins;
	mbedtls_ssl_ticket_context tickets;
	mbedtls_ssl_cache_context cache;
	mbedtls_ssl_cookie_ctx cookies;
	int keylog_fd;
	struct tls_conn *stepping; /* the connection in a library call of the handshake, or NULL */
};

extern const struct tls_module usock_module_tls;

/* For struct tls_module. */
int tls_mbed_open(struct tls **ret_tls, const struct tls_how *how, struct error *e);
void tls_mbed_close(struct tls *t);

#endif
