#include "net/sockopt/symbol.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <linux/can.h>
#include <linux/can/raw.h>

/* WORD(word, number, title). Each list makes a table and the list of its words for messages. */
#define FAMILIES(WORD)                                                                             \
	WORD("inet", AF_INET, NULL)                                                                \
	WORD("inet6", AF_INET6, "IPv6")                                                            \
	WORD("unix", AF_UNIX, "unix sockets")                                                      \
	WORD("vsock", AF_VSOCK, "VSOCK")                                                           \
	WORD("can", AF_CAN, "CAN")

#define TYPES(WORD)                                                                                \
	WORD("stream", SOCK_STREAM, NULL)                                                          \
	WORD("dgram", SOCK_DGRAM, NULL)                                                            \
	WORD("seqpacket", SOCK_SEQPACKET, NULL)                                                    \
	WORD("raw", SOCK_RAW, NULL)

/* can_raw belongs to another family; it is last because its number 1 is also icmp. */
#define PROTOS(WORD)                                                                               \
	WORD("ip", IPPROTO_IP, NULL)                                                               \
	WORD("tcp", IPPROTO_TCP, NULL)                                                             \
	WORD("udp", IPPROTO_UDP, NULL)                                                             \
	WORD("udplite", IPPROTO_UDPLITE, "UDP-Lite")                                               \
	WORD("icmp", IPPROTO_ICMP, NULL)                                                           \
	WORD("icmpv6", IPPROTO_ICMPV6, NULL)                                                       \
	WORD("sctp", IPPROTO_SCTP, "SCTP")                                                         \
	WORD("mptcp", IPPROTO_MPTCP, "MPTCP")                                                      \
	WORD("ipv6", IPPROTO_IPV6, NULL)                                                           \
	WORD("raw", IPPROTO_RAW, NULL)                                                             \
	WORD("can_raw", CAN_RAW, NULL)

/* In the order in which help lists the options. */
#define LEVELS(WORD)                                                                               \
	WORD("socket", SOL_SOCKET, "Every socket")                                                 \
	WORD("ip", IPPROTO_IP, "IPv4")                                                             \
	WORD("ipv6", IPPROTO_IPV6, "IPv6")                                                         \
	WORD("tcp", IPPROTO_TCP, "TCP")                                                            \
	WORD("udp", IPPROTO_UDP, "UDP")                                                            \
	WORD("udplite", IPPROTO_UDPLITE, "UDP-Lite")                                               \
	WORD("sctp", IPPROTO_SCTP, "SCTP")                                                         \
	WORD("mptcp", 284 /* SOL_MPTCP */, NULL)                                                   \
	WORD("vsock", AF_VSOCK, "VSOCK")                                                           \
	WORD("can_raw", SOL_CAN_RAW, "CAN")                                                        \
	WORD("raw", IPPROTO_RAW, "Raw IPv4")                                                       \
	WORD("icmp", IPPROTO_ICMP, NULL)                                                           \
	WORD("icmpv6", IPPROTO_ICMPV6, "Raw ICMPv6")

#define ROW(word, number, title) { word, number, title },
#define NAME(word, number, title) ", " word
#define KIND(list, ...)                                                                            \
	{                                                                                          \
		(const struct symbol[]){ list(ROW){ NULL, 0, NULL } }, { __VA_ARGS__ }, list(NAME) \
	}

static const struct {
	const struct symbol *rows;
	const char *prefixes[2], *words;
} kinds[] = {
	[SYMBOL_FAMILY] = KIND(FAMILIES, "AF_", "PF_"),
	[SYMBOL_TYPE] = KIND(TYPES, "SOCK_", NULL),
	[SYMBOL_PROTO] = KIND(PROTOS, "IPPROTO_", NULL),
	[SYMBOL_LEVEL] = KIND(LEVELS, "SOL_", "IPPROTO_"),
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

static const struct symbol *
find_by_number(enum symbol_kind kind, int number)
{
	const struct symbol *s = kinds[kind].rows;

	while (s->word != NULL && s->number != number)
		s++;
	return s;
}

const char *
symbol_word(enum symbol_kind kind, int number)
{
	return find_by_number(kind, number)->word;
}

const char *
symbol_title(enum symbol_kind kind, int number)
{
	return find_by_number(kind, number)->title;
}

const struct symbol *
symbol_rows(enum symbol_kind kind)
{
	return kinds[kind].rows;
}

const char *
symbol_words(enum symbol_kind kind)
{
	return kinds[kind].words + strlen(", ");
}
