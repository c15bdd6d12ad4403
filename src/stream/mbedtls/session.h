/*
 * Sessions that are resumed from a file.
 */
#ifndef STREAM_MBEDTLS_SESSION_H
#define STREAM_MBEDTLS_SESSION_H

#include <stddef.h>

struct error;
struct tls_conn;

/* Offers the session of the file if it fits this connection; else info.not_offered says why
 * not. */
int tls_mbed_session_offer(struct tls_conn *c, struct error *e);
/* Loads the session from the contents of a file. Returns NULL, or why it does not fit this
 * connection. */
const char *tls_mbed_session_load(struct tls_conn *c, const char *text, size_t n);
void tls_mbed_session_save(struct tls_conn *c);
/* Formats the first line of a session file, with the pin and notAfter of the peer's certificate, or
 * of the resumed session if the peer showed none. Returns its length, or -1. */
int tls_mbed_session_head(const struct tls_conn *c, char *text, size_t size);
/* Called when the handshake failed with the offered session: removes it, so that the next handshake
 * is a full one. */
void tls_mbed_session_forget(struct tls_conn *c);

#endif
