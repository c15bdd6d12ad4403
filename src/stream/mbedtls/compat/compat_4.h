/*
 * mbedTLS 4.x. Only compat.h includes this.
 */
#ifndef STREAM_MBEDTLS_COMPAT_COMPAT_4_H
#define STREAM_MBEDTLS_COMPAT_COMPAT_4_H

#include "stream/mbedtls/compat/compat_since_3.h"

/* The generator of PSA may not notice a fork. */
#define COMPAT_MAY_FORK false

#define COMPAT_KEY_RANDOM(...) __VA_ARGS__
/* Version 4 reads keys encrypted with AES itself. */
#define MBEDTLS_ERR_PKCS5_FEATURE_UNAVAILABLE MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE

#define COMPAT_SIGN_RANDOM(...) __VA_ARGS__

static inline void
compat_rng(mbedtls_ssl_config *conf)
{
	(void)conf;
}

static inline int
compat_tickets(mbedtls_ssl_ticket_context *tickets)
{
	return mbedtls_ssl_ticket_setup(tickets, PSA_ALG_GCM, PSA_KEY_TYPE_AES, 256,
	    TICKET_LIFETIME);
}

static inline int
compat_cookies(mbedtls_ssl_cookie_ctx *cookies)
{
	return mbedtls_ssl_cookie_setup(cookies);
}

static inline int
compat_make_key(mbedtls_pk_context *key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t id;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_bits(&attributes, 256);
	psa_set_key_usage_flags(&attributes,
	    PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_EXPORT);
	psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
	if (psa_generate_key(&attributes, &id) != PSA_SUCCESS)
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	return mbedtls_pk_wrap_psa(key, id);
}

static inline int
compat_hmac(bool sha384, const unsigned char *key, size_t key_n, const unsigned char *data,
    size_t n, unsigned char *out)
{
	psa_algorithm_t alg = PSA_ALG_HMAC(sha384 ? PSA_ALG_SHA_384 : PSA_ALG_SHA_256);
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	mbedtls_svc_key_id_t id;
	psa_status_t rc = psa_crypto_init();
	size_t made;

	psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
	psa_set_key_algorithm(&attributes, alg);
	if (rc == PSA_SUCCESS)
		rc = psa_import_key(&attributes, key, key_n, &id);
	if (rc != PSA_SUCCESS)
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	rc = psa_mac_compute(id, alg, data, n, out, sha384 ? 48 : 32, &made);
	psa_destroy_key(id);
	return rc == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static inline int
compat_aes_cbc_decrypt(const unsigned char *key, size_t key_n, const unsigned char *iv,
    const unsigned char *data, size_t n, unsigned char *out)
{
	(void)key, (void)key_n, (void)iv, (void)data, (void)n, (void)out;
	return MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE;
}

static inline int
compat_pbkdf2(mbedtls_md_type_t hash, const unsigned char *phrase, size_t n,
    const unsigned char *salt, size_t salt_n, unsigned iterations, unsigned char *key, size_t key_n)
{
	(void)hash, (void)phrase, (void)n, (void)salt, (void)salt_n, (void)iterations, (void)key;
	(void)key_n;
	return MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE;
}

#endif
