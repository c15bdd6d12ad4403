/* The dialogues with proxies: what is sent, and what becomes of the answers, however they are cut. */
#include "stream/negotiate/proxy/proxy.h"
#include "base/error.h"
#include "test.h"

enum { SENT_MAX = 8192 };

struct talk {
	struct proxy_hop hop;
	struct proxy_target target;
	struct proxy_dialogue d;
	struct error error;
	char sent[SENT_MAX];
	size_t n_sent;
	int rc;
};

struct row {
	enum proxy_kind kind;
	const char *login; /* USER:PASSWORD; NULL: none */
	const char *host;
	const char *said; /* by the proxy, then "TAIL" */
	size_t n;
	const char *sent;
	size_t n_sent;
	const char *want; /* the error; NULL: agreed */
};

#define ROW(kind, login, host, said, sent, want)                                                   \
	{                                                                                          \
		PROXY_##kind, login, host, said "TAIL", sizeof(said) + 3, sent, sizeof(sent) - 1,  \
		    want                                                                           \
	}

static void
take_out(struct talk *t)
{
	struct buf *out = &t->d.out;

	if (out->len > 0 && out->len < sizeof(t->sent) - t->n_sent) {
		memcpy(t->sent + t->n_sent, buf_head(out), out->len);
		t->n_sent += out->len;
		buf_consume(out, out->len);
	}
	t->sent[t->n_sent] = '\0';
}

static void
set_hop(struct proxy_hop *hop, const struct row *row)
{
	*hop = (struct proxy_hop){ .kind = row->kind };
	if (row->login != NULL) {
		size_t n = strcspn(row->login, ":");

		hop->login = true;
		memcpy(hop->user, row->login, n);
		strcpy(hop->pass, row->login + n + 1); /* NOLINT */
	}
}

static void
begin(struct talk *t, const struct row *row)
{
	struct endpoint ep = { .kind = ENDPOINT_INET };

	memset(t, 0, sizeof(*t));
	set_hop(&t->hop, row);
	snprintf(ep.host, sizeof(ep.host), "%s", row->host);
	proxy_target_set(&t->target, &ep, 258);
	t->d.hop = &t->hop;
	t->d.target = &t->target;
	t->rc = proxy_begin(&t->d, &t->error);
	take_out(t);
}

/* Feeds what the dialogue asks for, at most most bytes at a time. Returns how many it did not ask
 * for. */
static size_t
answer(struct talk *t, const struct row *row, size_t most)
{
	size_t at = 0, n;
	char *piece;

	while (t->rc == 0 && at < row->n && (n = proxy_wants(&t->d)) > 0) {
		n = n < most ? n : most;
		n = n < row->n - at ? n : row->n - at;
		piece = malloc(n); /* of its exact size, for the sanitizer */
		memcpy(piece, row->said + at, n);
		t->rc = proxy_feed(&t->d, piece, n, &t->error);
		free(piece);
		at += n;
		take_out(t);
	}
	return row->n - at;
}

static void
check_row(const struct row *row, size_t most)
{
	struct talk t;
	size_t left;

	begin(&t, row);
	left = answer(&t, row, most);
	if (row->want == NULL) {
		check_str(t.rc == 0 ? NULL : t.error.text, NULL);
		check_int((int64_t)proxy_wants(&t.d), 0);
		check_int((int64_t)left, 4);
	} else {
		check_int(t.rc, -1);
		check_str(t.error.text, row->want);
		check_int(t.error.code, ERROR_PROXY);
	}
	if (check_int((int64_t)t.n_sent, (int64_t)row->n_sent))
		check(memcmp(t.sent, row->sent, row->n_sent) == 0);
	proxy_fini(&t.d);
}

#define CHECK_ROWS(rows)                                                                           \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++)                              \
		for (size_t most = 1; most < 5000; most *= 3)                                      \
	check_row(&(rows)[i], most)

#define OK5 "\5\0\0\1\0\0\0\0\0\0"
#define ASK5 "\5\1\0"
#define ASK5_LOGIN "\5\2\0\2"
#define NAMED5 "\5\1\0\3\4host\1\2"
#define CONNECT "CONNECT host:258 HTTP/1.1\r\nHost: host:258\r\n"

TEST("each protocol asks for its target, and reads nothing behind the answer")
{
	static const struct row rows[] = {
		ROW(SOCKS4, NULL, "1.2.3.4", "\0\x5a\1\2\0\0\0\0", "\4\1\1\2\1\2\3\4\0", NULL),
		ROW(SOCKS4, "bob:x", "1.2.3.4", "\0\x5a\0\0\0\0\0\0", "\4\1\1\2\1\2\3\4bob\0",
		    NULL),
		ROW(SOCKS4A, NULL, "host", "\0\x5a\0\0\0\0\0\0", "\4\1\1\2\0\0\0\1\0host\0", NULL),
		ROW(SOCKS4A, NULL, "1.2.3.4", "\0\x5a\0\0\0\0\0\0", "\4\1\1\2\1\2\3\4\0", NULL),
		ROW(SOCKS5, NULL, "1.2.3.4", "\5\0" OK5, ASK5 "\5\1\0\1\1\2\3\4\1\2", NULL),
		ROW(SOCKS5, NULL, "::2", "\5\0\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2",
		    ASK5 "\5\1\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\1\2", NULL),
		ROW(SOCKS5H, NULL, "host", "\5\0\5\0\0\3\0\1\2", ASK5 NAMED5, NULL),
		ROW(SOCKS5H, NULL, "host", "\5\0\5\0\0\3\3abc\1\2", ASK5 NAMED5, NULL),
		ROW(SOCKS5H, "bob:pw", "host", "\5\2\1\0" OK5, ASK5_LOGIN "\1\3bob\2pw" NAMED5,
		    NULL),
		ROW(SOCKS5H, "bob:pw", "host", "\5\0" OK5, ASK5_LOGIN NAMED5, NULL),
		ROW(HTTP, NULL, "host", "HTTP/1.1 200 OK\r\n\r\n", CONNECT "\r\n", NULL),
		ROW(HTTP, NULL, "host", "HTTP/1.0 200\n\n", CONNECT "\r\n", NULL),
		ROW(HTTP, NULL, "host", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
		    CONNECT "\r\n", NULL),
		ROW(HTTP, NULL, "host",
		    "HTTP/1.1 103 Wait\r\nA: b\r\n\r\nHTTP/1.1 204 OK\r\nX: y\r\n\r\n",
		    CONNECT "\r\n", NULL),
		ROW(HTTP, NULL, "::2", "HTTP/1.1 200 OK\r\n\r\n",
		    "CONNECT [::2]:258 HTTP/1.1\r\nHost: [::2]:258\r\n\r\n", NULL),
	};

	CHECK_ROWS(rows);
}

TEST("a refusal has the proxy's own words")
{
	static const struct row rows[] = {
		ROW(SOCKS4A, NULL, "host", "\0\x5b\0\0\0\0\0\0", "\4\1\1\2\0\0\0\1\0host\0",
		    "connect host:258: request rejected or failed (SOCKS4 code 91)"),
		ROW(SOCKS4A, NULL, "host", "\0\x70\0\0\0\0\0\0", "\4\1\1\2\0\0\0\1\0host\0",
		    "connect host:258: refused (SOCKS4 code 112)"),
		ROW(SOCKS4A, NULL, "host", "HTTP/1.1 400", "\4\1\1\2\0\0\0\1\0host\0",
		    "connect host:258: what the proxy says is not SOCKS4"),
		ROW(SOCKS5H, NULL, "host", "\5\xff", ASK5,
		    "connect host:258: the proxy wants a login"),
		ROW(SOCKS5H, NULL, "host", "\5\2", ASK5,
		    "connect host:258: the proxy wants a login"),
		ROW(SOCKS5H, NULL, "host", "\5\1", ASK5,
		    "connect host:258: the proxy chose a method that was not offered: 1"),
		ROW(SOCKS5H, NULL, "host", "\4\0", ASK5,
		    "connect host:258: what the proxy says is not SOCKS5"),
		ROW(SOCKS5H, "bob:pw", "host", "\5\2\1\1", ASK5_LOGIN "\1\3bob\2pw",
		    "connect host:258: the proxy refuses user 'bob' or the password (status 1)"),
		ROW(SOCKS5H, NULL, "host", "\5\0\5\2\0\1\0", ASK5 NAMED5,
		    "connect host:258: not allowed by the rules of the proxy (SOCKS5 reply 2)"),
		ROW(SOCKS5H, NULL, "host", "\5\0\5\5\0\1\0\0\0\0\0\0", ASK5 NAMED5,
		    "connect host:258: Connection refused (SOCKS5 reply 5)"),
		ROW(SOCKS5H, NULL, "host", "\5\0\5\x63\0\1\0", ASK5 NAMED5,
		    "connect host:258: refused (SOCKS5 reply 99)"),
		ROW(SOCKS5H, NULL, "host", "\5\0\5\0\0\2\0", ASK5 NAMED5,
		    "connect host:258: the reply has an address of an unknown type: 2"),
		ROW(HTTP, NULL, "host", "HTTP/1.1 403 No \x9b way\r\n\r\n", CONNECT "\r\n",
		    "connect host:258: HTTP/1.1 403 No \\x9b way"),
		ROW(HTTP, NULL, "host", "HTTP/1.1 302 Elsewhere\r\nLocation: x\r\n\r\n",
		    CONNECT "\r\n", "connect host:258: HTTP/1.1 302 Elsewhere"),
		ROW(HTTP, NULL, "host", "220 mail\r\n\r\n", CONNECT "\r\n",
		    "connect host:258: what the proxy says is not HTTP"),
		ROW(HTTP, NULL, "host", "HTTP/1.1 407 Who?\r\n\r\n", CONNECT "\r\n",
		    "connect host:258: HTTP/1.1 407 Who?"),
	};

	CHECK_ROWS(rows);
}

#define ASKS(fields) "HTTP/1.1 407 Who?\r\n" fields "\r\n"
#define BASIC "Proxy-Authenticate: Basic realm=\"a\"\r\n"
#define BOB "Proxy-Authorization: Basic Ym9iOnB3\r\n"
#define YES "HTTP/1.1 200 OK\r\n\r\n"

TEST("a login is sent on the same connection if the proxy keeps it")
{
	static const struct row rows[] = {
		ROW(HTTP, "bob:pw", "host", ASKS(BASIC "Content-Length: 0\r\n") YES,
		    CONNECT "\r\n" CONNECT BOB "\r\n", NULL),
		ROW(HTTP, "bob:pw", "host", ASKS(BASIC "Content-Length: 6\r\n") "sorry!" YES,
		    CONNECT "\r\n" CONNECT BOB "\r\n", NULL),
		ROW(HTTP, "bob:pw", "host",
		    ASKS("Proxy-Authenticate: NTLM\r\n" BASIC "Content-Length: 1\r\n") "x" YES,
		    CONNECT "\r\n" CONNECT BOB "\r\n", NULL),
		ROW(HTTP, "bob:pw", "host",
		    ASKS(BASIC "Content-Length: 0\r\n") ASKS(BASIC "Content-Length: 0\r\n"),
		    CONNECT "\r\n" CONNECT BOB "\r\n", "connect host:258: HTTP/1.1 407 Who?"),
		ROW(HTTP, "bob:pw", "host",
		    ASKS("Proxy-Authenticate: Negotiate abc==\r\nContent-Length: 0\r\n"),
		    CONNECT "\r\n", "connect host:258: HTTP/1.1 407 Who?"),
	};

	CHECK_ROWS(rows);
}

TEST("a login is left to a new connection if the proxy closes this one")
{
	static const struct row rows[] = {
		ROW(HTTP, "bob:pw", "host", ASKS(BASIC), CONNECT "\r\n",
		    "connect host:258: HTTP/1.1 407 Who?"),
		ROW(HTTP, "bob:pw", "host",
		    ASKS(BASIC "Content-Length: 0\r\nConnection: close\r\n"), CONNECT "\r\n",
		    "connect host:258: HTTP/1.1 407 Who?"),
		ROW(HTTP, "bob:pw", "host", ASKS(BASIC "Content-Length: 99999\r\n"), CONNECT "\r\n",
		    "connect host:258: HTTP/1.1 407 Who?"),
		ROW(HTTP, "bob:pw", "host", ASKS(BASIC "Content-Length: 5x\r\n"), CONNECT "\r\n",
		    "connect host:258: HTTP/1.1 407 Who?"),
		ROW(HTTP, "bob:pw", "host", ASKS(BASIC "Transfer-Encoding: chunked\r\n"),
		    CONNECT "\r\n", "connect host:258: HTTP/1.1 407 Who?"),
	};
	struct talk t, next;

	CHECK_ROWS(rows);
	begin(&t, &rows[0]);
	answer(&t, &rows[0], 9);
	check(t.d.again);
	begin(&next, &rows[0]);
	proxy_fini(&next.d);
	next.hop = t.hop;
	next.rc = proxy_begin(&next.d, &next.error);
	take_out(&next);
	next.sent[next.n_sent] = '\0';
	check(strstr(next.sent, BOB) != NULL);
	proxy_fini(&next.d);
	proxy_fini(&t.d);
}

TEST("a proxy that talks without end is an error")
{
	static const char *const heads[] = { "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 100 Go\r\n\r\n" };
	static const char more[] = "HTTP/1.1 100 Go\r\n\r\n";
	struct row row = { .kind = PROXY_HTTP, .host = "host" };
	struct talk t;

	for (size_t i = 0; i < 2; i++) {
		begin(&t, &row);
		for (size_t n = 0; t.rc == 0 && n < 1000000; n++) {
			const char *said = n < strlen(heads[i]) ? &heads[i][n]
			    : i == 0                            ? "x"
								: &more[n % strlen(more)];

			t.rc = proxy_feed(&t.d, said, 1, &t.error);
		}
		check_str(t.error.text, "connect host:258: the proxy talks without end");
		proxy_fini(&t.d);
	}
}

TEST("what a proxy cannot be asked for is a usage error")
{
	static const struct row rows[] = {
		{ .kind = PROXY_SOCKS4,
		    .host = "::1",
		    .want = "connect ::1: SOCKS4 needs an IPv4 address" },
		{ .kind = PROXY_SOCKS4A,
		    .host = "::1",
		    .want = "connect ::1: SOCKS4 needs an IPv4 address" },
		{ .kind = PROXY_HTTP,
		    .host = "a b",
		    .want = "connect: no proxy knows a host like this" },
		{ .kind = PROXY_HTTP,
		    .host = "a\r\nX: y",
		    .want = "connect: no proxy knows a host like this" },
	};
	struct talk t;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&t, &rows[i]);
		check_int(t.rc, -1);
		check_str(t.error.text, rows[i].want);
		check_int(t.error.code, ERROR_USAGE);
		proxy_fini(&t.d);
	}
}

TEST("a relay of datagrams is asked for without an address, and its address is kept")
{
	struct row row = { .kind = PROXY_SOCKS5,
		.host = "1.2.3.4",
		.said = "\5\0\5\0\0\1\x7f\0\0\1\x10\1",
		.n = 12 };
	char text[SOCKNAME_TEXT_MAX];
	struct talk t;

	begin(&t, &row);
	t.d.datagrams = true;
	check_int((int64_t)answer(&t, &row, 100), 0);
	check_int((int64_t)proxy_wants(&t.d), 0);
	check(t.n_sent == 13 && memcmp(t.sent, ASK5 "\5\3\0\1\0\0\0\0\0\0", 13) == 0);
	check_str(sockname_format(&t.d.bound, text, sizeof(text)), "127.0.0.1:4097");
	proxy_fini(&t.d);
}
