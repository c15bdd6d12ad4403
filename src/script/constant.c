#include "script/constant.h"

#include <linux/can.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/proto.h"
#include "script/script.h"
#include "sock/sock.h"
#include "tcl/interp.h"

struct constant {
	const char *name; /* in full; what is behind the prefix of its kind is the short one */
	int number;
};

struct constants {
	const char *what, *prefix, *known;
	const struct constant *rows;
};

static const struct constant families[] = {
	{ "AF_INET", AF_INET },
	{ "AF_INET6", AF_INET6 },
	{ "AF_UNIX", AF_UNIX },
	{ "AF_VSOCK", AF_VSOCK },
	{ "AF_CAN", AF_CAN },
	{ NULL, 0 },
};

static const struct constant types[] = {
	{ "SOCK_STREAM", SOCK_STREAM },
	{ "SOCK_DGRAM", SOCK_DGRAM },
	{ "SOCK_RAW", SOCK_RAW },
	{ "SOCK_SEQPACKET", SOCK_SEQPACKET },
	{ NULL, 0 },
};

static const struct constant protos[] = {
	{ "IPPROTO_TCP", IPPROTO_TCP },
	{ "IPPROTO_UDP", IPPROTO_UDP },
	{ "IPPROTO_TCP_SER", SOCK_PROTO_TCP_SER },
	{ "TCP_CUSTOMIZE_PORT", SOCK_PROTO_CUSTOMIZE_PORT },
	{ "IPPROTO_CUSTOMIZE_PORT", SOCK_PROTO_CUSTOMIZE_PORT },
	{ "IPPROTO_IP", IPPROTO_IP },
	{ "IPPROTO_ICMP", IPPROTO_ICMP },
	{ "IPPROTO_IPV6", IPPROTO_IPV6 },
	{ "IPPROTO_ICMPV6", IPPROTO_ICMPV6 },
	{ "IPPROTO_RAW", IPPROTO_RAW },
	{ "IPPROTO_SCTP", IPPROTO_SCTP },
	{ "IPPROTO_UDPLITE", IPPROTO_UDPLITE },
	{ "CAN_RAW", CAN_RAW },
	{ NULL, 0 },
};

static const struct constant levels[] = {
	{ "SOL_SOCKET", SOL_SOCKET },
	{ "SOL_TCP", IPPROTO_TCP },
	{ "SOL_IP", IPPROTO_IP },
	{ "SOL_UDP", IPPROTO_UDP },
	{ "SOL_IPV6", IPPROTO_IPV6 },
	{ "SOL_SCTP", IPPROTO_SCTP },
	{ "SOL_UDPLITE", IPPROTO_UDPLITE },
	{ "IPPROTO_TCP", IPPROTO_TCP },
	{ "IPPROTO_SCTP", IPPROTO_SCTP },
	{ "IPPROTO_UDPLITE", IPPROTO_UDPLITE },
	{ "IPPROTO_IP", IPPROTO_IP },
	{ "IPPROTO_UDP", IPPROTO_UDP },
	{ "IPPROTO_IPV6", IPPROTO_IPV6 },
	{ NULL, 0 },
};

static const struct constant flags[] = {
	{ "MSG_PEEK", MSG_PEEK },
	{ "MSG_DONTWAIT", MSG_DONTWAIT },
	{ "MSG_OOB", MSG_OOB },
	{ "MSG_MORE", MSG_MORE },
	{ NULL, 0 },
};

static const struct constants kinds[] = {
	[CONSTANT_FAMILY] = { "family", "AF_", "inet, inet6, unix, vsock, can", families },
	[CONSTANT_TYPE] = { "type", "SOCK_", "stream, dgram, raw, seqpacket", types },
	[CONSTANT_PROTO] = { "protocol", "IPPROTO_", "tcp, udp, tcp_ser, customize_port", protos },
	[CONSTANT_LEVEL] = { "level", "SOL_", "SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6",
	    levels },
};

static const struct constants flag_constants = { "flag", "MSG_", "MSG_PEEK, MSG_DONTWAIT, MSG_OOB",
	flags };

static const struct constant *
find(const struct constants *c, const char *text)
{
	size_t skip = strlen(c->prefix);
	const struct constant *row;

	for (row = c->rows; row->name != NULL; row++) {
		if (strcasecmp(row->name, text) == 0)
			return row;
		if (strncmp(row->name, c->prefix, skip) == 0 &&
		    strcasecmp(row->name + skip, text) == 0)
			return row;
	}
	return NULL;
}

static int
get(struct interp *in, const struct constants *c, struct value *v, int *ret_number)
{
	const struct constant *row = find(c, value_bytes(v, NULL));
	int64_t number;

	if (row != NULL) {
		*ret_number = row->number;
		return TCL_OK;
	}
	if (value_to_int(v, &number) && number >= INT32_MIN && number <= INT32_MAX) {
		*ret_number = (int)number;
		return TCL_OK;
	}
	return interp_fail(in, "USOCK usage", NULL, "bad %s \"%v\": must be %s, or a number",
	    c->what, v, c->known);
}

int
constant_get(struct interp *in, enum constant_kind kind, struct value *v, int *ret_number)
{
	/* what /etc/protocols knows besides */
	if (kind == CONSTANT_PROTO && find(&kinds[kind], value_bytes(v, NULL)) == NULL &&
	    proto_parse(value_bytes(v, NULL), ret_number, NULL) == 0)
		return TCL_OK;
	return get(in, &kinds[kind], v, ret_number);
}

int
constant_get_flags(struct interp *in, struct value *v, int *ret_flags)
{
	struct value *const *items;
	int flag = 0;
	size_t n;

	if (interp_get_list(in, v, &n, &items) != TCL_OK)
		return TCL_ERROR;
	*ret_flags = 0;
	for (size_t i = 0; i < n; i++) {
		if (get(in, &flag_constants, items[i], &flag) != TCL_OK)
			return TCL_ERROR;
		*ret_flags |= flag;
	}
	return TCL_OK;
}
