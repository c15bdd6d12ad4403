/*
 * The certificates that are trusted.
 */
#ifndef STREAM_MBEDTLS_CERTIFICATES_TRUST_H
#define STREAM_MBEDTLS_CERTIFICATES_TRUST_H

#include "stream/mbedtls/compat/compat.h"

struct error;
struct file_wait;
struct tls;

/* Trusted certificates. Their encodings lie in blocks, which are freed at the end. */
struct tls_trust {
	const struct file_wait *wait; /* for the file being read; NULL: regular files only */
	mbedtls_x509_crt chain;
	void **blocks;
	size_t n_blocks;
	bool loaded;
	const char *option; /* the option that names the file */
	char from[256];     /* where they come from, for messages */
};

/* Reads the trusted certificates. A missing system store counts as empty. */
int tls_mbed_trust_load(struct tls *t, struct error *e);
void tls_mbed_trust_close(struct tls *t);

#endif
