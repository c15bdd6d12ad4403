#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/error.h"
#include "net/sys.h"
#include "stream/dtls_cookie.h"
#include "stream/mbedtls/config.h"
#include "stream/mbedtls/conn.h"
#include "stream/mbedtls/dtls.h"
#include "stream/mbedtls/error.h"
#include "stream/mbedtls/lower.h"

/* The longest possible datagram. */
#define DATAGRAM_MAX (64u << 10)
/* The MTU that every link has (RFC 8200, 5), and the largest that is tried: a link may have more,
 * but the whole path seldom does. */
#define MTU_LEAST 1280
#define MTU_MOST 1500
#define HEADERS 48 /* of IPv6 and UDP */
/* Milliseconds until a flight is sent again; doubled each time (RFC 6347, 4.2.4.1). */
#define RETRY_FIRST 1000
#define RETRY_LAST 60000

/* The part of a connection that only DTLS has. */
struct tls_dgram {
	struct deadline soon, due; /* of the library's timer */
	bool timed, alerted;
	unsigned ration; /* how many records the library may read before it returns */
	int empty;       /* empty records that no read has returned yet */
	unsigned char id[32];
	size_t n_id; /* bytes of id, which a server has */
};

/* ---- timer ---- */

static void
timer_set(void *arg, uint32_t soon, uint32_t due)
{
	struct tls_dgram *d = arg;

	d->timed = due > 0;
	d->soon = deadline_in((int64_t)soon * NSEC_PER_MSEC);
	d->due = deadline_in((int64_t)due * NSEC_PER_MSEC);
}

/* Returns the numbers of mbedtls_ssl_get_timer_t. */
static int
timer_get(void *arg)
{
	const struct tls_dgram *d = arg;

	if (!d->timed)
		return -1;
	if (deadline_passed(d->due))
		return 2;
	return deadline_passed(d->soon) ? 1 : 0;
}

struct deadline
tls_mbed_retry_at(const struct stream *s)
{
	const struct tls_conn *c = tls_mbed_conn_of(s);

	return c->dgram != NULL && c->dgram->timed && !c->secured ? c->dgram->due
								  : deadline_never();
}

/* ---- MTU ---- */

/* Returns the path MTU that the kernel has learnt. */
static int
path_mtu(int fd)
{
	struct sockname name;
	socklen_t len = sizeof(int);
	int mtu = 0;

	if (sys_local_name(fd, &name, NULL) < 0)
		return MTU_LEAST;
	if (name.sa.sa_family == AF_INET6 &&
	    getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &len) == 0 && mtu > 0)
		return mtu;
	if (getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len) == 0 && mtu > 0)
		return mtu;
	return MTU_LEAST;
}

/* Fragments handshake messages to the current path MTU. Later records are the user's datagrams,
 * which IP may fragment like any other. */
static void
fit_to_path(struct tls_conn *c)
{
	int mtu = path_mtu(stream_raw_fd(c->base.stream.next, STREAM_OUT));

	mbedtls_ssl_set_mtu(&c->ssl, (uint16_t)((mtu < MTU_MOST ? mtu : MTU_MOST) - HEADERS));
}

static size_t
record_max(const struct tls_conn *c)
{
	int max = mbedtls_ssl_get_max_out_record_payload(&c->ssl);

	return max > 0 ? (size_t)max : 0;
}

/* ---- lower stream ---- */

/* A data record must not end in WANT_WRITE: the library would take the next record for a repetition
 * and drop it. So the datagram is queued here, and writers wait until it is sent. What the library
 * sends meanwhile is lost, as datagrams may be. */
static int
queue_datagram(struct tls_conn *c, const unsigned char *data, size_t n)
{
	if (!c->secured)
		return MBEDTLS_ERR_SSL_WANT_WRITE;
	return buf_append(&c->out, data, n, NULL) < 0 ? MBEDTLS_ERR_SSL_ALLOC_FAILED : (int)n;
}

/* A datagram that exceeds the path MTU counts as lost; the flight is sent again in smaller ones. */
static int
bio_send(void *arg, const unsigned char *data, size_t n)
{
	struct tls_conn *c = arg;
	struct error e = { 0 };
	ssize_t put;

	c->dgram->alerted |= data[0] == MBEDTLS_SSL_MSG_ALERT;
	if (c->out.len > 0 && tls_mbed_lower_flush(c) != 0)
		return (int)n;
	put = stream_write(c->base.stream.next, data, n, &e);
	if (put < -1)
		return queue_datagram(c, data, n);
	if (put == -1 && e.number == EMSGSIZE && !c->secured)
		return (int)n;
	return put < 0 ? tls_mbed_lower_fail(c, &e) : (int)put;
}

/* Reads the next datagram that is not empty. */
static int
read_datagram(struct tls_conn *c)
{
	struct error e = { 0 };
	char *room = buf_reserve(&c->in, DATAGRAM_MAX, &e);
	ssize_t got = 0;

	if (room == NULL)
		return MBEDTLS_ERR_SSL_ALLOC_FAILED;
	while (got == 0)
		got = stream_read(c->base.stream.next, room, DATAGRAM_MAX, &e);
	if (got > 0) {
		buf_added(&c->in, (size_t)got);
		return 0;
	}
	buf_fini(&c->in);
	return got == -1 ? tls_mbed_lower_fail(c, &e) : MBEDTLS_ERR_SSL_WANT_READ;
}

/* Gives the library one record at a time, though a datagram may hold several: only so the library
 * shows which of them are empty. */
static int
bio_recv(void *arg, unsigned char *data, size_t n)
{
	struct tls_conn *c = arg;
	size_t size;
	int rc = 0;

	if (c->dgram->ration == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	if (c->in.len == 0)
		rc = read_datagram(c);
	if (rc != 0)
		return rc;
	c->dgram->ration--;
	size = dtls_record_size((const unsigned char *)buf_head(&c->in), c->in.len);
	/* a record longer than any may be is dropped like a forged one */
	if (size <= n)
		memcpy(data, buf_head(&c->in), size);
	buf_consume(&c->in, size);
	return size <= n ? (int)size : MBEDTLS_ERR_SSL_WANT_READ;
}

/* ---- records ---- */

/* Drops the rest of a record that was longer than the caller's buffer. */
static void
drop_rest(struct tls_conn *c)
{
	unsigned char rest[256];

	while (mbedtls_ssl_get_bytes_avail(&c->ssl) > 0 &&
	    mbedtls_ssl_read(&c->ssl, rest, sizeof(rest)) > 0)
		;
}

/* Reads one record. The library skips empty records, but counts them. */
static int
read_one_record(struct tls_conn *c, unsigned char *data, size_t n)
{
	struct tls_dgram *d = c->dgram;
	int rc;

	do {
		d->ration = 1;
		c->ssl.nb_zero = 0;
		rc = mbedtls_ssl_read(&c->ssl, data, n);
		if (rc > 0)
			drop_rest(c);
		else if (rc == MBEDTLS_ERR_SSL_WANT_READ)
			d->empty = c->ssl.nb_zero;
	} while (rc == MBEDTLS_ERR_SSL_WANT_READ && d->ration == 0 && d->empty == 0);
	return rc;
}

ssize_t
tls_mbed_dtls_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct tls_conn *c = tls_mbed_conn_of(s);
	int rc = MBEDTLS_ERR_SSL_WANT_READ;

	tls_mbed_lower_flush(c);
	if (c->ended)
		return STREAM_END;
	if (c->fault != 0)
		return tls_mbed_explain(c, c->fault, e);
	if (c->dgram->empty == 0)
		rc = read_one_record(c, data, n);
	if (c->dgram->empty == 0)
		return rc > 0 ? rc : tls_mbed_read_stopped(c, rc, e);
	c->dgram->empty--;
	return 0;
}

static ssize_t
fail_datagram_length(const struct tls_conn *c, size_t n, struct error *e)
{
	error_errno(e, ERROR_NETWORK, EMSGSIZE, "datagram of %zu bytes", n);
	return error_hint(e,
	    "the limit is %zu bytes over DTLS; --framing chunk=N makes a datagram of every N bytes",
	    record_max(c));
}

ssize_t
tls_mbed_dtls_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct tls_conn *c = tls_mbed_conn_of(s);
	int rc;

	if (tls_mbed_lower_has_failed(c))
		return tls_mbed_explain(c, 0, e);
	rc = tls_mbed_stream_flush(s, e);
	if (rc != 0)
		return rc;
	if (n > record_max(c))
		return fail_datagram_length(c, n, e);
	rc = mbedtls_ssl_write(&c->ssl, n > 0 ? data : (const void *)"", n);
	if (rc == MBEDTLS_ERR_SSL_WANT_READ)
		return STREAM_WANT_READ;
	if (rc < 0)
		c->write_fault = rc;
	return rc >= 0 ? (ssize_t)n : tls_mbed_explain(c, rc, e);
}

size_t
tls_mbed_dtls_pending(const struct stream *s)
{
	const struct tls_conn *c = tls_mbed_conn_of(s);

	return c->in.len + (size_t)c->dgram->empty + (c->ended || c->fault != 0);
}

/* ---- cookies ---- */

/* Writes what a cookie binds: family, port and address. */
static size_t
write_client_id(const struct sockname *peer, unsigned char id[32])
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)&peer->storage;
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)&peer->storage;
	bool is_six = peer->sa.sa_family == AF_INET6;
	const void *address = is_six ? (const void *)&six->sin6_addr : &four->sin_addr;
	size_t n = is_six ? sizeof(six->sin6_addr) : sizeof(four->sin_addr);
	uint16_t port = sockname_port(peer);

	id[0] = is_six ? 6 : 4;
	id[1] = (unsigned char)(port >> 8);
	id[2] = (unsigned char)port;
	memcpy(id + 3, address, n);
	return 3 + n;
}

bool
tls_mbed_verify_cookie(struct tls *t, const struct sockname *peer, const void *datagram, size_t n,
    unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n)
{
	unsigned char id[32], cookie[DTLS_COOKIE_MAX], *end = cookie;
	size_t n_id = write_client_id(peer, id);
	struct dtls_hello hello;

	*ret_n = 0;
	if (!dtls_cookie_parse(datagram, n, &hello))
		return false;
	if (hello.n_cookie > 0 &&
	    mbedtls_ssl_cookie_check(&t->cookies, hello.cookie, hello.n_cookie, id, n_id) == 0)
		return true;
	if (mbedtls_ssl_cookie_write(&t->cookies, &end, cookie + sizeof(cookie), id, n_id) == 0)
		*ret_n = dtls_cookie_request(&hello, cookie, (size_t)(end - cookie), answer,
		    TLS_ANSWER_MAX);
	return false;
}

int
tls_mbed_push_datagram(struct stream *s, const void *datagram, size_t n, struct error *e)
{
	struct tls_conn *c = tls_mbed_conn_of(s);

	return c->dgram != NULL ? buf_append(&c->in, datagram, n, e) : 0;
}

/* ---- open and close ---- */

int
tls_mbed_dtls_config(struct tls *t, struct error *e)
{
	int rc;

	if (!t->how.datagrams)
		return 0;
	mbedtls_ssl_conf_handshake_timeout(&t->conf, RETRY_FIRST, RETRY_LAST);
	if (t->how.role == TLS_CLIENT)
		return 0;
	rc = compat_cookies(&t->cookies);
	if (rc != 0)
		return tls_mbed_fail(e, rc, "cookies");
	mbedtls_ssl_conf_dtls_cookies(&t->conf, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check,
	    &t->cookies);
	return 0;
}

int
tls_mbed_dtls_open(struct tls_conn *c, const struct stream *lower, struct error *e)
{
	struct tls_dgram *d = calloc(1, sizeof(*d));
	struct sockname peer;
	int rc;

	if (d == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	c->dgram = d;
	mbedtls_ssl_set_timer_cb(&c->ssl, d, timer_set, timer_get);
	mbedtls_ssl_set_bio(&c->ssl, c, bio_send, bio_recv, NULL);
	if (c->tls->how.role == TLS_CLIENT)
		return 0;
	if (sys_peer_name(stream_raw_fd(lower, STREAM_IN), &peer, e) < 0)
		return -1;
	d->n_id = write_client_id(&peer, d->id);
	rc = mbedtls_ssl_set_client_transport_id(&c->ssl, d->id, d->n_id);
	return rc == 0 ? 0 : tls_mbed_fail(e, rc, "tls");
}

void
tls_mbed_dtls_close(struct tls_conn *c)
{
	free(c->dgram);
}

/* A step of the handshake may read everything there is, and may send a flight for the first time or
 * again. */
void
tls_mbed_dtls_step(struct tls_conn *c)
{
	if (c->dgram->ration == 0 || timer_get(c->dgram) == 2)
		fit_to_path(c);
	c->dgram->ration = UINT_MAX;
}

/* The library does not send an alert for every failure, and with DTLS the peer does not see the
 * connection close. */
void
tls_mbed_dtls_failed(struct tls_conn *c, int code)
{
	bool theirs = tls_mbed_lower_has_failed(c) || code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;

	if (!c->dgram->alerted && !theirs)
		mbedtls_ssl_send_alert_message(&c->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
		    MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
}

void
tls_mbed_dtls_secured(struct tls_conn *c)
{
	mbedtls_ssl_set_mtu(&c->ssl, 0);
}
