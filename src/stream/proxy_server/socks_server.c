#include "stream/proxy_server/socks_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/negotiate/negotiation.h"
#include "stream/proxy_server/proxy_client.h"
#include "stream/stream.h"

/* The longest message: SOCKS4a with a user and a name of 255 bytes each. */
enum { MESSAGE_MAX = 8 + 256 + 256, NAME_MAX_BYTES = 255 };
enum { METHOD_NONE = 0, METHOD_PASSWORD = 2, METHOD_UNACCEPTABLE = 0xff };
enum { ADDRESS_IPV4 = 1, ADDRESS_NAME = 3, ADDRESS_IPV6 = 4 };
enum { COMMAND_CONNECT = 1, COMMAND_ASSOCIATE = 3 };

/* Reply codes: SOCKS5 (RFC 1928, 6); SOCKS4 has one for all failures, 91. */
enum {
	REPLY_GRANTED = 0,
	REPLY_FAILED = 1,
	REPLY_FORBIDDEN = 2,
	REPLY_UNREACHABLE = 4,
	REPLY_REFUSED = 5,
	REPLY_NO_COMMAND = 7,
	REPLY_NO_ADDRESS_TYPE = 8,
	REPLY4_GRANTED = 90,
	REPLY4_REJECTED = 91
};

struct socks_server {
	struct negotiation base;
	struct proxy_client *client;
	/* Reads the message that has as many bytes as were needed. Returns 0 to go on, or -1. */
	int (*parse)(struct socks_server *s, struct error *e);
	bool version4;
	unsigned char in[MESSAGE_MAX];
	size_t have, need;
};

static int
put_reply(struct socks_server *s, const void *data, size_t n, struct error *e)
{
	return buf_append(&s->client->out, data, n, e);
}

/* Waits for another message of at least n bytes. */
static void
expect_message(struct socks_server *s, size_t n,
    int (*parse)(struct socks_server *s, struct error *e))
{
	s->have = 0;
	s->need = n;
	s->parse = parse;
}

/* ---- replies ---- */

static int
reply(struct socks_server *s, int code, struct error *e)
{
	const unsigned char v5[] = { 5, (unsigned char)code, 0, ADDRESS_IPV4, 0, 0, 0, 0, 0, 0 };
	const unsigned char v4[] = { 0, code == REPLY_GRANTED ? REPLY4_GRANTED : REPLY4_REJECTED, 0,
		0, 0, 0, 0, 0 };

	return s->version4 ? put_reply(s, v4, sizeof(v4), e) : put_reply(s, v5, sizeof(v5), e);
}

static int
refuse_request(struct socks_server *s, int code, const char *why, struct error *e)
{
	proxy_client_refused(s->client, why);
	return reply(s, code, e);
}

static int
reply_associated(struct socks_server *s, const struct sockname *name, struct error *e)
{
	static const unsigned char head[] = { 5, REPLY_GRANTED, 0 };
	const void *at = &name->storage;
	const struct sockaddr_in *v4 = at;
	const struct sockaddr_in6 *v6 = at;
	bool is_v4 = name->sa.sa_family == AF_INET;
	unsigned char type = is_v4 ? ADDRESS_IPV4 : ADDRESS_IPV6;

	if (put_reply(s, head, sizeof(head), e) < 0 || put_reply(s, &type, 1, e) < 0)
		return -1;
	if (is_v4)
		return put_reply(s, &v4->sin_addr, sizeof(v4->sin_addr), e) < 0
		    ? -1
		    : put_reply(s, &v4->sin_port, sizeof(v4->sin_port), e);
	return put_reply(s, &v6->sin6_addr, sizeof(v6->sin6_addr), e) < 0
	    ? -1
	    : put_reply(s, &v6->sin6_port, sizeof(v6->sin6_port), e);
}

static int
reply_outcome(void *self, struct error *e)
{
	static const int codes[PROXY_OUTCOMES] = {
		[PROXY_FORBIDDEN] = REPLY_FORBIDDEN,
		[PROXY_NO_NAME] = REPLY_UNREACHABLE,
		[PROXY_REFUSED] = REPLY_REFUSED,
		[PROXY_UNREACHABLE] = REPLY_UNREACHABLE,
		[PROXY_TIMED_OUT] = REPLY_UNREACHABLE,
		[PROXY_FAILED] = REPLY_FAILED,
	};
	struct socks_server *s = self;
	enum proxy_outcome outcome = s->client->outcome;

	if (outcome != PROXY_CONNECTED)
		return refuse_request(s, codes[outcome], proxy_outcome_word(outcome), e);
	proxy_client_granted(s->client);
	return s->client->associates ? reply_associated(s, &s->client->relay, e)
				     : reply(s, REPLY_GRANTED, e);
}

/* ---- the request ---- */

/* Begins to connect. The name is what the client wrote, and may be no name at all. */
static int
connect_to_name(struct socks_server *s, const char *host, size_t n, unsigned port, struct error *e)
{
	struct endpoint ep = { .kind = ENDPOINT_INET };
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)host[i] <= ' ' || (unsigned char)host[i] >= 0x7f)
			return refuse_request(s, REPLY_FAILED, "the target is not a name", e);
	if (n == 0 || n > ENDPOINT_HOST_MAX)
		return refuse_request(s, REPLY_FAILED, "the target has no name", e);
	memcpy(ep.host, host, n);
	snprintf(ep.port, sizeof(ep.port), "%u", port);
	s->need = s->have;
	proxy_client_connect(s->client, &ep);
	return 0;
}

/* The address that the client names is not used: behind another network it does not know it itself. */
static int
associate(struct socks_server *s, unsigned port)
{
	s->need = s->have;
	proxy_client_associate(s->client, (uint16_t)port);
	return 0;
}

static int
connect_to_address(struct socks_server *s, int family, const void *address, unsigned port,
    struct error *e)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, address, text, sizeof(text));
	return connect_to_name(s, text, strlen(text), port, e);
}

static unsigned
port_field(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* VER CMD RSV ATYP, the address, the port. */
static int
parse_request(struct socks_server *s, struct error *e)
{
	const unsigned char *in = s->in;
	int type = in[3];
	size_t size = type == ADDRESS_IPV4 ? 4 : type == ADDRESS_IPV6 ? 16 : 1 + (size_t)in[4];

	if (in[0] != 5)
		return error_set(e, ERROR_PROXY, "the request is not SOCKS 5");
	if (type != ADDRESS_IPV4 && type != ADDRESS_NAME && type != ADDRESS_IPV6)
		return refuse_request(s, REPLY_NO_ADDRESS_TYPE, "an unknown type of address", e);
	s->need = 4 + size + 2;
	if (s->have < s->need)
		return 0;
	if (in[1] == COMMAND_ASSOCIATE && s->client->associate != NULL)
		return associate(s, port_field(in + 4 + size));
	if (in[1] != COMMAND_CONNECT)
		return refuse_request(s, REPLY_NO_COMMAND,
		    "the client asks for more than CONNECT and UDP ASSOCIATE", e);
	if (type == ADDRESS_NAME)
		return connect_to_name(s, (const char *)in + 5, in[4], port_field(in + 4 + size),
		    e);
	return connect_to_address(s, type == ADDRESS_IPV4 ? AF_INET : AF_INET6, in + 4,
	    port_field(in + 4 + size), e);
}

/* VER ULEN UNAME PLEN PASSWD (RFC 1929, 2). */
static int
parse_password(struct socks_server *s, struct error *e)
{
	const unsigned char *in = s->in;
	size_t name = in[1], password;
	unsigned char answer[2] = { 1, 0 };

	if (in[0] != 1)
		return error_set(e, ERROR_PROXY, "the password is not in version 1");
	s->need = 2 + name + 1;
	if (s->have < s->need)
		return 0;
	password = in[2 + name];
	s->need += password;
	if (s->have < s->need)
		return 0;
	if (!proxy_users_accept(s->client->users, (const char *)in + 2, name,
		(const char *)in + 3 + name, password)) {
		proxy_client_refused(s->client, "wrong user or password");
		answer[1] = 1;
	}
	expect_message(s, 5, parse_request);
	return put_reply(s, answer, sizeof(answer), e);
}

/* VER NMETHODS METHODS. */
static int
parse_methods(struct socks_server *s, struct error *e)
{
	const bool asks = s->client->users != NULL;
	unsigned char answer[2] = { 5, asks ? METHOD_PASSWORD : METHOD_NONE };
	size_t n = s->in[1];

	s->need = 2 + n;
	if (s->have < s->need)
		return 0;
	if (memchr(s->in + 2, answer[1], n) == NULL) {
		proxy_client_refused(s->client,
		    asks ? "the client has no password to offer" : "the client wants a password");
		answer[1] = METHOD_UNACCEPTABLE;
	}
	expect_message(s, asks ? 2 : 5, asks ? parse_password : parse_request);
	return put_reply(s, answer, sizeof(answer), e);
}

/* VN CD DSTPORT DSTIP USERID NUL, and for SOCKS4a a name and NUL. Byte for byte, as nothing says how
 * long they are. */
static int
parse_request4(struct socks_server *s, struct error *e)
{
	const unsigned char *in = s->in;
	const unsigned char *user = in + 8, *name;
	bool named = in[4] == 0 && in[5] == 0 && in[6] == 0 && in[7] != 0;
	size_t left = s->have - 8;
	const unsigned char *end = memchr(user, '\0', left);

	s->need = s->have + 1;
	if (s->need > MESSAGE_MAX)
		return refuse_request(s, 1, "the request is too long", e);
	if (end == NULL)
		return 0;
	name = end + 1;
	left -= (size_t)(name - user);
	if (named && (left == 0 || in[s->have - 1] != '\0'))
		return 0;
	if (in[1] != COMMAND_CONNECT)
		return refuse_request(s, 1, "the client asks for more than CONNECT", e);
	if (s->client->users != NULL)
		return refuse_request(s, 1, "SOCKS 4 has no password", e);
	if (named)
		return connect_to_name(s, (const char *)name, left - 1, port_field(in + 2), e);
	return connect_to_address(s, AF_INET, in + 4, port_field(in + 2), e);
}

static int
parse_version(struct socks_server *s, struct error *e)
{
	s->version4 = s->in[0] == 4;
	if (s->in[0] != 4 && s->in[0] != 5)
		return error_set(e, ERROR_PROXY, "the client does not speak SOCKS");
	s->need = s->version4 ? 9 : 2;
	s->parse = s->version4 ? parse_request4 : parse_methods;
	return 0;
}

/* ---- steps ---- */

/* Reads what is needed and no more. */
static int
listen_for_message(void *self, struct stream *top, struct error *e)
{
	struct socks_server *s = self;

	while (s->have < s->need) {
		ssize_t n = stream_read(top, s->in + s->have, s->need - s->have, e);

		if (n == 0)
			return error_set(e, ERROR_PROXY, "the client ended before its request");
		if (n < 0)
			return (int)n;
		s->have += (size_t)n;
	}
	return s->parse(s, e);
}

static int
socks_step(struct negotiation *n, struct stream **top, struct error *e)
{
	static const struct proxy_protocol socks = { listen_for_message, reply_outcome };
	struct socks_server *s = CONTAINER_OF(n, struct socks_server, base);

	return proxy_client_step(s->client, &socks, s, *top, e);
}

static const struct negotiation_ops socks_ops = {
	.name = "socks",
	.unfinished = "the request is not complete",
	.step = socks_step,
};

int
socks_server(struct negotiation **ret_first, struct proxy_client *c, struct error *e)
{
	struct socks_server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	s->base.ops = &socks_ops;
	s->client = c;
	buf_init(&c->out, 4096);
	buf_init(&c->first, 128 << 10);
	expect_message(s, 1, parse_version);
	*ret_first = &s->base;
	return 0;
}
