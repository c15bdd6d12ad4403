#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "stream/mbedtls/conn.h"
#include "stream/mbedtls/error.h"
#include "stream/mbedtls/ktls.h"
#include "stream/mbedtls/lower.h"

int
tls_mbed_lower_fail(struct tls_conn *c, const struct error *e)
{
	if (tls_mbed_lower_has_failed(c))
		return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
	c->lower = *e;
	/* The error may belong to an earlier datagram: drop what names the current one. */
	if (c->dgram != NULL && e->origin == ORIGIN_ERRNO)
		snprintf(c->lower.text, sizeof(c->lower.text), "%s", strerror(e->number));
	return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

/* Once the lower stream has failed, queued records can never be sent. */
int
tls_mbed_lower_flush(struct tls_conn *c)
{
	struct stream *lower = c->base.stream.next;
	struct error e = { 0 };
	ssize_t put = 0;

	if (tls_mbed_lower_has_failed(c))
		return c->out.len > 0 ? -1 : 0;
	while (c->out.len > 0 && put >= 0) {
		put = stream_write(lower, buf_head(&c->out), c->out.len, &e);
		if (put > 0)
			buf_consume(&c->out, (size_t)put);
	}
	if (put >= 0)
		put = stream_flush(lower, &e);
	if (put == -1)
		tls_mbed_lower_fail(c, &e);
	return (int)put;
}

int
tls_mbed_stream_flush(struct stream *s, struct error *e)
{
	struct tls_conn *c = tls_mbed_conn_of(s);
	int rc = tls_mbed_lower_flush(c);

	if (rc == -1)
		return tls_mbed_explain(c, 0, e);
	return rc == 0 && c->write_fault != 0 ? tls_mbed_explain(c, c->write_fault, e) : rc;
}

int
tls_mbed_lower_wants(int code)
{
	if (code == MBEDTLS_ERR_SSL_WANT_READ)
		return STREAM_WANT_READ;
	return code == MBEDTLS_ERR_SSL_WANT_WRITE ? STREAM_WANT_WRITE : 0;
}

ssize_t
tls_mbed_read_stopped(struct tls_conn *c, int code, struct error *e)
{
	if (tls_mbed_lower_wants(code) != 0)
		return tls_mbed_lower_wants(code);
	if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
		c->ended = true;
		return c->dgram != NULL ? STREAM_END : 0;
	}
	c->fault = code != 0 ? code : MBEDTLS_ERR_SSL_CONN_EOF;
	if (!tls_mbed_lower_has_failed(c)) {
		tls_mbed_ktls_refuse(c, c->fault);
		tls_mbed_lower_flush(c);
	}
	return tls_mbed_explain(c, c->fault, e);
}
