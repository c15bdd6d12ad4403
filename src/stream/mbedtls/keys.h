/*
 * Derives record keys from the secrets of a handshake.
 */
#ifndef STREAM_MBEDTLS_KEYS_H
#define STREAM_MBEDTLS_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/ktls/ktls.h"

/* The length of the hash, for SHA-384. */
#define TLS_SECRET_MAX 48

/* TLS 1.3: the traffic secret of one side. */
struct tls_secret {
	unsigned char bytes[TLS_SECRET_MAX];
	size_t n; /* 32 or 48; 0: unknown */
};

/* TLS 1.2: the master secret. */
struct tls_master {
	unsigned char bytes[48];
	unsigned char client[32], server[32]; /* random values of the hellos */
	bool sha384;                          /* the PRF uses SHA-384, else SHA-256 */
};

/* Returns the cipher for an IANA name such as "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", if
 * kernels can know it, else KTLS_NO_CIPHER. */
enum ktls_cipher tls_mbed_keys_cipher(const char *name);

/* Fill key and iv for keys->cipher. Return 0, or the library's code. With client, keys are those
 * that the client writes with, else the server (RFC 5246, 6.3). */
int tls_mbed_keys_of_master(const struct tls_master *master, bool client, struct ktls_keys *keys);
/* RFC 8446, 7.3. */
int tls_mbed_keys_of_secret(const struct tls_secret *secret, struct ktls_keys *keys);
/* Replaces the secret by the next one, for a KeyUpdate (RFC 8446, 7.2). */
int tls_mbed_keys_next(struct tls_secret *secret);

#endif
