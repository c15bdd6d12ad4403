/*
 * The differences between mbedTLS 2.28, 3.x and 4.x, and nothing else.
 */
#ifndef STREAM_MBEDTLS_COMPAT_H
#define STREAM_MBEDTLS_COMPAT_H

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

#if MBEDTLS_VERSION_MAJOR > 2
#include <psa/crypto.h>
#endif

/* Version 3 takes a random generator for operations with keys, versions 2 and 3 for signing. */
#if MBEDTLS_VERSION_MAJOR == 3
#define COMPAT_KEY_RANDOM(...) __VA_ARGS__, tls_mbed_random, NULL
#else
#define COMPAT_KEY_RANDOM(...) __VA_ARGS__
#endif

#if MBEDTLS_VERSION_MAJOR < 4

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

#else

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

#if MBEDTLS_VERSION_MAJOR == 3

static inline int
compat_pbkdf2(mbedtls_md_type_t hash, const unsigned char *phrase, size_t n,
    const unsigned char *salt, size_t salt_n, unsigned iterations, unsigned char *key, size_t key_n)
{
	return mbedtls_pkcs5_pbkdf2_hmac_ext(hash, phrase, n, salt, salt_n, iterations,
	    (uint32_t)key_n, key);
}

#endif

#if MBEDTLS_VERSION_MAJOR == 2

#define COMPAT_HAS_1_3 false
#define COMPAT_NEW_TICKET 1 /* never */

static inline int
compat_pbkdf2(mbedtls_md_type_t hash, const unsigned char *phrase, size_t n,
    const unsigned char *salt, size_t salt_n, unsigned iterations, unsigned char *key, size_t key_n)
{
	mbedtls_md_context_t md;
	int rc;

	mbedtls_md_init(&md);
	rc = mbedtls_md_setup(&md, mbedtls_md_info_from_type(hash), 1);
	if (rc == 0)
		rc = mbedtls_pkcs5_pbkdf2_hmac(&md, phrase, n, salt, salt_n, iterations,
		    (uint32_t)key_n, key);
	mbedtls_md_free(&md);
	return rc;
}

static inline int
compat_start(void)
{
	return 0;
}

static inline void
compat_versions(mbedtls_ssl_config *conf, enum tls_version min, enum tls_version max)
{
	(void)min, (void)max;
	mbedtls_ssl_conf_min_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3,
	    MBEDTLS_SSL_MINOR_VERSION_3);
}

static inline void
compat_groups(mbedtls_ssl_config *conf)
{
	static const mbedtls_ecp_group_id groups[] = { MBEDTLS_ECP_DP_CURVE25519,
		MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_SECP521R1,
		MBEDTLS_ECP_DP_BP256R1, MBEDTLS_ECP_DP_BP384R1, MBEDTLS_ECP_DP_BP512R1,
		MBEDTLS_ECP_DP_NONE };

	mbedtls_ssl_conf_curves(conf, groups);
}

static inline void
compat_want_tickets(mbedtls_ssl_config *conf)
{
	(void)conf;
}

static inline int
compat_exported(void *context, const unsigned char *master, const unsigned char *block, size_t mac,
    size_t key, size_t iv, const unsigned char client[32], const unsigned char server[32],
    mbedtls_tls_prf_types prf)
{
	const struct tls_export x = { TLS_EXPORTED_MASTER, master, 48, client, server, prf };

	(void)block, (void)mac, (void)key, (void)iv;
	tls_mbed_exported(context, &x);
	return 0;
}

static inline void
compat_export(mbedtls_ssl_config *conf, mbedtls_ssl_context *ssl, void *context)
{
	(void)ssl;
	mbedtls_ssl_conf_export_keys_ext_cb(conf, compat_exported, context);
}

static inline bool
compat_is_over(const mbedtls_ssl_context *ssl)
{
	return ssl->state == MBEDTLS_SSL_HANDSHAKE_OVER;
}

static inline int
compat_set_serial(mbedtls_x509write_cert *crt, const unsigned char *serial, size_t n)
{
	mbedtls_mpi number;
	int rc;

	mbedtls_mpi_init(&number);
	rc = mbedtls_mpi_read_binary(&number, serial, n);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_serial(crt, &number);
	mbedtls_mpi_free(&number);
	return rc;
}

#else

#define COMPAT_HAS_1_3 true
#define COMPAT_NEW_TICKET MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET

static inline int
compat_start(void)
{
	return psa_crypto_init() == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static inline void
compat_versions(mbedtls_ssl_config *conf, enum tls_version min, enum tls_version max)
{
	mbedtls_ssl_conf_min_tls_version(conf,
	    min == TLS_1_3 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_max_tls_version(conf,
	    max == TLS_1_2 ? MBEDTLS_SSL_VERSION_TLS1_2 : MBEDTLS_SSL_VERSION_TLS1_3);
}

static inline void
compat_groups(mbedtls_ssl_config *conf)
{
	static const uint16_t groups[] = { MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
		MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
		MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1, MBEDTLS_SSL_IANA_TLS_GROUP_BP256R1,
		MBEDTLS_SSL_IANA_TLS_GROUP_BP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_BP512R1,
		MBEDTLS_SSL_IANA_TLS_GROUP_NONE };

	mbedtls_ssl_conf_groups(conf, groups);
}

static inline void
compat_want_tickets(mbedtls_ssl_config *conf)
{
	mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(conf,
	    MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
}

static inline bool
compat_exports(mbedtls_ssl_key_export_type type, enum tls_exported *ret_what)
{
	switch (type) {
	case MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET:
		*ret_what = TLS_EXPORTED_MASTER;
		return true;
	case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET:
		*ret_what = TLS_EXPORTED_CLIENT_HANDSHAKE;
		return true;
	case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET:
		*ret_what = TLS_EXPORTED_SERVER_HANDSHAKE;
		return true;
	case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET:
		*ret_what = TLS_EXPORTED_CLIENT_TRAFFIC;
		return true;
	case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET:
		*ret_what = TLS_EXPORTED_SERVER_TRAFFIC;
		return true;
	default:
		return false;
	}
}

static inline void
compat_exported(void *context, mbedtls_ssl_key_export_type type, const unsigned char *secret,
    size_t n, const unsigned char client[32], const unsigned char server[32],
    mbedtls_tls_prf_types prf)
{
	struct tls_export x = { TLS_EXPORTED_MASTER, secret, n, client, server, prf };

	if (compat_exports(type, &x.what))
		tls_mbed_exported(context, &x);
}

static inline void
compat_export(mbedtls_ssl_config *conf, mbedtls_ssl_context *ssl, void *context)
{
	(void)conf;
	mbedtls_ssl_set_export_keys_cb(ssl, compat_exported, context);
}

static inline bool
compat_is_over(mbedtls_ssl_context *ssl)
{
	return mbedtls_ssl_is_handshake_over(ssl) != 0;
}

static inline int
compat_set_serial(mbedtls_x509write_cert *crt, unsigned char *serial, size_t n)
{
	return mbedtls_x509write_crt_set_serial_raw(crt, serial, n);
}

#endif

#endif
