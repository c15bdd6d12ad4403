#include <errno.h>
#include <netinet/in.h>

#include "base/error.h"
#include "stream/negotiate/negotiation.h"
#include "stream/proxy_server/http_request.h"
#include "stream/proxy_server/http_server.h"
#include "stream/proxy_server/proxy_client.h"
#include "stream/proxy_server/socks_server.h"
#include "stream/stream.h"
#include "test.h"

/* A client that sends its bytes in pieces of a size, and takes one byte at a time. */
struct wire {
	struct stream base;
	const char *in;
	size_t n, piece;
	bool asked; /* the next read gives a piece */
	char out[2000];
	size_t n_out;
};

static ssize_t
wire_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct wire *w = (struct wire *)s;

	(void)e;
	w->asked = !w->asked;
	if (w->asked)
		return STREAM_WANT_READ;
	n = n < w->piece ? n : w->piece;
	n = n < w->n ? n : w->n;
	memcpy(data, w->in, n);
	w->in += n;
	w->n -= n;
	return (ssize_t)n;
}

static ssize_t
wire_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct wire *w = (struct wire *)s;

	(void)n;
	(void)e;
	if (w->n_out == sizeof(w->out) - 1)
		return STREAM_WANT_WRITE;
	w->out[w->n_out++] = *(const char *)data;
	return 1;
}

static const struct stream_ops wire_ops = { .read = wire_read, .write = wire_write };

struct talk {
	struct wire wire;
	struct proxy_client client;
	enum proxy_outcome outcome;
	char target[ENDPOINT_HOST_MAX + 20];
	struct error error;
	int rc;
};

static void
on_connect(struct proxy_client *c, const struct endpoint *target)
{
	struct talk *t = c->arg;

	snprintf(t->target, sizeof(t->target), "%.255s %.8s", target->host, target->port);
	c->outcome = t->outcome;
}

#define MAKE_SERVER                                                                                \
	int (*make)(struct negotiation * *ret_first, struct proxy_client * c, struct error * e)

static void
talk(struct talk *t, MAKE_SERVER, const char *bytes, size_t n, size_t piece)
{
	struct stream *top = &t->wire.base;
	struct negotiation *first;
	int tries = 0;

	t->wire = (struct wire){ .base.ops = &wire_ops, .in = bytes, .n = n, .piece = piece };
	t->client.connect = on_connect;
	t->client.arg = t;
	require(make(&first, &t->client, NULL) == 0);
	while ((t->rc = first->ops->step(first, &top, &t->error)) == STREAM_WANT_READ)
		require(++tries < 5000);
	if (first->ops->free != NULL)
		first->ops->free(first);
	else
		free(first);
}

static void
talk_fini(struct talk *t)
{
	proxy_client_fini(&t->client);
}

struct row {
	MAKE_SERVER;
	const char *sent;
	size_t n_sent;
	enum proxy_outcome outcome;
	const char *answer;
	size_t n_answer;
	const char *target; /* "" without one */
};

#define ROW(make, sent, outcome, answer, target)                                                   \
	{                                                                                          \
		make, sent, sizeof(sent) - 1, outcome, answer, sizeof(answer) - 1, target          \
	}

static const struct row rows[] = {
	ROW(socks_server, "\5\1\0\5\1\0\1\x7f\0\0\1\0\x50", PROXY_CONNECTED,
	    "\5\0\5\0\0\1\0\0\0\0\0\0", "127.0.0.1 80"),
	ROW(socks_server, "\5\2\1\0\5\1\0\3\1a\1\0", PROXY_REFUSED, "\5\0\5\5\0\1\0\0\0\0\0\0",
	    "a 256"),
	ROW(socks_server, "\5\1\0\5\1\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50", PROXY_FORBIDDEN,
	    "\5\0\5\2\0\1\0\0\0\0\0\0", "::1 80"),
	ROW(socks_server, "\5\1\0\5\1\0\2", PROXY_FAILED, "\5\0", ""),
	ROW(socks_server, "\4\1\0\x50\x7f\0\0\1me\0", PROXY_CONNECTED, "\0\x5a\0\0\0\0\0\0",
	    "127.0.0.1 80"),
	ROW(socks_server, "\4\1\0\x50\0\0\0\1\0host\0", PROXY_NO_NAME, "\0\x5b\0\0\0\0\0\0",
	    "host 80"),
	ROW(socks_server, "GET / HTTP/1.1\r\n\r\n", PROXY_CONNECTED, "", ""),
	ROW(http_server, "CONNECT [::1]:443 HTTP/1.1\r\n\r\n", PROXY_CONNECTED,
	    "HTTP/1.1 200 Connection established\r\n\r\n", "::1 443"),
	ROW(http_server, "GET http://host/ HTTP/1.0\r\n\r\n", PROXY_CONNECTED, "", "host 80"),
};

TEST("each protocol has its answers, however its bytes are cut")
{
	size_t i, piece;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (piece = 1; piece <= rows[i].n_sent; piece++) {
			const struct row *r = &rows[i];
			struct talk t = { .outcome = r->outcome };

			talk(&t, r->make, r->sent, r->n_sent, piece);
			check_str(t.target, r->target);
			check_int(t.rc,
			    r->target[0] != '\0' && r->outcome == PROXY_CONNECTED ? 0 : -1);
			check(t.rc == 0 || t.error.code == ERROR_PROXY);
			check_int((int)t.wire.n_out, (int)r->n_answer);
			check(memcmp(t.wire.out, r->answer, r->n_answer) == 0);
			talk_fini(&t);
		}
}

TEST("a user needs the right password")
{
	static const char right[] = "\5\1\2\1\1a\2b:\5\1\0\1\x7f\0\0\1\0\x50";
	static const char wrong[] = "\5\1\2\1\1a\2bb\5\1\0\1\x7f\0\0\1\0\x50";
	struct proxy_users *users;
	struct talk t = { .outcome = PROXY_CONNECTED }, u = t;

	require(proxy_users_parse(&users, "users", "# who\n\na:b:\r\n", 13, NULL) == 0);
	t.client.users = u.client.users = users;
	talk(&t, socks_server, right, sizeof(right) - 1, 1);
	check_int(t.rc, 0);
	talk(&u, socks_server, wrong, sizeof(wrong) - 1, 1);
	check_int(u.rc, -1);
	check_str(u.error.text, "wrong user or password");
	check(u.client.told);
	talk_fini(&t);
	talk_fini(&u);
	proxy_users_free(users);
}

static void
on_associate(struct proxy_client *c, uint16_t port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
		.sin6_port = htons(0x102) };
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(0x102) };
	struct talk *t = c->arg;

	snprintf(t->target, sizeof(t->target), "port %u", port);
	c->outcome = port == 1 ? PROXY_FAILED : PROXY_CONNECTED;
	c->relay.len = port == 4 ? sizeof(v4) : sizeof(v6);
	memcpy(&c->relay.storage, port == 4 ? (void *)&v4 : (void *)&v6, c->relay.len);
}

TEST("a client of datagrams is told where to send them, however its bytes are cut")
{
	static const struct row associations[] = {
		ROW(socks_server, "\5\1\0\5\3\0\1\0\0\0\0\0\4", PROXY_CONNECTED,
		    "\5\0\5\0\0\1\x7f\0\0\1\1\2", "port 4"),
		ROW(socks_server, "\5\1\0\5\3\0\3\1x\0\6", PROXY_CONNECTED,
		    "\5\0\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1\2", "port 6"),
		ROW(socks_server, "\5\1\0\5\3\0\1\0\0\0\0\0\1", PROXY_FAILED,
		    "\5\0\5\1\0\1\0\0\0\0\0\0", "port 1"),
	};

	for (size_t i = 0; i < sizeof(associations) / sizeof(associations[0]); i++)
		for (size_t piece = 1; piece <= associations[i].n_sent; piece++) {
			const struct row *r = &associations[i];
			struct talk t = { .client.associate = on_associate };

			talk(&t, r->make, r->sent, r->n_sent, piece);
			check_str(t.target, r->target);
			check_int(t.rc, r->outcome == PROXY_CONNECTED ? 0 : -1);
			check(t.client.associates);
			check_int((int)t.wire.n_out, (int)r->n_answer);
			check(memcmp(t.wire.out, r->answer, r->n_answer) == 0);
			talk_fini(&t);
		}
}

TEST("a line without a colon is no user")
{
	struct proxy_users *users = NULL;
	struct error e;

	check_int(proxy_users_parse(&users, "file", "a:b\nrubbish\n", 12, &e), -1);
	check_int(e.code, ERROR_USAGE);
	check_str(e.text, "file:2: not NAME:PASSWORD");
}

TEST("the head for the target has its Host and no field of the client's connection")
{
	static const char head[] =
	    "GET http://me@host:81?x HTTP/1.1\r\nHost: other\r\n"
	    "Connection: X-A , close\r\nX-a: 1\r\nX-B: 2\r\nTE: trailers\r\n\r\n";
	struct http_request r;
	struct buf out;
	struct error e;

	buf_init(&out, 4096);
	require(http_request_parse(&r, head, sizeof(head) - 1, &e) == 0);
	check_int(http_request_rewrite(&r, &out, &e), 0);
	check_str(buf_text(&out, NULL),
	    "GET /?x HTTP/1.1\r\nHost: host:81\r\nX-B: 2\r\n"
	    "Via: 1.1 usock\r\nConnection: close\r\n\r\n");
	buf_fini(&out);
}

TEST("a request whose body has two ends is refused")
{
	static const struct {
		const char *fields;
		int status;
	} cases[] = {
		{ "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400 },
		{ "Transfer-Encoding: chunked\r\ncontent-length: 5\r\n", 400 },
		{ "Content-Length: 5\r\nContent-Length: 6\r\n", 400 },
		{ "Content-Length: 5, 5\r\n", 400 },
		{ "Content-Length: +5\r\n", 400 },
		{ "Content-Length:\r\n", 400 },
		{ "Content-Length: 18446744073709551616\r\n", 400 },
		{ "Transfer-Encoding: gzip\r\n", 400 },
		{ "Transfer-Encoding: chunked, gzip\r\n", 400 },
		{ "Transfer-Encoding: chunked, chunked\r\n", 400 },
		{ "Transfer-Encoding:\r\n", 400 },
		{ "Content-Length: 5\r\nContent-Length: 5\r\n", 0 },
		{ "Transfer-Encoding: chunked\r\n", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char head[200];
		struct http_request r;
		struct error e;
		int n = snprintf(head, sizeof(head), "POST http://host/ HTTP/1.1\r\n%s\r\n",
		    cases[i].fields);

		check_int(http_request_parse(&r, head, (size_t)n, &e),
		    cases[i].status != 0 ? -1 : 0);
		check_int(r.status, cases[i].status);
	}
}

TEST("an error of connecting is an outcome")
{
	struct error e = { .code = ERROR_NETWORK, .origin = ORIGIN_ERRNO, .number = ECONNREFUSED };

	check_int(proxy_outcome_of(&e), PROXY_REFUSED);
	e.number = EHOSTUNREACH;
	check_int(proxy_outcome_of(&e), PROXY_UNREACHABLE);
	e.number = EPERM;
	check_int(proxy_outcome_of(&e), PROXY_FAILED);
	e.code = ERROR_TIMEOUT;
	check_int(proxy_outcome_of(&e), PROXY_TIMED_OUT);
	e.code = ERROR_RESOLVE;
	check_int(proxy_outcome_of(&e), PROXY_NO_NAME);
	e.code = ERROR_PROXY;
	check_int(proxy_outcome_of(&e), PROXY_FORBIDDEN);
}
