#include "stream/negotiate/starttls.h"
#include "base/error.h"
#include "test.h"

enum { TRACE_MAX = 4096 };

struct talk {
	struct starttls s;
	struct error error;
	char sent[TRACE_MAX];
	size_t n_sent;
	int rc;
};

static void
take_out(struct talk *t)
{
	struct buf *out = &t->s.out;

	if (out->len > 0 && out->len < sizeof(t->sent) - t->n_sent) {
		memcpy(t->sent + t->n_sent, buf_head(out), out->len);
		t->n_sent += out->len;
		buf_consume(out, out->len);
	}
	t->sent[t->n_sent] = '\0';
}

static void
begin(struct talk *t, enum starttls_protocol protocol)
{
	memset(t, 0, sizeof(*t));
	t->s.protocol = protocol;
	t->s.host = "a'b.test";
	t->rc = starttls_begin(&t->s, &t->error);
	take_out(t);
}

static void
hear(struct talk *t, const char *data, size_t n)
{
	char *piece =
	    malloc(n + 1); /* of its exact size, so that the sanitizer sees a read behind the end */

	if (t->rc == 0 && check(piece != NULL)) {
		memcpy(piece, data, n);
		t->rc = starttls_feed(&t->s, piece, n, &t->error);
		take_out(t);
	}
	free(piece);
}

struct row {
	enum starttls_protocol protocol;
	const char *heard;
	size_t n;
	const char *want; /* the error; NULL: agreed, "": continues */
};

#define ROW(protocol, heard, want)                                                                 \
	{                                                                                          \
		STARTTLS_##protocol, heard, sizeof(heard) - 1, want                                \
	}

static void
check_outcome(struct talk *t, const struct row *row)
{
	if (row->want == NULL || row->want[0] == '\0') {
		check_str(t->rc == 0 ? NULL : t->error.text, NULL);
		check(starttls_agreed(&t->s) == (row->want == NULL));
	} else {
		check_int(t->rc, -1);
		check_str(t->error.text, row->want);
		check_int(t->error.code, ERROR_TLS);
	}
}

static void
check_row(const struct row *row)
{
	struct talk t;
	size_t split;

	for (split = 0; split <= row->n; split++) {
		begin(&t, row->protocol);
		hear(&t, row->heard, split);
		hear(&t, row->heard + split, row->n - split);
		check_outcome(&t, row);
		starttls_fini(&t.s);
	}
	begin(&t, row->protocol);
	for (split = 0; split < row->n; split++)
		hear(&t, row->heard + split, 1);
	check_outcome(&t, row);
	starttls_fini(&t.s);
}

#define CHECK_ROWS(rows)                                                                           \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++)                              \
	check_row(&(rows)[i])

#define GREETING(flags)                                                                            \
	"\x25\0\0\0\n8.0.36\0\1\0\0\0abcdefgh\0" flags "\x2d\2\0\0\0\0\0\0\0\0\0\0\0\0"
#define FEATURES(what)                                                                             \
	"<?xml version='1.0'?><stream:stream id=\"1\"><stream:features>" what "</stream:features>"

TEST("each protocol agrees, however its bytes are split")
{
	static const struct row rows[] = {
		ROW(SMTP, "220 hello\r\n250 STARTTLS\r\n220 go\r\n", NULL),
		ROW(SMTP, "220-a\r\n220 b\r\n250-c\r\n250-STARTTLS\r\n250 d\r\n220\r\n", NULL),
		ROW(SMTP, "220-a\n220 b\n250-c\n250 starttls\n220 go\n", NULL),
		ROW(SMTP, "220 hello\r\n250-STARTTLS x\r\n250 hi\r\n", ""),
		ROW(IMAP, "* OK hello\r\n* 1 EXISTS\r\nu1 OK\r\n", NULL),
		ROW(IMAP, "* ok\r\n* BYTE\r\nU1 ok go\r\n", NULL),
		ROW(IMAP, "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\nu1 OK\r\n", NULL),
		ROW(IMAP, "* OK [capability starttls auth=plain]\r\nu1 OK\r\n", NULL),
		ROW(POP3, "+OK hello\r\n+OK\r\n", NULL),
		ROW(FTP, "120 wait\r\n220-a\r\nb\r\n 220 c\r\n221 d\r\n220 e\r\n234 go\r\n", NULL),
		ROW(XMPP, FEATURES("<x:starttls/>") "<proceed/>", NULL),
		ROW(XMPP, FEATURES("<starttls a='>'><required/></starttls>") "<proceed></proceed>",
		    NULL),
		ROW(LDAP, "\x30\x0c\2\1\1\x78\7\n\1\0\4\0\4\0", NULL),
		ROW(LDAP, "\x30\x84\0\0\0\x0d\2\1\1\x78\x81\7\n\1\0\4\0\4\0", NULL),
		ROW(POSTGRES, "S", NULL),
		ROW(MYSQL, GREETING("\0\x8a"), NULL),
	};

	CHECK_ROWS(rows);
}

TEST("a refusal quotes the server")
{
	static const struct row rows[] = {
		ROW(SMTP, "554 not you\r\n", "the server refuses TLS: 554 not you"),
		ROW(SMTP, "220 a\r\n250 STARTTLS\r\n454-c\r\n454 d\r\n",
		    "the server refuses TLS: 454 d"),
		ROW(SMTP, "220 \x1b[2J\r\n250-\xff\r\n250 STARTTLS\r\n502 \x1b[2J\r\n",
		    "the server refuses TLS: 502 \\x1b[2J"),
		ROW(IMAP, "* BYE busy\r\n", "the server refuses TLS: * BYE busy"),
		ROW(IMAP, "* PREAUTH me\r\n", "the server refuses TLS: * PREAUTH me"),
		ROW(IMAP, "* OK\r\nu1 BAD what\r\n", "the server refuses TLS: u1 BAD what"),
		ROW(POP3, "+OK\r\n-ERR no\r\n", "the server refuses TLS: -ERR no"),
		ROW(FTP, "220 a\r\n530 no\r\n", "the server refuses TLS: 530 no"),
		ROW(XMPP, FEATURES("<starttls/>") "<failure/>",
		    "the server refuses TLS: <failure/>"),
		ROW(XMPP, FEATURES("<starttls/>") "<failure><tired/></failure>",
		    "the server refuses TLS: <tired/>"),
		ROW(XMPP, "<stream:stream><stream:error><host-unknown/>",
		    "the server refuses TLS: <host-unknown/>"),
		ROW(XMPP, "<stream:stream></stream:stream>",
		    "the server refuses TLS: </stream:stream>"),
		ROW(XMPP, FEATURES("<sasl/>"), "the server offers no TLS"),
		ROW(XMPP, "<stream:stream><stream:features/>", "the server offers no TLS"),
		ROW(LDAP, "\x30\x10\2\1\1\x78\x0b\n\1\2\4\0\4\4what",
		    "the server refuses TLS: result 2, what"),
		ROW(LDAP, "\x30\x0c\2\1\0\x78\7\n\1\x34\4\0\4\0",
		    "the server refuses TLS: result 52"),
		ROW(POSTGRES, "N", "the server refuses TLS: N"),
		ROW(POSTGRES, "E\0\0\0\x13SFATAL\0Mgo away\0\0", "the server refuses TLS: go away"),
		ROW(MYSQL, "\x0b\0\0\0\xff\x6a\4not you!", "the server refuses TLS: not you!"),
		ROW(MYSQL, GREETING("\0\x80"), "the server offers no TLS"),
	};

	CHECK_ROWS(rows);
}

TEST("a server that lists its capabilities without TLS is not asked for it")
{
	static const struct row rows[] = {
		ROW(SMTP, "220 a\r\n250 b\r\n", "the server offers no TLS"),
		ROW(SMTP, "220 STARTTLS\r\n250-NOSTARTTLS\r\n250-STARTTLSX\r\n250 X STARTTLS\r\n",
		    "the server offers no TLS"),
		ROW(IMAP, "* OK [CAPABILITY IMAP4rev1] STARTTLS-\r\n", "the server offers no TLS"),
		ROW(IMAP, "* OK [CAPABILITY XSTARTTLS STARTTLSX]\r\n", "the server offers no TLS"),
	};
	struct talk t;

	CHECK_ROWS(rows);
	begin(&t, STARTTLS_SMTP);
	hear(&t, "220 a\r\n250 b\r\n", 14);
	check_str(t.sent, "EHLO [127.0.0.1]\r\n");
	starttls_fini(&t.s);
	begin(&t, STARTTLS_IMAP);
	hear(&t, "* OK [CAPABILITY IMAP4rev1]\r\n", 29);
	check_str(t.sent, "");
	starttls_fini(&t.s);
}

static void
check_greeted(const struct row *row, const char *asked)
{
	struct talk t = { .s = { .protocol = row->protocol, .greeted = true } };

	t.rc = starttls_begin(&t.s, &t.error);
	take_out(&t);
	check_str(t.sent, asked);
	hear(&t, row->heard, row->n);
	check_outcome(&t, row);
	starttls_fini(&t.s);
}

TEST("behind a greeting that is read, the client speaks, and the rest of the greeting is passed "
     "over")
{
	static const struct row smtp[] = {
		ROW(SMTP, "250 STARTTLS\r\n220 go\r\n", NULL),
		ROW(SMTP, " rest\r\n220-of\r\n220 it\r\n250 STARTTLS\r\n220 go\r\n", NULL),
		ROW(SMTP, "\r\n250 STARTTLS\r\nwhat\r\n", "what the server says is not SMTP: what"),
		ROW(SMTP, "554 no\r\n", "the server refuses TLS: 554 no"),
	};
	static const struct row others[] = {
		ROW(FTP, " rest\r\n220 it\r\n234 go\r\n", NULL),
		ROW(POP3, " rest\r\n+OK go\r\n", NULL),
		ROW(POP3, " rest\r\n-ERR no\r\n", "the server refuses TLS: -ERR no"),
		ROW(IMAP, " rest\r\n* 1 EXISTS\r\nu1 OK go\r\n", NULL),
	};
	static const char *const asked[] = { "AUTH TLS\r\n", "STLS\r\n", "STLS\r\n",
		"u1 STARTTLS\r\n" };
	struct starttls mysql = { .protocol = STARTTLS_MYSQL, .greeted = true };
	struct error e = { 0 };

	for (size_t i = 0; i < sizeof(smtp) / sizeof(smtp[0]); i++)
		check_greeted(&smtp[i], "EHLO [127.0.0.1]\r\n");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		check_greeted(&others[i], asked[i]);
	check_int(starttls_begin(&mysql, &e), -1);
	check_str(e.text,
	    "the server's greeting, which says whether there is TLS, has been read already");
	starttls_fini(&mysql);
}

TEST("another protocol is recognised")
{
	static const struct row rows[] = {
		ROW(SMTP, "HTTP/1.0 400 Bad Request\r\n",
		    "what the server says is not SMTP: HTTP/1.0 400 Bad Request"),
		ROW(FTP, "22\r\n", "what the server says is not FTP: 22"),
		ROW(IMAP, "+OK\r\n", "what the server says is not IMAP: +OK"),
		ROW(POP3, "220 hello\r\n", "what the server says is not POP3: 220 hello"),
		ROW(POSTGRES, "5", "what the server says is not PostgreSQL: 5"),
		ROW(MYSQL, "\4\0\0\0\11abc",
		    "what the server says is not MySQL: \\x04\\x00\\x00\\x00\\x09abc"),
		ROW(MYSQL, "\x25\0\xff\0\n8.0.36\0\1\0\0\0abcdefgh\0\0\x8a\0",
		    "what the server says is not MySQL: %\\x00\\xff\\x00"),
		ROW(MYSQL, "\4\0\0\0\nab\0",
		    "what the server says is not MySQL: \\x04\\x00\\x00\\x00\\x0aab\\x00"),
		ROW(LDAP, "\x30\4\2\1\1\x61",
		    "what the server says is not LDAP: 0\\x04\\x02\\x01\\x01a"),
		ROW(LDAP, "\x30\x0c\2\1\2\x78\7\n\1\0\4\0\4\0", "the server refuses TLS: result 0"),
	};

	CHECK_ROWS(rows);
}

#define INJECTED "the server, or somebody on the way, goes on in plain text after agreeing to TLS"

TEST("bytes after the server's agreement are an error, in one piece with it or not")
{
	static const struct row rows[] = {
		ROW(SMTP, "220 a\r\n250 STARTTLS\r\n220 c\r\n250 d\r\n", INJECTED),
		ROW(SMTP, "220 a\r\n250 STARTTLS\r\n220 c\r\n\n", INJECTED),
		ROW(IMAP, "* OK\r\nu1 OK\r\n* ", INJECTED),
		ROW(POP3, "+OK\r\n+OK\r\n+", INJECTED),
		ROW(FTP, "220 a\r\n234 b\r\n2", INJECTED),
		ROW(XMPP, FEATURES("<starttls/>") "<proceed/>\n", INJECTED),
		ROW(LDAP, "\x30\x0c\2\1\1\x78\7\n\1\0\4\0\4\0\x30", INJECTED),
		ROW(POSTGRES, "SE", INJECTED),
		ROW(MYSQL, GREETING("\0\x8a") "x", INJECTED),
	};

	CHECK_ROWS(rows);
}

static const char *
sent(enum starttls_protocol protocol, const char *heard, size_t n)
{
	static struct talk t;

	begin(&t, protocol);
	hear(&t, heard, n);
	starttls_fini(&t.s);
	check_int(t.rc, 0);
	return t.sent;
}

#define SENT(protocol, heard) sent(STARTTLS_##protocol, heard, sizeof(heard) - 1)

TEST("each request is sent in its turn, and no earlier")
{
	check_str(SENT(SMTP, ""), "");
	check_str(SENT(SMTP, "220-a\r\n"), "");
	check_str(SENT(SMTP, "220 a\r\n"), "EHLO [127.0.0.1]\r\n");
	check_str(SENT(SMTP, "220 a\r\n250 STARTTLS\r\n"), "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
	check_str(SENT(IMAP, "* OK\r\n"), "u1 STARTTLS\r\n");
	check_str(SENT(POP3, "+OK\r\n"), "STLS\r\n");
	check_str(SENT(FTP, "220 a\r\n"), "AUTH TLS\r\n");
	check(strstr(SENT(XMPP, ""), " to='a&#39;b.test'>") != NULL);
	check(strstr(SENT(XMPP, FEATURES("<starttls/>")),
		  "><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") != NULL);
	check_mem(SENT(LDAP, ""), 31,
	    "\x30\x1d\2\1\1\x77\x18\x80\x16"
	    "1.3.6.1.4.1.1466.20037",
	    31);
	check_mem(SENT(POSTGRES, ""), 8, "\0\0\0\x08\x04\xd2\x16\x2f", 8);
	check_str(SENT(MYSQL, ""), "");
	check_mem(SENT(MYSQL, GREETING("\0\x8a")), 14, " \0\0\1\0\x8a\0\0\0\0\0\1\x2d\0", 14);
}

TEST("a server that sends without end is given up")
{
	static const char line[] = "220-and on\r\n";
	struct talk t;
	int i;

	begin(&t, STARTTLS_SMTP);
	for (i = 0; i < 10000 && t.rc == 0; i++)
		hear(&t, line, sizeof(line) - 1);
	check(i < 6000);
	check_str(t.error.text, "the server says more than 65536 bytes before TLS");
	starttls_fini(&t.s);
	begin(&t, STARTTLS_LDAP);
	hear(&t, "\x30\x84\x7f\xff\xff\xff", 6);
	check_int(t.rc, -1);
	starttls_fini(&t.s);
}

static void
count_said(void *arg, char who, const char *text)
{
	char *said = arg;

	snprintf(said + strlen(said), 200 - strlen(said), "%c%s|", who, text);
}

TEST("messages are passed to on_message")
{
	struct starttls s = { .protocol = STARTTLS_POP3, .on_message = count_said };
	char said[200] = "";
	struct error e;

	s.arg = said;
	check_int(starttls_begin(&s, &e), 0);
	check_int(starttls_feed(&s, "+OK \t\r\n+OK\r\n", 12, &e), 0);
	check_str(said, "<+OK \\x09|>STLS|<+OK|");
	starttls_fini(&s);
}
