#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "stream/mbedtls/certificates/credentials.h"
#include "stream/mbedtls/certificates/hostname.h"
#include "stream/mbedtls/certificates/secret_file.h"
#include "stream/mbedtls/certificates/trust.h"
#include "stream/mbedtls/certificates/verify.h"
#include "stream/mbedtls/config.h"
#include "stream/mbedtls/conn.h"
#include "stream/mbedtls/dtls.h"
#include "stream/mbedtls/error.h"
#include "stream/mbedtls/ktls.h"

/* ---- key log ---- */

static void
append_hex_bytes(struct buf *line, const unsigned char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(line, NULL, "%02x", bytes[i]);
}

static const char *const labels[] = {
	[TLS_EXPORTED_MASTER] = "CLIENT_RANDOM",
	[TLS_EXPORTED_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
	[TLS_EXPORTED_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
	[TLS_EXPORTED_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
	[TLS_EXPORTED_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
};

/* Appends one line: "LABEL random secret". */
static void
append_secret(struct buf *line, const struct tls_export *x)
{
	buf_printf(line, NULL, "%s ", labels[x->what]);
	append_hex_bytes(line, x->client, 32);
	buf_append(line, " ", 1, NULL);
	append_hex_bytes(line, x->secret, x->n);
	buf_append(line, "\n", 1, NULL);
}

static void
log_secret(const struct tls *t, const struct tls_export *x)
{
	struct buf line;
	size_t put;

	buf_init(&line, 1024);
	append_secret(&line, x);
	/* One call, since other processes may append to the same file. */
	if (file_write(t->keylog_fd, buf_head(&line), line.len, &put) < 0 && t->stepping != NULL)
		t->stepping->keylog_fault = errno;
	buf_fini(&line);
}

void
tls_mbed_exported(void *context, const struct tls_export *x)
{
	const struct tls *t = context;

	if (t->keylog_fd >= 0)
		log_secret(t, x);
	if (t->stepping != NULL && t->how.keep_secrets)
		append_secret(&t->stepping->secrets, x);
	if (t->stepping != NULL)
		tls_mbed_ktls_keep_secret(t->stepping, x);
}

/* ---- options ---- */

static int
set_versions(struct tls *t, struct error *e)
{
	enum tls_version min = t->how.min, max = t->how.max;

	if (max != TLS_ANY && min > max)
		return error_set(e, ERROR_USAGE, "--tls-min: is more than --tls-max");
	if (t->how.datagrams && (min == TLS_1_3 || max == TLS_1_3))
		return error_set(e, ERROR_USAGE, "--tls-%s: with datagrams there is only 1.2",
		    min == TLS_1_3 ? "min" : "max");
	if (min == TLS_1_3 && !COMPAT_HAS_1_3)
		return error_set(e, ERROR_TLS, "--tls-min: %s has no TLS 1.3",
		    MBEDTLS_VERSION_STRING_FULL);
	compat_versions(&t->conf, min, t->how.datagrams ? TLS_1_2 : max);
	return 0;
}

/* IANA writes TLS_AES_128_GCM_SHA256, the library TLS1-3-AES-128-GCM-SHA256 with hyphens
 * throughout. */
static int
find_cipher(const char *name, size_t n)
{
	char text[80], renamed[96];
	size_t i;
	int id;

	if (n >= sizeof(text))
		return 0;
	for (i = 0; i < n; i++)
		text[i] = name[i] == '_' ? '-' : name[i];
	text[n] = '\0';
	id = mbedtls_ssl_get_ciphersuite_id(text);
	if (id != 0 || strncmp(text, "TLS-", 4) != 0)
		return id;
	snprintf(renamed, sizeof(renamed), "TLS1-3-%s", text + 4);
	return mbedtls_ssl_get_ciphersuite_id(renamed);
}

/* Some peers reject a hello that offers a version without a cipher suite of it. TLS 1.3 has suites
 * with numbers of their own (RFC 8446, B.4). */
static void
limit_versions(struct tls *t)
{
	size_t i, n_1_3 = 0;

	for (i = 0; t->ciphers[i] != 0; i++)
		n_1_3 += t->ciphers[i] >> 8 == 0x13;
	if (n_1_3 == 0 && t->how.max == TLS_ANY)
		t->how.max = TLS_1_2;
	if (n_1_3 == i && t->how.min == TLS_ANY)
		t->how.min = TLS_1_3;
}

static int
set_ciphers(struct tls *t, struct error *e)
{
	const char *p = t->how.ciphers;
	size_t n, count = 0;

	if (p == NULL)
		return 0;
	t->ciphers = calloc(strlen(p) + 2, sizeof(*t->ciphers));
	if (t->ciphers == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (; *p != '\0'; p += n + (p[n] != '\0')) {
		n = strcspn(p, ":,");
		t->ciphers[count] = find_cipher(p, n);
		if (t->ciphers[count++] == 0)
			return error_set(e, ERROR_USAGE, "--ciphers: '%.*s' is no cipher of %s",
			    (int)n, p, MBEDTLS_VERSION_STRING_FULL);
	}
	mbedtls_ssl_conf_ciphersuites(&t->conf, t->ciphers);
	limit_versions(t);
	return 0;
}

static int
set_alpn(struct tls *t, struct error *e)
{
	size_t count = 0;
	char *rest;
	int rc;

	if (t->how.alpn == NULL)
		return 0;
	t->alpn_text = strdup(t->how.alpn);
	t->alpn = calloc(strlen(t->how.alpn) + 2, sizeof(*t->alpn));
	if (t->alpn_text == NULL || t->alpn == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (rest = t->alpn_text; rest != NULL;) {
		const char *name = strsep(&rest, ",");

		if (name[0] == '\0' || strlen(name) > 255)
			return error_set(e, ERROR_USAGE, "--alpn: a name has 1 to 255 bytes");
		t->alpn[count++] = name;
	}
	rc = mbedtls_ssl_conf_alpn_protocols(&t->conf, t->alpn);
	return rc == 0 ? 0 : tls_mbed_fail(e, rc, "--alpn");
}

/* ---- server ---- */

static bool
is_for_host(const mbedtls_x509_crt *crt, const char *host)
{
	const mbedtls_x509_sequence *san = &crt->subject_alt_names;

	for (; san != NULL && san->buf.p != NULL; san = san->next)
		if ((san->buf.tag & 0x1f) == 2 &&
		    tls_mbed_hostname_matches(san->buf.p, san->buf.len, host))
			return true;
	return false;
}

/* Picks the certificate for the name that the client sent, or the first one if none matches. */
static int
choose_certificate(void *arg, mbedtls_ssl_context *ssl, const unsigned char *name, size_t n)
{
	struct tls *t = arg;
	struct tls_conn *c = ssl->p_bio;
	size_t i;

	snprintf(c->info.server_name, sizeof(c->info.server_name), "%.*s", (int)n,
	    (const char *)name);
	for (i = 0; i < t->n_own; i++)
		if (is_for_host(&t->own[i].chain, c->info.server_name))
			return mbedtls_ssl_set_hs_own_cert(ssl, &t->own[i].chain, &t->own[i].key);
	if (t->n_own > 1)
		return mbedtls_ssl_set_hs_own_cert(ssl, &t->own[0].chain, &t->own[0].key);
	return 0;
}

static int
set_server(struct tls *t, struct error *e)
{
	int rc = compat_tickets(&t->tickets);

	if (rc != 0)
		return tls_mbed_fail(e, rc, "tickets");
	mbedtls_ssl_conf_session_tickets_cb(&t->conf, mbedtls_ssl_ticket_write,
	    mbedtls_ssl_ticket_parse, &t->tickets);
	mbedtls_ssl_conf_session_cache(&t->conf, &t->cache, mbedtls_ssl_cache_get,
	    mbedtls_ssl_cache_set);
	mbedtls_ssl_conf_sni(&t->conf, choose_certificate, t);
	if (t->how.peer == TLS_PEER_NONE)
		mbedtls_ssl_conf_authmode(&t->conf, MBEDTLS_SSL_VERIFY_NONE);
	else
		mbedtls_ssl_conf_authmode(&t->conf,
		    t->how.peer == TLS_PEER_REQUIRED ? MBEDTLS_SSL_VERIFY_REQUIRED
						     : MBEDTLS_SSL_VERIFY_OPTIONAL);
	return t->how.peer == TLS_PEER_NONE ? 0 : tls_mbed_trust_load(t, e);
}

static int
set_client(struct tls *t, struct error *e)
{
	mbedtls_ssl_conf_authmode(&t->conf,
	    t->how.insecure ? MBEDTLS_SSL_VERIFY_OPTIONAL : MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(&t->conf, &t->trust.chain, NULL);
	if (t->how.session_file != NULL) {
		if (tls_mbed_secret_file_check(t->how.session_file, e) < 0)
			return error_prefix(e, "--session");
		compat_want_tickets(&t->conf);
	}
	if (t->how.insecure) {
		t->trust.loaded = true;
		return 0;
	}
	/* files that the user named are read now, so that an error does not cost a connection */
	if (t->how.ca_file != NULL || t->how.ca_path != NULL)
		return tls_mbed_trust_load(t, e);
	return 0;
}

/* ---- context ---- */

static int
transport_of(const struct tls *t)
{
	return t->how.datagrams ? MBEDTLS_SSL_TRANSPORT_DATAGRAM : MBEDTLS_SSL_TRANSPORT_STREAM;
}

static int
set_config(struct tls *t, struct error *e)
{
	int role = t->how.role == TLS_CLIENT ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER;
	int rc = compat_start();

	if (rc == 0)
		rc = mbedtls_ssl_config_defaults(&t->conf, role, transport_of(t),
		    MBEDTLS_SSL_PRESET_DEFAULT);
	if (rc != 0)
		return tls_mbed_fail(e, rc, "tls");
	compat_rng(&t->conf);
	compat_groups(&t->conf);
	if (t->how.keylog_file != NULL) {
		t->keylog_fd = tls_mbed_secret_file_open(t->how.keylog_file, e);
		if (t->keylog_fd < 0)
			return error_prefix(e, "--keylog");
	}
	if (set_ciphers(t, e) < 0 || set_versions(t, e) < 0 || set_alpn(t, e) < 0 ||
	    tls_mbed_dtls_config(t, e) < 0 || tls_mbed_credentials_load(t, e) < 0 ||
	    tls_mbed_psk_load(t, e) < 0 || tls_mbed_pins(t, e) < 0)
		return -1;
	return role == MBEDTLS_SSL_IS_CLIENT ? set_client(t, e) : set_server(t, e);
}

int
tls_mbed_open(struct tls **ret_tls, const struct tls_how *how, struct error *e)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	t->base.module = &usock_module_tls;
	t->how = *how;
	t->keylog_fd = -1;
	mbedtls_ssl_config_init(&t->conf);
	mbedtls_x509_crt_init(&t->trust.chain);
	mbedtls_ssl_ticket_init(&t->tickets);
	mbedtls_ssl_cache_init(&t->cache);
	mbedtls_ssl_cookie_init(&t->cookies);
	if (set_config(t, e) < 0) {
		tls_mbed_close(t);
		return -1;
	}
	t->how.wait = NULL;
	t->how.ask = NULL;
	*ret_tls = t;
	return 0;
}

void
tls_mbed_close(struct tls *t)
{
	mbedtls_ssl_config_free(&t->conf);
	mbedtls_ssl_ticket_free(&t->tickets);
	mbedtls_ssl_cache_free(&t->cache);
	mbedtls_ssl_cookie_free(&t->cookies);
	tls_mbed_credentials_close(t);
	tls_mbed_trust_close(t);
	free(t->ciphers);
	free(t->alpn);
	free(t->alpn_text);
	free(t->pins);
	if (t->keylog_fd >= 0)
		close(t->keylog_fd);
	free(t);
}
