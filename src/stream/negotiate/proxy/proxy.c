#include "stream/negotiate/proxy/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "stream/negotiate/proxy/proxy_ops.h"

static const struct {
	const char *scheme;
	const struct proxy_ops *ops;
} kinds[] = {
	[PROXY_SOCKS4] = { "socks4", &proxy_socks4_ops },
	[PROXY_SOCKS4A] = { "socks4a", &proxy_socks4_ops },
	[PROXY_SOCKS5] = { "socks5", &proxy_socks5_ops },
	[PROXY_SOCKS5H] = { "socks5h", &proxy_socks5_ops },
	[PROXY_HTTP] = { "http", &proxy_http_ops },
	[PROXY_HTTPS] = { "https", &proxy_http_ops },
};

/* ---- hops and targets ---- */

const char *
proxy_format(const struct proxy_hop *hop, char *text, size_t size)
{
	char address[ENDPOINT_HOST_MAX + ENDPOINT_PORT_MAX + 16];

	snprintf(text, size, "%s://%s", kinds[hop->kind].scheme,
	    endpoint_format(&hop->ep, address, sizeof(address)));
	return text;
}

const char *
proxy_target_format(const struct proxy_target *t, char *text, size_t size)
{
	bool six = strchr(t->host, ':') != NULL;

	snprintf(text, size, "%s%s%s:%u", six ? "[" : "", t->host, six ? "]" : "", t->port);
	return text;
}

/* The zone of an address means something on this host alone. */
static void
set_literal(struct proxy_target *t)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(t->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(t->port) };

	if (inet_pton(AF_INET, t->host, &v4.sin_addr) == 1) {
		t->address.len = sizeof(v4);
		memcpy(&t->address.storage, &v4, sizeof(v4));
	} else if (inet_pton(AF_INET6, t->host, &v6.sin6_addr) == 1) {
		t->address.len = sizeof(v6);
		memcpy(&t->address.storage, &v6, sizeof(v6));
	}
}

void
proxy_target_set(struct proxy_target *t, const struct endpoint *ep, uint16_t port)
{
	memset(t, 0, sizeof(*t));
	snprintf(t->host, sizeof(t->host), "%s", ep->host);
	t->host[strcspn(t->host, "%")] = '\0';
	t->port = port;
	set_literal(t);
}

bool
proxy_needs_address(const struct proxy_hop *hop, const struct proxy_target *t)
{
	return (hop->kind == PROXY_SOCKS4 || hop->kind == PROXY_SOCKS5) && t->address.len == 0;
}

/* ---- the dialogue ---- */

int
proxy_fail(const struct proxy_dialogue *d, struct error *e, const char *fmt, ...)
{
	char target[PROXY_TEXT_MAX], reason[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return error_set(e, ERROR_PROXY, "connect %s: %s",
	    proxy_target_format(d->target, target, sizeof(target)), reason);
}

int
proxy_begin(struct proxy_dialogue *d, struct error *e)
{
	buf_init(&d->in, PROXY_IN_MAX);
	buf_init(&d->out, PROXY_IN_MAX);
	for (const char *c = d->target->host; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return error_set(e, ERROR_USAGE,
			    "connect: no proxy knows a host like this");
	return kinds[d->hop->kind].ops->begin(d, e);
}

size_t
proxy_wants(const struct proxy_dialogue *d)
{
	return d->need > d->in.len ? d->need - d->in.len : 0;
}

int
proxy_feed(struct proxy_dialogue *d, const void *data, size_t n, struct error *e)
{
	d->received += n;
	if (d->need > PROXY_IN_MAX || d->received > PROXY_RECEIVED_MAX)
		return proxy_fail(d, e, "the proxy talks without end");
	if (n > 0 && buf_append(&d->in, data, n, e) < 0)
		return -1;
	while (d->need > 0 && d->in.len >= d->need)
		if (kinds[d->hop->kind].ops->parse(d, e) < 0)
			return -1;
	return 0;
}

int
proxy_ended(struct proxy_dialogue *d, struct error *e)
{
	/* it has closed a connection on which it wanted to be asked again */
	d->again |= d->reused;
	return proxy_fail(d, e, "the proxy has ended before it answered");
}

void
proxy_fini(struct proxy_dialogue *d)
{
	buf_fini(&d->in);
	buf_fini(&d->out);
}
