#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/negotiate/proxy/proxy_ops.h"

enum { CONNECT = 1, ASSOCIATE = 3 };
enum { IPV4 = 1, NAME = 3, IPV6 = 4 };

static int
append_byte(struct buf *out, unsigned byte, struct error *e)
{
	const unsigned char octet = (unsigned char)byte;

	return buf_append(out, &octet, 1, e);
}

static int
append_port(struct buf *out, uint16_t port, struct error *e)
{
	return append_byte(out, port >> 8, e) < 0 ? -1 : append_byte(out, port & 0xff, e);
}

/* A length, and as many bytes. */
static int
append_text(struct buf *out, const char *text, struct error *e)
{
	size_t n = strlen(text);

	return append_byte(out, (unsigned)n, e) < 0 ? -1 : buf_append(out, text, n, e);
}

static const struct in_addr *
v4_of(const struct proxy_target *t)
{
	const struct sockaddr_in *in = (const void *)&t->address.storage;

	return t->address.len > 0 && t->address.sa.sa_family == AF_INET ? &in->sin_addr : NULL;
}

static const unsigned char *
reply_of(const struct proxy_dialogue *d)
{
	return (const unsigned char *)buf_head(&d->in);
}

/* ---- SOCKS4 ---- */

/* A name follows the user, behind an address that cannot be (SOCKS4A). */
static int
socks4_begin(struct proxy_dialogue *d, struct error *e)
{
	static const unsigned char nowhere[4] = { 0, 0, 0, 1 };
	const struct in_addr *v4 = v4_of(d->target);
	const struct proxy_target *t = d->target;

	if (v4 == NULL && (t->address.len > 0 || d->hop->kind == PROXY_SOCKS4))
		return error_set(e, ERROR_USAGE, "connect %s: SOCKS4 needs an IPv4 address",
		    t->host);
	d->need = 8;
	if (append_byte(&d->out, 4, e) < 0 || append_byte(&d->out, CONNECT, e) < 0 ||
	    append_port(&d->out, t->port, e) < 0 ||
	    buf_append(&d->out, v4 != NULL ? (const void *)v4 : nowhere, 4, e) < 0 ||
	    buf_append(&d->out, d->hop->user, strlen(d->hop->user) + 1, e) < 0)
		return -1;
	return v4 != NULL ? 0 : buf_append(&d->out, t->host, strlen(t->host) + 1, e);
}

static int
socks4_parse(struct proxy_dialogue *d, struct error *e)
{
	static const char *const reasons[] = { "request rejected or failed",
		"the proxy cannot reach identd on this host",
		"identd on this host names another user" };
	unsigned version = reply_of(d)[0], code = reply_of(d)[1];

	buf_consume(&d->in, d->need);
	d->need = 0;
	if (version != 0)
		return proxy_fail(d, e, "what the proxy says is not SOCKS4");
	if (code == 90)
		return 0;
	if (code > 90 && code - 91 < ARRAY_LEN(reasons))
		return proxy_fail(d, e, "%s (SOCKS4 code %u)", reasons[code - 91], code);
	return proxy_fail(d, e, "refused (SOCKS4 code %u)", code);
}

const struct proxy_ops proxy_socks4_ops = { socks4_begin, socks4_parse };

/* ---- SOCKS5 ---- */

enum { METHOD_NONE = 0, METHOD_LOGIN = 2, METHOD_REFUSED = 0xff };

/* What is awaited. */
enum { STEP_METHOD, STEP_LOGIN, STEP_REPLY, STEP_ADDRESS };

static int
socks5_begin(struct proxy_dialogue *d, struct error *e)
{
	static const unsigned char all[] = { 5, 2, METHOD_NONE, METHOD_LOGIN };
	static const unsigned char none[] = { 5, 1, METHOD_NONE };

	d->step = STEP_METHOD;
	d->need = 2;
	return d->hop->login ? buf_append(&d->out, all, sizeof(all), e)
			     : buf_append(&d->out, none, sizeof(none), e);
}

static int
append_target(struct proxy_dialogue *d, struct error *e)
{
	const struct sockaddr_in6 *six = (const void *)&d->target->address.storage;
	const struct in_addr *v4 = v4_of(d->target);
	struct buf *out = &d->out;

	if (v4 != NULL)
		return append_byte(out, IPV4, e) < 0 ? -1 : buf_append(out, v4, 4, e);
	if (d->target->address.len > 0)
		return append_byte(out, IPV6, e) < 0 ? -1 : buf_append(out, &six->sin6_addr, 16, e);
	if (d->hop->kind == PROXY_SOCKS5)
		return error_set(e, ERROR_USAGE, "connect %s: the name is not resolved",
		    d->target->host);
	return append_byte(out, NAME, e) < 0 ? -1 : append_text(out, d->target->host, e);
}

/* For datagrams, our address is not known before the first one (RFC 1928, 7). */
static int
send_request(struct proxy_dialogue *d, struct error *e)
{
	static const unsigned char associate[] = { 5, ASSOCIATE, 0, IPV4, 0, 0, 0, 0, 0, 0 };
	static const unsigned char head[] = { 5, CONNECT, 0 };

	d->step = STEP_REPLY;
	d->need = 5;
	if (d->datagrams)
		return buf_append(&d->out, associate, sizeof(associate), e);
	if (buf_append(&d->out, head, sizeof(head), e) < 0 || append_target(d, e) < 0)
		return -1;
	return append_port(&d->out, d->target->port, e);
}

/* RFC 1929, 2. */
static int
send_login(struct proxy_dialogue *d, struct error *e)
{
	d->step = STEP_LOGIN;
	d->need = 2;
	if (append_byte(&d->out, 1, e) < 0 || append_text(&d->out, d->hop->user, e) < 0)
		return -1;
	return append_text(&d->out, d->hop->pass, e);
}

static int
fail_method(const struct proxy_dialogue *d, unsigned method, struct error *e)
{
	if (method != METHOD_REFUSED && method != METHOD_LOGIN)
		return proxy_fail(d, e, "the proxy chose a method that was not offered: %u",
		    method);
	proxy_fail(d, e,
	    d->hop->login ? "the proxy accepts neither the login nor clients without one"
			  : "the proxy wants a login");
	return d->hop->login
	    ? -1
	    : error_hint(e, "USER:PASSWORD@ before its host, or --proxy-auth-file");
}

static int
parse_method(struct proxy_dialogue *d, const unsigned char *reply, struct error *e)
{
	if (reply[0] != 5)
		return proxy_fail(d, e, "what the proxy says is not SOCKS5");
	if (reply[1] == METHOD_NONE)
		return send_request(d, e);
	return reply[1] == METHOD_LOGIN && d->hop->login ? send_login(d, e)
							 : fail_method(d, reply[1], e);
}

static int
parse_login(struct proxy_dialogue *d, const unsigned char *reply, struct error *e)
{
	if (reply[1] != 0)
		return proxy_fail(d, e, "the proxy refuses user '%s' or the password (status %u)",
		    d->hop->user, reply[1]);
	return send_request(d, e);
}

/* RFC 1928, 6. */
static int
fail_reply(const struct proxy_dialogue *d, unsigned code, struct error *e)
{
	static const char *const reasons[] = { "general failure",
		"not allowed by the rules of the proxy", "Network is unreachable",
		"No route to host", "Connection refused", "TTL expired", "command not supported",
		"address type not supported" };

	if (code - 1 < ARRAY_LEN(reasons))
		return proxy_fail(d, e, "%s (SOCKS5 reply %u)", reasons[code - 1], code);
	return proxy_fail(d, e, "refused (SOCKS5 reply %u)", code);
}

/* The fifth byte is the first of the address. Of a refusal nothing more has to come. */
static int
parse_reply(struct proxy_dialogue *d, const unsigned char *reply, struct error *e)
{
	static const unsigned char sizes[] = { [IPV4] = 4, [IPV6] = 16 };
	unsigned type = reply[3];

	if (reply[0] != 5)
		return proxy_fail(d, e, "what the proxy says is not SOCKS5");
	if (reply[1] != 0)
		return fail_reply(d, reply[1], e);
	if (type != IPV4 && type != NAME && type != IPV6)
		return proxy_fail(d, e, "the reply has an address of an unknown type: %u", type);
	d->step = STEP_ADDRESS;
	d->need = 4 + (type == NAME ? 1u + reply[4] : sizes[type]) + 2;
	return 0;
}

static void
keep_bound(struct proxy_dialogue *d, const unsigned char *reply)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (reply[3] == IPV4) {
		memcpy(&v4.sin_addr, reply + 4, 4);
		memcpy(&v4.sin_port, reply + 8, 2);
		d->bound.len = sizeof(v4);
		memcpy(&d->bound.storage, &v4, sizeof(v4));
	} else if (reply[3] == IPV6) {
		memcpy(&v6.sin6_addr, reply + 4, 16);
		memcpy(&v6.sin6_port, reply + 20, 2);
		d->bound.len = sizeof(v6);
		memcpy(&d->bound.storage, &v6, sizeof(v6));
	}
}

static int
socks5_parse(struct proxy_dialogue *d, struct error *e)
{
	unsigned char reply[4 + 1 + 255 + 2];

	memcpy(reply, buf_head(&d->in), d->need);
	if (d->step == STEP_REPLY) /* the address follows */
		return parse_reply(d, reply, e);
	buf_consume(&d->in, d->need);
	d->need = 0;
	if (d->step == STEP_METHOD)
		return parse_method(d, reply, e);
	if (d->step == STEP_LOGIN)
		return parse_login(d, reply, e);
	keep_bound(d, reply);
	return 0;
}

const struct proxy_ops proxy_socks5_ops = { socks5_begin, socks5_parse };
