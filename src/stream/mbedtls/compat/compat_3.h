/*
 * mbedTLS 3.x. Only compat.h includes this.
 */
#ifndef STREAM_MBEDTLS_COMPAT_COMPAT_3_H
#define STREAM_MBEDTLS_COMPAT_COMPAT_3_H

#include "stream/mbedtls/compat/compat_before_4.h"
#include "stream/mbedtls/compat/compat_since_3.h"

/* TLS 1.3 uses the generator of PSA, which notices a fork since 3.6.6. */
#define COMPAT_MAY_FORK (MBEDTLS_VERSION_NUMBER >= 0x03060600)

#define COMPAT_KEY_RANDOM(...) __VA_ARGS__, tls_mbed_random, NULL

static inline int
compat_pbkdf2(mbedtls_md_type_t hash, const unsigned char *phrase, size_t n,
    const unsigned char *salt, size_t salt_n, unsigned iterations, unsigned char *key, size_t key_n)
{
	return mbedtls_pkcs5_pbkdf2_hmac_ext(hash, phrase, n, salt, salt_n, iterations,
	    (uint32_t)key_n, key);
}

#endif
