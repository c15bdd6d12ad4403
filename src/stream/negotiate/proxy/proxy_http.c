#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/parse.h"
#include "stream/negotiate/excerpt.h"
#include "stream/negotiate/http_head.h"
#include "stream/negotiate/proxy/proxy_ops.h"

/* How often a login is sent: a nonce may be old, or have become so. */
enum { TRIES = 3 };

/* A body that is longer is not read: a new connection is cheaper. */
enum { BODY_MAX = 64 << 10, PIECE = 4096 };

enum { STEP_HEAD, STEP_BODY };

/* ---- the request ---- */

static int
append_login(struct proxy_dialogue *d, const char *target, struct error *e)
{
	struct http_login login = { .user = d->hop->user,
		.pass = d->hop->pass,
		.method = "CONNECT",
		.uri = target,
		.count = ++d->hop->nonce_count };
	unsigned long long bits[2] = { 0, 0 };
	char cnonce[40];

	/* without random bits, the nonce of the proxy still differs */
	if (getrandom(bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits))
		bits[0] = d->hop->nonce_count;
	snprintf(cnonce, sizeof(cnonce), "%016llx%016llx", bits[0], bits[1]);
	login.cnonce = cnonce;
	d->tries++;
	if (buf_append(&d->out, "Proxy-Authorization: ", 21, e) < 0 ||
	    http_auth_answer(&d->out, &d->hop->challenge, &login, e) < 0)
		return -1;
	return buf_append(&d->out, "\r\n", 2, e);
}

/* The first request is without a login: only then the proxy says which kind it wants, and a password
 * is not sent readable to one that wants better. */
static int
send_connect(struct proxy_dialogue *d, struct error *e)
{
	char target[PROXY_TEXT_MAX];

	d->step = STEP_HEAD;
	d->need = 1;
	proxy_target_format(d->target, target, sizeof(target));
	if (buf_printf(&d->out, e, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", target, target) < 0)
		return -1;
	if (d->hop->login && d->hop->challenge.scheme != HTTP_AUTH_NONE &&
	    append_login(d, target, e) < 0)
		return -1;
	return buf_append(&d->out, "\r\n", 2, e);
}

/* ---- the response ---- */

static int
fail_status(const struct proxy_dialogue *d, const struct http_head *h, struct error *e)
{
	char text[EXCERPT_MAX];

	excerpt(text, h->start.at, h->start.n);
	return proxy_fail(d, e, "%s", text);
}

/* Gets the length of a body that may be skipped. Returns false if the connection is to be closed
 * instead. */
static bool
find_body(const struct http_head *h, size_t *ret_n)
{
	struct http_text length, more;
	size_t n = 0;

	if (http_head_lists(h, "Connection", "close") ||
	    http_head_lists(h, "Proxy-Connection", "close") ||
	    http_head_field(h, "Transfer-Encoding", 0, &more) ||
	    !http_head_field(h, "Content-Length", 0, &length) ||
	    http_head_field(h, "Content-Length", 1, &more) || length.n == 0 || length.n > 5)
		return false;
	for (; length.n > 0; length.at++, length.n--) {
		if (!parse_is_digit(*length.at))
			return false;
		n = n * 10 + (size_t)(*length.at - '0');
	}
	*ret_n = n;
	/* the connection of HTTP/1.0 ends (RFC 9112, 9.3) */
	return n <= BODY_MAX && h->start.at[7] != '0';
}

static int
fail_login(const struct proxy_dialogue *d, const struct http_head *h, bool known, struct error *e)
{
	fail_status(d, h, e);
	if (!d->hop->login)
		return error_hint(e, "USER:PASSWORD@ before its host, or --proxy-auth-file");
	return known ? -1 : error_hint(e, "it wants a login of a kind that is not known here");
}

/* Another login makes sense if none was sent, or if the nonce has become old. */
static bool
may_log_in(const struct proxy_dialogue *d, const struct http_challenge *c)
{
	bool fresh = d->tries == 0 || c->stale ||
	    (d->tries == 1 && c->scheme > HTTP_AUTH_BASIC &&
		strcmp(c->nonce, d->hop->challenge.nonce) != 0);

	return d->hop->login && c->scheme != HTTP_AUTH_NONE && fresh && d->tries < TRIES;
}

/* 407: the proxy wants to know who we are. */
static int
answer_challenge(struct proxy_dialogue *d, const struct http_head *h, struct error *e)
{
	struct http_challenge best = { .scheme = HTTP_AUTH_NONE };
	struct http_text value;
	unsigned i;

	for (i = 0; http_head_field(h, "Proxy-Authenticate", i, &value); i++)
		http_challenge_read(&best, &value);
	if (!may_log_in(d, &best))
		return fail_login(d, h, best.scheme != HTTP_AUTH_NONE, e);
	d->hop->challenge = best;
	d->hop->nonce_count = 0;
	d->again = !find_body(h, &d->skip);
	d->reused = true;
	if (d->again)
		return fail_status(d, h, e);
	d->step = STEP_BODY;
	return 0;
}

/* The body of a response to CONNECT that says yes is the tunnel (RFC 9110, 9.3.6). */
static int
parse_head(struct proxy_dialogue *d, struct error *e)
{
	struct http_head h;
	const char *why = http_head_parse(&h, buf_head(&d->in), d->in.len);
	unsigned status = why == NULL ? http_head_status(&h) : 0;
	int rc = 0;

	if (why != NULL)
		return proxy_fail(d, e, "what the proxy says is not HTTP: %s", why);
	d->need = 1;
	if (status == 0)
		rc = proxy_fail(d, e, "what the proxy says is not HTTP");
	else if (status == 407)
		rc = answer_challenge(d, &h, e);
	else if (status >= 300)
		rc = fail_status(d, &h, e);
	else if (status >= 200)
		d->need = 0;
	buf_consume(&d->in, d->in.len);
	return rc;
}

/* Returns how many bytes are certainly missing to the empty line that ends a head, where a bare LF
 * is a line end too. */
static size_t
missing_of_head(const char *data, size_t n)
{
	if (n > 0 && data[n - 1] == '\n') {
		if (n > 1 && data[n - 2] == '\n')
			return 0;
		if (n > 2 && data[n - 2] == '\r' && data[n - 3] == '\n')
			return 0;
		return 1;
	}
	return n > 1 && data[n - 1] == '\r' && data[n - 2] == '\n' ? 1 : 2;
}

static int
parse_more_of_head(struct proxy_dialogue *d, struct error *e)
{
	size_t missing = missing_of_head(buf_head(&d->in), d->in.len);

	if (missing == 0)
		return parse_head(d, e);
	d->need = d->in.len + missing;
	return 0;
}

static int
skip_body(struct proxy_dialogue *d, struct error *e)
{
	d->skip -= d->in.len;
	buf_consume(&d->in, d->in.len);
	d->need = d->skip < PIECE ? d->skip : PIECE;
	return d->skip > 0 ? 0 : send_connect(d, e);
}

static int
http_parse(struct proxy_dialogue *d, struct error *e)
{
	int rc = d->step == STEP_HEAD ? parse_more_of_head(d, e) : 0;

	if (rc == 0 && d->step == STEP_BODY)
		rc = skip_body(d, e);
	return rc;
}

const struct proxy_ops proxy_http_ops = { send_connect, http_parse };
