#include "net/symbol.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <linux/can.h>
#include <linux/can/raw.h>

struct symbol {
	const char *word;
	int number;
};

static const struct symbol families[] = {
	{ "inet", AF_INET },
	{ "inet6", AF_INET6 },
	{ "unix", AF_UNIX },
	{ "vsock", AF_VSOCK },
	{ "can", AF_CAN },
	{ NULL, 0 },
};

static const struct symbol types[] = {
	{ "stream", SOCK_STREAM },
	{ "dgram", SOCK_DGRAM },
	{ "seqpacket", SOCK_SEQPACKET },
	{ "raw", SOCK_RAW },
	{ NULL, 0 },
};

static const struct symbol protos[] = {
	{ "ip", IPPROTO_IP },
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "udplite", IPPROTO_UDPLITE },
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "sctp", IPPROTO_SCTP },
	{ "mptcp", IPPROTO_MPTCP },
	{ "ipv6", IPPROTO_IPV6 },
	{ "raw", IPPROTO_RAW },
	/* of its own family; last, as 1 is icmp */
	{ "can_raw", CAN_RAW },
	{ NULL, 0 },
};

static const struct symbol levels[] = {
	{ "socket", SOL_SOCKET },
	{ "ip", IPPROTO_IP },
	{ "ipv6", IPPROTO_IPV6 },
	{ "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "udplite", IPPROTO_UDPLITE },
	{ "sctp", IPPROTO_SCTP },
	{ "mptcp", 284 /* SOL_MPTCP */ },
	{ "vsock", AF_VSOCK },
	{ "can_raw", SOL_CAN_RAW },
	{ "raw", IPPROTO_RAW },
	{ NULL, 0 },
};

static const struct {
	const struct symbol *rows;
	const char *prefixes[2], *words;
} kinds[] = {
	[SYMBOL_FAMILY] = { families, { "AF_", "PF_" }, "inet, inet6, unix, vsock, can" },
	[SYMBOL_TYPE] = { types, { "SOCK_", NULL }, "stream, dgram, seqpacket, raw" },
	[SYMBOL_PROTO] = { protos, { "IPPROTO_", NULL },
	    "ip, tcp, udp, udplite, icmp, icmpv6, sctp, mptcp, ipv6, raw, can_raw" },
	[SYMBOL_LEVEL] = { levels, { "SOL_", "IPPROTO_" },
	    "socket, ip, ipv6, icmp, icmpv6, tcp, udp, udplite, sctp, mptcp, vsock, can_raw, raw" },
};

bool
symbol_find(enum symbol_kind kind, const char *text, int *ret_number)
{
	for (int i = 0; i < 2; i++) {
		const char *prefix = kinds[kind].prefixes[i];
		size_t n = prefix == NULL ? 0 : strlen(prefix);

		if (n > 0 && strncasecmp(text, prefix, n) == 0) {
			text += n;
			break;
		}
	}
	for (const struct symbol *s = kinds[kind].rows; s->word != NULL; s++) {
		if (strcasecmp(s->word, text) == 0) {
			*ret_number = s->number;
			return true;
		}
	}
	return false;
}

const char *
symbol_word(enum symbol_kind kind, int number)
{
	const struct symbol *s = kinds[kind].rows;

	while (s->word != NULL && s->number != number)
		s++;
	return s->word;
}

const char *
symbol_words(enum symbol_kind kind)
{
	return kinds[kind].words;
}
