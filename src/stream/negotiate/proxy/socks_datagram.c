#include "stream/negotiate/proxy/socks_datagram.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* RSV RSV FRAG ATYP, the address, the port. */
enum { HEAD = 4, PORT = 2 };
enum { IPV4 = 1, NAME = 3, IPV6 = 4 };

/* ---- put ---- */

static size_t
put_address(const struct proxy_target *t, unsigned char *at)
{
	const struct sockaddr_in *v4 = (const void *)&t->address.storage;
	const struct sockaddr_in6 *v6 = (const void *)&t->address.storage;
	size_t n = strnlen(t->host, 255);

	if (t->address.len > 0 && t->address.sa.sa_family == AF_INET) {
		at[0] = IPV4;
		memcpy(at + 1, &v4->sin_addr, sizeof(v4->sin_addr));
		return 1 + sizeof(v4->sin_addr);
	}
	if (t->address.len > 0) {
		at[0] = IPV6;
		memcpy(at + 1, &v6->sin6_addr, sizeof(v6->sin6_addr));
		return 1 + sizeof(v6->sin6_addr);
	}
	at[0] = NAME;
	at[1] = (unsigned char)n;
	memcpy(at + 2, t->host, n);
	return 2 + n;
}

size_t
socks_datagram_put(const struct proxy_target *t,
    unsigned char ret_header[SOCKS_DATAGRAM_HEADER_MAX])
{
	unsigned char *at = ret_header;

	memset(at, 0, 3);
	at += 3 + put_address(t, at + 3);
	*at++ = (unsigned char)(t->port >> 8);
	*at++ = (unsigned char)(t->port & 0xff);
	return (size_t)(at - ret_header);
}

/* ---- parse ---- */

/* Returns the length of the address behind the type, or 0. */
static size_t
address_length(const unsigned char *in, size_t n)
{
	switch (in[HEAD - 1]) {
	case IPV4:
		return sizeof(struct in_addr);
	case IPV6:
		return sizeof(struct in6_addr);
	case NAME:
		return n > HEAD && in[HEAD] > 0 ? 1u + in[HEAD] : 0;
	default:
		return 0;
	}
}

static bool
copy_name(const unsigned char *in, char host[ENDPOINT_HOST_MAX + 1])
{
	size_t n = in[0];

	if (n > ENDPOINT_HOST_MAX)
		return false;
	for (size_t i = 1; i <= n; i++)
		if (in[i] <= ' ' || in[i] >= 0x7f)
			return false;
	memcpy(host, in + 1, n);
	host[n] = '\0';
	return true;
}

static void
set_literal_address(struct proxy_target *t, int type, const unsigned char *in)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(t->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(t->port) };

	if (type == IPV4) {
		memcpy(&v4.sin_addr, in, sizeof(v4.sin_addr));
		memcpy(&t->address.storage, &v4, sizeof(v4));
		t->address.len = sizeof(v4);
		inet_ntop(AF_INET, in, t->host, sizeof(t->host));
	} else {
		memcpy(&v6.sin6_addr, in, sizeof(v6.sin6_addr));
		memcpy(&t->address.storage, &v6, sizeof(v6));
		t->address.len = sizeof(v6);
		inet_ntop(AF_INET6, in, t->host, sizeof(t->host));
	}
}

size_t
socks_datagram_parse(struct proxy_target *ret_target, const void *data, size_t n,
    const char **ret_why)
{
	const unsigned char *in = data;
	size_t length = n >= HEAD ? address_length(in, n) : 0;

	*ret_why = "a datagram without a header of SOCKS5";
	memset(ret_target, 0, sizeof(*ret_target));
	if (length == 0 || n < HEAD + length + PORT)
		return 0;
	if (in[2] != 0) {
		*ret_why = "a fragment of a datagram, which SOCKS5 does not have to support";
		return 0;
	}
	ret_target->port = (uint16_t)((unsigned)in[HEAD + length] << 8 | in[HEAD + length + 1]);
	if (in[HEAD - 1] != NAME)
		set_literal_address(ret_target, in[HEAD - 1], in + HEAD);
	else if (!copy_name(in + HEAD, ret_target->host))
		return 0;
	return HEAD + length + PORT;
}
