/*
 * The options of the local address and of the socket.
 */
#ifndef CLI_OPTIONS_BIND_OPTS_H
#define CLI_OPTIONS_BIND_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options/opt.h"

/* Rows of -4 and -6; the family is the int at this offset. */
#define IP_ROWS(at, ipv4_help)                                                                     \
	{ .name = "ipv4",                                                                          \
		.letter = '4',                                                                     \
		.kind = OPT_SET,                                                                   \
		.offset = (at),                                                                    \
		.value = AF_INET,                                                                  \
		.help = (ipv4_help) },                                                             \
	{                                                                                          \
		.name = "ipv6", .letter = '6', .kind = OPT_SET, .offset = (at), .value = AF_INET6, \
		.help = "IPv6 only"                                                                \
	}

/* Local address and socket. */
struct bind_opts {
	int family;
	bool udp;
	int type;          /* index in SOCKET_TYPE_WORDS */
	const char *proto; /* NULL: not given */
	const char *source;
	struct opt_ports source_port;
	bool reuse_addr, reuse_port, mptcp;
	const char *interface;
	struct opt_list sockopts;
	bool broadcast;
	int64_t ttl, min_ttl;   /* 0: not given */
	const char *tos;        /* NULL: not given */
	const char *md5_file;   /* the same */
	struct opt_list groups; /* multicast groups to join */
	const char *netns;      /* NULL: ours */
};

enum { N_CONNECT_BIND = 20, N_LISTEN_BIND = 18 };

extern const struct opt connect_bind_rows[N_CONNECT_BIND];
extern const struct opt listen_bind_rows[N_LISTEN_BIND];

/* For the conflicts of a command. */
#define BIND_CONFLICTS "ipv4 ipv6", "udp mptcp", "reuse-addr no-reuse-addr"

/* Sets the defaults. */
void bind_opts_defaults(struct bind_opts *o);

#endif
