/*
 * What the files of the TLS module share and nobody else sees.
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

/* A certificate with what leads to its root, and its key. */
struct tls_credentials {
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
};

struct tls_psk {
	char *identity;
	unsigned char key[64];
	size_t n;
};

/* Certificates that are trusted; their encodings lie in blocks of ours. */
struct tls_trust {
	const struct file_wait *wait; /* for the file that is read now; NULL: only a regular one */
	mbedtls_x509_crt chain;
	void **blocks;
	size_t n_blocks;
	bool loaded;
	const char *option; /* that names the file */
	char from[256];     /* where they come from, for messages */
};

struct tls {
	struct tls_base base;
	struct tls_how how;
	mbedtls_ssl_config conf;
	struct tls_credentials *own;
	size_t n_own;
	struct tls_trust trust;
	char *passes; /* the text of key_pass_file, while keys are loaded */
	size_t passes_n;
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
	struct tls_conn *stepping; /* whose handshake the library is in; NULL: none's */
};

struct tls_dgram;

/* The message that comes as a control record; what of it is of interest. */
struct tls_message {
	unsigned char kind, head[5];
	size_t n, skip; /* bytes of head; bytes to come that nobody wants */
};

enum tls_ktls_state {
	TLS_KTLS_NO,
	TLS_KTLS_SOON, /* once what has come is read */
	TLS_KTLS_YES,
	TLS_KTLS_STATES
};

/* Records that the kernel seals and opens instead of the library (net/ktls/ktls). */
struct tls_ktls {
	bool wanted, attached, tls13;
	enum tls_ktls_state side[KTLS_SIDES];
	enum ktls_cipher cipher;
	struct tls_master master;     /* TLS 1.2, until the keys are made */
	struct tls_secret traffic[2]; /* TLS 1.3, the client's and the server's */
	struct tls_message message;
	unsigned char alert; /* the fatal one that has come */
	bool owes_update;    /* new keys of ours, before the next byte */
	char no_update[128]; /* why the peer's new keys could not be taken; "": they were */
};

/* One connection. */
struct tls_conn {
	struct tls_stream_base base;
	struct tls *tls;
	mbedtls_ssl_context ssl;
	struct tls_dgram *dgram; /* NULL: a stream, not datagrams */
	struct buf in, out;      /* records received, and records not yet sent; of datagrams
				  * out is the one that did not fit */
	char *name;              /* as the peer's certificate has to have it; NULL: any */
	unsigned char ip[16];
	size_t n_ip;        /* name is an address of so many bytes */
	struct error lower; /* the lower stream has failed with this; its text is "": it has not */
	enum { TLS_NOTHING_HEARD, TLS_RECORDS_HEARD, TLS_OTHER_HEARD } heard; /* first */
	int fault;       /* the library's failure, reported by every later read */
	int write_fault; /* the same of writing, reported by every later write */
	bool ended, shut, secured, saw_certificate, offered, saved;
	unsigned refusals; /* of another handshake on this connection (renegotiation) */
	/* of certificates */
	uint32_t flags;       /* MBEDTLS_X509_BADCERT_*, of all in the chain */
	int bad_depth;        /* of the certificate that `bad` names */
	char bad[256];        /* subject */
	char bad_issuer[256]; /* its issuer */
	char bad_dates[2][32];
	bool wrong_name, wrong_pin;
	/* of the session that was offered: the peer's key, the end of its certificate */
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

/* STREAM_WANT_* that one of the library's codes means, or 0. */
int tls_mbed_wants(int code);
/* The result of a read that gave this code and not a byte. A failure is final, and every later
 * read has to tell it. */
ssize_t tls_mbed_read_stopped(struct tls_conn *c, int code, struct error *e);
/* 0, STREAM_WANT_*, -1: also for what failed after an earlier write had taken its bytes. */
int tls_mbed_stream_flush(struct stream *s, struct error *e);

/* Sends the records that are queued: 0 when none is left, STREAM_WANT_*, -1 with c->lower. */
int tls_mbed_flush(struct tls_conn *c);
/* The lower stream has failed, which every later write reports. Returns the library's code. */
int tls_mbed_lower_fails(struct tls_conn *c, const struct error *e);

/* ---- error.c ---- */

/* "<fmt>: <the library's words>", ERROR_TLS. */
int tls_mbed_fail(struct error *e, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Why handshake, read or write failed with this code. */
int tls_mbed_explain(struct tls_conn *c, int code, struct error *e);

/* ---- secret_file.c ---- */

/* All of a file, NUL-terminated; *ret_n without the NUL. malloc'ed. wait NULL: only of a regular
 * one. ERROR_LOCAL_IO, and the errors of the wait. */
char *tls_mbed_read(const char *path, size_t max, const struct file_wait *wait, size_t *ret_n,
    struct error *e);
/* What an option wants of a file. */
struct tls_secret_file {
	const char *option, *path;
	bool key;          /* a private key, else certificates */
	const char *other; /* what to do where it has the other of these; NULL: nothing is known */
};
/* Why the n bytes of its text, with a NUL behind them, are not what is wanted: -1, and nothing of them
 * is quoted; 0: that cannot be told. */
int tls_mbed_secret_file_explain(const struct tls_secret_file *file, const char *text, size_t n,
    struct error *e);
/* Opens for appending a file that holds secrets: 0600, never through a link. */
int tls_mbed_secret_file_open(const char *path, struct error *e);
/* Replaces it as a whole. */
int tls_mbed_secret_file_write(const char *path, const void *data, size_t n, struct error *e);

/* ---- credentials.c: certificates and keys of our own ---- */

int tls_mbed_credentials_load(struct tls *t, struct error *e);
int tls_mbed_psk_load(struct tls *t, struct error *e);
void tls_mbed_credentials_close(struct tls *t);

/* ---- passphrase.c: keys that are encrypted ---- */

/* Reads key_pass_file. */
int tls_mbed_passphrase_load(struct tls *t, struct error *e);
/* The key in the text of the file at path, by its pass phrases, or one that a person is asked for. */
int tls_mbed_passphrase_parse(struct tls *t, mbedtls_pk_context *key, const char *path,
    const char *text, struct error *e);
/* Wipes them. */
void tls_mbed_passphrase_forget(struct tls *t);

/* ---- trust.c ---- */

/* Reads what is to be trusted. A missing system store is an empty one. */
int tls_mbed_trust_load(struct tls *t, struct error *e);
void tls_mbed_trust_close(struct tls *t);

/* ---- verify.c ---- */

int tls_mbed_pins(struct tls *t, struct error *e);
/* The library's callback for each certificate of a chain, the root first. */
int tls_mbed_verify(void *conn, mbedtls_x509_crt *crt, int depth, uint32_t *flags);
/* Who a certificate is of, into info. */
void tls_mbed_describe(const mbedtls_x509_crt *crt, struct tls_info *info);
/* Whether "sha256//..." is one of how.pins. */
bool tls_mbed_pin_is_given(const struct tls *t, const char *pin);

/* ---- session.c ---- */

/* Offers the one of the file, where it is for this connection; else info.not_offered says why not. */
int tls_mbed_session_offer(struct tls_conn *c, struct error *e);
/* The session in the text of a file: NULL, or why it is not one of this connection's kind. */
const char *tls_mbed_session_take(struct tls_conn *c, const char *text, size_t n);
void tls_mbed_session_save(struct tls_conn *c);
/* The first line of such a file, with the peer's key and how long its certificate is good: of the
 * one that was seen, or of the session that this one goes on from. Its length, or -1. */
int tls_mbed_session_head(const struct tls_conn *c, char *text, size_t size);
/* The handshake has failed with the session that was offered: the next goes without. */
void tls_mbed_session_forget(struct tls_conn *c);

/* ---- dtls.c: what is different with datagrams ---- */

/* Does nothing for streams. */
int tls_mbed_dtls_config(struct tls *t, struct error *e);
int tls_mbed_dtls_open(struct tls_conn *c, const struct stream *lower, struct error *e);
void tls_mbed_dtls_close(struct tls_conn *c);
/* Before each step of the handshake, when one has failed, and after the last. */
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

/* ---- ktls.c: the kernel has the keys, where it can ----
 *
 * Each side by itself: sending at the end of the handshake; receiving once the library has read
 * what came with the handshake, and the ticket that --session waits for. Where a side is not
 * the kernel's, the library goes on with it, and nothing is lost. */

/* Of the handshake. */
void tls_mbed_ktls_learn(struct tls_conn *c, const struct tls_export *x);
/* The handshake is over, its last records may not be sent yet. */
void tls_mbed_ktls_attach(struct tls_conn *c);
/* They are. */
void tls_mbed_ktls_start(struct tls_conn *c);
void tls_mbed_ktls_close(struct tls_conn *c);
/* "tx,rx": what the kernel has; in parentheses what it will have; "": nothing. */
const char *tls_mbed_ktls_text(const struct tls_conn *c);

/* True: the library must not send. */
bool tls_mbed_ktls_sends(const struct tls_conn *c);
ssize_t tls_mbed_ktls_write(struct tls_conn *c, const void *data, size_t n, struct error *e);
int tls_mbed_ktls_shut(struct tls_conn *c, struct error *e);
/* The alert for a failure of reading that the library says none for. */
void tls_mbed_ktls_refuse(struct tls_conn *c, int code);

/* True: the library should read no further than the record that it needs. */
bool tls_mbed_ktls_is_near(const struct tls_conn *c);
/* True: the library has nothing more to read. Hands over, where that can be now. */
bool tls_mbed_ktls_receives(struct tls_conn *c);
/* As mbedtls_ssl_read. */
int tls_mbed_ktls_read(struct tls_conn *c, void *data, size_t n);

/* ---- config.c ---- */

int tls_mbed_open(struct tls **ret_tls, const struct tls_how *how, struct error *e);
void tls_mbed_close(struct tls *t);

#endif
