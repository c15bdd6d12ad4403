/*
 * What the files of the TLS module share with each other alone.
 */
#ifndef STREAM_MBEDTLS_CONN_H
#define STREAM_MBEDTLS_CONN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "stream/mbedtls/compat.h"
#include "stream/mbedtls/keys.h"
#include "stream/tls.h"
#include "stream/tls_module.h"

extern const struct tls_module usock_module_tls;

/* A certificate, the chain to its root, and its key. */
struct tls_credentials {
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
};

struct tls_psk {
	char *identity;
	unsigned char key[64];
	size_t n;
};

/* Trusted certificates. Their encodings lie in blocks, which are freed at the end. */
struct tls_trust {
	const struct file_wait *wait; /* for the file being read; NULL: regular files only */
	mbedtls_x509_crt chain;
	void **blocks;
	size_t n_blocks;
	bool loaded;
	const char *option; /* the option that names the file */
	char from[256];     /* where they come from, for messages */
};

struct tls {
	struct tls_base base;
	struct tls_how how;
	mbedtls_ssl_config conf;
	struct tls_credentials *own;
	size_t n_own;
	struct tls_trust trust;
	char *phrases; /* the contents of key_pass_file, while keys are loaded */
	size_t phrases_n;
	struct tls_psk *psks;
	size_t n_psks;
	int *ciphers;
	char *alpn_text;
	const char **alpn;
	unsigned char (*pins)[32];
	mbedtls_ssl_ticket_context tickets;
	mbedtls_ssl_cache_context cache;
	mbedtls_ssl_cookie_ctx cookies;
	int keylog_fd;
	struct tls_conn *stepping; /* the connection in a library call of the handshake, or NULL */
};

struct tls_dgram;

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

/* Records that the kernel encrypts and decrypts (net/ktls/ktls). */
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

/* One connection. */
struct tls_conn {
	struct tls_stream_base base;
	struct tls *tls;
	mbedtls_ssl_context ssl;
	struct tls_dgram *dgram; /* NULL for a TCP stream */
	/* records received, and records not yet sent; for DTLS, out is the datagram that did not
	 * fit */
	struct buf in, out;
	char *name; /* that the peer's certificate has to match; NULL: any */
	unsigned char ip[16];
	size_t n_ip;        /* bytes of ip where name is an address, else 0 */
	struct error lower; /* why the lower stream failed; empty text: it has not */
	enum { TLS_NOTHING_YET, TLS_RECORDS, TLS_OTHER_PROTOCOL } peer_speaks; /* the first byte */
	int fault;       /* the library's failure, reported by every later read */
	int write_fault; /* the library's failure, reported by every later write */
	bool ended, shut, secured, saw_certificate, offered, saved;
	unsigned refusals; /* of renegotiations */
	/* about certificates */
	uint32_t flags;       /* MBEDTLS_X509_BADCERT_*, of the whole chain */
	int bad_depth;        /* depth of the certificate that `bad` names */
	char bad[256];        /* its subject */
	char bad_issuer[256]; /* its issuer */
	char bad_dates[2][32];
	bool wrong_name, wrong_pin;
	/* of the offered session: the pin of the peer's key, and notAfter of its certificate */
	char leaf_pin[64], leaf_until[32];
	struct tls_info info;
	struct tls_ktls kernel;
};

static inline bool
tls_mbed_is_cut_off(const struct tls_conn *c)
{
	return c->lower.text[0] != '\0';
}

/* ---- conn.c ---- */

/* Returns the STREAM_WANT_* for a code of the library, or 0. */
int tls_mbed_wants(int code);
/* Returns the result of a read that gave no byte but this code. A failure is final: every later
 * read reports it. */
ssize_t tls_mbed_read_stopped(struct tls_conn *c, int code, struct error *e);
/* Returns 0, STREAM_WANT_* or -1. Reports also a failure after a write that had taken its bytes. */
int tls_mbed_stream_flush(struct stream *s, struct error *e);

/* Sends the queued records. Returns 0 when none is left, STREAM_WANT_*, or -1 with c->lower set. */
int tls_mbed_flush(struct tls_conn *c);
/* Records that the lower stream has failed, which every later write reports. Returns the library's
 * code for it. */
int tls_mbed_lower_fails(struct tls_conn *c, const struct error *e);

/* ---- error.c ---- */

/* Sets "<fmt>: <the library's words>", ERROR_TLS. Returns -1. */
int tls_mbed_fail(struct error *e, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Sets why handshake, read or write failed with this code. Returns -1. */
int tls_mbed_explain(struct tls_conn *c, int code, struct error *e);

/* ---- secret_file.c ---- */

/* Reads a whole file and terminates it with a NUL, which *ret_n does not count. The caller frees
 * the result. If wait is NULL, the file has to be regular. Returns NULL with ERROR_LOCAL_IO, or the
 * errors of the wait. */
char *tls_mbed_read(const char *path, size_t max, const struct file_wait *wait, size_t *ret_n,
    struct error *e);
/* What an option expects a file to hold. */
struct tls_secret_file {
	const char *option, *path;
	bool key;          /* a private key, else certificates */
	const char *other; /* the hint where the file holds the other of the two; NULL: none */
};
/* Returns -1 and explains why the n bytes of text, followed by a NUL, are not what the option
 * expects, without quoting any of them. Returns 0 where it cannot tell. */
int tls_mbed_secret_file_explain(const struct tls_secret_file *file, const char *text, size_t n,
    struct error *e);
/* Opens a file with secrets for appending, mode 0600, without following a symbolic link. */
int tls_mbed_secret_file_open(const char *path, struct error *e);
/* Replaces the file atomically. */
int tls_mbed_secret_file_write(const char *path, const void *data, size_t n, struct error *e);

/* ---- credentials.c: our certificates and keys ---- */

int tls_mbed_credentials_load(struct tls *t, struct error *e);
int tls_mbed_psk_load(struct tls *t, struct error *e);
void tls_mbed_credentials_close(struct tls *t);

/* ---- passphrase.c: encrypted keys ---- */

/* Reads key_pass_file. */
int tls_mbed_passphrase_load(struct tls *t, struct error *e);
/* Parses the key in text, the contents of path, with the pass phrases of key_pass_file or one from
 * the user. */
int tls_mbed_passphrase_parse(struct tls *t, mbedtls_pk_context *key, const char *path,
    const char *text, struct error *e);
/* Wipes and frees the pass phrases. */
void tls_mbed_passphrase_forget(struct tls *t);

/* ---- trust.c ---- */

/* Reads the trusted certificates. A missing system store counts as empty. */
int tls_mbed_trust_load(struct tls *t, struct error *e);
void tls_mbed_trust_close(struct tls *t);

/* ---- verify.c ---- */

int tls_mbed_pins(struct tls *t, struct error *e);
/* The library's callback for each certificate of a chain, the root first. */
int tls_mbed_verify(void *conn, mbedtls_x509_crt *crt, int depth, uint32_t *flags);
/* Fills info with what the certificate says about its owner. */
void tls_mbed_describe(const mbedtls_x509_crt *crt, struct tls_info *info);
/* Returns true where the pin "sha256//..." is one of how.pins. */
bool tls_mbed_pin_is_given(const struct tls *t, const char *pin);

/* ---- session.c ---- */

/* Offers the session of the file where it fits this connection; else info.not_offered says why
 * not. */
int tls_mbed_session_offer(struct tls_conn *c, struct error *e);
/* Loads the session from the contents of a file. Returns NULL, or why it does not fit this
 * connection. */
const char *tls_mbed_session_take(struct tls_conn *c, const char *text, size_t n);
void tls_mbed_session_save(struct tls_conn *c);
/* Formats the first line of a session file, with the pin and notAfter of the peer's certificate, or
 * of the resumed session where the peer showed none. Returns its length, or -1. */
int tls_mbed_session_head(const struct tls_conn *c, char *text, size_t size);
/* Called when the handshake failed with the offered session: removes it, so that the next handshake
 * is a full one. */
void tls_mbed_session_forget(struct tls_conn *c);

/* ---- dtls.c: the differences of DTLS ---- */

/* Does nothing for TLS. */
int tls_mbed_dtls_config(struct tls *t, struct error *e);
int tls_mbed_dtls_open(struct tls_conn *c, const struct stream *lower, struct error *e);
void tls_mbed_dtls_close(struct tls_conn *c);
/* Called before each step of the handshake, when a step has failed, and after the last step. */
void tls_mbed_dtls_step(struct tls_conn *c);
void tls_mbed_dtls_failed(struct tls_conn *c, int code);
void tls_mbed_dtls_secured(struct tls_conn *c);
/* stream_ops */
ssize_t tls_mbed_dtls_read(struct stream *s, void *data, size_t n, struct error *e);
ssize_t tls_mbed_dtls_write(struct stream *s, const void *data, size_t n, struct error *e);
size_t tls_mbed_dtls_pending(const struct stream *s);
/* tls_module */
struct deadline tls_mbed_retry_at(const struct stream *s);
bool tls_mbed_verify_cookie(struct tls *t, const struct sockname *peer, const void *datagram,
    size_t n, unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n);
int tls_mbed_push_datagram(struct stream *s, const void *datagram, size_t n, struct error *e);

/* ---- ktls.c: encryption by the kernel, where available ----
 *
 * Each direction is handed over by itself. Sending is at the end of the handshake. Receiving is
 * once the library has read what arrived with the handshake, and the ticket that --session waits
 * for. A direction that the kernel does not take stays with the library, and no byte is lost. */

/* Stores a secret of the handshake. */
void tls_mbed_ktls_learn(struct tls_conn *c, const struct tls_export *x);
/* Called when the handshake is complete, though its last records may not be sent yet. */
void tls_mbed_ktls_attach(struct tls_conn *c);
/* Called when those records are sent. */
void tls_mbed_ktls_start(struct tls_conn *c);
void tls_mbed_ktls_close(struct tls_conn *c);
/* Returns what the kernel does, as "tx,rx"; in parentheses what it will do soon; "" is nothing. */
const char *tls_mbed_ktls_text(const struct tls_conn *c);

/* Returns true where the kernel encrypts, so that the library must not send. */
bool tls_mbed_ktls_sends(const struct tls_conn *c);
ssize_t tls_mbed_ktls_write(struct tls_conn *c, const void *data, size_t n, struct error *e);
int tls_mbed_ktls_shut(struct tls_conn *c, struct error *e);
/* Sends the alert for a read failure for which the library sends none. */
void tls_mbed_ktls_refuse(struct tls_conn *c, int code);

/* Returns true where the library should read no further than the record it needs. */
bool tls_mbed_ktls_is_near(const struct tls_conn *c);
/* Hands over receiving where that is possible now. Returns true where the library has nothing more
 * to read. */
bool tls_mbed_ktls_receives(struct tls_conn *c);
/* Returns what mbedtls_ssl_read() would. */
int tls_mbed_ktls_read(struct tls_conn *c, void *data, size_t n);

/* ---- config.c ---- */

int tls_mbed_open(struct tls **ret_tls, const struct tls_how *how, struct error *e);
void tls_mbed_close(struct tls *t);

#endif
