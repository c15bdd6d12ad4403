#include "stream/proxy_server/http_server_auth.h"

#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/codec/base64.h"
#include "base/parse.h"
#include "stream/negotiate/proxy/http_auth.h"
#include "stream/proxy_server/http_request.h"
#include "stream/proxy_server/proxy_client.h"

#define REALM "usock"

enum { LOGIN_MAX = 1024 };

int
http_server_auth_open(struct http_server_auth *a, struct error *e)
{
	return a->digest ? http_nonces_open(&a->nonces, e) : 0;
}

void
http_server_auth_close(struct http_server_auth *a)
{
	http_nonces_close(a->nonces);
	a->nonces = NULL;
}

/* The best first: a client takes the first that it knows (RFC 7616, 3.7). */
static int
offer_digest(struct http_server_auth *a, bool stale, struct buf *out, struct error *e)
{
	static const char *const algorithms[] = { "SHA-256", "MD5" };
	char nonce[HTTP_NONCE_TEXT];

	if (http_nonce_make(a->nonces, clock_now(), nonce, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
		if (buf_printf(out, e,
			"Proxy-Authenticate: Digest realm=\"" REALM
			"\", qop=\"auth\", algorithm=%s, nonce=\"%s\"%s\r\n",
			algorithms[i], nonce, stale ? ", stale=true" : "") < 0)
			return -1;
	return 0;
}

int
http_server_auth_challenge(struct http_server_auth *a, bool stale, struct buf *out, struct error *e)
{
	if (a->digest && offer_digest(a, stale, out, e) < 0)
		return -1;
	return a->basic ? buf_printf(out, e, "Proxy-Authenticate: Basic realm=\"" REALM "\"\r\n")
			: 0;
}

/* ---- Basic ---- */

/* USER:PASSWORD. */
static bool
has_right_login(const struct proxy_users *users, const char *login, size_t n)
{
	const char *colon = n > 0 ? memchr(login, ':', n) : NULL;
	size_t name = colon != NULL ? (size_t)(colon - login) : 0;

	return colon != NULL && proxy_users_accept(users, login, name, colon + 1, n - name - 1);
}

static bool
accepts_basic(const struct proxy_users *users, struct http_text text)
{
	struct buf login;
	bool right;

	buf_init(&login, LOGIN_MAX);
	right = base64_decode(&login, text.at, text.n, NULL) == 0 &&
	    has_right_login(users, buf_head(&login), login.len);
	if (login.data != NULL)
		explicit_bzero(login.data, login.size);
	buf_fini(&login);
	return right;
}

/* ---- Digest ---- */

/* What a client sends (RFC 7616, 3.4). */
struct digest {
	char user[HTTP_AUTH_TEXT], realm[HTTP_AUTH_TEXT], nonce[HTTP_AUTH_TEXT];
	char uri[HTTP_AUTH_TEXT], response[HTTP_AUTH_TEXT], cnonce[HTTP_AUTH_TEXT];
	char algorithm[HTTP_AUTH_TEXT], qop[HTTP_AUTH_TEXT], count[HTTP_AUTH_TEXT];
};

static void
keep_parameter(struct digest *d, const struct http_auth_word *w)
{
	const struct {
		const char *name;
		char *to;
	} all[] = {
		{ "username", d->user },
		{ "realm", d->realm },
		{ "nonce", d->nonce },
		{ "uri", d->uri },
		{ "response", d->response },
		{ "cnonce", d->cnonce },
		{ "algorithm", d->algorithm },
		{ "qop", d->qop },
		{ "nc", d->count },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (strlen(all[i].name) == w->n && strncasecmp(all[i].name, w->name, w->n) == 0)
			memcpy(all[i].to, w->value, HTTP_AUTH_TEXT);
}

static void
parse_digest(struct digest *d, struct http_text list)
{
	struct http_auth_word word;

	memset(d, 0, sizeof(*d));
	while (http_auth_next(&list, &word) && !word.is_scheme)
		keep_parameter(d, &word);
}

/* MD5 is what a client means that names none (RFC 7616, 3.3). */
static bool
find_algorithm(const char *name, enum http_auth_scheme *ret_scheme)
{
	bool md5 = name[0] == '\0' || strcasecmp(name, "MD5") == 0;

	*ret_scheme = md5 ? HTTP_AUTH_DIGEST_MD5 : HTTP_AUTH_DIGEST_SHA256;
	return md5 || strcasecmp(name, "SHA-256") == 0;
}

/* Returns the count of eight hexadecimal digits, or 0. */
static uint32_t
parse_nonce_count(const char *text)
{
	uint32_t count = 0;
	size_t i;
	int digit;

	for (i = 0; text[i] != '\0'; i++) {
		digit = parse_hex_digit(text[i]);
		if (digit < 0 || i == 8)
			return 0;
		count = count << 4 | (uint32_t)digit;
	}
	return i == 8 ? count : 0;
}

/* Clients take what they ask a proxy for, or the path alone, as curl. */
static bool
is_uri_of(const struct http_request *r, const char *uri)
{
	return http_text_is(&r->uri, uri) || (!r->connects && http_text_is(&r->path, uri)) ||
	    (!r->connects && r->path.n == 0 && strcmp(uri, "/") == 0);
}

static bool
is_same_hex(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned wrong = strlen(b) != n;

	for (size_t i = 0; i < n && wrong == 0; i++)
		wrong |= (unsigned)a[i] ^ (unsigned)b[i];
	return wrong == 0;
}

static bool
is_right_response(const struct digest *d, const struct http_request *r, const char *password)
{
	struct http_challenge c = { .qop = true };
	char method[32], hex[65];
	const struct http_login login = { .user = d->user,
		.pass = password,
		.method = method,
		.uri = d->uri,
		.count = parse_nonce_count(d->count),
		.cnonce = d->cnonce };

	if (!find_algorithm(d->algorithm, &c.scheme) || r->method.n >= sizeof(method))
		return false;
	memcpy(method, r->method.at, r->method.n);
	method[r->method.n] = '\0';
	memcpy(c.realm, d->realm, sizeof(c.realm));
	memcpy(c.nonce, d->nonce, sizeof(c.nonce));
	return http_digest(&c, &login, hex, NULL) == 0 && is_same_hex(hex, d->response);
}

/* A nonce is looked at last: who does not know the password learns nothing about it, and uses none
 * up. */
static enum http_login_verdict
check_digest(struct http_server_auth *a, const struct http_request *r, struct http_text list)
{
	const char *password;
	struct digest d;

	parse_digest(&d, list);
	password = proxy_users_password(a->users, d.user, strlen(d.user));
	if (password == NULL || strcmp(d.realm, REALM) != 0 || strcasecmp(d.qop, "auth") != 0 ||
	    !is_uri_of(r, d.uri) || !is_right_response(&d, r, password))
		return HTTP_LOGIN_REJECTED;
	return http_nonce_use(a->nonces, d.nonce, parse_nonce_count(d.count), clock_now())
	    ? HTTP_LOGIN_ACCEPTED
	    : HTTP_LOGIN_STALE;
}

/* ---- both ---- */

static bool
takes_scheme(struct http_text *text, const char *scheme)
{
	size_t n = strlen(scheme);

	if (text->n <= n || strncasecmp(text->at, scheme, n) != 0 || text->at[n] != ' ')
		return false;
	text->at += n + 1;
	text->n -= n + 1;
	return true;
}

enum http_login_verdict
http_server_auth_check(struct http_server_auth *a, const struct http_request *r)
{
	struct http_text text;

	if (!http_head_field(&r->head, "Proxy-Authorization", 0, &text))
		return HTTP_LOGIN_REJECTED;
	if (a->digest && takes_scheme(&text, "Digest"))
		return check_digest(a, r, text);
	return a->basic && takes_scheme(&text, "Basic") && accepts_basic(a->users, text)
	    ? HTTP_LOGIN_ACCEPTED
	    : HTTP_LOGIN_REJECTED;
}
