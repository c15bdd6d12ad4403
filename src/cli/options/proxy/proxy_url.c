#include "cli/options/proxy/proxy_url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/parse.h"
#include "stream/negotiate/proxy/proxy.h"

static int
find_scheme(const char *name, size_t n, enum proxy_kind *ret_kind)
{
	const char *at = PROXY_SCHEMES;

	for (int kind = 0; *at != '\0'; kind++) {
		size_t len = strcspn(at, " ");

		if (len == n && strncasecmp(at, name, n) == 0) {
			*ret_kind = (enum proxy_kind)kind;
			return 0;
		}
		at += len + (at[len] == ' ');
	}
	return -1;
}

/* ---- the login ---- */

static int
copy_part(const char *what, const char *text, size_t n, char ret_part[PROXY_LOGIN_MAX + 1],
    struct error *e)
{
	if (n > PROXY_LOGIN_MAX)
		return error_set(e, ERROR_USAGE, "the %s is longer than %d bytes", what,
		    PROXY_LOGIN_MAX);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return error_set(e, ERROR_USAGE, "the %s has control characters", what);
	memcpy(ret_part, text, n);
	ret_part[n] = '\0';
	return 0;
}

int
proxy_url_login(const char *text, size_t n, struct proxy_hop *hop, struct error *e)
{
	const char *colon = memchr(text, ':', n);
	size_t user = colon != NULL ? (size_t)(colon - text) : n;

	hop->login = true;
	if (copy_part("user", text, user, hop->user, e) < 0)
		return -1;
	return colon == NULL ? 0 : copy_part("password", colon + 1, n - user - 1, hop->pass, e);
}

/* Decodes %XX in place. */
static int
decode_percent(char *text, struct error *e)
{
	char *out = text;
	int hi, lo;

	for (; *text != '\0'; text++) {
		if (*text != '%') {
			*out++ = *text;
			continue;
		}
		hi = parse_hex_digit(text[1]);
		lo = hi >= 0 ? parse_hex_digit(text[2]) : -1;
		if (lo < 0)
			return error_set(e, ERROR_USAGE,
			    "after %% in the login two hexadecimal digits are missing");
		if (hi == 0 && lo == 0)
			return error_set(e, ERROR_USAGE, "the login has control characters");
		*out++ = (char)(hi << 4 | lo);
		text += 2;
	}
	*out = '\0';
	return 0;
}

/* User and password are decoded apart: an encoded colon belongs to its part. */
static int
parse_user_password(const char *text, size_t n, struct proxy_hop *hop, struct error *e)
{
	if (proxy_url_login(text, n, hop, e) < 0 || decode_percent(hop->user, e) < 0 ||
	    decode_percent(hop->pass, e) < 0)
		return -1;
	return strpbrk(hop->user, "\r\n") != NULL || strpbrk(hop->pass, "\r\n") != NULL
	    ? error_set(e, ERROR_USAGE, "the login has control characters")
	    : 0;
}

/* ---- the address ---- */

static int
set_default_port(struct proxy_hop *hop, struct error *e)
{
	if (hop->ep.kind != ENDPOINT_INET || hop->ep.port[0] != '\0')
		return 0;
	if (hop->kind == PROXY_HTTP)
		return error_set(e, ERROR_USAGE, "'%s': the port of the proxy is missing",
		    hop->ep.host);
	snprintf(hop->ep.port, sizeof(hop->ep.port), "%s",
	    hop->kind == PROXY_HTTPS ? "443" : "1080");
	return 0;
}

static int
parse_host_port(const char *text, struct proxy_hop *hop, struct error *e)
{
	char word[ENDPOINT_HOST_MAX + ENDPOINT_PORT_MAX + 16];
	size_t n = strlen(text);

	if (n > 1 && text[n - 1] == '/' && strncmp(text, "unix:", 5) != 0)
		n--;
	if (n == 0 || n >= sizeof(word))
		return error_set(e, ERROR_USAGE, "the host of the proxy is missing");
	memcpy(word, text, n);
	word[n] = '\0';
	if (endpoint_parse(word, NULL, &hop->ep, e) < 0)
		return -1;
	if ((hop->ep.kind != ENDPOINT_INET && hop->ep.kind != ENDPOINT_UNIX) ||
	    hop->ep.transport != TRANSPORT_NONE ||
	    (hop->ep.kind == ENDPOINT_INET && hop->ep.host[0] == '\0'))
		return error_set(e, ERROR_USAGE, "'%s' is no HOST:PORT", word);
	return set_default_port(hop, e);
}

/* Returns the end of the login in front of an address, or NULL. The address may be unix:@name. */
static const char *
find_login_end(const char *text)
{
	const char *at = strrchr(text, '@');

	if (at == NULL || at - text < 5 || strncmp(at - 5, "unix:", 5) != 0)
		return at;
	if (at - 5 == text)
		return NULL;
	return at[-6] == '@' ? at - 6 : at;
}

int
proxy_url_parse(const char *url, struct proxy_hop *ret_hop, struct error *e)
{
	const char *rest = strstr(url, "://");
	struct proxy_hop hop = { .login = false };
	const char *at;

	if (rest == NULL || find_scheme(url, (size_t)(rest - url), &hop.kind) < 0) {
		error_set(e, ERROR_USAGE, "a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT");
		return error_hint(e, "the schemes are %s", PROXY_SCHEMES);
	}
	rest += 3;
	at = find_login_end(rest);
	if (at != NULL && parse_user_password(rest, (size_t)(at - rest), &hop, e) < 0)
		return -1;
	if (parse_host_port(at != NULL ? at + 1 : rest, &hop, e) < 0)
		return -1;
	*ret_hop = hop;
	return 0;
}
