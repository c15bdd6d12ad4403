#include "net/sockopt/ip_header.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "net/sockopt/sockopt.h"

/* RFC 1349, RFC 2474, RFC 2597, RFC 3246. */
static const struct {
	const char *word;
	int tos;
} words[] = {
	{ "lowdelay", IPTOS_LOWDELAY },
	{ "throughput", IPTOS_THROUGHPUT },
	{ "reliability", IPTOS_RELIABILITY },
	{ "lowcost", IPTOS_MINCOST },
	{ "netcontrol", IPTOS_PREC_NETCONTROL },
	{ "inetcontrol", IPTOS_PREC_INTERNETCONTROL },
	{ "critical", IPTOS_PREC_CRITIC_ECP },
	{ "af11", 0x28 },
	{ "af12", 0x30 },
	{ "af13", 0x38 },
	{ "af21", 0x48 },
	{ "af22", 0x50 },
	{ "af23", 0x58 },
	{ "af31", 0x68 },
	{ "af32", 0x70 },
	{ "af33", 0x78 },
	{ "af41", 0x88 },
	{ "af42", 0x90 },
	{ "af43", 0x98 },
	{ "cs0", 0x00 },
	{ "cs1", 0x20 },
	{ "cs2", 0x40 },
	{ "cs3", 0x60 },
	{ "cs4", 0x80 },
	{ "cs5", 0xa0 },
	{ "cs6", 0xc0 },
	{ "cs7", 0xe0 },
	{ "ef", 0xb8 },
};

static int
parse_hex_number(const char *text)
{
	int n = 0, digit;

	for (; *text != '\0' && n <= UINT8_MAX; text++) {
		digit = parse_hex_digit(*text);
		if (digit < 0)
			return -1;
		n = n * 16 + digit;
	}
	return n;
}

int
ip_header_parse_tos(const char *text, int *ret_tos, struct error *e)
{
	bool hex = strncmp(text, "0x", 2) == 0 && text[2] != '\0';
	int64_t n = hex ? parse_hex_number(text + 2) : -1;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(text, words[i].word) == 0)
			n = words[i].tos;
	if (n < 0 && (hex || parse_int(text, 0, UINT8_MAX, &n, NULL) < 0))
		n = -1;
	if (n < 0 || n > UINT8_MAX)
		return error_set(e, ERROR_USAGE,
		    "'%s' is none of lowdelay throughput reliability lowcost netcontrol "
		    "inetcontrol critical ef af11-af43 cs0-cs7, and not in 0-255",
		    text);
	*ret_tos = (int)n;
	return 0;
}

/* Sets the hop limit. A stream socket has no multicast options and refuses them (EINVAL,
 * ENOPROTOOPT). */
static int
set_hops(int fd, int family, int ttl, struct error *e)
{
	if (ttl == 0)
		return 0;
	(void)sockopt_set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, ttl, "IP_MULTICAST_TTL", NULL);
	/* on an IPv6 socket this applies to v4-mapped peers */
	if (sockopt_set_int(fd, IPPROTO_IP, IP_TTL, ttl, "IP_TTL", e) != 0 && family == AF_INET)
		return -1;
	if (family != AF_INET6)
		return 0;
	(void)sockopt_set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ttl, "IPV6_MULTICAST_HOPS",
	    NULL);
	return sockopt_set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl, "IPV6_UNICAST_HOPS", e);
}

static int
set_min_hops(int fd, int family, int hops, struct error *e)
{
	if (hops == 0)
		return 0;
	return family == AF_INET6
	    ? sockopt_set_int(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, hops, "IPV6_MINHOPCOUNT", e)
	    : sockopt_set_int(fd, IPPROTO_IP, IP_MINTTL, hops, "IP_MINTTL", e);
}

static int
set_class(int fd, int family, int tos, struct error *e)
{
	if (tos == 0)
		return 0;
	return family == AF_INET6
	    ? sockopt_set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, tos, "IPV6_TCLASS", e)
	    : sockopt_set_int(fd, IPPROTO_IP, IP_TOS, tos, "IP_TOS", e);
}

/* An empty prefix is one of every peer. */
static int
set_md5(int fd, int family, const struct tcp_md5_key *key, struct error *e)
{
	struct tcp_md5sig sig = { .tcpm_flags = TCP_MD5SIG_FLAG_PREFIX };

	if (key == NULL || key->len == 0)
		return 0;
	sig.tcpm_addr.ss_family = (sa_family_t)family;
	sig.tcpm_keylen = key->len;
	memcpy(sig.tcpm_key, key->bytes, key->len);
	if (setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &sig, sizeof(sig)) == 0)
		return 0;
	return error_errno(e, ERROR_NETWORK, errno, "setsockopt TCP_MD5SIG_EXT");
}

int
ip_header_set(int fd, int family, const struct ip_header *o, struct error *e)
{
	if (family != AF_INET && family != AF_INET6)
		return 0;
	return set_hops(fd, family, o->ttl, e) != 0 ||
		set_min_hops(fd, family, o->min_ttl, e) != 0 ||
		set_class(fd, family, o->tos, e) != 0 || set_md5(fd, family, o->md5, e) != 0
	    ? -1
	    : 0;
}
