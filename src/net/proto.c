#include "net/proto.h"

#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/parse.h"
#include "net/sockopt/symbol.h"

#define PROTO_MAX 255 /* largest protocol number of IP; larger ones are Linux's own */

int
proto_parse(const char *text, int *ret_proto, struct error *e)
{
	const struct protoent *known;
	int64_t number;

	if (symbol_find(SYMBOL_PROTO, text, ret_proto))
		return 0;
	if (isdigit((unsigned char)text[0])) {
		if (parse_int(text, 0, PROTO_MAX, &number, e) == -1)
			return -1;
		*ret_proto = (int)number;
		return 0;
	}
	/* cppcheck-suppress getprotobynameCalled ; only one thread calls it */
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
	return proto == 0 ? NULL : symbol_word(SYMBOL_PROTO, proto);
}

int
proto_type(int proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_SCTP:
	case IPPROTO_MPTCP:
		return SOCK_STREAM;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return SOCK_DGRAM;
	default:
		return 0;
	}
}
