#include "stream/negotiate/proxy/http_auth.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/codec/base64.h"
#include "base/codec/md5.h"
#include "base/codec/sha256.h"
#include "base/error.h"
#include "stream/negotiate/http_head.h"

/* More than all parts that are hashed together. */
enum { PARTS_MAX = 8 * HTTP_AUTH_TEXT };

/* ---- challenges ---- */

static void
skip_any(struct http_text *list, const char *chars)
{
	while (list->n > 0 && *list->at != '\0' && strchr(chars, *list->at) != NULL) {
		list->at++;
		list->n--;
	}
}

static size_t
span_without(const struct http_text *list, const char *chars)
{
	size_t n = 0;

	while (n < list->n && list->at[n] != '\0' && strchr(chars, list->at[n]) == NULL)
		n++;
	return n;
}

/* Reads a quoted string (RFC 9110, 5.6.4); list is at its first quote. */
static bool
read_quoted(struct http_text *list, char value[HTTP_AUTH_TEXT])
{
	size_t i, n = 0;

	for (i = 1; i < list->n && list->at[i] != '"'; i++) {
		if (list->at[i] == '\\' && ++i == list->n)
			return false;
		if (n + 1 == HTTP_AUTH_TEXT)
			return false;
		value[n++] = list->at[i];
	}
	if (i >= list->n)
		return false;
	value[n] = '\0';
	list->at += i + 1;
	list->n -= i + 1;
	return true;
}

static bool
read_parameter(struct http_text *list, char value[HTTP_AUTH_TEXT])
{
	size_t n;

	skip_any(list, " \t");
	if (list->n > 0 && *list->at == '"')
		return read_quoted(list, value);
	n = span_without(list, " \t,");
	if (n >= HTTP_AUTH_TEXT)
		return false;
	memcpy(value, list->at, n);
	value[n] = '\0';
	list->at += n;
	list->n -= n;
	return true;
}

bool
http_auth_next(struct http_text *list, struct http_auth_word *ret_word)
{
	size_t n;

	skip_any(list, " \t,");
	n = span_without(list, " \t,=");
	if (n == 0)
		return false;
	ret_word->name = list->at;
	ret_word->n = n;
	ret_word->value[0] = '\0';
	list->at += n;
	list->n -= n;
	skip_any(list, " \t");
	ret_word->is_scheme = list->n == 0 || *list->at != '=';
	if (ret_word->is_scheme)
		return true;
	list->at++;
	list->n--;
	return read_parameter(list, ret_word->value);
}

static bool
word_is(const struct http_auth_word *w, const char *name)
{
	return w->n == strlen(name) && strncasecmp(w->name, name, w->n) == 0;
}

/* A challenge while it is read. */
struct reading {
	struct http_challenge c;
	bool digest, known; /* the algorithm is known */
};

static void
set_algorithm(struct reading *r, const char *name)
{
	size_t n = strlen(name);

	r->c.session = n > 5 && strcasecmp(name + n - 5, "-sess") == 0;
	n -= r->c.session ? 5 : 0;
	if (n == 3 && strncasecmp(name, "MD5", n) == 0)
		r->c.scheme = HTTP_AUTH_DIGEST_MD5;
	else if (n == 7 && strncasecmp(name, "SHA-256", n) == 0)
		r->c.scheme = HTTP_AUTH_DIGEST_SHA256;
	else
		r->known = false;
}

static bool
offers_auth(const char *qop)
{
	struct http_text list = { qop, strlen(qop) }, word;

	while (http_head_next_word(&list, &word))
		if (word.n == 4 && strncasecmp(word.at, "auth", 4) == 0)
			return true;
	return false;
}

static void
set_parameter(struct reading *r, const struct http_auth_word *w)
{
	struct http_challenge *c = &r->c;

	if (word_is(w, "realm"))
		memcpy(c->realm, w->value, sizeof(c->realm));
	if (!r->digest)
		return;
	if (word_is(w, "nonce"))
		memcpy(c->nonce, w->value, sizeof(c->nonce));
	if (word_is(w, "opaque")) {
		memcpy(c->opaque, w->value, sizeof(c->opaque));
		c->opaque_given = true;
	}
	if (word_is(w, "algorithm"))
		set_algorithm(r, w->value);
	if (word_is(w, "stale"))
		c->stale = strcasecmp(w->value, "true") == 0;
	if (word_is(w, "qop")) {
		c->qop = offers_auth(w->value);
		r->known &= c->qop;
	}
}

static void
begin_challenge(struct reading *r, const struct http_auth_word *w)
{
	memset(r, 0, sizeof(*r));
	r->digest = word_is(w, "Digest");
	r->known = r->digest || word_is(w, "Basic");
	/* MD5 is the default of Digest (RFC 7616, 3.3) */
	r->c.scheme = r->digest ? HTTP_AUTH_DIGEST_MD5 : HTTP_AUTH_BASIC;
}

static void
keep_better(struct http_challenge *best, const struct reading *r)
{
	if (r->known && r->c.scheme > best->scheme && (!r->digest || r->c.nonce[0] != '\0'))
		*best = r->c;
}

void
http_challenge_read(struct http_challenge *best, const struct http_text *value)
{
	struct http_text list = *value;
	struct reading r = { .known = false };
	struct http_auth_word word;

	while (http_auth_next(&list, &word)) {
		if (word.is_scheme) {
			keep_better(best, &r);
			begin_challenge(&r, &word);
		} else {
			set_parameter(&r, &word);
		}
	}
	keep_better(best, &r);
}

/* ---- answers ---- */

static void
hash_hex(enum http_auth_scheme scheme, const struct buf *text, char ret_hex[65])
{
	unsigned char hash[SHA256_SIZE];
	size_t n = MD5_SIZE, i;

	if (scheme == HTTP_AUTH_DIGEST_SHA256) {
		n = SHA256_SIZE;
		sha256(buf_head(text), text->len, hash);
	} else {
		md5(buf_head(text), text->len, hash);
	}
	for (i = 0; i < n; i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", hash[i]);
}

/* Hashes the parts with colons between them; NULL ends them. */
static int
hash_parts(enum http_auth_scheme scheme, const char *const *parts, char ret_hex[65],
    struct error *e)
{
	struct buf text;
	int rc = 0;

	buf_init(&text, PARTS_MAX);
	for (size_t i = 0; parts[i] != NULL && rc == 0; i++)
		rc = buf_printf(&text, e, "%s%s", i > 0 ? ":" : "", parts[i]);
	if (rc == 0)
		hash_hex(scheme, &text, ret_hex);
	if (text.data != NULL)
		explicit_bzero(text.data, text.size);
	buf_fini(&text);
	return rc;
}

int
http_digest(const struct http_challenge *c, const struct http_login *l, char ret_hex[65],
    struct error *e)
{
	const char *const who[] = { l->user, c->realm, l->pass, NULL };
	const char *const what[] = { l->method, l->uri, NULL };
	char secret[65], request[65], count[9];
	const char *const session[] = { secret, c->nonce, l->cnonce, NULL };
	const char *const all[] = { secret, c->nonce, count, l->cnonce, "auth", request, NULL };
	const char *const old[] = { secret, c->nonce, request, NULL };

	snprintf(count, sizeof(count), "%08x", l->count);
	if (hash_parts(c->scheme, who, secret, e) < 0 ||
	    (c->session && hash_parts(c->scheme, session, secret, e) < 0) ||
	    hash_parts(c->scheme, what, request, e) < 0)
		return -1;
	return hash_parts(c->scheme, c->qop ? all : old, ret_hex, e);
}

static int
answer_basic(struct buf *out, const struct http_login *l, struct error *e)
{
	struct buf text;
	int rc;

	buf_init(&text, PARTS_MAX);
	rc = buf_printf(&text, e, "%s:%s", l->user, l->pass);
	if (rc == 0)
		rc = buf_append(out, "Basic ", 6, e);
	if (rc == 0)
		rc = base64_encode(out, buf_head(&text), text.len, e);
	if (text.data != NULL)
		explicit_bzero(text.data, text.size);
	buf_fini(&text);
	return rc;
}

static int
append_http_quoted(struct buf *out, const char *name, const char *value, struct error *e)
{
	int rc = buf_printf(out, e, "%s=\"", name);

	for (; *value != '\0' && rc == 0; value++)
		rc = buf_printf(out, e, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	return rc == 0 ? buf_append(out, "\"", 1, e) : -1;
}

static int
append_nonce_count(struct buf *out, const struct http_challenge *c, const struct http_login *l,
    struct error *e)
{
	if (!c->qop && !c->session)
		return 0;
	if (c->qop && buf_printf(out, e, ", qop=auth, nc=%08x", l->count) < 0)
		return -1;
	return append_http_quoted(out, ", cnonce", l->cnonce, e);
}

static int
answer_digest(struct buf *out, const struct http_challenge *c, const struct http_login *l,
    struct error *e)
{
	const char *algorithm = c->scheme == HTTP_AUTH_DIGEST_SHA256 ? "SHA-256" : "MD5";
	char hex[65];

	if (http_digest(c, l, hex, e) < 0 ||
	    append_http_quoted(out, "Digest username", l->user, e) < 0 ||
	    append_http_quoted(out, ", realm", c->realm, e) < 0 ||
	    append_http_quoted(out, ", nonce", c->nonce, e) < 0 ||
	    append_http_quoted(out, ", uri", l->uri, e) < 0 ||
	    buf_printf(out, e, ", algorithm=%s%s, response=\"%s\"", algorithm,
		c->session ? "-sess" : "", hex) < 0)
		return -1;
	if (c->opaque_given && append_http_quoted(out, ", opaque", c->opaque, e) < 0)
		return -1;
	return append_nonce_count(out, c, l, e);
}

int
http_auth_answer(struct buf *out, const struct http_challenge *c, const struct http_login *l,
    struct error *e)
{
	return c->scheme == HTTP_AUTH_BASIC ? answer_basic(out, l, e) : answer_digest(out, c, l, e);
}
