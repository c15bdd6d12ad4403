/*
 * What mbedTLS 3.x and 4.x have in common. Only compat.h includes this.
 */
#ifndef STREAM_MBEDTLS_COMPAT_COMPAT_SINCE_3_H
#define STREAM_MBEDTLS_COMPAT_COMPAT_SINCE_3_H

#include <psa/crypto.h>

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

/* Makes a TLS 1.3 server send with the keys for data once its Finished is sent (RFC 8446, 2). The
 * library does so only when it has the client's Finished, and a client cannot read an alert that it
 * sends before. */
static inline void
compat_send_with_data_keys(mbedtls_ssl_context *ssl)
{
	if (ssl->transform_application == NULL || ssl->transform_out == ssl->transform_application)
		return;
	ssl->transform_out = ssl->transform_application;
	memset(ssl->cur_out_ctr, 0, sizeof(ssl->cur_out_ctr));
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
