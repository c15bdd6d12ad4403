/*
 * What a client and a server say to each other before TLS begins on a connection
 * that begins without it. Bytes are fed in, and out comes what to send and when the
 * handshake may begin: nothing here waits.
 *
 * SMTP: RFC 3207; IMAP: RFC 9051, 6.2.1; POP3: RFC 2595, 4; FTP: RFC 4217, 4;
 * XMPP: RFC 6120, 5; LDAP: RFC 4511, 4.14; PostgreSQL: its manual, 55.2.11; MySQL: its
 * internals manual, "Connection Phase".
 */
#ifndef STREAM_NEGOTIATE_STARTTLS_H
#define STREAM_NEGOTIATE_STARTTLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct error;
struct starttls_dialogue;

enum starttls_protocol {
	STARTTLS_NONE,
	STARTTLS_SMTP,
	STARTTLS_IMAP,
	STARTTLS_POP3,
	STARTTLS_FTP,
	STARTTLS_XMPP,
	STARTTLS_LDAP,
	STARTTLS_POSTGRES,
	STARTTLS_MYSQL
};

/* Their names, in that order. */
#define STARTTLS_NAMES "smtp imap pop3 ftp xmpp ldap postgres mysql"

/* A server may not say more than so many bytes before it agrees. */
#define STARTTLS_MAX (64u << 10)

struct starttls {
	/* set by the caller (zeroed before) */
	enum starttls_protocol protocol; /* not STARTTLS_NONE */
	const char *host;                /* whom the client wants, for XMPP; NULL: not said */
	/* Somebody else has read the greeting, or begun to: the client speaks next, and what is left
	 * of the greeting is passed over. Only where starttls_is_greeted(). */
	bool greeted;
	/* Each thing said, '>' by us, '<' by the server, readable whatever it was. NULL:
	 * nobody wants to know. */
	void (*said)(void *arg, char who, const char *text);
	void *arg;
	/* for the caller: to be sent, and consumed as it is */
	struct buf out;
	/* private */
	const struct starttls_dialogue *dialogue;
	struct buf in;
	size_t heard;
	unsigned step;
	char code[4];           /* of the reply that goes on; "": none does */
	bool offered;           /* SMTP, XMPP: seen among what the server can do */
	bool failing;           /* XMPP: what comes says why */
	unsigned char sequence; /* MySQL: of the last packet */
};

/* True where the server speaks first. */
bool starttls_is_greeted(enum starttls_protocol protocol);

/* Begins: some protocols have the client speak first. ERROR_INTERNAL; ERROR_TLS for a greeting that
 * would have been needed (MySQL). */
int starttls_begin(struct starttls *s, struct error *e);

/* What the server has said, to be looked at by the next starttls_feed(). */
int starttls_hold(struct starttls *s, const void *data, size_t n, struct error *e);

/* What the server says, in pieces however they come; where they are cut makes no
 * difference. ERROR_TLS: it refuses (the text has what it said), speaks another
 * protocol, says too much, or something behind its go-ahead: that would have come
 * unprotected and be taken for protected. */
int starttls_feed(struct starttls *s, const char *data, size_t n, struct error *e);

/* The handshake begins once this is true and out is sent. */
bool starttls_agreed(const struct starttls *s);

/* Frees what it holds, not s itself. Before starttls_begin() too. */
void starttls_fini(struct starttls *s);

#endif
