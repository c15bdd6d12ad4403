/*
 * Our certificates, private keys and pre-shared keys.
 */
#ifndef STREAM_MBEDTLS_CERTIFICATES_CREDENTIALS_H
#define STREAM_MBEDTLS_CERTIFICATES_CREDENTIALS_H

#include "stream/mbedtls/compat/compat.h"

struct error;
struct tls;

/* A certificate, the chain to its root, and its key. */
struct tls_credentials {
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
};

struct tls_psk {
	char *identity;
	unsigned char key[64];
	size_t n;
};

/* Load what how says, or generate the certificate. The context frees it even if loading fails. */
int tls_mbed_credentials_load(struct tls *t, struct error *e);
int tls_mbed_psk_load(struct tls *t, struct error *e);
void tls_mbed_credentials_close(struct tls *t);

#endif
