/*
 * TLS as a stream on any lower one, as client or server. The library is in a
 * module, loaded when the first context is made (base/module). In a build
 * without TLS, tls_open() fails.
 *
 * Nothing here blocks: tls_handshake() returns which readiness to wait for, as
 * streams do. Every failure of handshake or certificates is ERROR_TLS with
 * ORIGIN_TLS and the library's number. The hint names what would change it.
 */
#ifndef STREAM_TLS_H
#define STREAM_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "stream/stream.h"
#include "stream/tls_info.h"

struct file_wait;
struct sockname;
struct tls; /* a context, shared by all connections of a command: keys, trust, tickets */

/* e->number of a stream that ended without close_notify (RFC 8446, 6.1). */
#define TLS_TRUNCATED 1

enum tls_role { TLS_CLIENT, TLS_SERVER };
enum tls_version { TLS_ANY, TLS_1_2, TLS_1_3 };
enum tls_peer { TLS_PEER_NONE, TLS_PEER_OPTIONAL, TLS_PEER_REQUIRED };

struct tls_cert {
	const char *cert_file; /* PEM: the leaf first, then the chain to its root */
	const char *key_file;  /* PEM; NULL: in cert_file */
};

/* How to ask the user for the pass phrase of an encrypted key. */
struct tls_ask {
	/* Stores the phrase in room, which the caller wipes. Returns its length, or -1. May
	 * block. */
	ssize_t (*pass_phrase)(void *arg, const char *key_file, char *room, size_t size,
	    struct error *e);
	void *arg;
};

/* Strings stay the caller's, and have to outlive the context. */
struct tls_how {
	enum tls_role role;
	enum tls_advice advice;
	bool datagrams;               /* DTLS */
	enum tls_version min, max;    /* TLS_ANY: 1.2 and the library's newest */
	const char *ciphers;          /* IANA names separated by : or , NULL: the library's order */
	const char *alpn;             /* names separated by commas, best first; NULL: none */
	const struct tls_cert *certs; /* a server chooses one by the name that the client sends; */
	size_t n_certs;               /* the first is the default */
	/* a pass phrase for encrypted keys in each line; all are tried */
	const char *key_pass_file;
	const struct tls_ask *ask; /* used without key_pass_file, in tls_open(); NULL: do not ask */
	bool self_signed;          /* generate a certificate if certs is NULL */
	const char *psk_file;      /* lines "identity:hexadecimal key"; a client uses the first */
	const char *ca_file, *ca_path; /* trusted roots; both NULL: the system's */
	/* override where the system's roots are; NULL: default */
	const char *system_file, *system_path;
	enum tls_peer peer; /* server: whether clients may or must show a certificate */
	bool insecure;      /* client: accept any certificate */
	bool any_name;      /* client: accept one for any name */
	/* "sha256//BASE64" of public keys, "sha256:HEX" of certificates; the peer's must be one */
	const char *const *pins;
	size_t n_pins;
	const char *session_file; /* client: the session to resume, and the next one; NULL: none */
	/* Called where the next session cannot be written, perhaps long after the handshake; the
	 * connection goes on. NULL: nobody is told. */
	void (*session_lost)(void *arg, const struct error *e);
	void *session_arg;
	/* client: the server's certificates are written there (PEM); NULL: nowhere */
	const char *chain_file;
	const char *keylog_file; /* secrets are appended (NSS key log format); NULL: none */
	bool keep_secrets;       /* for tls_secrets() */
	/* How to wait for files that are pipes, in tls_open(). NULL: files must be regular. */
	const struct file_wait *wait;
	bool no_ktls; /* do not give keys to the kernel */
};

/* Returns true if this build and this system have TLS. Loads nothing. */
bool tls_exists(void);

/* Loads the module, keys and certificates. The system's trusted certificates are read during the
 * first handshake. Fails with ERROR_TLS, ERROR_LOCAL_IO or ERROR_USAGE. */
int tls_open(struct tls **ret_tls, const struct tls_how *how, struct error *e);
/* To be called after the last stream is closed. Accepts NULL. */
void tls_close(struct tls *tls);

/* Returns true if forked children may use it: the library's random numbers then do not repeat in
 * each of them. */
bool tls_may_fork(const struct tls *tls);

/* Get the SHA-256 of the self-signed certificate, hexadecimal, and the pin of its key. */
void tls_self_signed_digests(const struct tls *tls, char sha256[65], char pin[64]);

/* Makes a stream on lower, which it owns on success. name is the host name or IP address that the
 * server's certificate must have; a host name is sent as SNI. A server passes NULL. Read and write
 * need the handshake first. A write takes up to 128 KiB, and nothing until the bytes of the one
 * before are sent (stream_flush()). A failure of the lower stream after bytes were taken is
 * reported by the next write, flush or shut. */
int tls_stream(struct stream **ret_stream, struct tls *tls, struct stream *lower, const char *name,
    struct error *e);

/* Continues the handshake. At its end the kernel gets the keys if lower is a TCP socket and the
 * kernel knows the cipher; the stream is then STREAM_SOCKET for writing. Returns 0 when done,
 * STREAM_WANT_READ, STREAM_WANT_WRITE, or -1 after the peer was sent an alert. */
int tls_handshake(struct stream *s, struct error *e);

/* Valid after the handshake. */
void tls_get_info(const struct stream *s, struct tls_info *ret_info);

/* Returns the secrets of the handshake in lines of NSS's key log format, valid as long as s; NULL
 * without keep_secrets. */
const char *tls_secrets(const struct stream *s);

#endif
