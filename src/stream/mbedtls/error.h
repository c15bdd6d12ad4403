/*
 * The messages of failures in the library.
 */
#ifndef STREAM_MBEDTLS_ERROR_H
#define STREAM_MBEDTLS_ERROR_H

struct error;
struct tls_conn;

/* Sets "<fmt>: <the library's words>", ERROR_TLS. Returns -1. */
int tls_mbed_fail(struct error *e, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Sets why handshake, read or write failed with this code. Returns -1. */
int tls_mbed_explain(struct tls_conn *c, int code, struct error *e);

#endif
