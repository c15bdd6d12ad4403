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

static int
choose_local_socket(struct requested_type *want, const struct bind_opts *o, const char *what,
    struct error *e)
{
	if (o->proto != NULL || want->proto != -1)
		return error_set(e, ERROR_USAGE, "%s: not for a %s address",
		    o->proto != NULL ? "--proto" : want->proto_word, what);
	if (o->mptcp)
		return error_set(e, ERROR_USAGE, "--mptcp: not for a %s address", what);
	if (want->type == SOCK_RAW)
		return error_set(e, ERROR_USAGE, "--type: a %s socket is never raw", what);
	return 0;
}

static int
choose_can(struct requested_type *want, const struct bind_opts *o, struct error *e)
{
	if (o->proto != NULL)
		return error_set(e, ERROR_USAGE, "--proto: not for a can address");
	if (want->type != 0 && want->type != SOCK_RAW)
		return error_set(e, ERROR_USAGE, "%s: a CAN socket is raw", want->type_word);
	want->type = SOCK_RAW;
	want->proto = CAN_RAW;
	return 0;
}

static int
choose_fd(const struct requested_type *want, struct error *e)
{
	if (want->type != 0)
		return error_set(e, ERROR_USAGE, "%s: the descriptor is what it is",
		    want->type_word);
	if (want->proto != -1)
		return error_set(e, ERROR_USAGE, "%s: the descriptor is what it is",
		    want->proto_word);
	return 0;
}

/* A line has no socket, so no option of one applies. */
static int
choose_line(const struct requested_type *want, const struct bind_opts *o, struct error *e)
{
	const struct {
		bool given;
		const char *name;
	} options[] = {
		{ want->type != 0, want->type_word },
		{ want->proto != -1, want->proto_word },
		{ o->family == AF_INET, "--ipv4" },
		{ o->family == AF_INET6, "--ipv6" },
		{ o->source != NULL, "--source" },
		{ o->source_port.given, "--source-port" },
		{ o->reuse_port, "--reuse-port" },
		{ o->mptcp, "--mptcp" },
		{ o->interface != NULL, "--interface" },
		{ o->sockopts.n > 0, "--sockopt" },
		{ o->groups.n > 0, "--join" },
		{ o->broadcast, "--broadcast" },
		{ o->ttl != 0, "--ttl" },
		{ o->min_ttl != 0, "--min-ttl" },
		{ o->tos != NULL, "--tos" },
		{ o->md5_file != NULL, "--md5-file" },
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].given)
			return error_set(e, ERROR_USAGE, "%s: not for a serial line",
			    options[i].name);
	return 0;
}

int
socket_type_choose(const struct bind_opts *o, const struct endpoint *ep, struct bind_how *how,
    struct error *e)
{
	struct requested_type want = { .proto = -1 };
	int rc;

	if (request_options(&want, o, ep, e) < 0 || request_transport(&want, ep, e) < 0)
		return -1;
	if (ep->kind == ENDPOINT_UNIX)
		rc = choose_local_socket(&want, o, "unix", e);
	else if (ep->kind == ENDPOINT_VSOCK)
		rc = choose_local_socket(&want, o, "vsock", e);
	else if (ep->kind == ENDPOINT_CAN)
		rc = choose_can(&want, o, e);
	else if (ep->kind == ENDPOINT_FD)
		rc = choose_fd(&want, e);
	else if (endpoint_is_line(ep))
		rc = choose_line(&want, o, e);
	else
		rc = choose_inet(&want, o, how, e);
	if (rc < 0)
		return -1;
	how->type = want.type == 0 && ep->kind != ENDPOINT_FD ? SOCK_STREAM : want.type;
	how->proto = want.proto != -1 ? want.proto : 0;
	return 0;
}
