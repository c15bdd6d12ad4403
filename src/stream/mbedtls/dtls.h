/*
 * The differences of DTLS from TLS.
 */
#ifndef STREAM_MBEDTLS_DTLS_H
#define STREAM_MBEDTLS_DTLS_H

#include "stream/dtls.h"

struct tls;
struct tls_conn;

/* Does nothing for TLS. */
int tls_mbed_dtls_config(struct tls *t, struct error *e);
int tls_mbed_dtls_open(struct tls_conn *c, const struct stream *lower, struct error *e);
void tls_mbed_dtls_close(struct tls_conn *c);
/* Called before each step of the handshake, when a step has failed, and after the last step. */
void tls_mbed_dtls_step(struct tls_conn *c);
void tls_mbed_dtls_failed(struct tls_conn *c, int code);
void tls_mbed_dtls_secured(struct tls_conn *c);
/* For struct stream_ops. */
ssize_t tls_mbed_dtls_read(struct stream *s, void *data, size_t n, struct error *e);
ssize_t tls_mbed_dtls_write(struct stream *s, const void *data, size_t n, struct error *e);
size_t tls_mbed_dtls_pending(const struct stream *s);
/* For struct tls_module. */
struct deadline tls_mbed_retry_at(const struct stream *s);
bool tls_mbed_verify_cookie(struct tls *t, const struct sockname *peer, const void *datagram,
    size_t n, unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n);
int tls_mbed_push_datagram(struct stream *s, const void *datagram, size_t n, struct error *e);

#endif
