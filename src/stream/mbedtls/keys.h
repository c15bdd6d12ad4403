/*
 * The keys of records, out of the secrets that a handshake has agreed on.
 */
#ifndef STREAM_MBEDTLS_KEYS_H
#define STREAM_MBEDTLS_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/ktls/ktls.h"

/* As long as the hash: SHA-384 or SHA-256. */
#define TLS_SECRET_MAX 48

/* Of TLS 1.3: the traffic secret of one side. */
struct tls_secret {
	unsigned char bytes[TLS_SECRET_MAX];
	size_t n; /* 32 or 48; 0: not known */
};

/* Of TLS 1.2. */
struct tls_master {
	unsigned char bytes[48];
	unsigned char client[32], server[32]; /* random numbers of the hellos */
	bool sha384;                          /* the hash of its PRF, else SHA-256 */
};

/* "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": which of those that a kernel may know. */
enum ktls_cipher tls_mbed_keys_cipher(const char *name);

/* Fill key and iv for keys->cipher; 0, or the library's code.
 * RFC 5246, 6.3: what the client writes with, else the server. */
int tls_mbed_keys_of_master(const struct tls_master *master, bool client, struct ktls_keys *keys);
/* RFC 8446, 7.3. */
int tls_mbed_keys_of_secret(const struct tls_secret *secret, struct ktls_keys *keys);
/* The secret behind this one (RFC 8446, 7.2). */
int tls_mbed_keys_next(struct tls_secret *secret);

#endif
