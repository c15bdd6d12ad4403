/*
 * Encryption by the kernel, if available (net/ktls/ktls).
 *
 * Each direction is handed over by itself. Sending is at the end of the
 * handshake. Receiving is once the library has read what arrived with the
 * handshake, and the ticket that --session waits for. A direction that the kernel
 * does not take stays with the library, and no byte is lost.
 */
#ifndef STREAM_MBEDTLS_KTLS_H
#define STREAM_MBEDTLS_KTLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "stream/mbedtls/keys.h"

struct error;
struct tls_conn;
struct tls_export;

/* The part that matters of a message in a control record. */
struct tls_message {
	unsigned char kind, head[5];
	/* bytes in head; bytes of the message that are skipped */
	size_t n, skip;
};

enum tls_ktls_state {
	TLS_KTLS_NO,
	TLS_KTLS_SOON, /* when everything received has been read */
	TLS_KTLS_YES,
	TLS_KTLS_STATES
};

struct tls_ktls {
	bool wanted, attached, tls13;
	enum tls_ktls_state side[KTLS_SIDES];
	enum ktls_cipher cipher;
	struct tls_master master;     /* TLS 1.2, until the keys are derived */
	struct tls_secret traffic[2]; /* TLS 1.3: the client's and the server's */
	struct tls_message message;
	unsigned char alert; /* the fatal alert received */
	bool owes_update;    /* a KeyUpdate has to be sent before the next byte */
	char no_update[128]; /* why the peer's KeyUpdate failed; "": it did not */
};

/* Stores a secret of the handshake. */
void tls_mbed_ktls_keep_secret(struct tls_conn *c, const struct tls_export *x);
/* Called when the handshake is complete, though its last records may not be sent yet. */
void tls_mbed_ktls_attach(struct tls_conn *c);
/* Called when those records are sent. */
void tls_mbed_ktls_start(struct tls_conn *c);
void tls_mbed_ktls_close(struct tls_conn *c);
/* Returns what the kernel does, as "tx,rx"; in parentheses what it will do soon; "" is nothing. */
const char *tls_mbed_ktls_text(const struct tls_conn *c);

/* Returns true if the kernel encrypts, so that the library must not send. */
bool tls_mbed_ktls_sends(const struct tls_conn *c);
ssize_t tls_mbed_ktls_write(struct tls_conn *c, const void *data, size_t n, struct error *e);
int tls_mbed_ktls_shut(struct tls_conn *c, struct error *e);
/* Sends the alert for a read failure for which the library sends none. */
void tls_mbed_ktls_refuse(struct tls_conn *c, int code);

/* Returns true if the library should read no further than the record it needs. */
bool tls_mbed_ktls_is_near(const struct tls_conn *c);
/* Hands over receiving if that is possible now. Returns true if the library has nothing more
 * to read. */
bool tls_mbed_ktls_receives(struct tls_conn *c);
/* Returns what mbedtls_ssl_read() would. */
int tls_mbed_ktls_read(struct tls_conn *c, void *data, size_t n);

#endif
