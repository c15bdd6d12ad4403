#include <errno.h>
#include <limits.h>
#include <mbedtls/platform_util.h>

#include "base/error.h"
#include "net/sys.h"
#include "stream/mbedtls/conn.h"
#include "stream/mbedtls/error.h"
#include "stream/mbedtls/ktls.h"

/* RFC 8446, B.2 and B.3; RFC 5246, A.3 and A.4 */
enum { WARNING = 1, FATAL = 2 };
enum {
	CLOSE_NOTIFY = 0,
	UNEXPECTED_MESSAGE = 10,
	BAD_RECORD_MAC = 20,
	RECORD_OVERFLOW = 22,
	INTERNAL_ERROR = 80,
	USER_CANCELED = 90,
	NO_RENEGOTIATION = 100
};
enum { HELLO_REQUEST = 0, CLIENT_HELLO = 1, NEW_SESSION_TICKET = 4, KEY_UPDATE = 24 };

/* The kernel makes records of the full size. The library reserves one byte of TLS 1.3's for
 * itself. */
#define RECORD_MAX 16384

static int
fd_of(const struct tls_conn *c)
{
	return stream_raw_fd(c->base.stream.next, STREAM_OUT);
}

static bool
is_client(const struct tls_conn *c)
{
	return c->tls->how.role == TLS_CLIENT;
}

/* Returns the secret that encrypts this direction. */
static struct tls_secret *
secret_of(struct tls_conn *c, enum ktls_side side)
{
	return &c->kernel.traffic[is_client(c) == (side == KTLS_SEND) ? 0 : 1];
}

static void
keep_secret(struct tls_secret *s, const struct tls_export *x)
{
	if (x->n > sizeof(s->bytes))
		return;
	memcpy(s->bytes, x->secret, x->n);
	s->n = x->n;
}

void
tls_mbed_ktls_keep_secret(struct tls_conn *c, const struct tls_export *x)
{
	struct tls_ktls *k = &c->kernel;

	if (!k->wanted)
		return;
	if (x->what == TLS_EXPORTED_CLIENT_TRAFFIC)
		keep_secret(&k->traffic[0], x);
	if (x->what == TLS_EXPORTED_SERVER_TRAFFIC)
		keep_secret(&k->traffic[1], x);
	if (x->what != TLS_EXPORTED_MASTER || x->n != sizeof(k->master.bytes))
		return;
	memcpy(k->master.bytes, x->secret, sizeof(k->master.bytes));
	memcpy(k->master.client, x->client, sizeof(k->master.client));
	memcpy(k->master.server, x->server, sizeof(k->master.server));
	k->master.sha384 = x->prf == MBEDTLS_SSL_TLS_PRF_SHA384;
}

void
tls_mbed_ktls_close(struct tls_conn *c)
{
	mbedtls_platform_zeroize(&c->kernel, sizeof(c->kernel));
}

/* ---- hand-over ---- */

static bool
is_one_socket(const struct stream *s)
{
	return stream_kind(s, STREAM_IN) == STREAM_SOCKET &&
	    stream_kind(s, STREAM_OUT) == STREAM_SOCKET &&
	    stream_raw_fd(s, STREAM_IN) == stream_raw_fd(s, STREAM_OUT);
}

void
tls_mbed_ktls_attach(struct tls_conn *c)
{
	struct tls_ktls *k = &c->kernel;

	if (!k->wanted || k->attached)
		return;
	k->tls13 = strcmp(c->info.version, "TLSv1.3") == 0;
	k->cipher = tls_mbed_keys_cipher(c->info.cipher);
	k->attached = k->cipher != KTLS_NO_CIPHER && is_one_socket(c->base.stream.next) &&
	    ktls_attach(fd_of(c), NULL) == 0;
	/* a server sends its tickets now: no later record is the library's */
	if (k->attached)
		mbedtls_ssl_handshake(&c->ssl);
	else
		tls_mbed_ktls_close(c);
}

/* Derives the keys, and continues with the library's sequence number. */
static int
derive_keys(struct tls_conn *c, enum ktls_side side, struct ktls_keys *keys)
{
	struct tls_ktls *k = &c->kernel;

	memcpy(keys->seq, side == KTLS_SEND ? c->ssl.cur_out_ctr : c->ssl.in_ctr,
	    sizeof(keys->seq));
	if (!k->tls13)
		return tls_mbed_keys_of_master(&k->master, is_client(c) == (side == KTLS_SEND),
		    keys);
	return tls_mbed_keys_of_secret(secret_of(c, side), keys);
}

/* A direction that is handed over cannot come back. One that the kernel refuses stays with the
 * library. */
static void
hand_over_keys(struct tls_conn *c, enum ktls_side side)
{
	struct tls_ktls *k = &c->kernel;
	struct ktls_keys keys = { .tls13 = k->tls13, .cipher = k->cipher };

	k->side[side] = TLS_KTLS_NO;
	if (derive_keys(c, side, &keys) == 0 && ktls_set_keys(fd_of(c), side, &keys, NULL) == 0)
		k->side[side] = TLS_KTLS_YES;
	mbedtls_platform_zeroize(&keys, sizeof(keys));
}

/* Wipes secrets that are no longer needed, and frees the library's buffers. */
static void
release_keys(struct tls_conn *c)
{
	struct tls_ktls *k = &c->kernel;

	mbedtls_platform_zeroize(&k->master, sizeof(k->master));
	if (k->side[KTLS_SEND] != TLS_KTLS_YES || k->side[KTLS_RECEIVE] != TLS_KTLS_YES)
		return;
	mbedtls_ssl_free(&c->ssl);
	mbedtls_ssl_init(&c->ssl);
}

/* Tickets have to be read by the library. */
static bool
awaits_ticket(const struct tls_conn *c)
{
	return c->kernel.tls13 && is_client(c) && c->tls->how.session_file != NULL && !c->saved;
}

/* Returns true between two records, with nothing read ahead and no incomplete message. */
static bool
is_between_records(const struct tls_conn *c)
{
	const mbedtls_ssl_context *ssl = &c->ssl;

	return c->in.len == 0 && ssl->in_left == 0 && mbedtls_ssl_check_pending(ssl) == 0 &&
	    ssl->in_hslen <= ssl->in_msglen;
}

bool
tls_mbed_ktls_is_near(const struct tls_conn *c)
{
	return c->kernel.side[KTLS_RECEIVE] == TLS_KTLS_SOON && !awaits_ticket(c);
}

bool
tls_mbed_ktls_receives(struct tls_conn *c)
{
	if (tls_mbed_ktls_is_near(c) && is_between_records(c)) {
		hand_over_keys(c, KTLS_RECEIVE);
		release_keys(c);
	}
	return c->kernel.side[KTLS_RECEIVE] == TLS_KTLS_YES;
}

void
tls_mbed_ktls_start(struct tls_conn *c)
{
	struct tls_ktls *k = &c->kernel;

	if (!k->attached || c->ssl.state != MBEDTLS_SSL_HANDSHAKE_OVER)
		return;
	if (mbedtls_ssl_get_max_out_record_payload(&c->ssl) >= RECORD_MAX - (k->tls13 ? 1 : 0))
		hand_over_keys(c, KTLS_SEND);
	k->side[KTLS_RECEIVE] = TLS_KTLS_SOON;
	tls_mbed_ktls_receives(c);
}

const char *
tls_mbed_ktls_text(const struct tls_conn *c)
{
	static const char *const texts[][TLS_KTLS_STATES] = {
		{ "", "(rx)", "rx" },
		{ "tx", "tx,(rx)", "tx,rx" },
	};
	const struct tls_ktls *k = &c->kernel;

	return texts[k->side[KTLS_SEND] == TLS_KTLS_YES][k->side[KTLS_RECEIVE]];
}

/* ---- sending ---- */

bool
tls_mbed_ktls_sends(const struct tls_conn *c)
{
	return c->kernel.side[KTLS_SEND] == TLS_KTLS_YES;
}

/* Sends an alert through whoever encrypts. One that does not fit now is lost; nothing waits for
 * it. */
static void
send_alert(struct tls_conn *c, unsigned char level, unsigned char alert)
{
	unsigned char bytes[2] = { level, alert };

	if (tls_mbed_ktls_sends(c))
		ktls_send(fd_of(c), KTLS_ALERT, bytes, sizeof(bytes), NULL);
	else
		mbedtls_ssl_send_alert_message(&c->ssl, level, alert);
}

void
tls_mbed_ktls_refuse(struct tls_conn *c, int code)
{
	if (!tls_mbed_ktls_sends(c) && c->kernel.side[KTLS_RECEIVE] != TLS_KTLS_YES)
		return;
	switch (code) {
	case MBEDTLS_ERR_SSL_INVALID_MAC:
		send_alert(c, FATAL, BAD_RECORD_MAC);
		break;
	case MBEDTLS_ERR_SSL_INVALID_RECORD:
		send_alert(c, FATAL, RECORD_OVERFLOW);
		break;
	case MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE:
		send_alert(c, FATAL, UNEXPECTED_MESSAGE);
		break;
	case MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE:
		send_alert(c, FATAL, INTERNAL_ERROR);
		break;
	}
}

static int
stream_result(int rc)
{
	return rc == SYS_AGAIN ? STREAM_WANT_WRITE : rc;
}

/* ---- KeyUpdate ---- */

static int
change_keys(struct tls_conn *c, enum ktls_side side, struct error *e)
{
	struct ktls_keys keys = { .tls13 = true, .cipher = c->kernel.cipher };
	struct tls_secret *secret = secret_of(c, side);
	int rc = tls_mbed_keys_next(secret);

	if (rc == 0)
		rc = tls_mbed_keys_of_secret(secret, &keys);
	if (rc == 0)
		rc = ktls_set_keys(fd_of(c), side, &keys, e);
	else
		rc = error_set(e, ERROR_INTERNAL, "no keys");
	mbedtls_platform_zeroize(&keys, sizeof(keys));
	return rc;
}

/* Returns 0, SYS_AGAIN or -1. */
static int
answer_update(struct tls_conn *c, struct error *e)
{
	static const unsigned char update[] = { KEY_UPDATE, 0, 0, 1, 0 };
	int rc;

	if (!c->kernel.owes_update)
		return 0;
	rc = ktls_send(fd_of(c), KTLS_HANDSHAKE, update, sizeof(update), e);
	if (rc == 0)
		rc = change_keys(c, KTLS_SEND, e);
	c->kernel.owes_update = rc == SYS_AGAIN;
	return rc;
}

static int
on_key_update(struct tls_conn *c, bool asks)
{
	struct error e = { 0 };

	c->kernel.owes_update = c->kernel.owes_update || asks;
	if (asks && !tls_mbed_ktls_sends(c))
		error_set(&e, ERROR_NETWORK, "what is sent is not the kernel's");
	else if (change_keys(c, KTLS_RECEIVE, &e) == 0 && answer_update(c, &e) != -1)
		return 0;
	memcpy(c->kernel.no_update, e.text, sizeof(c->kernel.no_update) - 1);
	return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
}

/* ---- control records ---- */

static int
on_alert(struct tls_conn *c, unsigned char level, unsigned char alert)
{
	if (alert == CLOSE_NOTIFY)
		return MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY;
	/* the level means nothing in TLS 1.3 (RFC 8446, 6) */
	if (level != FATAL && (!c->kernel.tls13 || alert == USER_CANCELED))
		return 0;
	c->kernel.alert = alert;
	return MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
}

static int
check_handshake_message(struct tls_conn *c, unsigned char type)
{
	if (c->kernel.tls13)
		return type == NEW_SESSION_TICKET && is_client(c)
		    ? 0
		    : MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
	if (type != (is_client(c) ? HELLO_REQUEST : CLIENT_HELLO))
		return MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
	send_alert(c, WARNING, NO_RENEGOTIATION);
	c->refusals++;
	return 0;
}

/* A message may be split over records, and a record may hold several. Only the heads are parsed. */
static int
parse_byte(struct tls_conn *c, unsigned char byte)
{
	struct tls_message *m = &c->kernel.message;
	unsigned char *head = m->head;
	bool update;

	if (m->skip > 0) {
		m->skip--;
		return 0;
	}
	head[m->n++] = byte;
	if (m->n < (m->kind == KTLS_ALERT ? 2 : 4))
		return 0;
	update = m->kind == KTLS_HANDSHAKE && head[0] == KEY_UPDATE && c->kernel.tls13;
	if (update && m->n < 5)
		return 0;
	m->n = 0;
	if (m->kind == KTLS_ALERT)
		return on_alert(c, head[0], head[1]);
	if (update)
		return on_key_update(c, head[4] == 1);
	m->skip = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	return check_handshake_message(c, head[0]);
}

static int
parse_control(struct tls_conn *c, unsigned char kind, const unsigned char *bytes, size_t n)
{
	struct tls_message *m = &c->kernel.message;
	size_t i;
	int rc = 0;

	if (kind == KTLS_DATA && m->n == 0 && m->skip == 0)
		return 0;
	if (kind != m->kind && (m->n > 0 || m->skip > 0))
		return MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
	if (kind != KTLS_ALERT && kind != KTLS_HANDSHAKE)
		return MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
	m->kind = kind;
	for (i = 0; i < n && rc == 0; i++)
		rc = parse_byte(c, bytes[i]);
	return rc;
}

/* ---- data ---- */

/* Maps the kernel's error about a bad record to the library's code. */
static int
library_code(const struct error *e)
{
	switch (e->number) {
	case EBADMSG:
		return MBEDTLS_ERR_SSL_INVALID_MAC;
	case EMSGSIZE:
	case EINVAL:
		return MBEDTLS_ERR_SSL_INVALID_RECORD;
	default:
		return 0;
	}
}

static int
lower_failed(struct tls_conn *c, const struct error *e)
{
	int code = library_code(e);

	if (code != 0)
		return code;
	c->lower = *e;
	return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

int
tls_mbed_ktls_read(struct tls_conn *c, void *data, size_t n)
{
	struct error e = { 0 };
	unsigned char kind;
	ssize_t got;
	int rc;

	do {
		got = ktls_recv(fd_of(c), data, n < INT_MAX ? n : INT_MAX, &kind, &e);
		if (got == SYS_AGAIN)
			return MBEDTLS_ERR_SSL_WANT_READ;
		if (got == -1)
			return lower_failed(c, &e);
		if (got == 0 && kind == 0)
			return MBEDTLS_ERR_SSL_CONN_EOF;
		rc = parse_control(c, kind, data, (size_t)got);
	} while (rc == 0 && (kind != KTLS_DATA || got == 0));
	return rc < 0 ? rc : (int)got;
}

ssize_t
tls_mbed_ktls_write(struct tls_conn *c, const void *data, size_t n, struct error *e)
{
	struct error why = { 0 };
	ssize_t put = stream_result(answer_update(c, &why));

	if (put == 0)
		put = stream_write(c->base.stream.next, data, n, &why);
	if (put != -1)
		return put;
	if (library_code(&why) != 0 && c->fault == 0)
		c->fault = library_code(&why);
	else
		lower_failed(c, &why);
	return tls_mbed_explain(c, c->fault, e);
}

int
tls_mbed_ktls_shut(struct tls_conn *c, struct error *e)
{
	static const unsigned char close_notify[2] = { WARNING, CLOSE_NOTIFY };
	struct error why = { 0 };
	int rc = 0;

	if (!c->shut && c->fault == 0)
		rc = ktls_send(fd_of(c), KTLS_ALERT, close_notify, sizeof(close_notify), &why);
	c->shut = rc == 0;
	if (rc != -1)
		return stream_result(rc);
	c->shut = true;
	lower_failed(c, &why);
	return tls_mbed_explain(c, 0, e);
}
