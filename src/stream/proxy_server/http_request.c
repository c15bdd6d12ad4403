#include "stream/proxy_server/http_request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "net/ports.h"
#include "stream/proxy_server/http_fields.h"

/* Fields that concern one connection. Transfer-Encoding stays: the body is passed on as it is. */
static const char *const dropped[] = { "Connection", "Proxy-Connection", "Keep-Alive", "TE",
	"Trailer", "Upgrade", "Proxy-Authorization", "Proxy-Authenticate", "Host" };

static int
reject(struct http_request *r, int status, const char *why, struct error *e)
{
	r->status = status;
	return error_set(e, ERROR_PROXY, "%s", why);
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

static int
check_fields(struct http_request *r, struct error *e)
{
	const char *why;

	if (http_fields_count(&r->head) > HTTP_FIELDS_MAX)
		return reject(r, 431, "too many fields in the head", e);
	why = http_body_of_request(&r->body, &r->head, &r->version);
	return why != NULL ? reject(r, 400, why, e) : 0;
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

static int
put_part(struct buf *out, struct http_text t, struct error *e)
{
	return buf_append(out, t.at, t.n, e);
}

int
http_request_rewrite(const struct http_request *r, struct buf *out, struct error *e)
{
	bool rooted = r->path.n > 0 && r->path.at[0] == '/';

	if (put_part(out, r->method, e) < 0 || buf_printf(out, e, rooted ? " " : " /") < 0 ||
	    put_part(out, r->path, e) < 0 || buf_printf(out, e, " ") < 0 ||
	    put_part(out, r->version, e) < 0 || buf_printf(out, e, "\r\nHost: ") < 0 ||
	    put_part(out, r->authority, e) < 0 || buf_printf(out, e, "\r\n") < 0 ||
	    http_fields_pass_on(&r->head, dropped, ARRAY_LEN(dropped), out, e) < 0)
		return -1;
	return buf_printf(out, e, "Via: 1.1 usock\r\nConnection: close\r\n\r\n");
}
