/*
 * The options of times and data, and the session settings they make.
 */
#ifndef CLI_OPTIONS_SESSION_OPTS_H
#define CLI_OPTIONS_SESSION_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "cli/options/opt.h"
#include "cli/output/report.h"
#include "net/connect.h"
#include "relay/session.h"

/* Limits what is negotiated first: without it a silent peer would hold a connection for ever. */
#define NEGOTIATION_TIMEOUT (30 * NSEC_PER_SEC)

struct time_opts {
	int64_t connect, idle, total, accept;
	int64_t after_eof;  /* -1: not given */
	int64_t quit_after; /* the same */
	int64_t handshake;  /* the same */
};

/* After the end of input, datagrams are over when none has come for this long. */
#define QUIET_DEFAULT NSEC_PER_SEC

struct data_opts {
	bool crlf, send_only, recv_only, telnet, progress, half_open, half_close;
	const char *framing; /* NULL: not given */
	struct dump_files dumps;
	uint64_t rate, max_bytes;
	int64_t max_receives; /* 0: no limit */
	int64_t delay;
	int64_t half_close_after; /* -1: not given */
};

/* HTTP servers stop sending when they receive close_notify. With TLS the half-close waits until
 * the peer has been silent for this long. */
#define TLS_HALF_CLOSE (2 * NSEC_PER_SEC)

/* SOCKS and HTTP proxies often end both directions when a client half-closes, and the answer is
 * lost. */
#define PROXY_HALF_CLOSE TLS_HALF_CLOSE

/* The last two are about the end of the input. */
enum { N_CONNECT_TIME = 6, N_LISTEN_TIME = 6, N_REPLAY_TIME = 4, N_DATA = 20 };

/* A row whose value is at this offset. */
#define HANDSHAKE_TIMEOUT_ROW(at)                                                                  \
	{                                                                                          \
		.name = "handshake-timeout", .kind = OPT_DURATION, .offset = (at), .arg = "DUR",   \
		.help = "limit the time of all that is negotiated before the data (124; 30s)"      \
	}

extern const struct opt connect_time_rows[N_CONNECT_TIME];
extern const struct opt listen_time_rows[N_LISTEN_TIME];
extern const struct opt data_rows[N_DATA];

/* For the conflicts of a command. */
#define DATA_CONFLICTS                                                                             \
	"send-only recv-only", "half-open send-only", "no-half-close send-only",                   \
	    "half-close no-half-close send-only", "after-eof quit-after", "recv-only crlf delay"

/* The long names of data_rows, for a command's not_in_script. */
#define DATA_NAMES                                                                                 \
	"half-open", "no-half-close", "half-close", "send-only", "recv-only", "crlf", "delay",     \
	    "rate", "max-bytes", "max-receives", "telnet", "framing", "hexdump", "transcript",     \
	    "append", "timestamps", "record", "record-secrets", "pcap", "progress"

/* Set the defaults. */
void time_opts_defaults(struct time_opts *o);
void data_opts_defaults(struct data_opts *o);

/* Returns how long all that is negotiated on a connection may take, from the time it is there: as
 * --handshake-timeout says or for usual nanoseconds, and no longer than --connect-timeout. */
int64_t time_opts_handshake(const struct time_opts *t, int64_t usual);

/* ERROR_USAGE for --handshake-timeout where nothing is negotiated. */
int time_opts_check_handshake(const struct time_opts *t, bool negotiates, struct error *e);

/* Sets what the time and data options decide of a session; until is the deadline of the whole
 * session. */
int session_opts_how(const struct time_opts *t, const struct data_opts *d, struct deadline until,
    struct session_how *ret_how, struct error *e);

/* True where an input without a byte, such as /dev/null, has something to say: with --send-only, and
 * where --half-close says when the connection is half-closed. */
bool session_opts_sends(const struct data_opts *d);

/* Adapts how to the socket: SCTP (RFC 9260, 9.2) and a serial line have no half-close, so silence
 * ends the session, as with datagrams. */
void session_opts_adapt(struct session_how *how, const struct endpoint *ep,
    const struct bind_how *bind);

/* A voice may say what becomes of an output that nobody reads. */
void session_opts_follow_voice(struct session_how *how, const struct report_opts *report);

/* The local side is a connection, which dialler makes. Its end is passed on at once, with TLS too:
 * the client waits for it. */
void session_opts_connect(struct session_how *how, const struct session_dialler *dialler);

/* Both directions carry the frames of a CAN bus as lines of text. */
void session_opts_frame_can(struct session_how *how);

/* ERROR_USAGE where a data option has no meaning for sockets of this type. An open socket (fd:N)
 * has its own type. */
int session_opts_check(const struct data_opts *d, const struct endpoint *ep, int type,
    struct error *e);

#endif
