#include "net/proto.h"

#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/parse.h"

#define PROTO_MAX 255 /* of IP; those above are Linux's own */

static const struct {
	const char *name;
	int number;
	int type;
} protos[] = {
	{ "tcp", IPPROTO_TCP, SOCK_STREAM },
	{ "udp", IPPROTO_UDP, SOCK_DGRAM },
	{ "udplite", IPPROTO_UDPLITE, SOCK_DGRAM },
	{ "icmp", IPPROTO_ICMP, 0 },
	{ "icmpv6", IPPROTO_ICMPV6, 0 },
	{ "sctp", IPPROTO_SCTP, SOCK_STREAM },
	{ "mptcp", IPPROTO_MPTCP, SOCK_STREAM },
};

#define N_PROTOS (sizeof(protos) / sizeof(protos[0]))

int
proto_parse(const char *text, int *ret_proto, struct error *e)
{
	const struct protoent *known;
	int64_t number;
	size_t i;

	for (i = 0; i < N_PROTOS; i++) {
		if (strcmp(text, protos[i].name) == 0) {
			*ret_proto = protos[i].number;
			return 0;
		}
	}
	if (isdigit((unsigned char)text[0])) {
		if (parse_int(text, 0, PROTO_MAX, &number, e) == -1)
			return -1;
		*ret_proto = (int)number;
		return 0;
	}
	/* cppcheck-suppress getprotobynameCalled ; no thread asks for protocols */
	known = text[0] != '\0' ? getprotobyname(text) : NULL;
	if (known == NULL)
		return error_set(e, ERROR_USAGE, "'%.200s' is no protocol and no number (0-%d)",
		    text, PROTO_MAX);
	*ret_proto = known->p_proto;
	return 0;
}

const char *
proto_name(int proto)
{
	size_t i;

	for (i = 0; i < N_PROTOS; i++)
		if (protos[i].number == proto)
			return protos[i].name;
	return NULL;
}

int
proto_type(int proto)
{
	size_t i;

	for (i = 0; i < N_PROTOS; i++)
		if (protos[i].number == proto)
			return protos[i].type;
	return 0;
}
