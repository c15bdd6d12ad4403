/*
 * TLS as a stream on any lower one, as client or server. The library is in a
 * module, loaded when the first context is made (base/module). In a build
 * without TLS, tls_open() fails.
 *
 * Nothing here blocks: tls_handshake() returns which readiness to wait for, as
 * streams do. Every failure of handshake or certificates is ERROR_TLS with
 * ORIGIN_TLS and the library's number. The text is the reason alone; the hint
 * names the option that would change it.
 *
 * Over datagrams (how->datagrams) it is DTLS 1.2 (RFC 6347), with these
 * differences:
 *
 *   lower      a connected UDP socket: each read or write is one datagram
 *   records    the stream is STREAM_RECORDS: a write is one record in one datagram,
 *              a read is one record. Records may be empty, and are never split,
 *              merged or truncated. One longer than the library can write fails with
 *              ERROR_NETWORK, EMSGSIZE, and no part of it is sent.
 *   loss       records may be lost or reordered, and are not sent again. Duplicate
 *              and forged records are dropped silently.
 *   handshake  lost flights are sent again: besides the descriptor, wait for
 *              tls_retry_at(). A port without a listener is ERROR_NETWORK,
 *              ECONNREFUSED.
 *   end        a close_notify gives STREAM_END. There is no other end, so none is
 *              TLS_TRUNCATED. A client that reconnects from the same address ends
 *              its old stream with ECONNRESET.
 *   server     needs proof that the client receives what is sent to its address:
 *              first tls_verify_cookie() on the listening socket, then a socket
 *              for this client, a stream on it, and tls_push_datagram() with the
 *              same datagram
 */
#ifndef STREAM_TLS_H
#define STREAM_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "stream/stream.h"

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
	/* "sha256//BASE64" of public keys; the peer's must be one of them */
	const char *const *pins;
	size_t n_pins;
	const char *session_file; /* client: the session to resume, and the next one; NULL: none */
	const char *keylog_file;  /* secrets are appended (NSS key log format); NULL: none */
	/* How to wait for files that are pipes, in tls_open(). NULL: files must be regular. */
	const struct file_wait *wait;
	bool no_ktls; /* do not give keys to the kernel */
};

/* What was negotiated, and who the peer is. */
struct tls_info {
	const char *version;   /* "TLSv1.3" */
	char cipher[64];       /* IANA name */
	char alpn[64];         /* "": none */
	char server_name[256]; /* SNI, sent by the client; "": none */
	/* the directions that the kernel encrypts: "tx,rx", "tx", "rx"; in parentheses those that
	 * it soon will; "": none */
	const char *ktls;
	/* why the file's session was not offered; NULL: it was, or there is none */
	const char *not_offered;
	bool resumed, verified; /* verified: the certificate and its name, or the PSK */
	bool has_peer;          /* the fields below are set */
	bool only_mail;         /* its alternative names are all e-mail addresses */
	char first_name[256];   /* the first that is not a pattern; "": none */
	char subject[256], issuer[256];
	char names[512]; /* "example.org *.example.org 192.0.2.1" */
	char not_before[32], not_after[32];
	char sha256[65]; /* SHA-256 of the certificate, hexadecimal */
	char pin[64];    /* "sha256//...", of its public key */
};

/* Returns true where this build and this system have TLS. Loads nothing. */
bool tls_exists(void);

/* Loads the module, keys and certificates. The system's trusted certificates are read during the
 * first handshake. Fails with ERROR_TLS, ERROR_LOCAL_IO or ERROR_USAGE. */
int tls_open(struct tls **ret_tls, const struct tls_how *how, struct error *e);
/* To be called after the last stream is closed. Accepts NULL. */
void tls_close(struct tls *tls);

/* Get the SHA-256 of the self-signed certificate, hexadecimal, and the pin of its key. */
void tls_self_signed_digests(const struct tls *tls, char sha256[65], char pin[64]);

/* Makes a stream on lower, which it owns on success. name is the host name or IP address that the
 * server's certificate must have; a host name is sent as SNI. A server passes NULL. Read and write
 * need the handshake first. A write takes up to 128 KiB, and nothing until the bytes of the one
 * before are sent (stream_flush()). A failure of the lower stream after bytes were taken is
 * reported by the next write, flush or shut. */
int tls_stream(struct stream **ret_stream, struct tls *tls, struct stream *lower, const char *name,
    struct error *e);

/* Continues the handshake. At its end the kernel gets the keys where lower is a TCP socket and the
 * kernel knows the cipher; the stream is then STREAM_SOCKET for writing. Returns 0 when done,
 * STREAM_WANT_READ, STREAM_WANT_WRITE, or -1 after the peer was sent an alert. */
int tls_handshake(struct stream *s, struct error *e);

/* Valid after the handshake. */
void tls_get_info(const struct stream *s, struct tls_info *ret_info);

/* ---- DTLS ---- */

/* Returns when to call tls_handshake() even if nothing arrives, or never. */
struct deadline tls_retry_at(const struct stream *s);

/* Checks a datagram from a client without a stream. Returns true where it begins a handshake from a
 * proven address (RFC 6347, 4.2.1). If not, *ret_n bytes of answer are to be sent back, never more
 * than came; it may be 0. Keeps no state about the client. */
#define TLS_ANSWER_MAX 128
bool tls_verify_cookie(struct tls *tls, const struct sockname *peer, const void *datagram, size_t n,
    unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n);

/* Queues a datagram that arrived before the stream was made; it is read first. */
int tls_push_datagram(struct stream *s, const void *datagram, size_t n, struct error *e);

#endif
