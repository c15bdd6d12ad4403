/*
 * IP protocols by name and number (protocols(5), RFC 5237).
 */
#ifndef NET_PROTO_H
#define NET_PROTO_H

struct error;

/* Names that are known without a file. */
#define PROTO_WORDS "tcp udp udplite icmp icmpv6 sctp mptcp"

/* Parses a name from net/sockopt/symbol.h or /etc/protocols, or a number (0-255). Returns -1
 * with ERROR_USAGE. */
int proto_parse(const char *text, int *ret_proto, struct error *e);

/* Returns the name; NULL for 0 and for a protocol without a name. */
const char *proto_name(int proto);

/* Returns the socket type of the protocol, SOCK_STREAM or SOCK_DGRAM; 0 when it has several or
 * only raw sockets use it. */
int proto_type(int proto);

#endif
