#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/parse.h"
#include "stream/mbedtls/certificates/credentials.h"
#include "stream/mbedtls/certificates/passphrase.h"
#include "stream/mbedtls/certificates/secret_file.h"
#include "stream/mbedtls/config.h"
#include "stream/mbedtls/error.h"

#define PEM_MAX (1u << 20)

int
tls_mbed_random(void *unused, unsigned char *out, size_t n)
{
	size_t part;

	(void)unused;
	for (; n > 0; n -= part, out += part) {
		part = n < 256 ? n : 256;
		if (getentropy(out, part) != 0)
			return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	}
	return 0;
}

/* ---- from files ---- */

static int
parse_chain(mbedtls_x509_crt *chain, const struct tls_secret_file *file, const char *text, size_t n,
    struct error *e)
{
	const unsigned char *bytes = (const unsigned char *)text;
	int rc = mbedtls_x509_crt_parse(chain, bytes, n + 1);

	if (rc != 0 && text[0] == 0x30)
		rc = mbedtls_x509_crt_parse_der(chain, bytes, n);
	if (rc == 0)
		return 0;
	if (tls_mbed_secret_file_explain(file, text, n, e) == -1)
		return -1;
	if (rc < 0)
		return tls_mbed_fail(e, rc, "--cert: %s", file->path);
	return error_set(e, ERROR_TLS, "--cert: %s: %d certificates of it cannot be read",
	    file->path, rc);
}

static int
load_chain(struct tls *t, mbedtls_x509_crt *chain, const struct tls_cert *cert, struct error *e)
{
	const struct tls_secret_file file = { "--cert", cert->cert_file, false,
		cert->key_file != NULL
		    ? "--cert FILE names the certificate; are --cert and --key swapped?"
		    : "--cert FILE names the certificate, and --key FILE its key" };
	size_t n;
	char *text = tls_mbed_secret_file_read(file.path, PEM_MAX, t->how.wait, &n, e);
	int rc;

	if (text == NULL)
		return error_prefix(e, "--cert");
	rc = parse_chain(chain, &file, text, n, e);
	free(text);
	return rc;
}

/* Parses the key in n bytes of text, followed by a NUL. */
static int
parse_key(struct tls *t, mbedtls_pk_context *key, const struct tls_secret_file *file,
    const char *text, size_t n, struct error *e)
{
	const unsigned char *bytes = (const unsigned char *)text;
	int rc = compat_parse_key(key, bytes, n + 1, NULL, 0);

	if (rc != 0 && text[0] == 0x30)
		rc = compat_parse_key(key, bytes, n, NULL, 0);
	if (rc == 0)
		return 0;
	if (rc == MBEDTLS_ERR_PK_PASSWORD_REQUIRED)
		return tls_mbed_passphrase_parse(t, key, file->path, text, e);
	if (tls_mbed_secret_file_explain(file, text, n, e) == -1)
		return -1;
	return tls_mbed_fail(e, rc, "--key: %s", file->path);
}

static int
load_key(struct tls *t, mbedtls_pk_context *key, const struct tls_cert *cert, struct error *e)
{
	const bool given = cert->key_file != NULL;
	const struct tls_secret_file file = { given ? "--key" : "--cert",
		given ? cert->key_file : cert->cert_file, true, "--key FILE names the key" };
	size_t n;
	char *text = tls_mbed_secret_file_read(file.path, PEM_MAX, t->how.wait, &n, e);
	int rc;

	if (text == NULL)
		return error_prefix(e, "%s", file.option);
	rc = parse_key(t, key, &file, text, n, e);
	explicit_bzero(text, n);
	free(text);
	return rc;
}

static int
load_pair(struct tls *t, struct tls_credentials *own, const struct tls_cert *cert, struct error *e)
{
	const char *key = cert->key_file != NULL ? cert->key_file : cert->cert_file;

	if (load_chain(t, &own->chain, cert, e) < 0 || load_key(t, &own->key, cert, e) < 0)
		return -1;
	if (compat_check_pair(&own->chain.pk, &own->key) != 0)
		return error_set(e, ERROR_TLS, "--key: %s does not belong to the certificate of %s",
		    key, cert->cert_file);
	return 0;
}

/* ---- generated ---- */

/* Encodes DNS:localhost, IP:127.0.0.1, IP:::1 and DNS:HOSTNAME (RFC 5280, 4.2.1.6). */
static size_t
alternative_names(unsigned char der[320], const char *host)
{
	static const unsigned char fixed[] = "\x82\x09localhost\x87\x04\x7f\0\0\x01"
					     "\x87\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01";
	size_t n = strlen(host), fixed_n = sizeof(fixed) - 1, body = fixed_n, at = 0;

	if (n > 64 || strcmp(host, "localhost") == 0)
		n = 0;
	if (n > 0)
		body += n + 2;
	der[at++] = 0x30;
	if (body > 127)
		der[at++] = 0x81;
	der[at++] = (unsigned char)body;
	memcpy(der + at, fixed, fixed_n);
	at += fixed_n;
	if (n > 0) {
		der[at++] = 0x82;
		der[at++] = (unsigned char)n;
		/* DER has lengths and no terminator */
		memcpy(der + at, host, n); /* NOLINT(bugprone-not-null-terminated-result) */
		at += n;
	}
	return at;
}

static void
format_date(time_t when, char text[16])
{
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(text, 16, "%Y%m%d%H%M%S", &tm);
}

static int
set_dates(mbedtls_x509write_cert *crt)
{
	char from[16], until[16];
	time_t now = time(NULL);

	format_date(now - 86400, from);
	format_date(now + 365 * (time_t)86400, until);
	return mbedtls_x509write_crt_set_validity(crt, from, until);
}

static int
set_subject(mbedtls_x509write_cert *crt)
{
	unsigned char der[320];
	char host[65] = "", subject[80];
	size_t n;
	int rc;

	if (gethostname(host, sizeof(host) - 1) < 0 || strpbrk(host, ",=+\\\"") != NULL)
		host[0] = '\0';
	snprintf(subject, sizeof(subject), "CN=%s", host[0] != '\0' ? host : "localhost");
	rc = mbedtls_x509write_crt_set_subject_name(crt, subject);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_issuer_name(crt, subject);
	n = alternative_names(der, host);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_extension(crt, MBEDTLS_OID_SUBJECT_ALT_NAME,
		    MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, der, n);
	return rc;
}

static int
set_fields(mbedtls_x509write_cert *crt, mbedtls_pk_context *key)
{
	unsigned char serial[16];
	int rc = tls_mbed_random(NULL, serial, sizeof(serial));

	/* positive and without leading zeros (RFC 5280, 4.1.2.2) */
	serial[0] = (serial[0] & 0x3f) | 0x40;
	mbedtls_x509write_crt_set_version(crt, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(crt, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(crt, key);
	mbedtls_x509write_crt_set_issuer_key(crt, key);
	if (rc == 0)
		rc = compat_set_serial(crt, serial, sizeof(serial));
	if (rc == 0)
		rc = set_dates(crt);
	if (rc == 0)
		rc = set_subject(crt);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_basic_constraints(crt, 1, 0);
	return rc;
}

static int
make_self_signed(struct tls_credentials *own, struct error *e)
{
	mbedtls_x509write_cert crt;
	unsigned char der[2048];
	int rc = compat_make_key(&own->key), n = 0;

	mbedtls_x509write_crt_init(&crt);
	if (rc == 0)
		rc = set_fields(&crt, &own->key);
	if (rc == 0)
		n = compat_write_crt(&crt, der, sizeof(der));
	mbedtls_x509write_crt_free(&crt);
	if (rc == 0 && n > 0)
		rc = mbedtls_x509_crt_parse_der(&own->chain, der + sizeof(der) - n, (size_t)n);
	if (rc == 0 && n < 0)
		rc = n;
	return rc == 0 ? 0 : tls_mbed_fail(e, rc, "--self-signed");
}

/* ---- loaded into the library ---- */

int
tls_mbed_credentials_load(struct tls *t, struct error *e)
{
	size_t i;
	int rc;

	t->own = calloc(t->how.n_certs + 1, sizeof(*t->own));
	if (t->own == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	t->n_own = t->how.self_signed ? 1 : t->how.n_certs;
	for (i = 0; i < t->n_own; i++) {
		mbedtls_x509_crt_init(&t->own[i].chain);
		mbedtls_pk_init(&t->own[i].key);
	}
	if (t->how.self_signed && make_self_signed(&t->own[0], e) < 0)
		return -1;
	if (tls_mbed_passphrase_load(t, e) < 0)
		return -1;
	for (i = 0; i < t->how.n_certs && !t->how.self_signed; i++)
		if (load_pair(t, &t->own[i], &t->how.certs[i], e) < 0)
			return -1;
	tls_mbed_passphrase_forget(t);
	for (i = 0; i < t->n_own; i++) {
		rc = mbedtls_ssl_conf_own_cert(&t->conf, &t->own[i].chain, &t->own[i].key);
		if (rc != 0)
			return tls_mbed_fail(e, rc, "--cert");
	}
	return 0;
}

/* ---- pre-shared keys ---- */

static bool
parse_psk(struct tls_psk *psk, char *line)
{
	char *colon = strrchr(line, ':'), *hex;

	if (colon == NULL || colon == line)
		return false;
	*colon = '\0';
	for (hex = colon + 1; hex[0] != '\0'; hex += 2) {
		int high = parse_hex_digit(hex[0]), low = parse_hex_digit(hex[1]);

		if (high < 0 || low < 0 || psk->n == sizeof(psk->key))
			return false;
		psk->key[psk->n++] = (unsigned char)(high << 4 | low);
	}
	if (psk->n == 0)
		return false;
	psk->identity = strdup(line);
	return psk->identity != NULL;
}

static int
add_psk(struct tls *t, char *line, unsigned number, struct error *e)
{
	struct tls_psk *psks;

	line[strcspn(line, "\r")] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return 0;
	psks = realloc(t->psks, (t->n_psks + 1) * sizeof(*psks));
	if (psks == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	t->psks = psks;
	memset(&psks[t->n_psks], 0, sizeof(*psks));
	if (!parse_psk(&psks[t->n_psks], line))
		return error_set(e, ERROR_TLS,
		    "--psk-file: %s: line %u is not identity:key, with 1-64 bytes in hexadecimal",
		    t->how.psk_file, number);
	t->n_psks++;
	return 0;
}

static int
find_psk(void *arg, mbedtls_ssl_context *ssl, const unsigned char *identity, size_t n)
{
	const struct tls *t = arg;
	size_t i;

	for (i = 0; i < t->n_psks; i++)
		if (strlen(t->psks[i].identity) == n &&
		    memcmp(t->psks[i].identity, identity, n) == 0)
			return mbedtls_ssl_set_hs_psk(ssl, t->psks[i].key, t->psks[i].n);
	return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
}

static int
use_psks(struct tls *t, struct error *e)
{
	const struct tls_psk *psk = t->psks;
	int rc;

	if (t->n_psks == 0)
		return error_set(e, ERROR_TLS, "--psk-file: %s: there is no key in it",
		    t->how.psk_file);
	if (t->how.role == TLS_SERVER) {
		mbedtls_ssl_conf_psk_cb(&t->conf, find_psk, t);
		return 0;
	}
	rc = mbedtls_ssl_conf_psk(&t->conf, psk->key, psk->n, (unsigned char *)psk->identity,
	    strlen(psk->identity));
	return rc == 0 ? 0 : tls_mbed_fail(e, rc, "--psk-file: %s", t->how.psk_file);
}

int
tls_mbed_psk_load(struct tls *t, struct error *e)
{
	char *text, *line, *rest;
	unsigned number = 0;
	int rc = 0;
	size_t n;

	if (t->how.psk_file == NULL)
		return 0;
	text = tls_mbed_secret_file_read(t->how.psk_file, PEM_MAX, t->how.wait, &n, e);
	if (text == NULL)
		return error_prefix(e, "--psk-file");
	for (rest = text; rc == 0 && (line = strsep(&rest, "\n")) != NULL;)
		rc = add_psk(t, line, ++number, e);
	memset(text, 0, n);
	free(text);
	return rc == 0 ? use_psks(t, e) : -1;
}

void
tls_mbed_credentials_close(struct tls *t)
{
	size_t i;

	tls_mbed_passphrase_forget(t);
	for (i = 0; t->own != NULL && i < t->n_own; i++) {
		mbedtls_x509_crt_free(&t->own[i].chain);
		mbedtls_pk_free(&t->own[i].key);
	}
	free(t->own);
	for (i = 0; i < t->n_psks; i++)
		free(t->psks[i].identity);
	free(t->psks);
}
