/*
 * What a TLS handshake agreed on, who the peer is, and what hints of its
 * failures may name.
 */
#ifndef STREAM_TLS_INFO_H
#define STREAM_TLS_INFO_H

#include <stdbool.h>

/* The options that a connection has, for hints. */
enum tls_advice {
	TLS_ADVICE_OPTIONS,    /* --ca-file, --insecure, --cert and the others */
	TLS_ADVICE_PROXY,      /* --proxy-ca-file and --proxy-insecure */
	TLS_ADVICE_ENVIRONMENT /* SSL_CERT_FILE alone */
};

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

#endif
