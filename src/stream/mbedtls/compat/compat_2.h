/*
 * mbedTLS 2.28. Only compat.h includes this.
 */
#ifndef STREAM_MBEDTLS_COMPAT_COMPAT_2_H
#define STREAM_MBEDTLS_COMPAT_COMPAT_2_H

#include "stream/mbedtls/compat/compat_before_4.h"

/* All random numbers are of tls_mbed_random(). */
#define COMPAT_MAY_FORK true

#define COMPAT_KEY_RANDOM(...) __VA_ARGS__
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
compat_send_with_data_keys(mbedtls_ssl_context *ssl)
{
	(void)ssl;
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

#endif
