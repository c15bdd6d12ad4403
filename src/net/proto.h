/*
 * Protocols of IP by name and number (protocols(5), RFC 5237).
 */
#ifndef NET_PROTO_H
#define NET_PROTO_H

struct error;

/* What needs no file to be known. */
#define PROTO_WORDS "tcp udp udplite icmp icmpv6 sctp mptcp"

/* One that net/sockopt/symbol.h knows, any other that /etc/protocols has, or a number
 * (0-255). ERROR_USAGE. */
int proto_parse(const char *text, int *ret_proto, struct error *e);

/* The name, or NULL; 0 has none. */
const char *proto_name(int proto);

/* The type of socket that the protocol comes as, SOCK_STREAM or SOCK_DGRAM; 0
 * where there are several, or where only raw sockets speak it. */
int proto_type(int proto);

#endif
