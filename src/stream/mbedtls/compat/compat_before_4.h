/*
 * What mbedTLS 2.28 and 3.x have in common. Only compat.h includes this.
 */
#ifndef STREAM_MBEDTLS_COMPAT_COMPAT_BEFORE_4_H
#define STREAM_MBEDTLS_COMPAT_COMPAT_BEFORE_4_H

#include <mbedtls/aes.h>
#include <mbedtls/pkcs5.h>

#define COMPAT_SIGN_RANDOM(...) __VA_ARGS__, tls_mbed_random, NULL

static inline void
compat_rng(mbedtls_ssl_config *conf)
{
	mbedtls_ssl_conf_rng(conf, tls_mbed_random, NULL);
}

static inline int
compat_tickets(mbedtls_ssl_ticket_context *tickets)
{
	return mbedtls_ssl_ticket_setup(tickets, tls_mbed_random, NULL, MBEDTLS_CIPHER_AES_256_GCM,
	    TICKET_LIFETIME);
}

static inline int
compat_cookies(mbedtls_ssl_cookie_ctx *cookies)
{
	return mbedtls_ssl_cookie_setup(cookies, tls_mbed_random, NULL);
}

/* Generates a P-256 key. */
static inline int
compat_make_key(mbedtls_pk_context *key)
{
	int rc = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));

	if (rc != 0)
		return rc;
	return mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), tls_mbed_random,
	    NULL);
}

static inline int
compat_hmac(bool sha384, const unsigned char *key, size_t key_n, const unsigned char *data,
    size_t n, unsigned char *out)
{
	return mbedtls_md_hmac(
	    mbedtls_md_info_from_type(sha384 ? MBEDTLS_MD_SHA384 : MBEDTLS_MD_SHA256), key, key_n,
	    data, n, out);
}

static inline int
compat_aes_cbc_decrypt(const unsigned char *key, size_t key_n, const unsigned char *iv,
    const unsigned char *data, size_t n, unsigned char *out)
{
	unsigned char chain[16];
	mbedtls_aes_context aes;
	int rc;

	memcpy(chain, iv, sizeof(chain));
	mbedtls_aes_init(&aes);
	rc = mbedtls_aes_setkey_dec(&aes, key, (unsigned)key_n * 8);
	if (rc == 0)
		rc = mbedtls_aes_crypt_cbc(&aes, MBEDTLS_AES_DECRYPT, n, chain, data, out);
	mbedtls_aes_free(&aes);
	return rc;
}

#endif
