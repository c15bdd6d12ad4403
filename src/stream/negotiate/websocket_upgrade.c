#include "stream/negotiate/websocket_upgrade.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/codec/base64.h"
#include "base/codec/sha1.h"
#include "base/error.h"
#include "base/record.h"
#include "stream/negotiate/http_head.h"

#define FIELD_ACCEPT "Sec-WebSocket-Accept"
#define FIELD_EXTENSIONS "Sec-WebSocket-Extensions"
#define FIELD_KEY "Sec-WebSocket-Key"
#define FIELD_PROTOCOL "Sec-WebSocket-Protocol"
#define FIELD_VERSION "Sec-WebSocket-Version"

/* RFC 6455, 1.3. */
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/* ---- words ---- */

static size_t
token_length(const char *text)
{
	return strspn(text,
	    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

bool
websocket_upgrade_is_subprotocol(const char *text)
{
	size_t n = token_length(text);

	return n > 0 && n < WEBSOCKET_SUBPROTOCOL_MAX && text[n] == '\0';
}

bool
websocket_upgrade_is_header(const char *text)
{
	size_t n = token_length(text);

	if (n == 0 || text[n] != ':')
		return false;
	for (text += n; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
			return false;
	return true;
}

static bool
names_field(const char *text, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(text, name, n) == 0 && text[n] == ':';
}

bool
websocket_upgrade_is_own_header(const char *text)
{
	static const char *const own[] = { "Connection", "Upgrade", FIELD_ACCEPT, FIELD_EXTENSIONS,
		FIELD_KEY, FIELD_PROTOCOL, FIELD_VERSION, "Content-Length", "Transfer-Encoding" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(own); i++)
		if (names_field(text, own[i]))
			return true;
	return false;
}

static int
append_accept(struct buf *out, const char *key, struct error *e)
{
	char text[WEBSOCKET_KEY_LENGTH + sizeof(GUID)];
	unsigned char hash[SHA1_SIZE];
	int n = snprintf(text, sizeof(text), "%.*s" GUID, WEBSOCKET_KEY_LENGTH, key);

	sha1(text, (size_t)n, hash);
	return base64_encode(out, hash, sizeof(hash), e);
}

/* The index of the subprotocol that t names, or -1. Case counts. */
static int
find_subprotocol(const struct websocket_upgrade *u, const struct http_text *t)
{
	size_t i;

	for (i = 0; i < u->n_subprotocols; i++)
		if (http_text_is(t, u->subprotocols[i]))
			return (int)i;
	return -1;
}

/* ---- the client ---- */

static bool
has_header(const struct websocket_upgrade *u, const char *name)
{
	size_t i;

	for (i = 0; i < u->n_headers; i++)
		if (names_field(u->headers[i], name))
			return true;
	return false;
}

static int
append_lists(const struct websocket_upgrade *u, struct buf *out, struct error *e)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < u->n_subprotocols && rc == 0; i++)
		rc = buf_printf(out, e, "%s%s", i == 0 ? FIELD_PROTOCOL ": " : ", ",
		    u->subprotocols[i]);
	if (i > 0 && rc == 0)
		rc = buf_append(out, "\r\n", 2, e);
	for (i = 0; i < u->n_headers && rc == 0; i++)
		rc = buf_printf(out, e, "%s\r\n", u->headers[i]);
	return rc;
}

int
websocket_upgrade_request(const struct websocket_upgrade *u, const char *key, struct buf *out,
    struct error *e)
{
	if (buf_printf(out, e, "GET %s HTTP/1.1\r\n", u->path) < 0 ||
	    (!has_header(u, "Host") && buf_printf(out, e, "Host: %s\r\n", u->host) < 0) ||
	    buf_printf(out, e,
		"Upgrade: websocket\r\nConnection: Upgrade\r\n" FIELD_KEY ": %s\r\n" FIELD_VERSION
		": 13\r\n",
		key) < 0 ||
	    append_lists(u, out, e) < 0)
		return -1;
	return buf_append(out, "\r\n", 2, e);
}

/* Appends text of the peer, which must not control the terminal, within bounds. */
static int
fail_quoting(const char *what, const struct http_text *t, struct error *e)
{
	struct buf text;

	buf_init(&text, 4096);
	if (record_escape(&text, t->at, t->n < 256 ? t->n : 256, NULL) < 0 ||
	    buf_text(&text, NULL) == NULL)
		error_set(e, ERROR_NETWORK, "%s", what);
	else
		error_set(e, ERROR_NETWORK, "%s: %s", what, buf_text(&text, NULL));
	buf_fini(&text);
	return -1;
}

static int
fail_redirected(const struct http_head *h, struct error *e)
{
	struct http_text to;

	if (!http_head_field(h, "Location", 0, &to))
		return fail_quoting("the server redirects", &h->start, e);
	fail_quoting("the server redirects to another address", &to, e);
	return error_hint(e, "redirects are not followed: give that address");
}

static int
check_status(const struct http_head *h, struct error *e)
{
	unsigned status = http_head_status(h);

	if (status == 101)
		return 0;
	if (status == 0)
		return fail_quoting("the server does not answer in HTTP/1.1", &h->start, e);
	if (status / 100 == 3)
		return fail_redirected(h, e);
	fail_quoting("the server refuses WebSocket", &h->start, e);
	return status == 401 ? error_hint(e, "--header 'Authorization: ...' sends credentials")
			     : -1;
}

static int
check_accept(const struct http_head *h, const char *key, struct error *e)
{
	struct http_text got = { "", 0 };
	struct buf want;
	bool same;
	int rc;

	buf_init(&want, WEBSOCKET_ACCEPT_LENGTH);
	rc = append_accept(&want, key, e);
	same = rc == 0 && http_head_field(h, FIELD_ACCEPT, 0, &got) && got.n == want.len &&
	    memcmp(got.at, buf_head(&want), got.n) == 0;
	buf_fini(&want);
	if (rc == 0 && !same)
		rc = error_set(e, ERROR_NETWORK, "the server's answer has no right " FIELD_ACCEPT);
	return rc;
}

static int
check_chosen(const struct websocket_upgrade *u, const struct http_head *h,
    char ret_subprotocol[WEBSOCKET_SUBPROTOCOL_MAX], struct error *e)
{
	struct http_text chosen;
	int i;

	ret_subprotocol[0] = '\0';
	if (!http_head_field(h, FIELD_PROTOCOL, 0, &chosen))
		return 0;
	if ((i = find_subprotocol(u, &chosen)) < 0)
		return fail_quoting("the server chooses a subprotocol that was not offered",
		    &chosen, e);
	snprintf(ret_subprotocol, WEBSOCKET_SUBPROTOCOL_MAX, "%s", u->subprotocols[i]);
	return 0;
}

int
websocket_upgrade_check(const struct websocket_upgrade *u, const char *key, const char *head,
    size_t n, char ret_subprotocol[WEBSOCKET_SUBPROTOCOL_MAX], struct error *e)
{
	struct http_text extensions;
	struct http_head h;
	const char *why = http_head_parse(&h, head, n);

	if (why != NULL)
		return error_set(e, ERROR_NETWORK, "the server's answer is not HTTP: %s", why);
	if (check_status(&h, e) < 0)
		return -1;
	if (!http_head_lists(&h, "Upgrade", "websocket") ||
	    !http_head_lists(&h, "Connection", "upgrade"))
		return error_set(e, ERROR_NETWORK, "the server upgrades to something else");
	if (check_accept(&h, key, e) < 0)
		return -1;
	if (http_head_field(&h, FIELD_EXTENSIONS, 0, &extensions) && extensions.n > 0)
		return fail_quoting("the server uses an extension that was not offered",
		    &extensions, e);
	return check_chosen(u, &h, ret_subprotocol, e);
}

/* ---- the server ---- */

static int
refuse(struct buf *out, const char *status, const char *field, const char *why, struct error *e)
{
	if (buf_printf(out, e,
		"HTTP/1.1 %s\r\n%sContent-Type: text/plain\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n\r\n%s\n",
		status, field, strlen(why) + 1, why) < 0)
		return -1;
	return error_set(e, ERROR_NETWORK, "the client was refused (%.3s): %s", status, why);
}

#define BAD_REQUEST "400 Bad Request"

static int
check_key(const struct http_head *h, struct http_text *ret_key)
{
	struct buf bytes;
	bool right;

	buf_init(&bytes, 64);
	right = http_head_field(h, FIELD_KEY, 0, ret_key) && ret_key->n == WEBSOCKET_KEY_LENGTH &&
	    base64_decode(&bytes, ret_key->at, ret_key->n, NULL) == 0 && bytes.len == 16;
	buf_fini(&bytes);
	return right ? 0 : -1;
}

static int
check_target(const struct websocket_upgrade *u, const struct http_head *h, struct buf *out,
    struct error *e)
{
	struct http_text method, target;

	if (!http_head_request(h, &method, &target))
		return refuse(out, BAD_REQUEST, "", "this is no request of HTTP/1.1", e);
	if (!http_text_is(&method, "GET"))
		return refuse(out, "405 Method Not Allowed", "Allow: GET\r\n",
		    "only GET can become WebSocket", e);
	if (u->path != NULL && !http_text_is(&target, u->path))
		return refuse(out, "404 Not Found", "", "there is no WebSocket at this path", e);
	return 0;
}

/* RFC 6455, 4.2.1. */
static int
check_request(const struct websocket_upgrade *u, const struct http_head *h,
    struct http_text *ret_key, struct buf *out, struct error *e)
{
	struct http_text host;

	if (check_target(u, h, out, e) < 0)
		return -1;
	if (!http_head_lists(h, "Upgrade", "websocket") ||
	    !http_head_lists(h, "Connection", "upgrade"))
		return refuse(out, "426 Upgrade Required",
		    "Upgrade: websocket\r\n" FIELD_VERSION ": 13\r\n", "this is a WebSocket server",
		    e);
	if (!http_head_lists(h, FIELD_VERSION, "13"))
		return refuse(out, "426 Upgrade Required", FIELD_VERSION ": 13\r\n",
		    "only version 13 of WebSocket is known", e);
	if (!http_head_field(h, "Host", 0, &host))
		return refuse(out, BAD_REQUEST, "", "the request has no Host", e);
	if (check_key(h, ret_key) < 0)
		return refuse(out, BAD_REQUEST, "", "the request has no right " FIELD_KEY, e);
	return 0;
}

/* The first of the client's list that the server knows. */
static void
choose_subprotocol(const struct websocket_upgrade *u, const struct http_head *h,
    char ret_subprotocol[WEBSOCKET_SUBPROTOCOL_MAX])
{
	struct http_text list, word;
	unsigned field;
	int i = -1;

	ret_subprotocol[0] = '\0';
	for (field = 0; i < 0 && http_head_field(h, FIELD_PROTOCOL, field, &list); field++)
		while (i < 0 && http_head_next_word(&list, &word))
			i = find_subprotocol(u, &word);
	if (i >= 0)
		snprintf(ret_subprotocol, WEBSOCKET_SUBPROTOCOL_MAX, "%s", u->subprotocols[i]);
}

int
websocket_upgrade_answer(const struct websocket_upgrade *u, const char *head, size_t n,
    struct buf *out, char ret_subprotocol[WEBSOCKET_SUBPROTOCOL_MAX], struct error *e)
{
	struct http_text key = { "", 0 };
	struct http_head h;
	const char *why = http_head_parse(&h, head, n);
	bool chosen;

	if (why != NULL)
		return refuse(out, BAD_REQUEST, "", why, e);
	if (check_request(u, &h, &key, out, e) < 0)
		return -1;
	choose_subprotocol(u, &h, ret_subprotocol);
	chosen = ret_subprotocol[0] != '\0';
	if (buf_printf(out, e,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
		"Upgrade\r\n%s%s%s" FIELD_ACCEPT ": ",
		chosen ? FIELD_PROTOCOL ": " : "", ret_subprotocol, chosen ? "\r\n" : "") < 0 ||
	    append_accept(out, key.at, e) < 0)
		return -1;
	return buf_append(out, "\r\n\r\n", 4, e);
}
