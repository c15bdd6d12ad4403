#include "cli/options/socket_type.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include <linux/can.h>

#include "base/array.h"
#include "base/error.h"
#include "net/connect.h"
#include "net/endpoint.h"
#include "net/proto.h"

/* The type and protocol that the words so far ask for, and the word that asked. */
struct requested_type {
	int type;  /* 0: none so far */
	int proto; /* -1: none so far */
	const char *type_word, *proto_word;
};

static const int types[] = {
	[SOCKET_TYPE_STREAM] = SOCK_STREAM,
	[SOCKET_TYPE_DGRAM] = SOCK_DGRAM,
	[SOCKET_TYPE_SEQPACKET] = SOCK_SEQPACKET,
	[SOCKET_TYPE_RAW] = SOCK_RAW,
};

static int
request_type(struct requested_type *want, int type, const char *word, struct error *e)
{
	if (want->type != 0 && want->type != type)
		return error_set(e, ERROR_USAGE, "%s and %s: not both", want->type_word, word);
	want->type = type;
	want->type_word = word;
	return 0;
}

static int
request_proto(struct requested_type *want, int proto, const char *word, struct error *e)
{
	/* -u asks for datagrams, and UDP-Lite sends datagrams too */
	if (want->proto == IPPROTO_UDP && proto == IPPROTO_UDPLITE)
		want->proto = proto;
	if (want->proto != -1 && want->proto != proto)
		return error_set(e, ERROR_USAGE, "%s and %s: not both", want->proto_word, word);
	want->proto = proto;
	want->proto_word = word;
	/* a raw socket receives packets of any protocol */
	if (proto_type(proto) == 0 || want->type == SOCK_RAW)
		return 0;
	/* SCTP also has one-to-many sockets (RFC 6458, 3) */
	if (proto == IPPROTO_SCTP && want->type == SOCK_SEQPACKET)
		return 0;
	return request_type(want, proto_type(proto), word, e);
}

static int
request_transport(struct requested_type *want, const struct endpoint *ep, struct error *e)
{
	switch (ep->transport) {
	case TRANSPORT_UDP:
	case TRANSPORT_DTLS:
		return request_type(want, SOCK_DGRAM, "transport udp", e) < 0 ||
			request_proto(want, IPPROTO_UDP, "transport udp", e) < 0
		    ? -1
		    : 0;
	case TRANSPORT_TLS:
		/* TLS runs on any stream */
		return request_type(want, SOCK_STREAM, "transport tls", e);
	case TRANSPORT_WS:
	case TRANSPORT_WSS:
		return request_type(want, SOCK_STREAM, "WebSocket", e);
	case TRANSPORT_TCP:
		return request_type(want, SOCK_STREAM, "transport tcp", e) < 0 ||
			(want->proto != IPPROTO_MPTCP &&
			    request_proto(want, IPPROTO_TCP, "transport tcp", e) < 0)
		    ? -1
		    : 0;
	default:
		return 0;
	}
}

static int
request_options(struct requested_type *want, const struct bind_opts *o, const struct endpoint *ep,
    struct error *e)
{
	int proto;

	if (o->type != SOCKET_TYPE_UNSET && request_type(want, types[o->type], "--type", e) < 0)
		return -1;
	if (o->udp && request_type(want, SOCK_DGRAM, "--udp", e) < 0)
		return -1;
	if (o->udp && ep->kind == ENDPOINT_INET && request_proto(want, IPPROTO_UDP, "--udp", e) < 0)
		return -1;
	if (o->mptcp && request_type(want, SOCK_STREAM, "--mptcp", e) < 0)
		return -1;
	if (o->proto == NULL)
		return 0;
	if (proto_parse(o->proto, &proto, e) < 0)
		return error_prefix(e, "--proto");
	return request_proto(want, proto, "--proto", e);
}

/* ---- what the address family has ---- */

static int
icmp_family(const struct requested_type *want, struct bind_how *how, struct error *e)
{
	int family = want->proto == IPPROTO_ICMP ? AF_INET : AF_INET6;

	if (want->proto != IPPROTO_ICMP && want->proto != IPPROTO_ICMPV6)
		return 0;
	if (how->family != AF_UNSPEC && how->family != family)
		return error_set(e, ERROR_USAGE, "--proto: IPv4 has icmp, IPv6 has icmpv6");
	how->family = family;
	return 0;
}

static int
choose_inet(struct requested_type *want, const struct bind_opts *o, struct bind_how *how,
    struct error *e)
{
	if (want->type == 0 && want->proto != -1)
		return error_set(e, ERROR_USAGE,
		    "--proto: this one needs --type too: raw, or dgram for icmp and icmpv6");
	if (want->type == SOCK_RAW && want->proto == -1)
		return error_set(e, ERROR_USAGE, "--type: raw needs --proto");
	if (want->type == SOCK_SEQPACKET && want->proto != IPPROTO_SCTP)
		return error_set(e, ERROR_USAGE,
		    "--type: seqpacket is for unix and vsock addresses, and --proto sctp");
	if (o->mptcp && want->proto != -1 && want->proto != IPPROTO_TCP &&
	    want->proto != IPPROTO_MPTCP)
		return error_set(e, ERROR_USAGE, "--mptcp and --proto: not both");
	if (icmp_family(want, how, e) < 0)
		return -1;
	how->mptcp = o->mptcp;
	return 0;
}

/* Kinds of addresses whose sockets lack options of IP. */
enum { LINE = 1, FD = 2, UNIX = 4, VSOCK = 8, CAN = 16, NOT_IP = LINE | FD | UNIX | VSOCK | CAN };

static const struct address_kind {
	enum endpoint_kind kind;
	unsigned bit;
	const char *fault; /* of an option that it does not have */
} kinds[] = {
	{ ENDPOINT_FD, FD, "the descriptor is what it is" },
	{ ENDPOINT_UNIX, UNIX, "not for a unix address" },
	{ ENDPOINT_VSOCK, VSOCK, "not for a vsock address" },
	{ ENDPOINT_CAN, CAN, "not for a can address" },
	{ ENDPOINT_TTY, LINE, "not for a serial line" },
	{ ENDPOINT_PTY, LINE, "not for a serial line" },
};

/* Returns the row of an address; NULL: it has all options. */
static const struct address_kind *
find_address_kind(const struct endpoint *ep)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].kind == ep->kind)
			return &kinds[i];
	return NULL;
}

/* An option that would do nothing with an address of this kind is refused. */
static int
check_address_options(const struct requested_type *want, const struct bind_opts *o,
    const struct endpoint *ep, struct error *e)
{
	const struct address_kind *kind = find_address_kind(ep);
	const struct {
		bool given;
		const char *name;
		unsigned without; /* kinds that do not have it */
	} options[] = {
		{ want->type != 0, want->type_word, LINE | FD },
		{ o->proto != NULL, "--proto", NOT_IP },
		{ want->proto != -1, want->proto_word, NOT_IP },
		{ o->family == AF_INET, "--ipv4", NOT_IP },
		{ o->family == AF_INET6, "--ipv6", NOT_IP },
		{ o->source != NULL, "--source", LINE | FD | VSOCK | CAN },
		{ o->source_port.given, "--source-port", NOT_IP },
		{ o->reuse_port, "--reuse-port", LINE | FD | UNIX | CAN },
		{ o->mptcp, "--mptcp", NOT_IP },
		{ o->interface != NULL, "--interface", LINE | FD | UNIX | VSOCK },
		{ o->sockopts.n > 0, "--sockopt", LINE },
		{ o->groups.n > 0, "--join", NOT_IP & ~FD },
		{ o->broadcast, "--broadcast", NOT_IP },
		{ o->ttl != 0, "--ttl", NOT_IP },
		{ o->min_ttl != 0, "--min-ttl", NOT_IP },
		{ o->tos != NULL, "--tos", NOT_IP },
		{ o->md5_file != NULL, "--md5-file", NOT_IP },
	};

	for (size_t i = 0; kind != NULL && i < ARRAY_LEN(options); i++)
		if (options[i].given && (options[i].without & kind->bit) != 0)
			return error_set(e, ERROR_USAGE, "%s: %s", options[i].name, kind->fault);
	return 0;
}

static int
choose_local_socket(struct requested_type *want, const char *what, struct error *e)
{
	if (want->type == SOCK_RAW)
		return error_set(e, ERROR_USAGE, "--type: a %s socket is never raw", what);
	return 0;
}

static int
choose_can(struct requested_type *want, struct error *e)
{
	if (want->type != 0 && want->type != SOCK_RAW)
		return error_set(e, ERROR_USAGE, "%s: a CAN socket is raw", want->type_word);
	want->type = SOCK_RAW;
	want->proto = CAN_RAW;
	return 0;
}

static int
choose_by_kind(struct requested_type *want, const struct bind_opts *o, const struct endpoint *ep,
    struct bind_how *how, struct error *e)
{
	switch (ep->kind) {
	case ENDPOINT_UNIX:
		return choose_local_socket(want, "unix", e);
	case ENDPOINT_VSOCK:
		return choose_local_socket(want, "vsock", e);
	case ENDPOINT_CAN:
		return choose_can(want, e);
	case ENDPOINT_INET:
		return choose_inet(want, o, how, e);
	default:
		return 0;
	}
}

int
socket_type_choose(const struct bind_opts *o, const struct endpoint *ep, struct bind_how *how,
    struct error *e)
{
	struct requested_type want = { .proto = -1 };

	if (request_options(&want, o, ep, e) < 0 || request_transport(&want, ep, e) < 0 ||
	    check_address_options(&want, o, ep, e) < 0 || choose_by_kind(&want, o, ep, how, e) < 0)
		return -1;
	how->type = want.type == 0 && ep->kind != ENDPOINT_FD ? SOCK_STREAM : want.type;
	how->proto = want.proto != -1 ? want.proto : 0;
	return 0;
}
