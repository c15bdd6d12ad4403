#include "stream/proxy_server/http_request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "net/ports.h"

/* Each field is compared with each when the head is rewritten. */
enum { FIELDS_MAX = 200 };

/* Fields that concern one connection (RFC 9110, 7.6.1). Transfer-Encoding stays: the body is passed
 * on as it is. */
static const char *const dropped[] = { "Connection", "Proxy-Connection", "Keep-Alive", "TE",
	"Trailer", "Upgrade", "Proxy-Authorization", "Proxy-Authenticate", "Host" };

/* Fields that say where the body ends stay, even if the client's Connection names them. */
static const char *const kept[] = { "Transfer-Encoding", "Content-Length" };

static int
reject(struct http_request *r, int status, const char *why, struct error *e)
{
	r->status = status;
	return error_set(e, ERROR_PROXY, "%s", why);
}

static bool
text_equals(struct http_text t, const char *word)
{
	return strlen(word) == t.n && strncasecmp(t.at, word, t.n) == 0;
}

static bool
is_in_list(struct http_text t, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_equals(t, words[i]))
			return true;
	return false;
}

/* Cuts off what is before the separator; all if there is none. */
static struct http_text
cut_part(struct http_text *rest, char separator)
{
	const char *at = memchr(rest->at, separator, rest->n);
	struct http_text part = { rest->at, at != NULL ? (size_t)(at - rest->at) : rest->n };
	size_t n = at != NULL ? part.n + 1 : part.n;

	*rest = (struct http_text){ rest->at + n, rest->n - n };
	return part;
}

/* Cuts a line off *rest, without its end. */
static struct http_text
cut_head_line(struct http_text *rest)
{
	struct http_text line = cut_part(rest, '\n');

	if (line.n > 0 && line.at[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* ---- the target ---- */

/* HOST:PORT, or with a default port HOST. Nothing that an endpoint may be besides. */
static int
parse_authority(struct http_request *r, const char *port, struct error *e)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "-._:[]";
	char word[ENDPOINT_HOST_MAX + 16], with_port[sizeof(word) + 8];
	struct endpoint *ep = &r->target;
	const char *bracket;
	bool has_port;

	if (r->authority.n == 0 || r->authority.n >= sizeof(word))
		return reject(r, 400, "the target is empty or too long", e);
	memcpy(word, r->authority.at, r->authority.n);
	word[r->authority.n] = '\0';
	if (word[strspn(word, allowed)] != '\0')
		return reject(r, 400, "the target is not HOST:PORT", e);
	bracket = strrchr(word, ']');
	has_port = port == NULL || strchr(bracket != NULL ? bracket : word, ':') != NULL;
	snprintf(with_port, sizeof(with_port), "%s%s%s", word, has_port ? "" : ":",
	    has_port ? "" : port);
	if (endpoint_parse(with_port, NULL, ep, NULL) < 0 || ep->kind != ENDPOINT_INET ||
	    ep->transport != TRANSPORT_NONE || ep->host[0] == '\0' || ep->port[0] == '\0' ||
	    !ports_is_single(ep->port))
		return reject(r, 400, "the target is not HOST:PORT", e);
	return 0;
}

/* http://[USER@]HOST[:PORT][/PATH]. The user is left out: the target would have it in its log. */
static int
parse_absolute(struct http_request *r, struct error *e)
{
	static const char scheme[] = "http://";
	const size_t skip = sizeof(scheme) - 1;
	struct http_text rest = r->uri, authority;
	size_t n = 0;

	if (rest.n < skip || strncasecmp(rest.at, scheme, skip) != 0)
		return rest.n > 0 && rest.at[0] == '/'
		    ? reject(r, 400, "a request without a target: this is a proxy", e)
		    : reject(r, 501, "only http:// is served without CONNECT", e);
	rest = (struct http_text){ rest.at + skip, rest.n - skip };
	while (n < rest.n && strchr("/?#", rest.at[n]) == NULL)
		n++;
	r->path = (struct http_text){ rest.at + n, rest.n - n };
	authority = (struct http_text){ rest.at, n };
	if (memchr(authority.at, '@', authority.n) != NULL)
		cut_part(&authority, '@');
	r->authority = authority;
	return parse_authority(r, "80", e);
}

/* ---- the head ---- */

static int
parse_start(struct http_request *r, struct error *e)
{
	struct http_text line = r->head.start;

	r->method = cut_part(&line, ' ');
	r->uri = cut_part(&line, ' ');
	r->version = line;
	if (r->method.n == 0 || r->uri.n == 0 || line.n != 8 || memcmp(line.at, "HTTP/", 5) != 0)
		return reject(r, 400, "the client does not speak HTTP", e);
	if (memcmp(line.at, "HTTP/1.", 7) != 0)
		return reject(r, 505, "only HTTP/1 is served", e);
	r->connects = http_text_is(&r->method, "CONNECT");
	if (!r->connects)
		return parse_absolute(r, e);
	r->authority = r->uri;
	return parse_authority(r, NULL, e);
}

static bool
is_length(struct http_text t)
{
	size_t n = 0;

	while (n < t.n && t.at[n] >= '0' && t.at[n] <= '9')
		n++;
	return n > 0 && n == t.n;
}

/* Where a body has two ends, the target may see another one than somebody behind it (RFC 9112, 6.3). */
static int
check_length(struct http_request *r, struct error *e)
{
	struct http_text first, value;

	if (!http_head_field(&r->head, "Content-Length", 0, &first))
		return 0;
	if (http_head_field(&r->head, "Transfer-Encoding", 0, &value))
		return reject(r, 400, "both Content-Length and Transfer-Encoding", e);
	for (unsigned i = 0; http_head_field(&r->head, "Content-Length", i, &value); i++)
		if (!is_length(value) || value.n != first.n ||
		    memcmp(value.at, first.at, first.n) != 0)
			return reject(r, 400, "Content-Length is not one number", e);
	return 0;
}

static int
check_fields(struct http_request *r, struct error *e)
{
	struct http_text rest = r->head.fields, value;
	int n = 0;

	while (rest.n > 0) {
		cut_head_line(&rest);
		if (++n > FIELDS_MAX)
			return reject(r, 431, "too many fields in the head", e);
	}
	r->has_body = http_head_field(&r->head, "Transfer-Encoding", 0, &value) ||
	    (http_head_field(&r->head, "Content-Length", 0, &value) && !text_equals(value, "0"));
	return check_length(r, e);
}

int
http_request_parse(struct http_request *r, const char *text, size_t n, struct error *e)
{
	const char *why;

	*r = (struct http_request){ .length = n };
	why = http_head_parse(&r->head, text, n);
	if (why != NULL)
		return reject(r, 400, why, e);
	return parse_start(r, e) < 0 ? -1 : check_fields(r, e);
}

/* ---- for the target ---- */

static bool
is_hop_by_hop(const struct http_request *r, struct http_text name)
{
	char word[64];

	if (is_in_list(name, dropped, ARRAY_LEN(dropped)))
		return true;
	if (name.n >= sizeof(word) || is_in_list(name, kept, ARRAY_LEN(kept)))
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)name.n, name.at);
	return http_head_lists(&r->head, "Connection", word);
}

static int
put_part(struct buf *out, struct http_text t, struct error *e)
{
	return buf_append(out, t.at, t.n, e);
}

static int
put_fields(const struct http_request *r, struct buf *out, struct error *e)
{
	struct http_text rest = r->head.fields;

	while (rest.n > 0) {
		struct http_text line = cut_head_line(&rest), name = line;

		if (line.n == 0)
			break;
		if (is_hop_by_hop(r, cut_part(&name, ':')))
			continue;
		if (put_part(out, line, e) < 0 || buf_append(out, "\r\n", 2, e) < 0)
			return -1;
	}
	return 0;
}

int
http_request_rewrite(const struct http_request *r, struct buf *out, struct error *e)
{
	bool rooted = r->path.n > 0 && r->path.at[0] == '/';

	if (put_part(out, r->method, e) < 0 || buf_printf(out, e, rooted ? " " : " /") < 0 ||
	    put_part(out, r->path, e) < 0 || buf_printf(out, e, " ") < 0 ||
	    put_part(out, r->version, e) < 0 || buf_printf(out, e, "\r\nHost: ") < 0 ||
	    put_part(out, r->authority, e) < 0 || buf_printf(out, e, "\r\n") < 0 ||
	    put_fields(r, out, e) < 0)
		return -1;
	return buf_printf(out, e, "Via: 1.1 usock\r\nConnection: close\r\n\r\n");
}
