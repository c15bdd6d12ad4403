/*
 * Option groups that several commands share, and the settings they make.
 */
#ifndef CLI_OPTIONS_GROUPS_H
#define CLI_OPTIONS_GROUPS_H

#include "cli/options/opt.h"
#include "cli/output/report.h"
#include "net/connect.h"
#include "relay/session.h"

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
	int64_t ttl;            /* 0: not given */
	struct opt_list groups; /* multicast groups to join */
};

struct time_opts {
	int64_t connect, idle, total, accept;
	int64_t after_eof; /* -1: not given */
};

/* After the end of input, datagrams are over when none has come for this long. */
#define QUIET_DEFAULT NSEC_PER_SEC

struct data_opts {
	bool crlf, send_only, recv_only, telnet, progress, half_open, half_close;
	const char *framing; /* NULL: not given */
	const char *hexdump; /* NULL: no dump; "": standard error; else a file */
	uint64_t rate, max_bytes;
	int64_t delay;
	int64_t half_close_after; /* -1: not given */
};

/* HTTP servers stop sending when they receive close_notify. With TLS the half-close waits until
 * the peer has been silent for this long. */
#define TLS_HALF_CLOSE (2 * NSEC_PER_SEC)

/* What a script may do beyond using the network and its own input and output. */
struct allow_opts {
	bool exec, files, env;
};

enum {
	N_CONNECT_BIND = 16,
	N_LISTEN_BIND = 14,
	N_CONNECT_TIME = 4,
	N_LISTEN_TIME = 4,
	N_DATA = 13,
	N_REPORT = 4,
	N_ALLOW = 3,
};

extern const struct opt connect_bind_rows[N_CONNECT_BIND];
extern const struct opt listen_bind_rows[N_LISTEN_BIND];
extern const struct opt connect_time_rows[N_CONNECT_TIME];
extern const struct opt listen_time_rows[N_LISTEN_TIME];
extern const struct opt data_rows[N_DATA];
extern const struct opt report_rows[N_REPORT];
extern const struct opt allow_rows[N_ALLOW];

/* The conflicts of these groups, for the conflicts of a command. */
#define BIND_CONFLICTS "ipv4 ipv6", "udp mptcp", "reuse-addr no-reuse-addr"
#define DATA_CONFLICTS                                                                             \
	"send-only recv-only", "half-open send-only", "no-half-close send-only",                   \
	    "half-close no-half-close send-only"
#define REPORT_CONFLICTS "verbose quiet"

/* The long names of data_rows and report_rows, for a command's not_in_script. */
#define DATA_NAMES                                                                                 \
	"half-open", "no-half-close", "half-close", "send-only", "recv-only", "crlf", "delay",     \
	    "rate", "max-bytes", "telnet", "hexdump", "progress"
#define REPORT_NAMES "verbose", "quiet", "json", "events"

/* Sets the defaults. */
void bind_defaults(struct bind_opts *o);
void time_defaults(struct time_opts *o);
void data_defaults(struct data_opts *o);

/* Sets what the time and data options decide of a session; until is the deadline of the whole
 * session. */
int session_how_from(const struct time_opts *t, const struct data_opts *d, struct deadline until,
    struct session_how *ret_how, struct error *e);

/* Adapts how to the socket: SCTP has no half-close (RFC 9260, 9.2), so silence ends the session,
 * as with datagrams. */
void session_how_adapt(struct session_how *how, const struct bind_how *bind);

/* Both directions carry the frames of a CAN bus as lines of text. */
void framings_of_can(struct session_how *how);

/* ERROR_USAGE where a data option has no meaning for sockets of this type. An open socket (fd:N)
 * has its own type. */
int data_check(const struct data_opts *d, const struct endpoint *ep, int type, struct error *e);

#endif
