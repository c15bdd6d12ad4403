#include "cli/options/socket_type.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include <linux/can.h>

#include "base/error.h"
#include "net/proto.h"

/* The type and protocol that the words so far ask for, and the word that asked. */
struct kind {
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
say_type(struct kind *k, int type, const char *word, struct error *e)
{
	if (k->type != 0 && k->type != type)
		return error_set(e, ERROR_USAGE, "%s and %s: not both", k->type_word, word);
	k->type = type;
	k->type_word = word;
	return 0;
}

static int
say_proto(struct kind *k, int proto, const char *word, struct error *e)
{
	/* -u asks for datagrams, and UDP-Lite sends datagrams too */
	if (k->proto == IPPROTO_UDP && proto == IPPROTO_UDPLITE)
		k->proto = proto;
	if (k->proto != -1 && k->proto != proto)
		return error_set(e, ERROR_USAGE, "%s and %s: not both", k->proto_word, word);
	k->proto = proto;
	k->proto_word = word;
	/* a raw socket receives packets of any protocol */
	if (proto_type(proto) == 0 || k->type == SOCK_RAW)
		return 0;
	/* SCTP also has one-to-many sockets (RFC 6458, 3) */
	if (proto == IPPROTO_SCTP && k->type == SOCK_SEQPACKET)
		return 0;
	return say_type(k, proto_type(proto), word, e);
}

static int
say_transport(struct kind *k, const struct endpoint *ep, struct error *e)
{
	switch (ep->transport) {
	case TRANSPORT_UDP:
	case TRANSPORT_DTLS:
		return say_type(k, SOCK_DGRAM, "transport udp", e) < 0 ||
			say_proto(k, IPPROTO_UDP, "transport udp", e) < 0
		    ? -1
		    : 0;
	case TRANSPORT_TLS:
		/* TLS runs on any stream */
		return say_type(k, SOCK_STREAM, "transport tls", e);
	case TRANSPORT_TCP:
		return say_type(k, SOCK_STREAM, "transport tcp", e) < 0 ||
			(k->proto != IPPROTO_MPTCP &&
			    say_proto(k, IPPROTO_TCP, "transport tcp", e) < 0)
		    ? -1
		    : 0;
	default:
		return 0;
	}
}

static int
say_options(struct kind *k, const struct bind_opts *o, const struct endpoint *ep, struct error *e)
{
	int proto;

	if (o->type != SOCKET_TYPE_UNSAID && say_type(k, types[o->type], "--type", e) < 0)
		return -1;
	if (o->udp && say_type(k, SOCK_DGRAM, "--udp", e) < 0)
		return -1;
	if (o->udp && ep->kind == ENDPOINT_INET && say_proto(k, IPPROTO_UDP, "--udp", e) < 0)
		return -1;
	if (o->mptcp && say_type(k, SOCK_STREAM, "--mptcp", e) < 0)
		return -1;
	if (o->proto == NULL)
		return 0;
	if (proto_parse(o->proto, &proto, e) < 0)
		return error_prefix(e, "--proto");
	return say_proto(k, proto, "--proto", e);
}

/* ---- what the address family has ---- */

static int
icmp_family(const struct kind *k, struct bind_how *how, struct error *e)
{
	int family = k->proto == IPPROTO_ICMP ? AF_INET : AF_INET6;

	if (k->proto != IPPROTO_ICMP && k->proto != IPPROTO_ICMPV6)
		return 0;
	if (how->family != AF_UNSPEC && how->family != family)
		return error_set(e, ERROR_USAGE, "--proto: IPv4 has icmp, IPv6 has icmpv6");
	how->family = family;
	return 0;
}

static int
choose_inet(struct kind *k, const struct bind_opts *o, struct bind_how *how, struct error *e)
{
	if (k->type == 0 && k->proto != -1)
		return error_set(e, ERROR_USAGE,
		    "--proto: this one needs --type too: raw, or dgram for icmp and icmpv6");
	if (k->type == SOCK_RAW && k->proto == -1)
		return error_set(e, ERROR_USAGE, "--type: raw needs --proto");
	if (k->type == SOCK_SEQPACKET && k->proto != IPPROTO_SCTP)
		return error_set(e, ERROR_USAGE,
		    "--type: seqpacket is for unix and vsock addresses, and --proto sctp");
	if (o->mptcp && k->proto != -1 && k->proto != IPPROTO_TCP && k->proto != IPPROTO_MPTCP)
		return error_set(e, ERROR_USAGE, "--mptcp and --proto: not both");
	if (icmp_family(k, how, e) < 0)
		return -1;
	how->mptcp = o->mptcp;
	return 0;
}

static int
choose_local(struct kind *k, const struct bind_opts *o, const char *what, struct error *e)
{
	if (o->proto != NULL || k->proto != -1)
		return error_set(e, ERROR_USAGE, "%s: not for a %s address",
		    o->proto != NULL ? "--proto" : k->proto_word, what);
	if (o->mptcp)
		return error_set(e, ERROR_USAGE, "--mptcp: not for a %s address", what);
	if (k->type == SOCK_RAW)
		return error_set(e, ERROR_USAGE, "--type: a %s socket is never raw", what);
	return 0;
}

static int
choose_can(struct kind *k, const struct bind_opts *o, struct error *e)
{
	if (o->proto != NULL)
		return error_set(e, ERROR_USAGE, "--proto: not for a can address");
	if (k->type != 0 && k->type != SOCK_RAW)
		return error_set(e, ERROR_USAGE, "%s: a CAN socket is raw", k->type_word);
	k->type = SOCK_RAW;
	k->proto = CAN_RAW;
	return 0;
}

static int
choose_fd(const struct kind *k, struct error *e)
{
	if (k->type != 0)
		return error_set(e, ERROR_USAGE, "%s: the descriptor is what it is", k->type_word);
	if (k->proto != -1)
		return error_set(e, ERROR_USAGE, "%s: the descriptor is what it is", k->proto_word);
	return 0;
}

int
socket_type_choose(const struct bind_opts *o, const struct endpoint *ep, struct bind_how *how,
    struct error *e)
{
	struct kind k = { .proto = -1 };
	int rc;

	if (say_options(&k, o, ep, e) < 0 || say_transport(&k, ep, e) < 0)
		return -1;
	if (ep->kind == ENDPOINT_UNIX)
		rc = choose_local(&k, o, "unix", e);
	else if (ep->kind == ENDPOINT_VSOCK)
		rc = choose_local(&k, o, "vsock", e);
	else if (ep->kind == ENDPOINT_CAN)
		rc = choose_can(&k, o, e);
	else if (ep->kind == ENDPOINT_FD)
		rc = choose_fd(&k, e);
	else
		rc = choose_inet(&k, o, how, e);
	if (rc < 0)
		return -1;
	how->type = k.type == 0 && ep->kind != ENDPOINT_FD ? SOCK_STREAM : k.type;
	how->proto = k.proto != -1 ? k.proto : 0;
	return 0;
}
