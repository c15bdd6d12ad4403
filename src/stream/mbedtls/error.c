#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/mbedtls/conn.h"
#include "stream/mbedtls/error.h"
#include "stream/mbedtls/lower.h"

/* Copies the library's text behind "SSL - ", up to the end of the first sentence. */
static const char *
copy_library_text(int code, char *text, size_t size)
{
	char *p, *end;

	text[0] = '\0';
	mbedtls_strerror(code, text, size);
	p = strstr(text, " - ");
	p = p != NULL ? p + 3 : text;
	end = strstr(p, ". ");
	if (end != NULL)
		*end = '\0';
	return p;
}

static int
set_number(struct error *e, int code)
{
	if (e != NULL) {
		e->origin = ORIGIN_TLS;
		e->number = code;
	}
	return -1;
}

int
tls_mbed_fail(struct error *e, int code, const char *fmt, ...)
{
	char what[512], text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	error_set(e, ERROR_TLS, "%s: %s", what, copy_library_text(code, text, sizeof(text)));
	return set_number(e, code);
}

/* ---- alerts ---- */

/* The alerts of RFC 8446, B.2, of TLS 1.2 and of extensions, with hints. */
static const struct alert {
	int code;
	const char *name, *hint;
} alerts[] = {
	{ 0, "close_notify", NULL },
	{ 10, "unexpected_message", NULL },
	{ 20, "bad_record_mac", NULL },
	{ 21, "decryption_failed", NULL },
	{ 22, "record_overflow", NULL },
	{ 30, "decompression_failure", NULL },
	{ 40, "handshake_failure",
	    "nothing in common: --ciphers, --tls-min, --tls-max; or it wants --cert and --key" },
	{ 41, "no_certificate", "it wants a certificate: --cert and --key" },
	{ 42, "bad_certificate", "it does not like our certificate: --cert and --key" },
	{ 43, "unsupported_certificate", "it does not like our certificate: --cert and --key" },
	{ 44, "certificate_revoked", "it does not like our certificate: --cert and --key" },
	{ 45, "certificate_expired", "our certificate has expired: --cert and --key" },
	{ 46, "certificate_unknown", "it does not like our certificate: --cert and --key" },
	{ 47, "illegal_parameter", NULL },
	{ 48, "unknown_ca",
	    "it does not trust the issuer of our certificate: --cert and --key here, or --ca-file "
	    "there" },
	{ 49, "access_denied", NULL },
	{ 50, "decode_error", NULL },
	{ 51, "decrypt_error", NULL },
	{ 60, "export_restriction", NULL },
	{ 70, "protocol_version", "it speaks other versions: --tls-min and --tls-max" },
	{ 71, "insufficient_security", "it wants stronger ciphers: --ciphers" },
	{ 80, "internal_error", NULL },
	{ 86, "inappropriate_fallback", NULL },
	{ 90, "user_canceled", NULL },
	{ 100, "no_renegotiation", NULL },
	{ 109, "missing_extension", NULL },
	{ 110, "unsupported_extension", NULL },
	{ 111, "certificate_unobtainable", NULL },
	{ 112, "unrecognized_name", "it has nothing for this name: --server-name" },
	{ 113, "bad_certificate_status_response", NULL },
	{ 114, "bad_certificate_hash_value", NULL },
	{ 115, "unknown_psk_identity", "it does not know the identity: --psk-file" },
	{ 116, "certificate_required", "it wants a certificate: --cert and --key" },
	{ 120, "no_application_protocol", "it speaks other protocols: --alpn" },
};

#define RENEGOTIATION                                                                              \
	": it wanted another handshake on this connection (renegotiation), which it does not get"

static int
explain_alert(const struct tls_conn *c, int code, struct error *e)
{
	const struct alert *a = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(alerts); i++)
		if (alerts[i].code == code)
			a = &alerts[i];
	error_set(e, ERROR_TLS, "the peer has ended it with alert %s (%d)%s",
	    a != NULL ? a->name : "unknown", code, c->refusals > 0 ? RENEGOTIATION : "");
	if (c->refusals > 0)
		error_hint(e,
		    "a server that wants a certificate has to ask for it in the first handshake");
	else if (code == 70 && !COMPAT_HAS_1_3)
		error_hint(e,
		    "it does not speak TLS 1.2, and 1.3 needs mbedTLS 3.6: this "
		    "is " MBEDTLS_VERSION_STRING);
	else if (a != NULL && a->hint != NULL && c->tls->how.advice == TLS_ADVICE_OPTIONS)
		error_hint(e, "%s", a->hint);
	return set_number(e, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
}

/* ---- certificates ---- */

/* Returns the hint to accept the certificate as it is, or NULL where no option does that. */
static const char *
unchecked_hint(const struct tls_conn *c)
{
	static const char *const hints[] = { [TLS_ADVICE_OPTIONS] = "--insecure does not check",
		[TLS_ADVICE_PROXY] = "--proxy-insecure does not check",
		[TLS_ADVICE_ENVIRONMENT] = NULL };

	return c->tls->how.role == TLS_CLIENT ? hints[c->tls->how.advice] : NULL;
}

static int
advise_unchecked(const struct tls_conn *c, struct error *e)
{
	const char *hint = unchecked_hint(c);

	return hint != NULL ? error_hint(e, "%s", hint) : -1;
}

/* Says whose certificate it is: the peer's, or an issuer's. */
static const char *
describe_owner(const struct tls_conn *c, char *text, size_t size)
{
	if (c->bad_depth == 0)
		snprintf(text, size, "the certificate");
	else
		snprintf(text, size, "the issuer's certificate %s", c->bad);
	return text;
}

static bool
lists_name(const char *names, const char *name)
{
	size_t n = strlen(name);
	const char *at = names;

	while ((at = strstr(at, name)) != NULL && (at[n] != ' ' && at[n] != '\0'))
		at += n;
	return at != NULL && (at == names || at[-1] == ' ');
}

static int
explain_name(const struct tls_conn *c, struct error *e)
{
	const struct tls_info *info = &c->info;

	if (info->names[0] == '\0' && info->only_mail)
		error_set(e, ERROR_TLS, "the certificate is for an e-mail address (%s), not for %s",
		    info->subject, c->name);
	else if (info->names[0] == '\0')
		error_set(e, ERROR_TLS, "the certificate is for no host (%s), not for %s",
		    info->subject, c->name);
	else if (c->n_ip > 0 && lists_name(info->names, c->name))
		error_set(e, ERROR_TLS,
		    "the certificate has %s as the name of a host, and not as an address (IP "
		    "among its alternative names)",
		    c->name);
	else
		error_set(e, ERROR_TLS, "the certificate is for %s, not for %s", info->names,
		    c->name);
	if (c->tls->how.advice != TLS_ADVICE_OPTIONS)
		return advise_unchecked(c, e);
	if (info->first_name[0] != '\0' && strcmp(info->first_name, c->name) != 0)
		return error_hint(e,
		    "--server-name %s asks for what it has; --any-name takes every name",
		    info->first_name);
	return error_hint(e, "--insecure --pin %s trusts this key, whatever it is for", info->pin);
}

static int
explain_trust(const struct tls_conn *c, struct error *e)
{
	const char *store = c->tls->trust.from;

	if (strcmp(c->bad, c->bad_issuer) == 0)
		error_set(e, ERROR_TLS, "%s (%s) is self-signed, and not among those of %s",
		    c->bad_depth == 0 ? "the certificate" : "the last certificate", c->bad, store);
	else
		error_set(e, ERROR_TLS,
		    "the certificate %s is issued by %s, which is not among "
		    "those of %s, and not sent along",
		    c->bad, c->bad_issuer, store);
	/* the client's options do not exist for a server */
	if (c->tls->how.role == TLS_SERVER)
		return error_hint(e, "--client-ca FILE names the issuers of clients");
	if (c->tls->how.advice == TLS_ADVICE_PROXY)
		return error_hint(e,
		    "--proxy-ca-file FILE trusts other issuers; --proxy-insecure does not check");
	if (c->tls->how.advice == TLS_ADVICE_ENVIRONMENT)
		return error_hint(e,
		    "SSL_CERT_FILE names a file with the issuers that are trusted");
	return error_hint(e,
	    "--ca-file FILE trusts other issuers; --insecure --pin %s trusts this key alone",
	    c->info.pin);
}

static int
explain_validity(const struct tls_conn *c, bool expired, struct error *e)
{
	const char *hint = unchecked_hint(c);
	char text[300];

	error_set(e, ERROR_TLS, "%s %s %s", describe_owner(c, text, sizeof(text)),
	    expired ? "has expired on" : "is not valid before", c->bad_dates[expired ? 1 : 0]);
	return error_hint(e, "is the clock right?%s%s", hint != NULL ? " " : "",
	    hint != NULL ? hint : "");
}

static int
explain_other(const struct tls_conn *c, uint32_t flags, struct error *e)
{
	const char *what = "is not acceptable";
	char text[300];

	if (flags &
	    (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
		MBEDTLS_X509_BADCERT_NS_CERT_TYPE))
		what = c->tls->how.role == TLS_CLIENT ? "is not for servers" : "is not for clients";
	else if (flags & MBEDTLS_X509_BADCERT_BAD_KEY)
		what = "has a key that is too weak, or of a kind that is not allowed";
	else if (flags & (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK))
		what = "is signed in a way that is too weak (SHA-1, MD5)";
	else if (flags & MBEDTLS_X509_BADCERT_REVOKED)
		what = "is revoked";
	error_set(e, ERROR_TLS, "%s %s", describe_owner(c, text, sizeof(text)), what);
	return advise_unchecked(c, e);
}

/* Returns the flags that the library sets after it has verified the chain: the key usage of the
 * leaf. */
static uint32_t
late_flags(const struct tls_conn *c)
{
	uint32_t flags = mbedtls_ssl_get_verify_result(&c->ssl);

	return flags == UINT32_MAX ? 0 : flags & ~(uint32_t)MBEDTLS_X509_BADCERT_SKIP_VERIFY;
}

/* Reports one reason: the one to fix first. */
static int
explain_certificate(const struct tls_conn *c, int code, struct error *e)
{
	uint32_t flags = c->flags | late_flags(c);

	if (flags & MBEDTLS_X509_BADCERT_MISSING) {
		error_set(e, ERROR_TLS, "the client shows no certificate");
		error_hint(e,
		    "--client-ca wants one; with --client-cert optional it is served all the same");
	} else if (c->wrong_pin) {
		error_set(e, ERROR_TLS,
		    "the peer's key is %s, and its certificate sha256:%s, not what --pin says",
		    c->info.pin, c->info.sha256);
	} else if (c->wrong_name) {
		explain_name(c, e);
	} else if (flags & MBEDTLS_X509_BADCERT_EXPIRED) {
		explain_validity(c, true, e);
	} else if (flags & MBEDTLS_X509_BADCERT_FUTURE) {
		explain_validity(c, false, e);
	} else if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) {
		explain_trust(c, e);
	} else if (flags != 0) {
		explain_other(c, flags, e);
	} else {
		tls_mbed_fail(e, code, "certificate");
	}
	return set_number(e, code);
}

/* ---- any failure ---- */

static bool
is_certificate(const struct tls_conn *c, int code)
{
	return code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED || c->wrong_pin ||
	    (!c->tls->how.insecure && (c->flags | late_flags(c)) != 0);
}

/* Returns true if the peer sent an alert. With TLS 1.3 some peers send it unencrypted, which the
 * library takes for a record that is too short. */
static bool
is_alert(const struct tls_conn *c, int code)
{
	const unsigned char *head = c->ssl.in_hdr;

	if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
		return true;
	return !c->secured && c->dgram == NULL && head != NULL &&
	    (code == MBEDTLS_ERR_SSL_INVALID_MAC || code == MBEDTLS_ERR_SSL_INVALID_RECORD) &&
	    head[0] == MBEDTLS_SSL_MSG_ALERT && head[3] == 0 && head[4] == 2;
}

static int
explain_lower(const struct tls_conn *c, struct error *e)
{
	if (e != NULL)
		*e = c->lower;
	/* an unreachable peer is no failure of TLS */
	if (e != NULL && !c->secured && c->dgram == NULL)
		e->code = ERROR_TLS;
	return -1;
}

static int
explain_end(const struct tls_conn *c, struct error *e)
{
	if (!c->secured) {
		error_set(e, ERROR_TLS, "the peer has closed the connection during the handshake");
		return set_number(e, MBEDTLS_ERR_SSL_CONN_EOF);
	}
	error_set(e, ERROR_TLS,
	    "the peer has ended without close_notify: something may be missing");
	return set_number(e, TLS_TRUNCATED);
}

static int
explain_update(const struct tls_conn *c, int code, struct error *e)
{
	error_set(e, ERROR_TLS, "the peer has new keys (KeyUpdate), which cannot be taken: %s",
	    c->kernel.no_update);
	error_hint(e, "with --tls-max 1.2 there are none");
	return set_number(e, code);
}

/* Returns the fatal alert received. */
static int
received_alert(const struct tls_conn *c)
{
	if (c->kernel.side[KTLS_RECEIVE] == TLS_KTLS_YES)
		return c->kernel.alert;
	return c->ssl.in_msg != NULL ? c->ssl.in_msg[1] : -1;
}

/* Explains a failure that only DTLS has; returns 0 for others. */
static int
explain_dgram(int code, struct error *e)
{
	if (code == MBEDTLS_ERR_SSL_TIMEOUT)
		return error_set(e, ERROR_TIMEOUT, "timed out: no answer, however often asked");
	if (code == MBEDTLS_ERR_SSL_CLIENT_RECONNECT)
		return error_errno(e, ERROR_NETWORK, ECONNRESET, "the client has begun anew");
	return 0;
}

int
tls_mbed_explain(struct tls_conn *c, int code, struct error *e)
{
	if (tls_mbed_lower_has_failed(c))
		return explain_lower(c, e);
	if (c->dgram != NULL && explain_dgram(code, e) < 0)
		return -1;
	if (code == 0 || code == MBEDTLS_ERR_SSL_CONN_EOF)
		return explain_end(c, e);
	if (is_alert(c, code))
		return explain_alert(c, received_alert(c), e);
	if (c->kernel.no_update[0] != '\0')
		return explain_update(c, code, e);
	if (!c->secured && is_certificate(c, code))
		return explain_certificate(c, code, e);
	if (c->peer_speaks == TLS_OTHER_PROTOCOL) {
		error_set(e, ERROR_TLS, "what the peer sends is not TLS");
		if (c->tls->how.role == TLS_CLIENT && c->dgram == NULL &&
		    c->tls->how.advice == TLS_ADVICE_OPTIONS)
			error_hint(e, "if the server begins without TLS: --starttls PROTOCOL");
		return set_number(e, code);
	}
	return tls_mbed_fail(e, code, c->secured ? "failed" : "handshake");
}
