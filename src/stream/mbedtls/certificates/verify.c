#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/parse.h"
#include "stream/mbedtls/certificates/hostname.h"
#include "stream/mbedtls/certificates/verify.h"
#include "stream/mbedtls/config.h"
#include "stream/mbedtls/conn.h"

/* Context tags of GeneralName (RFC 5280, 4.2.1.6). */
enum { SAN_MAIL = 1, SAN_DNS = 2, SAN_IP = 7, SAN_TAG = 0x1f };

/* ---- pins ---- */

#define KEY_PREFIX "sha256//"
#define CERTIFICATE_PREFIX "sha256:"

/* "sha256:" and 64 digits, perhaps with a colon between two, as openssl(1) prints it. */
static bool
parse_fingerprint(const char *text, unsigned char digest[32])
{
	struct buf bytes;
	bool right = false;

	if (strncasecmp(text, CERTIFICATE_PREFIX, strlen(CERTIFICATE_PREFIX)) != 0)
		return false;
	buf_init(&bytes, 256);
	if (parse_hex(text + strlen(CERTIFICATE_PREFIX), &bytes, NULL) == 0 && bytes.len == 32) {
		memcpy(digest, buf_head(&bytes), 32);
		right = true;
	}
	buf_fini(&bytes);
	return right;
}

static bool
parse_key_pin(const char *text, unsigned char digest[32])
{
	unsigned char bytes[48];
	size_t n = 0;

	if (strncmp(text, KEY_PREFIX, strlen(KEY_PREFIX)) != 0 ||
	    mbedtls_base64_decode(bytes, sizeof(bytes), &n,
		(const unsigned char *)text + strlen(KEY_PREFIX),
		strlen(text) - strlen(KEY_PREFIX)) != 0 ||
	    n != 32)
		return false;
	memcpy(digest, bytes, 32);
	return true;
}

static int
parse_pin(const char *text, struct tls_pin *ret_pin, struct error *e)
{
	ret_pin->of_certificate = parse_fingerprint(text, ret_pin->digest);
	if (ret_pin->of_certificate || parse_key_pin(text, ret_pin->digest))
		return 0;
	return error_set(e, ERROR_USAGE,
	    "--pin: '%s' is neither sha256// and the 44 characters of a SHA-256, nor sha256: and "
	    "its 64 hexadecimal digits",
	    text);
}

int
tls_mbed_pins(struct tls *t, struct error *e)
{
	size_t i;

	t->pins = calloc(t->how.n_pins + 1, sizeof(*t->pins));
	if (t->pins == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (i = 0; i < t->how.n_pins; i++)
		if (parse_pin(t->how.pins[i], &t->pins[i], e) < 0)
			return -1;
	return 0;
}

static void
sha256(const unsigned char *data, size_t n, unsigned char digest[32])
{
	memset(digest, 0, 32);
	mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), data, n, digest);
}

static bool
is_pinned(const struct tls *t, const mbedtls_x509_crt *crt)
{
	unsigned char key[32], certificate[32];
	size_t i;

	if (t->how.n_pins == 0)
		return true;
	sha256(crt->pk_raw.p, crt->pk_raw.len, key);
	sha256(crt->raw.p, crt->raw.len, certificate);
	for (i = 0; i < t->how.n_pins; i++)
		if (memcmp(t->pins[i].of_certificate ? certificate : key, t->pins[i].digest, 32) ==
		    0)
			return true;
	return false;
}

bool
tls_mbed_pin_is_given(const struct tls *t, const char *pin)
{
	struct tls_pin wanted;
	size_t i;

	if (parse_pin(pin, &wanted, NULL) < 0)
		return false;
	for (i = 0; i < t->how.n_pins; i++)
		if (t->pins[i].of_certificate == wanted.of_certificate &&
		    memcmp(wanted.digest, t->pins[i].digest, 32) == 0)
			return true;
	return false;
}

/* Formats the pin of the certificate's key: "sha256//...". */
static void
pin_of(const mbedtls_x509_crt *crt, char pin[64])
{
	unsigned char digest[32], text[48];
	size_t n = 0;

	sha256(crt->pk_raw.p, crt->pk_raw.len, digest);
	mbedtls_base64_encode(text, sizeof(text), &n, digest, sizeof(digest));
	snprintf(pin, 64, "sha256//%.*s", (int)n, (const char *)text);
}

/* ---- names ---- */

static const mbedtls_x509_sequence *
alternative_names_of(const mbedtls_x509_crt *crt)
{
	return crt->subject_alt_names.buf.p != NULL ? &crt->subject_alt_names : NULL;
}

static bool
is_common_name(const mbedtls_x509_name *name)
{
	return MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &name->oid) == 0;
}

static bool
matches_common_name(const mbedtls_x509_crt *crt, const char *host)
{
	const mbedtls_x509_name *name;

	for (name = &crt->subject; name != NULL; name = name->next)
		if (is_common_name(name) &&
		    tls_mbed_hostname_matches(name->val.p, name->val.len, host))
			return true;
	return false;
}

/* The common name counts only if the certificate has no DNS name, and never for an address (RFC
 * 6125, 6.4.4; RFC 2818, 3.1). */
static bool
matches_name(const struct tls_conn *c, const mbedtls_x509_crt *crt)
{
	const mbedtls_x509_sequence *san;
	bool dns_seen = false;

	for (san = alternative_names_of(crt); san != NULL; san = san->next) {
		const mbedtls_x509_buf *buf = &san->buf;
		int kind = buf->tag & SAN_TAG;

		dns_seen = dns_seen || kind == SAN_DNS;
		if (c->n_ip > 0 && kind == SAN_IP && buf->len == c->n_ip &&
		    memcmp(buf->p, c->ip, c->n_ip) == 0)
			return true;
		if (c->n_ip == 0 && kind == SAN_DNS &&
		    tls_mbed_hostname_matches(buf->p, buf->len, c->name))
			return true;
	}
	return c->n_ip == 0 && !dns_seen && matches_common_name(crt, c->name);
}

/* ---- contents of a certificate ---- */

static void
format_time(const mbedtls_x509_time *t, char text[32])
{
	snprintf(text, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", t->year, t->mon, t->day, t->hour,
	    t->min, t->sec);
}

static void
format_dn(const mbedtls_x509_name *name, char text[256])
{
	if (mbedtls_x509_dn_gets(text, 256, name) < 0)
		snprintf(text, 256, "(a name that is too long)");
}

static void
append_alternative(struct tls_info *info, const char *name, bool can_be_wanted)
{
	size_t len = strlen(info->names), n = strlen(name);

	if (info->first_name[0] == '\0' && can_be_wanted)
		memcpy(info->first_name, name, n + 1);
	if (len + n + 2 > sizeof(info->names))
		return;
	if (len > 0)
		info->names[len++] = ' ';
	memcpy(info->names + len, name, n + 1);
}

static void
append_address(struct tls_info *info, const mbedtls_x509_buf *buf)
{
	char text[INET6_ADDRSTRLEN];

	if ((buf->len == 4 || buf->len == 16) &&
	    inet_ntop(buf->len == 4 ? AF_INET : AF_INET6, buf->p, text, sizeof(text)) != NULL)
		append_alternative(info, text, true);
}

/* A DNS name that looks like an address never matches: addresses are compared with IP names
 * only. */
static void
append_dns_name(struct tls_info *info, const mbedtls_x509_buf *buf)
{
	char text[256];
	size_t i, n = buf->len < sizeof(text) ? buf->len : sizeof(text) - 1;
	unsigned char address[16];

	/* a NUL or a control byte in a name may be there to deceive */
	for (i = 0; i < n; i++)
		text[i] = (char)(buf->p[i] > ' ' && buf->p[i] < 127 ? buf->p[i] : '?');
	text[n] = '\0';
	append_alternative(info, text,
	    strpbrk(text, "*?") == NULL && tls_mbed_hostname_address(text, address) == 0);
}

static void
format_names(const mbedtls_x509_crt *crt, struct tls_info *info)
{
	const mbedtls_x509_sequence *san;
	const mbedtls_x509_name *name;

	info->names[0] = info->first_name[0] = '\0';
	for (san = alternative_names_of(crt); san != NULL; san = san->next) {
		if ((san->buf.tag & SAN_TAG) == SAN_DNS)
			append_dns_name(info, &san->buf);
		else if ((san->buf.tag & SAN_TAG) == SAN_IP)
			append_address(info, &san->buf);
	}
	for (name = &crt->subject; name != NULL && alternative_names_of(crt) == NULL;
	     name = name->next)
		if (is_common_name(name))
			append_dns_name(info, &name->val);
}

static bool
has_mail_only(const mbedtls_x509_crt *crt)
{
	const mbedtls_x509_sequence *san;

	for (san = alternative_names_of(crt); san != NULL; san = san->next)
		if ((san->buf.tag & SAN_TAG) != SAN_MAIL)
			return false;
	return alternative_names_of(crt) != NULL;
}

void
tls_mbed_describe(const mbedtls_x509_crt *crt, struct tls_info *info)
{
	unsigned char digest[32];
	int i;

	info->has_peer = true;
	format_dn(&crt->subject, info->subject);
	format_dn(&crt->issuer, info->issuer);
	format_names(crt, info);
	info->only_mail = has_mail_only(crt);
	format_time(&crt->valid_from, info->not_before);
	format_time(&crt->valid_to, info->not_after);
	sha256(crt->raw.p, crt->raw.len, digest);
	for (i = 0; i < 32; i++)
		snprintf(info->sha256 + 2 * (size_t)i, 3, "%02x", digest[i]);
	pin_of(crt, info->pin);
}

/* ---- the result ---- */

static void
record_fault(struct tls_conn *c, const mbedtls_x509_crt *crt, int depth, uint32_t flags)
{
	/* the root comes first; faults of the leaf have messages of their own */
	if (flags == 0 || (c->flags != 0 && depth == 0))
		return;
	c->bad_depth = depth;
	format_dn(&crt->subject, c->bad);
	format_dn(&crt->issuer, c->bad_issuer);
	format_time(&crt->valid_from, c->bad_dates[0]);
	format_time(&crt->valid_to, c->bad_dates[1]);
}

static void
check_leaf(struct tls_conn *c, const mbedtls_x509_crt *crt, uint32_t *flags)
{
	tls_mbed_describe(crt, &c->info);
	*flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH;
	c->wrong_name = c->name != NULL && !c->tls->how.any_name && !matches_name(c, crt);
	c->wrong_pin = !is_pinned(c->tls, crt);
	if (c->wrong_name)
		*flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
	if (c->wrong_pin)
		*flags |= MBEDTLS_X509_BADCERT_OTHER;
}

int
tls_mbed_verify(void *conn, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
	struct tls_conn *c = conn;

	if (depth == 0)
		check_leaf(c, crt, flags);
	record_fault(c, crt, depth, *flags);
	c->flags |= *flags;
	if (!c->tls->how.insecure)
		return 0;
	*flags = 0;
	return c->wrong_pin ? MBEDTLS_ERR_X509_FATAL_ERROR : 0;
}
