#include "stream/proxy_server/http_server.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/negotiate/negotiation.h"
#include "stream/proxy_server/http_request.h"
#include "stream/proxy_server/http_server_auth.h"
#include "stream/proxy_server/proxy_client.h"
#include "stream/stream.h"

/* A client may ask again on its connection after a 407 so often. */
enum { CHUNK = 4096, TRIES_MAX = 8 };

struct http_server {
	struct negotiation base;
	struct proxy_client *client;
	struct buf in; /* the head, and what came with it */
	struct http_request request;
	int tries;
	bool stale; /* the login is right but for its nonce */
};

/* ---- answers ---- */

static const char *
reason_phrase(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 405, "Method Not Allowed" },
		{ 407, "Proxy Authentication Required" },
		{ 413, "Request Entity Too Large" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Error";
}

/* Puts an answer that ends the request. The connection stays open for another try if it may. */
static int
put_answer(struct http_server *s, int status, const char *why, bool stays, struct error *e)
{
	struct buf *out = &s->client->out;

	if (buf_printf(out, e, "HTTP/1.1 %d %s\r\n", status, reason_phrase(status)) < 0 ||
	    (status == 407 && http_server_auth_challenge(s->client->auth, s->stale, out, e) < 0))
		return -1;
	return buf_printf(out, e,
	    "Connection: %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\nusock: %s\n",
	    stays ? "keep-alive" : "close", strlen(why) + 8, why);
}

static int
refuse_with(struct http_server *s, int status, const char *why, struct error *e)
{
	proxy_client_refused(s->client, why);
	return put_answer(s, status, why, false, e);
}

static int
answer_outcome(void *self, struct error *e)
{
	struct http_server *s = self;
	enum proxy_outcome outcome = s->client->outcome;
	bool late = outcome == PROXY_TIMED_OUT || s->client->plain_methods;
	int status = outcome == PROXY_FORBIDDEN ? 403 : late ? 504 : 502;

	if (outcome != PROXY_CONNECTED)
		return refuse_with(s, status, proxy_outcome_word(outcome), e);
	proxy_client_granted(s->client);
	return s->request.connects
	    ? buf_printf(&s->client->out, e, "HTTP/1.1 200 Connection established\r\n\r\n")
	    : 0;
}

/* ---- the request ---- */

static bool
wants_close(const struct http_request *r)
{
	return http_head_lists(&r->head, "Connection", "close") ||
	    http_head_lists(&r->head, "Proxy-Connection", "close");
}

/* Asks for a password. Without a body, the next request follows on this connection. */
static int
ask_for_password(struct http_server *s, struct error *e)
{
	const char *why =
	    s->stale ? "the nonce is too old, or was used" : "wrong or no user and password";
	size_t n = s->request.length;
	bool stays = s->request.body.state == HTTP_BODY_ENDED && !wants_close(&s->request) &&
	    s->tries++ < TRIES_MAX;

	if (!stays)
		return refuse_with(s, 407, why, e);
	buf_consume(&s->in, n);
	return put_answer(s, 407, why, true, e);
}

static bool
lets_in(struct http_server *s)
{
	enum http_login_verdict verdict;

	if (s->client->auth == NULL)
		return true;
	verdict = http_server_auth_check(s->client->auth, &s->request);
	s->stale = verdict == HTTP_LOGIN_STALE;
	return verdict == HTTP_LOGIN_ACCEPTED;
}

/* What the target gets first: the head for it, and what came of the body with the client's. What is behind the body
 * is another request. */
static int
fill_exchange(struct http_server *s, const char *rest, size_t n, struct error *e)
{
	struct proxy_client *c = s->client;
	ssize_t body = http_body_take(&s->request.body, rest, n);

	if (http_request_rewrite(&s->request, &c->first, e) < 0 ||
	    (body > 0 && buf_append(&c->first, rest, (size_t)body, e) < 0))
		return -1;
	c->exchanges = true;
	c->exchange = (struct http_exchange_how){ .first = c->first.len,
		.request = s->request.body,
		.head = http_text_is(&s->request.method, "HEAD") };
	return body < 0 ? refuse_with(s, 400, "the body has malformed chunks", e) : 0;
}

static int
fill_first(struct http_server *s, struct error *e)
{
	const char *rest = buf_head(&s->in) + s->request.length;
	size_t n = s->in.len - s->request.length;

	return s->request.connects ? buf_append(&s->client->first, rest, n, e)
				   : fill_exchange(s, rest, n, e);
}

static bool
serves_method(const struct http_server *s)
{
	static const char *const methods[] = { "CONNECT", "GET", "HEAD", "POST" };
	const struct http_request *r = &s->request;
	bool known = !s->client->plain_methods;

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		known = known ||
		    (strlen(methods[i]) == r->method.n &&
			memcmp(methods[i], r->method.at, r->method.n) == 0);
	return known;
}

static int
serve_head(struct http_server *s, size_t n, struct error *e)
{
	struct error why;

	if (http_request_parse(&s->request, buf_head(&s->in), n, &why) < 0)
		return refuse_with(s, s->request.status, why.text, e);
	if (!serves_method(s))
		return refuse_with(s, 405, "the method is not served", e);
	if (!lets_in(s))
		return ask_for_password(s, e);
	if (fill_first(s, e) < 0)
		return -1;
	if (s->client->failed)
		return 0;
	proxy_client_connect(s->client, &s->request.target);
	return 0;
}

/* Reads until there is a head, and serves it. */
static int
listen_for_head(void *self, struct stream *top, struct error *e)
{
	struct http_server *s = self;
	size_t n;
	char *end;
	ssize_t got;

	while ((n = http_head_length(s->in.len > 0 ? buf_head(&s->in) : "", s->in.len)) == 0) {
		if (s->in.len >= HTTP_HEAD_MAX)
			return refuse_with(s, s->client->plain_methods ? 413 : 431,
			    "the head is longer than 64 KiB", e);
		if ((end = buf_reserve(&s->in, CHUNK, e)) == NULL)
			return -1;
		got = stream_read(top, end, CHUNK, e);
		if (got == 0)
			return error_set(e, ERROR_PROXY, "the client ended before its request");
		if (got < 0)
			return (int)got;
		buf_added(&s->in, (size_t)got);
	}
	return serve_head(s, n, e);
}

/* ---- steps ---- */

static int
http_step(struct negotiation *n, struct stream **top, struct error *e)
{
	static const struct proxy_protocol http = { listen_for_head, answer_outcome };
	struct http_server *s = CONTAINER_OF(n, struct http_server, base);

	return proxy_client_step(s->client, &http, s, *top, e);
}

static void
http_free(struct negotiation *n)
{
	struct http_server *s = CONTAINER_OF(n, struct http_server, base);

	buf_fini(&s->in);
	free(s);
}

static const struct negotiation_ops http_ops = {
	.name = "http",
	.unfinished = "the request is not complete",
	.step = http_step,
	.free = http_free,
};

int
http_server(struct negotiation **ret_first, struct proxy_client *c, struct error *e)
{
	struct http_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	s->base.ops = &http_ops;
	s->client = c;
	buf_init(&s->in, HTTP_HEAD_MAX + CHUNK);
	buf_init(&c->out, 64 << 10);
	buf_init(&c->first, 2 * HTTP_HEAD_MAX + CHUNK);
	*ret_first = &s->base;
	return 0;
}
