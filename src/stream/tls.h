/*
 * TLS as a stream on any lower one, in either role. The library behind it is
 * in a module that is loaded when a context is first made (base/module); a
 * build without it fails there, and says so.
 *
 * Nothing here waits: tls_handshake() says what the descriptor has to become,
 * as streams do. Every failure of handshake or certificates is ERROR_TLS with
 * ORIGIN_TLS and the library's number; the text is the reason alone, the hint
 * names the option that would change it.
 *
 * Over datagrams (how->datagrams) it is DTLS 1.2 (RFC 6347), and differs so:
 *
 *   lower      a connected UDP socket: what it reads and writes is a datagram
 *   records    the stream is STREAM_RECORDS: one write is one record in a datagram
 *              of its own, one read is one record; 0 bytes are a record as well.
 *              One longer than the library can write is ERROR_NETWORK, EMSGSIZE, and
 *              nothing of it goes. Never split, merged or cut.
 *   loss       records may be lost, or come in another order, and are not sent
 *              again; those that come twice, or are forged, are dropped in silence
 *   handshake  what is lost is sent again: besides the descriptor tls_handshake()
 *              waits for tls_retry_at(). A port that nobody listens on is
 *              ERROR_NETWORK, ECONNREFUSED.
 *   end        close_notify, where it comes: STREAM_END. There is no other end, so
 *              that none is TLS_TRUNCATED. A client that begins anew from the same
 *              address ends the stream that it had with ECONNRESET.
 *   server     knows a client only when it has shown that it hears us: tls_verify_cookie()
 *              first, from the socket that all of them write to; then a socket for
 *              this client, a stream on it, and tls_push_datagram() with that same datagram
 */
#ifndef STREAM_TLS_H
#define STREAM_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "stream/stream.h"

struct file_wait;
struct sockname;
struct tls; /* what all connections of a command share: keys, trust, tickets */

/* e->number of a stream that ended without close_notify (RFC 8446, 6.1). */
#define TLS_TRUNCATED 1

enum tls_role { TLS_CLIENT, TLS_SERVER };
enum tls_version { TLS_ANY, TLS_1_2, TLS_1_3 };
enum tls_peer { TLS_PEER_NONE, TLS_PEER_OPTIONAL, TLS_PEER_REQUIRED };

struct tls_cert {
	const char *cert_file; /* PEM, the leaf first, then what leads to a root */
	const char *key_file;  /* PEM; NULL: in cert_file */
};

/* How a person is asked for the pass phrase of an encrypted key. */
struct tls_ask {
	/* Its bytes in room, which the caller wipes, and how many; or -1. May wait. */
	ssize_t (*pass_phrase)(void *arg, const char *key_file, char *room, size_t size,
	    struct error *e);
	void *arg;
};

/* Texts stay the caller's, and outlive the context. */
struct tls_how {
	enum tls_role role;
	bool datagrams;            /* DTLS */
	enum tls_version min, max; /* TLS_ANY: 1.2, and the newest that the library has */
	const char *ciphers;       /* IANA names, with : or , between; NULL: the library's order */
	const char *alpn;          /* names with commas between, best first; NULL: none */
	const struct tls_cert *certs; /* a server chooses by the name that a client wants; */
	size_t n_certs;               /* the first is for all others */
	const char *key_pass_file; /* lines with pass phrases for encrypted keys, tried in turn */
	const struct tls_ask *ask; /* without that file, while the context is made; NULL: no */
	bool self_signed;          /* a certificate made now, for NULL certs */
	const char *psk_file;      /* lines identity:hexadecimal key; a client has the first */
	const char *ca_file, *ca_path; /* whom to trust; both NULL: the system's, as below */
	const char *system_file, *system_path; /* instead of where systems keep it; NULL: there */
	enum tls_peer peer;      /* server: whether clients show a certificate, and must */
	bool insecure;           /* client: any certificate will do */
	const char *const *pins; /* "sha256//BASE64" of public keys: the peer must have one */
	size_t n_pins;
	const char *session_file; /* client: to resume from, and for the next time; NULL: none */
	const char *keylog_file;  /* secrets are appended (NSS key log format); NULL: no */
	/* How files that are pipes are waited for, while the context is made; NULL: only regular
	 * files are read. */
	const struct file_wait *wait;
	bool no_ktls; /* the kernel gets no keys, though it could */
};

/* What the two ends have agreed on, and who the peer is. */
struct tls_info {
	const char *version;   /* "TLSv1.3" */
	char cipher[64];       /* IANA name */
	char alpn[64];         /* "": none */
	char server_name[256]; /* as the client wanted it; "": none */
	const char *ktls;      /* what the kernel seals and opens: "tx,rx", "tx", "rx"; in
				 * parentheses what it soon will; "": nothing */
	const char
	    *not_offered; /* why the session of the file was not; NULL: it was, or there is none */
	bool resumed, verified; /* verified: the certificate and its name, or the PSK */
	bool has_peer;          /* the rest is known */
	bool only_mail;         /* its alternative names are e-mail addresses */
	char first_name[256];   /* that a client can want: no pattern; "": none */
	char subject[256], issuer[256];
	char names[512]; /* "example.org *.example.org 192.0.2.1" */
	char not_before[32], not_after[32];
	char sha256[65]; /* of the certificate, hexadecimal */
	char pin[64];    /* "sha256//...": of its public key */
};

/* Whether there is TLS in this build and on this system, without loading it. */
bool tls_exists(void);

/* Loads the module, then keys and certificates; the trusted ones are read during
 * the first handshake. ERROR_TLS, ERROR_LOCAL_IO, ERROR_USAGE. */
int tls_open(struct tls **ret_tls, const struct tls_how *how, struct error *e);
/* After the last of its streams. NULL is fine. */
void tls_close(struct tls *tls);

/* Of the self-signed certificate: hexadecimal SHA-256, and the pin of its key. */
void tls_self_signed_digests(const struct tls *tls, char sha256[65], char pin[64]);

/* A stream on lower, which it owns on success. name: whom a client wants, a host
 * name or an IP address; it is checked, and sent unless it is an address. NULL for
 * a server. Reading and writing need the handshake first. A write takes up to 128 KiB, and
 * nothing while what an earlier one took is not all sent (stream_flush). That the lower stream
 * failed with bytes that were taken is reported by the next write, flush or shut. */
int tls_stream(struct stream **ret_stream, struct tls *tls, struct stream *lower, const char *name,
    struct error *e);

/* Goes on with the handshake; at its end the kernel is given the keys, where lower is a TCP
 * socket, and the kernel knows TLS and this cipher: such a stream is STREAM_SOCKET to write to.
 * 0 done, STREAM_WANT_READ, STREAM_WANT_WRITE, -1 (the peer has been told with an alert). */
int tls_handshake(struct stream *s, struct error *e);

/* After the handshake. */
void tls_get_info(const struct stream *s, struct tls_info *ret_info);

/* ---- datagrams ---- */

/* When tls_handshake() has to be called again, though nothing has come; else never. */
struct deadline tls_retry_at(const struct stream *s);

/* Of a server, about a datagram from someone without a stream. True: it is the first message
 * of a handshake, from an address that has been proved (RFC 6347, 4.2.1). False: *ret_n
 * bytes at answer, where there are any, are to be sent back, never more than came. Keeps
 * nothing about the peer. */
#define TLS_ANSWER_MAX 128
bool tls_verify_cookie(struct tls *tls, const struct sockname *peer, const void *datagram, size_t n,
    unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n);

/* A datagram that had come before the stream was made: it is read first. */
int tls_push_datagram(struct stream *s, const void *datagram, size_t n, struct error *e);

#endif
