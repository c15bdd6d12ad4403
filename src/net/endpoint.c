#include "net/endpoint.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <linux/can.h>
#include <linux/vm_sockets.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "net/ports.h"
#include "net/resolve/idn.h"

static bool
has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const struct {
	const char *prefix;
	enum transport transport;
} transports[] = {
	{ "tcp:", TRANSPORT_TCP },
	{ "udp:", TRANSPORT_UDP },
	{ "tls:", TRANSPORT_TLS },
	{ "dtls:", TRANSPORT_DTLS },
};

/* Parses the transport prefix and returns the rest of word. */
static const char *
transport_parse(const char *word, enum transport *ret_transport)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(transports); i++) {
		if (!has_prefix(word, transports[i].prefix))
			continue;
		*ret_transport = transports[i].transport;
		word += strlen(transports[i].prefix);
		return has_prefix(word, "//") ? word + 2 : word;
	}
	return word;
}

static const char *
transport_prefix(enum transport transport)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(transports); i++)
		if (transports[i].transport == transport)
			return transports[i].prefix;
	return "";
}

static bool
is_path(const char *word)
{
	return word[0] == '/' || has_prefix(word, "./") || has_prefix(word, "../");
}

static int
unix_parse(const char *text, struct endpoint *ep, struct error *e)
{
	ep->kind = ENDPOINT_UNIX;
	ep->abstract = text[0] == '@';
	if (ep->abstract)
		text++;
	ep->path_len = strlen(text);
	if (ep->path_len == 0)
		return error_set(e, ERROR_USAGE, "the path is missing");
	if (ep->path_len >= sizeof(ep->path))
		return error_set(e, ERROR_USAGE,
		    "a path of %zu bytes is too long for a unix socket (at most %zu)", ep->path_len,
		    sizeof(ep->path) - 1);
	memcpy(ep->path, text, ep->path_len + 1);
	return 0;
}

/* vsock(7), "Local communication" and "Constants". */
static const struct {
	const char *word;
	uint32_t cid;
} cids[] = {
	{ "", VMADDR_CID_ANY },
	{ "*", VMADDR_CID_ANY },
	{ "any", VMADDR_CID_ANY },
	{ "hypervisor", VMADDR_CID_HYPERVISOR },
	{ "local", VMADDR_CID_LOCAL },
	{ "host", VMADDR_CID_HOST },
};

static int
cid_parse(const char *text, uint32_t *ret_cid, struct error *e)
{
	int64_t number;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cids); i++) {
		if (strcmp(text, cids[i].word) == 0) {
			*ret_cid = cids[i].cid;
			return 0;
		}
	}
	if (parse_int(text, 0, UINT32_MAX, &number, e) < 0)
		return -1;
	*ret_cid = (uint32_t)number;
	return 0;
}

static int
vsock_parse(const char *text, struct endpoint *ep, struct error *e)
{
	char cid[16];
	const char *colon = strchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;
	int64_t number;

	ep->kind = ENDPOINT_VSOCK;
	if (colon == NULL || n >= sizeof(cid))
		return error_set(e, ERROR_USAGE, "a vsock address is vsock:CID:PORT");
	memcpy(cid, text, n);
	cid[n] = '\0';
	if (cid_parse(cid, &ep->cid, e) < 0)
		return -1;
	if (parse_int(colon + 1, 0, UINT32_MAX, &number, e) < 0)
		return -1;
	snprintf(ep->port, sizeof(ep->port), "%" PRId64, number);
	return 0;
}

static int
fd_parse(const char *text, struct endpoint *ep, struct error *e)
{
	int64_t fd;

	if (parse_int(text, 0, INT_MAX, &fd, e) < 0)
		return -1;
	ep->kind = ENDPOINT_FD;
	ep->fd = (int)fd;
	return 0;
}

static int
can_parse(const char *text, struct endpoint *ep, struct error *e)
{
	size_t n = strlen(text);

	ep->kind = ENDPOINT_CAN;
	if (n == 0)
		return error_set(e, ERROR_USAGE, "the interface is missing");
	if (n >= IFNAMSIZ)
		return error_set(e, ERROR_USAGE, "an interface name has at most %d characters",
		    IFNAMSIZ - 1);
	if (strcmp(text, "*") != 0)
		memcpy(ep->host, text, n + 1);
	return 0;
}

/* A socket that the service manager has opened (sd_listen_fds(3)), which cli/core/inherited
 * finds. */
static int
systemd_parse(const char *text, struct endpoint *ep, struct error *e)
{
	size_t n = strlen(text);

	if (n > ENDPOINT_HOST_MAX)
		return error_set(e, ERROR_USAGE, "a name has at most %d bytes", ENDPOINT_HOST_MAX);
	ep->kind = ENDPOINT_SYSTEMD;
	memcpy(ep->host, text, n + 1);
	return 0;
}

/* What names a line takes part in a sockname, with the prefix. */
#define LINE_PATH_MAX 100

static int
line_path(const char *text, size_t n, struct endpoint *ep, struct error *e)
{
	if (n == 0)
		return error_set(e, ERROR_USAGE, "the path is missing");
	if (n > LINE_PATH_MAX)
		return error_set(e, ERROR_USAGE, "a path of %zu bytes is too long (at most %d)", n,
		    LINE_PATH_MAX);
	memcpy(ep->path, text, n);
	ep->path[n] = '\0';
	ep->path_len = n;
	return 0;
}

static int
tty_parse(const char *text, struct endpoint *ep, struct error *e)
{
	size_t n = strcspn(text, ",");

	ep->kind = ENDPOINT_TTY;
	if (line_path(text, n, ep, e) < 0)
		return -1;
	return text[n] == '\0' ? 0 : tty_line_parse(text + n + 1, &ep->line, e);
}

static int
pty_parse(const char *text, struct endpoint *ep, struct error *e)
{
	ep->kind = ENDPOINT_PTY;
	return line_path(text, strlen(text), ep, e);
}

/* The forms of address other than HOST and PORT. */
static const struct form {
	const char *prefix;
	int (*parse)(const char *text, struct endpoint *ep, struct error *e);
} forms[] = {
	{ "unix:", unix_parse },
	{ "vsock:", vsock_parse },
	{ "fd:", fd_parse },
	{ "can:", can_parse },
	{ "systemd:", systemd_parse },
	{ "tty:", tty_parse },
	{ "pty:", pty_parse },
};

/* Returns the form of word and sets *ret_text to the text after its prefix; NULL for HOST and
 * PORT. */
static const struct form *
form_find(const char *word, const char **ret_text)
{
	size_t i;

	*ret_text = word;
	if (is_path(word))
		return &forms[0];
	for (i = 0; i < ARRAY_LEN(forms); i++) {
		if (has_prefix(word, forms[i].prefix)) {
			*ret_text = word + strlen(forms[i].prefix);
			return &forms[i];
		}
	}
	return NULL;
}

static bool
is_prefix_name(const char *text, size_t n, const char *prefix)
{
	return strlen(prefix) == n + 1 && memcmp(text, prefix, n) == 0;
}

/* Returns true for a word that is a port, a list or a range where it stands alone. */
static bool
is_port_word(const char *text, size_t n)
{
	return n > 0 && isdigit((unsigned char)text[0]) && strspn(text, "0123456789,-") >= n;
}

bool
endpoint_is_reserved(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(transports); i++)
		if (is_prefix_name(text, n, transports[i].prefix))
			return true;
	for (i = 0; i < ARRAY_LEN(forms); i++)
		if (is_prefix_name(text, n, forms[i].prefix))
			return true;
	return false;
}

/* Returns true for an IPv6 address, with or without %zone. */
static bool
is_ipv6(const char *text, size_t n)
{
	char copy[INET6_ADDRSTRLEN + IFNAMSIZ + 1];
	struct in6_addr address;
	char *zone;

	if (n >= sizeof(copy))
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	zone = strchr(copy, '%');
	if (zone != NULL) {
		if (zone[1] == '\0')
			return false;
		*zone = '\0';
	}
	return inet_pton(AF_INET6, copy, &address) == 1;
}

static int
host_set(struct endpoint *ep, const char *host, size_t n, struct error *e)
{
	size_t i;

	if (idn_to_ascii(host, n, ep->host, e) < 0)
		return -1;
	for (i = 0; ep->host[i] != '\0'; i++)
		if (iscntrl((unsigned char)ep->host[i]) || strchr(" []/", ep->host[i]) != NULL)
			return error_set(e, ERROR_USAGE, "'%.*s' is not a host name", (int)n, host);
	if (strcmp(ep->host, "*") == 0)
		ep->host[0] = '\0';
	return 0;
}

static int
port_set(struct endpoint *ep, const char *port, struct error *e)
{
	size_t n = strlen(port);

	if (ports_check(port, e) < 0)
		return -1;
	if (n > ENDPOINT_PORT_MAX)
		return error_set(e, ERROR_USAGE,
		    "a port list of %zu characters is too long (at most %d)", n, ENDPOINT_PORT_MAX);
	memcpy(ep->port, port, n + 1);
	return 0;
}

/* Parses "[v6]", or a reserved host name in brackets. Sets *ret_rest to the text after it. */
static int
bracket_parse(const char *word, struct endpoint *ep, const char **ret_rest, struct error *e)
{
	const char *end = strchr(word, ']');
	const char *host = word + 1;

	if (end == NULL)
		return error_set(e, ERROR_USAGE, "'%.200s' lacks its ']'", word);
	if (!is_ipv6(host, (size_t)(end - host)) &&
	    !endpoint_is_reserved(host, (size_t)(end - host)) &&
	    !is_port_word(host, (size_t)(end - host)))
		return error_set(e, ERROR_USAGE, "'%.200s': '%.*s' is not an IPv6 address", word,
		    (int)(end - host), host);
	*ret_rest = end + 1;
	return host_set(ep, host, (size_t)(end - host), e);
}

/* Several colons without brackets are ambiguous: the port could be the last group of the
 * address. */
static int
report_colons(const char *word, struct error *e)
{
	const char *last = strrchr(word, ':');
	size_t n = (size_t)(last - word);
	uint16_t port;

	if (is_ipv6(word, n) && parse_port(last + 1, &port, NULL) == 0)
		return error_set(e, ERROR_USAGE, "'%.200s' is ambiguous: write [%.*s]:%s", word,
		    (int)n, word, last + 1);
	if (is_ipv6(word, strlen(word)))
		return error_set(e, ERROR_USAGE, "'%.200s' lacks brackets: write [%s]:PORT", word,
		    word);
	return error_set(e, ERROR_USAGE,
	    "'%.200s' has too many colons: write HOST:PORT or [IPV6]:PORT", word);
}

/* A URL of a protocol that is not an address here. */
static int
report_url(const char *word, struct error *e)
{
	static const struct {
		const char *scheme, *prefix, *port;
	} urls[] = { { "https://", "tls:", ":443" }, { "http://", "", ":80" } };
	const char *host = strstr(word, "://") + 3;
	int n = (int)strcspn(host, "/?#");

	error_set(e, ERROR_USAGE, "'%.200s' is a URL: an address is HOST:PORT", word);
	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		if (has_prefix(word, urls[i].scheme))
			return error_hint(e, "%s%.*s%s, and the request on standard input",
			    urls[i].prefix, n, host,
			    memchr(host, ':', (size_t)n) != NULL ? "" : urls[i].port);
	return -1;
}

/* Parses the HOST of "HOST PORT", in which only IPv6 has colons. */
static int
host_parse(const char *word, struct endpoint *ep, struct error *e)
{
	const char *rest;

	if (word[0] == '[') {
		if (bracket_parse(word, ep, &rest, e) < 0)
			return -1;
		if (rest[0] != '\0')
			return error_set(e, ERROR_USAGE,
			    "'%.200s' is more than a host, and a port follows", word);
		return 0;
	}
	if (strchr(word, ':') != NULL && !is_ipv6(word, strlen(word)))
		return error_set(e, ERROR_USAGE,
		    "'%.200s' is neither a host name nor an IPv6 address, and a port follows",
		    word);
	return host_set(ep, word, strlen(word), e);
}

/* Parses a single word: HOST:PORT HOST PORT [v6] [v6]:PORT. */
static int
word_parse(const char *word, struct endpoint *ep, struct error *e)
{
	const char *rest = strchr(word, ':');

	if (word[0] == '\0')
		return error_set(e, ERROR_USAGE, "the address is missing");
	if (strstr(word, "://") != NULL)
		return report_url(word, e);
	if (word[0] == '[') {
		if (bracket_parse(word, ep, &rest, e) < 0)
			return -1;
		if (rest[0] == '\0')
			return 0;
		if (rest[0] != ':')
			return error_set(e, ERROR_USAGE, "'%.200s': ':PORT' must follow the ']'",
			    word);
	} else if (is_port_word(word, strlen(word))) {
		return port_set(ep, word, e);
	} else if (rest == NULL) {
		return host_set(ep, word, strlen(word), e);
	} else if (strchr(rest + 1, ':') != NULL) {
		return report_colons(word, e);
	} else if (host_set(ep, word, (size_t)(rest - word), e) < 0) {
		return -1;
	}
	if (port_set(ep, rest + 1, e) < 0)
		return error_prefix(e, "'%.200s'", word);
	return 0;
}

/* ---- URLs ---- */

static const struct {
	const char *prefix, *port;
	enum transport transport;
} schemes[] = {
	{ "ws://", "80", TRANSPORT_WS },
	{ "wss://", "443", TRANSPORT_WSS },
};

/* Returns the index of the scheme that word begins with, or -1. */
static int
scheme_find(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(schemes); i++)
		if (has_prefix(word, schemes[i].prefix))
			return (int)i;
	return -1;
}

/* RFC 6455, 3: no fragment. A user is not sent: servers want it in a field. */
static int
check_url(const char *authority, size_t n, const char *resource, struct error *e)
{
	const char *p;

	if (memchr(authority, '@', n) != NULL) {
		error_set(e, ERROR_USAGE, "a URL with a user");
		return error_hint(e, "--header 'Authorization: ...' sends credentials");
	}
	if (n == 0)
		return error_set(e, ERROR_USAGE, "the host is missing");
	if (authority[0] == ':' || authority[0] == '*')
		return error_set(e, ERROR_USAGE, "the host is missing");
	for (p = resource; *p != '\0'; p++) {
		if (*p == '#')
			return error_set(e, ERROR_USAGE,
			    "a fragment is not for WebSocket; write %%23 for #");
		if (*p <= ' ' || *p >= 0x7f)
			return error_set(e, ERROR_USAGE,
			    "a path of printable ASCII without spaces; write others as %%XX");
	}
	return 0;
}

static int
url_parse(const char *word, int scheme, struct endpoint *ep, struct error *e)
{
	const char *authority = word + strlen(schemes[scheme].prefix);
	size_t n = strcspn(authority, "/?#");
	char copy[ENDPOINT_HOST_MAX + 16];

	ep->transport = schemes[scheme].transport;
	ep->resource = authority[n] != '\0' ? authority + n : "/";
	if (check_url(authority, n, ep->resource, e) < 0)
		return -1;
	if (ep->resource[0] == '?')
		return error_set(e, ERROR_USAGE, "a path, even if it is /, is before the ?");
	if (n >= sizeof(copy))
		return error_set(e, ERROR_USAGE, "the host is too long");
	memcpy(copy, authority, n);
	copy[n] = '\0';
	if (is_port_word(copy, n))
		return host_set(ep, copy, n, e) < 0 ? -1 : port_set(ep, schemes[scheme].port, e);
	if (word_parse(copy, ep, e) < 0)
		return -1;
	return ep->port[0] != '\0' ? 0 : port_set(ep, schemes[scheme].port, e);
}

static int
endpoint_parse_url(const char *word, const char *port, int scheme, struct endpoint *ret_endpoint,
    struct error *e)
{
	struct endpoint ep = { .kind = ENDPOINT_INET, .fd = -1 };

	if (port != NULL)
		return error_set(e, ERROR_USAGE, "'%.200s' takes no port, but '%.200s' follows",
		    word, port);
	if (url_parse(word, scheme, &ep, e) < 0)
		return error_prefix(e, "'%.200s'", word);
	*ret_endpoint = ep;
	return 0;
}

int
endpoint_parse(const char *word, const char *port, struct endpoint *ret_endpoint, struct error *e)
{
	struct endpoint ep = { .kind = ENDPOINT_INET, .fd = -1 };
	int scheme = scheme_find(word);
	const char *rest = transport_parse(word, &ep.transport);
	const char *text;
	const struct form *form = form_find(rest, &text);

	if (scheme >= 0)
		return endpoint_parse_url(word, port, scheme, ret_endpoint, e);
	if (form != NULL) {
		if (port != NULL)
			return error_set(e, ERROR_USAGE,
			    "'%.200s' takes no port, but '%.200s' follows", word, port);
		if (form->parse(text, &ep, e) < 0)
			return error_prefix(e, "'%.200s'", word);
	} else if (port == NULL) {
		if (word_parse(rest, &ep, e) < 0)
			return -1;
	} else if (host_parse(rest, &ep, e) < 0 || port_set(&ep, port, e) < 0) {
		return -1;
	}
	*ret_endpoint = ep;
	return 0;
}

static const char *
scheme_prefix(enum transport transport)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(schemes); i++)
		if (schemes[i].transport == transport)
			return schemes[i].prefix;
	return transport_prefix(transport);
}

static void
endpoint_format_inet(const struct endpoint *ep, char *text, size_t size)
{
	const char *host = ep->host[0] != '\0' ? ep->host : "*";
	const char *prefix = scheme_prefix(ep->transport);
	size_t n = strlen(host);
	bool brackets = strchr(host, ':') != NULL ||
	    (ep->port[0] != '\0' ? endpoint_is_reserved(host, n) : is_port_word(host, n));

	snprintf(text, size, "%s%s%s%s%s%s%s", prefix, brackets ? "[" : "", host,
	    brackets ? "]" : "", ep->port[0] != '\0' ? ":" : "", ep->port,
	    ep->resource != NULL ? ep->resource : "");
}

bool
endpoint_is_line(const struct endpoint *ep)
{
	return ep->kind == ENDPOINT_TTY || ep->kind == ENDPOINT_PTY;
}

static void
endpoint_format_line(const struct endpoint *ep, char *text, size_t size)
{
	char settings[64];

	snprintf(text, size, "%s%s:%s%s", transport_prefix(ep->transport),
	    ep->kind == ENDPOINT_TTY ? "tty" : "pty", ep->path,
	    tty_line_format(&ep->line, settings, sizeof(settings)));
}

const char *
endpoint_format(const struct endpoint *ep, char *text, size_t size)
{
	const char *transport = transport_prefix(ep->transport);

	switch (ep->kind) {
	case ENDPOINT_INET:
		endpoint_format_inet(ep, text, size);
		break;
	case ENDPOINT_UNIX:
		snprintf(text, size, "%sunix:%s%s", transport, ep->abstract ? "@" : "", ep->path);
		break;
	case ENDPOINT_VSOCK:
		if (ep->cid == VMADDR_CID_ANY)
			snprintf(text, size, "%svsock:*:%s", transport, ep->port);
		else
			snprintf(text, size, "%svsock:%" PRIu32 ":%s", transport, ep->cid,
			    ep->port);
		break;
	case ENDPOINT_FD:
		snprintf(text, size, "%sfd:%d", transport, ep->fd);
		break;
	case ENDPOINT_SYSTEMD:
		snprintf(text, size, "%ssystemd:%s", transport, ep->host);
		break;
	case ENDPOINT_CAN:
		snprintf(text, size, "%scan:%s", transport, ep->host[0] != '\0' ? ep->host : "*");
		break;
	case ENDPOINT_TTY:
	case ENDPOINT_PTY:
		endpoint_format_line(ep, text, size);
		break;
	}
	return text;
}

int
ip_to_tuple(const char *text, uint8_t ret_quad[4], struct error *e)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		return error_set(e, ERROR_USAGE,
		    "'%.200s' is not a dotted quad (a.b.c.d, each 0-255)", text);
	memcpy(ret_quad, &address, 4);
	return 0;
}
