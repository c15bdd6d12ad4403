#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "stream/mbedtls/certificates/chain.h"
#include "stream/mbedtls/certificates/credentials.h"
#include "stream/mbedtls/certificates/hostname.h"
#include "stream/mbedtls/certificates/trust.h"
#include "stream/mbedtls/certificates/verify.h"
#include "stream/mbedtls/config.h"
#include "stream/mbedtls/conn.h"
#include "stream/mbedtls/dtls.h"
#include "stream/mbedtls/error.h"
#include "stream/mbedtls/ktls.h"
#include "stream/mbedtls/lower.h"
#include "stream/mbedtls/session.h"

/* Sizes of a record and of the buffers (RFC 8446, 5.1, 5.2). */
enum {
	HEADER = 5,
	READ_FIRST = 8 << 10,
	READ_AHEAD = 64 << 10,
	FLIGHT = 128 << 10,
	OUT_MAX = 1 << 20,
	SECRETS_MAX = 4 << 10
};

/* ---- lower stream ---- */

/* Records are queued, and go out together when the library wants to read. */
static int
bio_send(void *arg, const unsigned char *data, size_t n)
{
	struct tls_conn *c = arg;

	/* the one alert that the library sends by itself without ending: no_renegotiation (RFC
	 * 5246, 7.2.2) */
	if (c->secured && !c->shut && c->ssl.out_msgtype == MBEDTLS_SSL_MSG_ALERT)
		c->refusals++;
	/* an alert about what was read would use a sequence number that the kernel has taken
	 * over */
	if (tls_mbed_ktls_sends(c))
		return (int)n;
	return buf_append(&c->out, data, n, NULL) < 0 ? MBEDTLS_ERR_SSL_ALLOC_FAILED : (int)n;
}

/* The first byte of a record is its type, 20 to 23 (RFC 8446, 5.1). A peer that sends any other
 * speaks another protocol. */
static void
note_first_byte(struct tls_conn *c)
{
	unsigned char kind;

	if (c->peer_speaks != TLS_NOTHING_YET || c->in.len == 0)
		return;
	kind = (unsigned char)buf_head(&c->in)[0];
	c->peer_speaks = kind < 20 || kind > 23 ? TLS_OTHER_PROTOCOL : TLS_RECORDS;
}

static int
read_lower(struct tls_conn *c, void *data, size_t n)
{
	struct error e = { 0 };
	ssize_t got = stream_read(c->base.stream.next, data, n, &e);

	if (got == STREAM_WANT_READ)
		return MBEDTLS_ERR_SSL_WANT_READ;
	if (got == STREAM_WANT_WRITE)
		return MBEDTLS_ERR_SSL_WANT_WRITE;
	return got == -1 ? tls_mbed_lower_fail(c, &e) : (int)got;
}

/* One read for many records, where the library would need two for each. */
static int
fill_input(struct tls_conn *c)
{
	size_t size = c->secured ? READ_AHEAD : READ_FIRST;
	char *room;
	int got;

	/* the peer does not answer before it has got our queued records */
	if (!c->secured && c->out.len > 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	/* what the library sends while reading: an alert, new keys */
	if (c->out.len > 0)
		tls_mbed_lower_flush(c);
	room = buf_reserve(&c->in, size, NULL);
	if (room == NULL)
		return MBEDTLS_ERR_SSL_ALLOC_FAILED;
	got = read_lower(c, room, size);
	if (got < 0)
		return got;
	buf_added(&c->in, (size_t)got);
	note_first_byte(c);
	return got;
}

static int
bio_recv(void *arg, unsigned char *data, size_t n)
{
	struct tls_conn *c = arg;
	int rc;

	if (c->in.len == 0 && tls_mbed_ktls_is_near(c))
		return read_lower(c, data, n);
	if (c->in.len == 0) {
		rc = fill_input(c);
		if (rc <= 0) {
			/* frees the memory while the connection is idle */
			buf_fini(&c->in);
			return rc;
		}
	}
	if (n > c->in.len)
		n = c->in.len;
	memcpy(data, buf_head(&c->in), n);
	buf_consume(&c->in, n);
	return (int)n;
}

/* ---- the handshake ---- */

/* Writes the library's "TLS-ECDHE-..." and "TLS1-3-AES-..." as IANA does. */
static void
format_cipher(const char *name, char *text, size_t size)
{
	size_t n = 0;

	if (name == NULL)
		name = "?";
	if (strncmp(name, "TLS1-3-", 7) == 0) {
		memcpy(text, "TLS-", 4);
		n = 4;
		name += 7;
	}
	for (; *name != '\0' && n + 1 < size; name++)
		text[n++] = *name;
	text[n] = '\0';
	for (n = 0; text[n] != '\0'; n++)
		if (text[n] == '-')
			text[n] = '_';
}

static void
store_info(struct tls_conn *c)
{
	const mbedtls_x509_crt *peer = mbedtls_ssl_get_peer_cert(&c->ssl);
	const char *alpn = mbedtls_ssl_get_alpn_protocol(&c->ssl);
	struct tls_info *info = &c->info;

	info->version = mbedtls_ssl_get_version(&c->ssl);
	format_cipher(mbedtls_ssl_get_ciphersuite(&c->ssl), info->cipher, sizeof(info->cipher));
	if (alpn != NULL)
		memcpy(info->alpn, alpn,
		    strlen(alpn) < sizeof(info->alpn) ? strlen(alpn) + 1 : sizeof(info->alpn) - 1);
	info->resumed = !c->saw_certificate && (c->offered || c->tls->n_psks == 0);
	info->verified = c->tls->how.role == TLS_CLIENT
	    ? !c->tls->how.insecure && !c->tls->how.any_name
	    : peer != NULL && mbedtls_ssl_get_verify_result(&c->ssl) == 0;
	if (peer != NULL)
		tls_mbed_describe(peer, info);
}

/* Runs between the library's steps. Reads the trusted certificates while the server prepares its
 * answer. */
static int
before_step(struct tls_conn *c, struct error *e)
{
	int state = c->ssl.state;

	if (state == MBEDTLS_SSL_SERVER_CERTIFICATE)
		c->saw_certificate = true;
	if (c->tls->how.role == TLS_SERVER)
		compat_send_with_data_keys(&c->ssl);
	if (state != MBEDTLS_SSL_SERVER_HELLO || c->tls->trust.loaded ||
	    c->tls->how.role != TLS_CLIENT)
		return 0;
	tls_mbed_lower_flush(c);
	return tls_mbed_trust_load(c->tls, e);
}

/* In TLS 1.2 the library sends no alert when a required client certificate is missing. Sends
 * handshake_failure (RFC 5246, 7.4.6). */
static void
alert_missing_certificate(struct tls_conn *c, int code)
{
	if (code == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE &&
	    strcmp(mbedtls_ssl_get_version(&c->ssl), "TLSv1.3") != 0)
		(void)mbedtls_ssl_send_alert_message(&c->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
		    MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
}

static int
handshake_failed(struct tls_conn *c, int code, struct error *e)
{
	if (tls_mbed_lower_wants(code) != 0)
		return tls_mbed_lower_wants(code);
	alert_missing_certificate(c, code);
	/* sends the alert; whether it arrives does not matter */
	if (!tls_mbed_lower_has_failed(c))
		tls_mbed_lower_flush(c);
	if (c->dgram != NULL)
		tls_mbed_dtls_failed(c, code);
	tls_mbed_session_forget(c);
	return tls_mbed_explain(c, code, e);
}

/* A server that chose a pre-shared key shows no certificate, so that nothing was held against the
 * pins. */
static bool
lacks_pinned(const struct tls_conn *c)
{
	return c->tls->how.role == TLS_CLIENT && c->tls->how.n_pins > 0 && !c->info.resumed &&
	    !c->info.has_peer;
}

static int
handshake_over(struct tls_conn *c, struct error *e)
{
	int rc;

	if (c->info.version == NULL)
		store_info(c);
	if (lacks_pinned(c))
		return error_set(e, ERROR_TLS, "--pin: the server has shown no certificate");
	tls_mbed_ktls_attach(c);
	rc = tls_mbed_lower_flush(c);
	if (rc == -1)
		return tls_mbed_explain(c, 0, e);
	if (rc < 0)
		return rc;
	if (c->keylog_fault != 0)
		return error_errno(e, ERROR_LOCAL_IO, c->keylog_fault, "--keylog: write %s",
		    c->tls->how.keylog_file);
	if (tls_mbed_chain_save(c, e) < 0)
		return -1;
	c->secured = true;
	if (c->dgram != NULL)
		tls_mbed_dtls_secured(c);
	/* TLS 1.3 sends tickets after the handshake */
	if (strcmp(c->info.version, "TLSv1.3") != 0)
		tls_mbed_session_save(c);
	tls_mbed_ktls_start(c);
	return 0;
}

static int
handshake_step(struct tls_conn *c)
{
	int rc;

	if (c->dgram != NULL)
		tls_mbed_dtls_step(c);
	c->tls->stepping = c;
	rc = mbedtls_ssl_handshake_step(&c->ssl);
	c->tls->stepping = NULL;
	return rc;
}

static int
conn_handshake(struct stream *s, struct error *e)
{
	struct tls_conn *c = tls_mbed_conn_of(s);
	int rc;

	while (!compat_is_over(&c->ssl)) {
		if (before_step(c, e) < 0)
			return -1;
		rc = handshake_step(c);
		if (rc == MBEDTLS_ERR_SSL_WANT_READ && c->out.len > 0) {
			rc = tls_mbed_lower_flush(c);
			if (rc == STREAM_WANT_WRITE)
				return rc;
			rc = rc == -1 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : MBEDTLS_ERR_SSL_WANT_READ;
		}
		if (rc != 0)
			return handshake_failed(c, rc, e);
	}
	return handshake_over(c, e);
}

/* ---- data ---- */

/* Returns the bytes that a library call moved. Saves a ticket that arrived during the call, which
 * is no failure. */
static size_t
bytes_moved(struct tls_conn *c, int *code)
{
	if (*code == COMPAT_NEW_TICKET && COMPAT_HAS_1_3) {
		tls_mbed_session_save(c);
		*code = 1;
		return 0;
	}
	return *code > 0 ? (size_t)*code : 0;
}

/* Decrypts as many records as fit, or those before the kernel takes over. Returns the library's
 * last code. */
static int
decrypt_records(struct tls_conn *c, unsigned char *data, size_t n, size_t *ret_got)
{
	size_t got = 0;
	int rc = 1;

	while (got < n && rc > 0 && !tls_mbed_ktls_receives(c)) {
		rc = mbedtls_ssl_read(&c->ssl, data + got, n - got);
		got += bytes_moved(c, &rc);
	}
	*ret_got = got;
	return rc;
}

static ssize_t
conn_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct tls_conn *c = tls_mbed_conn_of(s);
	size_t got;
	int rc;

	/* Lets a stream that is only read still send. Writers report a failure. */
	tls_mbed_lower_flush(c);
	if (c->ended)
		return 0;
	if (c->fault != 0)
		return tls_mbed_explain(c, c->fault, e);
	rc = decrypt_records(c, data, n, &got);
	if (got == 0 && rc > 0 && tls_mbed_ktls_receives(c)) {
		rc = tls_mbed_ktls_read(c, data, n);
		return rc > 0 ? rc : tls_mbed_read_stopped(c, rc, e);
	}
	if (got == 0)
		return rc > 0 ? STREAM_WANT_READ : tls_mbed_read_stopped(c, rc, e);
	/* return the bytes first; the next read reports the rest */
	if (rc <= 0)
		tls_mbed_read_stopped(c, rc, NULL);
	return (ssize_t)got;
}

/* Encrypts up to FLIGHT bytes. Returns how many, or the library's code if none. The library
 * takes the next write after a failure for a repetition and drops it, so a failure is kept. */
static long
encrypt_records(struct tls_conn *c, const unsigned char *data, size_t n)
{
	size_t done = 0;
	int rc = 1;

	while (done < n && c->out.len < FLIGHT && rc > 0) {
		rc = mbedtls_ssl_write(&c->ssl, data + done, n - done);
		done += bytes_moved(c, &rc);
	}
	if (rc <= 0 && rc != MBEDTLS_ERR_SSL_WANT_READ)
		c->write_fault = rc < 0 ? rc : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	return done > 0 ? (long)done : rc;
}

static ssize_t
conn_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct tls_conn *c = tls_mbed_conn_of(s);
	long done;
	int rc;

	if (tls_mbed_ktls_sends(c))
		return tls_mbed_ktls_write(c, data, n, e);
	if (tls_mbed_lower_has_failed(c))
		return tls_mbed_explain(c, 0, e);
	rc = tls_mbed_stream_flush(s, e);
	if (rc < 0)
		return rc;
	done = encrypt_records(c, data, n);
	/* the library may be in the middle of a message that arrived while nobody was reading */
	if (done == MBEDTLS_ERR_SSL_WANT_READ)
		return STREAM_WANT_READ;
	if (done <= 0)
		return tls_mbed_explain(c, c->write_fault, e);
	/* the bytes are taken: the next call reports a failure */
	tls_mbed_lower_flush(c);
	return done;
}

static int
conn_shut(struct stream *s, struct error *e)
{
	struct tls_conn *c = tls_mbed_conn_of(s);
	int rc;

	if (tls_mbed_ktls_sends(c))
		return tls_mbed_ktls_shut(c, e);
	rc = tls_mbed_stream_flush(s, e);
	if (rc < 0 || c->shut)
		return rc;
	c->shut = true;
	/* a client that has started a new handshake would take it as its own */
	if (c->secured && c->fault == 0)
		mbedtls_ssl_close_notify(&c->ssl);
	return tls_mbed_stream_flush(s, e);
}

static void
conn_close(struct stream *s)
{
	struct tls_conn *c = tls_mbed_conn_of(s);
	int saved = errno;

	mbedtls_ssl_free(&c->ssl);
	tls_mbed_ktls_close(c);
	tls_mbed_dtls_close(c);
	buf_fini(&c->in);
	buf_fini(&c->out);
	buf_fini(&c->secrets);
	stream_close(s->next);
	free(c->name);
	free(c);
	errno = saved;
}

/* An incomplete record is not readable. An end or a failure behind the last bytes is, and the
 * descriptor will not signal it again. */
static size_t
conn_pending(const struct stream *s)
{
	const struct tls_conn *c = tls_mbed_conn_of(s);
	const unsigned char *head = (const unsigned char *)buf_head(&c->in);
	size_t n = mbedtls_ssl_get_bytes_avail(&c->ssl);

	if (c->in.len >= HEADER && c->in.len >= HEADER + ((size_t)head[3] << 8 | head[4]))
		n++;
	/* TLS in TLS: what the lower one has decrypted makes no descriptor readable */
	n += stream_pending(s->next) > 0;
	return n + (c->ended || c->fault != 0);
}

static int
conn_raw_fd(const struct stream *s, enum stream_side side)
{
	return stream_raw_fd(s->next, side);
}

/* Reads always come through here, since only here ends and alerts are told from data. */
static enum stream_kind
conn_kind(const struct stream *s, enum stream_side side)
{
	return side == STREAM_OUT && tls_mbed_ktls_sends(tls_mbed_conn_of(s)) ? STREAM_SOCKET
									      : STREAM_OPAQUE;
}

static const struct stream_ops conn_ops = {
	.read = conn_read,
	.write = conn_write,
	.flush = tls_mbed_stream_flush,
	.shut = conn_shut,
	.close = conn_close,
	.pending = conn_pending,
	.raw_fd = conn_raw_fd,
	.kind = conn_kind,
};

/* ---- records over datagrams ---- */

static enum stream_kind
dgram_kind(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_RECORDS;
}

static const struct stream_ops dgram_ops = {
	.read = tls_mbed_dtls_read,
	.write = tls_mbed_dtls_write,
	.flush = tls_mbed_stream_flush,
	.shut = conn_shut,
	.close = conn_close,
	.pending = tls_mbed_dtls_pending,
	.raw_fd = conn_raw_fd,
	.kind = dgram_kind,
};

/* ---- open and close ---- */

/* Certificates have neither the dot of "example.org." nor the zone of "fe80::1%eth0". */
static int
set_name(struct tls_conn *c, const char *name)
{
	size_t n = strlen(name);
	int rc;

	c->n_ip = tls_mbed_hostname_address(name, c->ip);
	if (n > 1 && name[n - 1] == '.')
		n--;
	c->name = strndup(name, n);
	if (c->name == NULL)
		return MBEDTLS_ERR_SSL_ALLOC_FAILED;
	/* no SNI for addresses (RFC 6066, 3) */
	rc = mbedtls_ssl_set_hostname(&c->ssl, c->n_ip > 0 ? NULL : c->name);
	memcpy(c->info.server_name, c->name, n < sizeof(c->info.server_name) ? n : 0);
	return rc;
}

static int
setup_ssl(struct tls_conn *c, const char *name, struct error *e)
{
	int rc = mbedtls_ssl_setup(&c->ssl, &c->tls->conf);

	if (rc == 0 && c->tls->how.role == TLS_CLIENT)
		rc = name != NULL ? set_name(c, name) : mbedtls_ssl_set_hostname(&c->ssl, NULL);
	if (rc != 0)
		return tls_mbed_fail(e, rc, "tls");
	mbedtls_ssl_set_bio(&c->ssl, c, bio_send, bio_recv, NULL);
	mbedtls_ssl_set_verify(&c->ssl, tls_mbed_verify, c);
	c->kernel.wanted = !c->tls->how.no_ktls && !c->tls->how.datagrams;
	if (c->tls->keylog_fd >= 0 || c->tls->how.keep_secrets || c->kernel.wanted)
		compat_export(&c->tls->conf, &c->ssl, c->tls);
	return 0;
}

static int
conn_open(struct stream **ret_stream, struct tls *t, struct stream *lower, const char *name,
    struct error *e)
{
	struct tls_conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	c->base.stream.ops = t->how.datagrams ? &dgram_ops : &conn_ops;
	c->base.module = &usock_module_tls;
	c->tls = t;
	mbedtls_ssl_init(&c->ssl);
	buf_init(&c->in, READ_AHEAD);
	buf_init(&c->out, OUT_MAX);
	buf_init(&c->secrets, SECRETS_MAX);
	if (setup_ssl(c, name, e) < 0 ||
	    (t->how.datagrams && tls_mbed_dtls_open(c, lower, e) < 0)) {
		conn_close(&c->base.stream);
		return -1;
	}
	c->base.stream.next = lower;
	if (t->how.role == TLS_CLIENT && tls_mbed_session_offer(c, e) < 0) {
		c->base.stream.next = NULL;
		conn_close(&c->base.stream);
		return -1;
	}
	*ret_stream = &c->base.stream;
	return 0;
}

static void
conn_info(const struct stream *s, struct tls_info *ret_info)
{
	*ret_info = tls_mbed_conn_of(s)->info;
	ret_info->ktls = tls_mbed_ktls_text(tls_mbed_conn_of(s));
}

static const char *
conn_secrets(const struct stream *s)
{
	struct tls_conn *c = tls_mbed_conn_of(s);

	return c->tls->how.keep_secrets ? buf_text(&c->secrets, NULL) : NULL;
}

static void
conn_digests(const struct tls *t, char sha256[65], char pin[64])
{
	struct tls_info info = { 0 };

	if (t->n_own > 0)
		tls_mbed_describe(&t->own[0].chain, &info);
	memcpy(sha256, info.sha256, sizeof(info.sha256));
	memcpy(pin, info.pin, sizeof(info.pin));
}

MODULE_EXPORT const struct tls_module usock_module_tls = {
	.head = { .abi = TLS_ABI, .library = MBEDTLS_VERSION_STRING_FULL },
	.may_fork = COMPAT_MAY_FORK,
	.open = tls_mbed_open,
	.close = tls_mbed_close,
	.self_signed_digests = conn_digests,
	.stream = conn_open,
	.handshake = conn_handshake,
	.get_info = conn_info,
	.secrets = conn_secrets,
	.retry_at = tls_mbed_retry_at,
	.verify_cookie = tls_mbed_verify_cookie,
	.push_datagram = tls_mbed_push_datagram,
};
