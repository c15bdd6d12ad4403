#include "cli/options/bind_opts.h"

#include <stddef.h>
#include <sys/socket.h>

#include "cli/options/socket_type.h"

#define FAMILY_ROWS                                                                                \
	IP_ROWS(offsetof(struct bind_opts, family), "IPv4 only"),                                  \
	    { .name = "udp",                                                                       \
		    .letter = 'u',                                                                 \
		    .kind = OPT_FLAG,                                                              \
		    .offset = offsetof(struct bind_opts, udp),                                     \
		    .help = "use datagrams: UDP, or a unix datagram socket" },                     \
	    { .name = "type",                                                                      \
		    .kind = OPT_CHOICE,                                                            \
		    .offset = offsetof(struct bind_opts, type),                                    \
		    .arg = "TYPE",                                                                 \
		    .choices = SOCKET_TYPE_WORDS,                                                  \
		    .help = "type of the socket: " SOCKET_TYPE_HELP },                             \
	{                                                                                          \
		.name = "proto", .kind = OPT_TEXT, .offset = offsetof(struct bind_opts, proto),    \
		.arg = "NAME|NUM", .complete = "proto",                                            \
		.help = "protocol: tcp, udp, udplite, icmp, icmpv6, sctp, mptcp, or a number"      \
	}

#define SOCKET_ROWS                                                                                \
	{ .name = "reuse-addr",                                                                    \
		.kind = OPT_FLAG,                                                                  \
		.offset = offsetof(struct bind_opts, reuse_addr),                                  \
		.help = "use a local port that is in TIME_WAIT (the default)" },                   \
	    { .name = "no-reuse-addr",                                                             \
		    .kind = OPT_UNFLAG,                                                            \
		    .offset = offsetof(struct bind_opts, reuse_addr),                              \
		    .help = "fail if the local port is in TIME_WAIT" },                            \
	    { .name = "reuse-port",                                                                \
		    .kind = OPT_FLAG,                                                              \
		    .offset = offsetof(struct bind_opts, reuse_port),                              \
		    .help = "share the local port with other sockets that set this" },             \
	    { .name = "interface",                                                                 \
		    .kind = OPT_TEXT,                                                              \
		    .offset = offsetof(struct bind_opts, interface),                               \
		    .arg = "IF",                                                                   \
		    .complete = "interface",                                                       \
		    .help = "use only this network interface" },                                   \
	    { .name = "sockopt",                                                                   \
		    .letter = 'o',                                                                 \
		    .kind = OPT_LIST,                                                              \
		    .offset = offsetof(struct bind_opts, sockopts),                                \
		    .arg = "NAME=VALUE",                                                           \
		    .complete = "sockopt",                                                         \
		    .help = "set a socket option, or LEVEL:NUMBER=INT|hex:BYTES; repeatable; "     \
			    "`usock help sockopt` lists them" },                                   \
	    { .name = "broadcast",                                                                 \
		    .kind = OPT_FLAG,                                                              \
		    .offset = offsetof(struct bind_opts, broadcast),                               \
		    .help = "allow datagrams to broadcast addresses" },                            \
	    { .name = "ttl",                                                                       \
		    .kind = OPT_INT,                                                               \
		    .offset = offsetof(struct bind_opts, ttl),                                     \
		    .arg = "HOPS",                                                                 \
		    .min = 1,                                                                      \
		    .max = 255,                                                                    \
		    .help = "limit unicast and multicast packets to HOPS hops" },                  \
	    { .name = "min-ttl",                                                                   \
		    .kind = OPT_INT,                                                               \
		    .offset = offsetof(struct bind_opts, min_ttl),                                 \
		    .arg = "HOPS",                                                                 \
		    .min = 0,                                                                      \
		    .max = 255,                                                                    \
		    .help = "drop packets that come with fewer hops left" },                       \
	    { .name = "tos",                                                                       \
		    .kind = OPT_TEXT,                                                              \
		    .offset = offsetof(struct bind_opts, tos),                                     \
		    .arg = "WORD|NUM",                                                             \
		    .help = "type of service or traffic class: lowdelay, throughput, ef, af11, "   \
			    "cs1 and others, or 0-255" },                                          \
	    { .name = "md5-file",                                                                  \
		    .kind = OPT_TEXT,                                                              \
		    .offset = offsetof(struct bind_opts, md5_file),                                \
		    .arg = "FILE",                                                                 \
		    .complete = "file",                                                            \
		    .reach = REACH_TRUST,                                                          \
		    .help = "sign TCP segments (RFC 2385) with the key in the first line of "      \
			    "FILE" },                                                              \
	    { .name = "join",                                                                      \
		    .kind = OPT_LIST,                                                              \
		    .offset = offsetof(struct bind_opts, groups),                                  \
		    .arg = "[SOURCE@]GROUP[%IF]",                                                  \
		    .help = "join this multicast group, and receive only from SOURCE; "            \
			    "repeatable" },                                                        \
	    { .name = "netns",                                                                     \
		    .kind = OPT_TEXT,                                                              \
		    .offset = offsetof(struct bind_opts, netns),                                   \
		    .arg = "NAME",                                                                 \
		    .help = "use another network namespace: a name of ip-netns(8), or a "          \
			    "path" },                                                              \
	{                                                                                          \
		.name = "mptcp", .kind = OPT_FLAG, .offset = offsetof(struct bind_opts, mptcp),    \
		.help = "use Multipath TCP if kernel and peer have it"                             \
	}

const struct opt connect_bind_rows[] = {
	FAMILY_ROWS,
	{ .name = "source",
	    .letter = 's',
	    .kind = OPT_TEXT,
	    .offset = offsetof(struct bind_opts, source),
	    .arg = "ADDR",
	    .complete = "host",
	    .help = "the local address" },
	{ .name = "source-port",
	    .letter = 'p',
	    .kind = OPT_PORTS,
	    .offset = offsetof(struct bind_opts, source_port),
	    .arg = "PORT|LO-HI",
	    .help = "local port, or the first free one of a range; 0: the kernel chooses" },
	SOCKET_ROWS,
};

const struct opt listen_bind_rows[] = { FAMILY_ROWS, SOCKET_ROWS };

void
bind_opts_defaults(struct bind_opts *o)
{
	o->reuse_addr = true;
	o->type = SOCKET_TYPE_UNSET;
}
