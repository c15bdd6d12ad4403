/*
 * The dialogue between client and server that turns a plain connection into a
 * TLS one. The caller feeds it the server's bytes and sends its output. Nothing
 * here blocks.
 *
 * SMTP: RFC 3207; IMAP: RFC 9051, 6.2.1; POP3: RFC 2595, 4; FTP: RFC 4217, 4;
 * XMPP: RFC 6120, 5; LDAP: RFC 4511, 4.14; PostgreSQL: its manual, 55.2.11;
 * MySQL: its internals manual, "Connection Phase".
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

/* The names of the protocols, in the order of the enum. */
#define STARTTLS_NAMES "smtp imap pop3 ftp xmpp ldap postgres mysql"

/* The most bytes that a server may send before it agrees. */
#define STARTTLS_MAX (64u << 10)

struct starttls {
	/* set by the caller, the rest zeroed */
	enum starttls_protocol protocol; /* not STARTTLS_NONE */
	const char *host; /* the domain that the client wants, for XMPP; NULL: not sent */
	/* Somebody else has read the greeting, or its beginning: the client speaks next, and the
	 * rest of the greeting is skipped. Needs starttls_is_greeted(). */
	bool greeted;
	/* Called with each message: who is '>' for ours, '<' for the server's. text is escaped.
	 * NULL: not called. */
	void (*on_message)(void *arg, char who, const char *text);
	void *arg;
	/* the caller sends and consumes these bytes */
	struct buf out;
	/* private */
	const struct starttls_dialogue *dialogue;
	struct buf in;
	size_t received;
	unsigned step;
	char code[4];           /* of an unfinished reply; "": none */
	bool offered;           /* SMTP, XMPP: the server has announced STARTTLS */
	bool failing;           /* XMPP: the next element is the reason of a failure */
	unsigned char sequence; /* MySQL: number of the last packet */
};

/* Returns true if the server speaks first. */
bool starttls_is_greeted(enum starttls_protocol protocol);

/* Starts the dialogue; may fill out, as in some protocols the client speaks first. Fails with
 * ERROR_INTERNAL, and with ERROR_TLS if the greeting is needed but already read (MySQL). */
int starttls_begin(struct starttls *s, struct error *e);

/* Adds bytes from the server, which the next starttls_feed() parses. Fails with ERROR_TLS for too
 * many, ERROR_INTERNAL. */
int starttls_hold(struct starttls *s, const void *data, size_t n, struct error *e);

/* Parses bytes from the server, split in any way. Fails with ERROR_TLS if the server refuses
 * (the text quotes it), speaks another protocol, sends too much, or sends anything after it agreed:
 * that was unprotected and would pass for protected. */
int starttls_feed(struct starttls *s, const char *data, size_t n, struct error *e);

/* Returns true once the handshake may begin, after out is sent. */
bool starttls_agreed(const struct starttls *s);

/* Frees everything but s itself. May be called before starttls_begin(). */
void starttls_fini(struct starttls *s);

#endif
