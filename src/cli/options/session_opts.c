#include "cli/options/session_opts.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "cli/options/target.h"
#include "cli/output/recording.h"

#define STREAM_TIME_ROWS                                                                           \
	{ .name = "idle-timeout",                                                                  \
		.letter = 'i',                                                                     \
		.kind = OPT_DURATION,                                                              \
		.offset = offsetof(struct time_opts, idle),                                        \
		.arg = "DUR",                                                                      \
		.min = 1,                                                                          \
		.help = "give up (124) when no data moves for DUR" },                              \
	    { .name = "timeout",                                                                   \
		    .kind = OPT_DURATION,                                                          \
		    .offset = offsetof(struct time_opts, total),                                   \
		    .arg = "DUR",                                                                  \
		    .help = "limit the total time (124)" },                                        \
	    { .name = "quit-after",                                                                \
		    .kind = OPT_DURATION,                                                          \
		    .offset = offsetof(struct time_opts, quit_after),                              \
		    .arg = "DUR",                                                                  \
		    .help = "end DUR after the end of the input, whatever the peer sends" },       \
	{                                                                                          \
		.name = "after-eof", .kind = OPT_DURATION,                                         \
		.offset = offsetof(struct time_opts, after_eof), .arg = "DUR",                     \
		.help =                                                                            \
		    "after the end of the input, give up (124) when the peer is silent for DUR"    \
	}

const struct opt connect_time_rows[] = {
	{ .name = "connect-timeout",
	    .letter = 'w',
	    .kind = OPT_DURATION,
	    .offset = offsetof(struct time_opts, connect),
	    .arg = "DUR",
	    .help = "limit the time to connect (124)" },
	HANDSHAKE_TIMEOUT_ROW(offsetof(struct time_opts, handshake)),
	STREAM_TIME_ROWS,
};

const struct opt listen_time_rows[] = {
	{ .name = "accept-timeout",
	    .kind = OPT_DURATION,
	    .offset = offsetof(struct time_opts, accept),
	    .arg = "DUR",
	    .help = "limit the wait for a client (124)" },
	HANDSHAKE_TIMEOUT_ROW(offsetof(struct time_opts, handshake)),
	STREAM_TIME_ROWS,
};

#define DATA(field) offsetof(struct data_opts, field)

const struct opt data_rows[] = {
	{ .name = "half-open",
	    .kind = OPT_FLAG,
	    .offset = DATA(half_open),
	    .help = "continue to send after the peer has ended its side" },
	{ .name = "no-half-close",
	    .kind = OPT_UNFLAG,
	    .offset = DATA(half_close),
	    .help = "do not half-close when the input ends" },
	{ .name = "half-close",
	    .kind = OPT_DURATION,
	    .offset = DATA(half_close_after),
	    .arg = "DUR",
	    .help = "after the end of the input, half-close when the peer was silent for DUR"
		    " (0; TLS: 2s)" },
	{ .name = "send-only",
	    .kind = OPT_FLAG,
	    .offset = DATA(send_only),
	    .help = "discard what the peer sends; exit when everything is sent" },
	{ .name = "recv-only",
	    .kind = OPT_FLAG,
	    .offset = DATA(recv_only),
	    .help = "do not send standard input; with --half-close, only its end" },
	{ .name = "crlf",
	    .letter = 'C',
	    .kind = OPT_FLAG,
	    .offset = DATA(crlf),
	    .help = "send LF as CR LF; an existing CR LF is not changed" },
	{ .name = "delay",
	    .kind = OPT_DURATION,
	    .offset = DATA(delay),
	    .arg = "DUR",
	    .help = "wait for DUR after each line sent" },
	{ .name = "rate",
	    .kind = OPT_SIZE,
	    .offset = DATA(rate),
	    .arg = "SIZE",
	    .min = 1,
	    .help = "limit each direction to SIZE bytes per second" },
	{ .name = "max-bytes",
	    .kind = OPT_SIZE,
	    .offset = DATA(max_bytes),
	    .arg = "SIZE",
	    .help = "stop after SIZE bytes in either direction" },
	{ .name = "max-receives",
	    .kind = OPT_INT,
	    .offset = DATA(max_receives),
	    .arg = "N",
	    .min = 1,
	    .max = INT64_MAX,
	    .help = "stop after receiving N datagrams; of a stream, after N reads" },
	{ .name = "telnet",
	    .kind = OPT_FLAG,
	    .offset = DATA(telnet),
	    .help =
		"answer telnet negotiation (refusing every option) and leave it out of the data" },
	{ .name = "framing",
	    .kind = OPT_TEXT,
	    .offset = DATA(framing),
	    .arg = "HOW",
	    .complete = "framing",
	    .help = "a record is: " FRAMING_LIST },
	{ .name = "hexdump",
	    .letter = 'x',
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = DATA(dumps.hexdump),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_DUMP,
	    .help = "dump the data of both directions to standard error or FILE" },
	{ .name = "transcript",
	    .kind = OPT_TEXT,
	    .offset = DATA(dumps.transcript),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_DUMP,
	    .help = "write the data of both directions to FILE, as it is" },
	{ .name = "append",
	    .kind = OPT_FLAG,
	    .offset = DATA(dumps.append),
	    .help = "append to the files of --hexdump and --transcript" },
	{ .name = "timestamps",
	    .kind = OPT_FLAG,
	    .offset = DATA(dumps.timestamps),
	    .help =
		"with --hexdump and --transcript: lines, each with its direction and the time" },
	RECORDING_ROWS(DATA(dumps)),
	{ .name = "progress",
	    .kind = OPT_FLAG,
	    .offset = DATA(progress),
	    .help = "show bytes, rate and remaining time on standard error" },
};

void
time_opts_defaults(struct time_opts *o)
{
	o->connect = o->idle = o->total = o->accept = DURATION_NONE;
	o->after_eof = o->quit_after = o->handshake = -1;
}

int64_t
time_opts_handshake(const struct time_opts *t, int64_t usual)
{
	int64_t limit = t->handshake >= 0 ? t->handshake : usual;

	return t->connect < limit ? t->connect : limit;
}

int
time_opts_check_handshake(const struct time_opts *t, bool negotiates, struct error *e)
{
	if (t->handshake < 0 || negotiates)
		return 0;
	return error_set(e, ERROR_USAGE,
	    "--handshake-timeout: nothing is negotiated without TLS, WebSocket and proxies");
}

void
data_opts_defaults(struct data_opts *o)
{
	o->half_close = true;
	o->half_close_after = -1;
	o->max_bytes = UINT64_MAX;
}

/* Sets the framing of both directions from --framing. By default lines become datagrams, and
 * datagrams are written as they are. */
static int
framings_from(const struct data_opts *d, struct framing *ret_in, struct framing *ret_out,
    struct error *e)
{
	*ret_in = (struct framing){ .kind = FRAMING_LINE, .nul_is_whole = true };
	*ret_out = (struct framing){ .kind = FRAMING_RAW };
	if (d->framing == NULL)
		return 0;
	if (framing_parse(d->framing, ret_in, e) < 0)
		return error_prefix(e, "--framing");
	*ret_out = *ret_in;
	return 0;
}

void
session_opts_frame_can(struct session_how *how)
{
	how->packets.in = how->packets.out = (struct framing){ .kind = FRAMING_CAN };
}

void
session_opts_connect(struct session_how *how, const struct session_dialler *dialler)
{
	how->local = SESSION_CONNECTION;
	how->dialler = dialler;
	if (how->rules.half_close < 0)
		how->rules.half_close = 0;
}

static int
check_stream(const struct data_opts *d, struct error *e)
{
	if (d->framing != NULL && strncmp(d->framing, "read=", 5) == 0)
		return error_set(e, ERROR_USAGE, "--framing: read is for datagrams");
	if (d->crlf && d->framing != NULL && strcmp(d->framing, "line") != 0)
		return error_set(e, ERROR_USAGE, "--crlf: on a stream only with --framing line");
	return 0;
}

static int
check_messages(const struct data_opts *d, int type, struct error *e)
{
	const char *end = d->half_close_after != -1 ? "half-close"
	    : d->half_open                          ? "half-open"
	    : !d->half_close                        ? "no-half-close"
						    : NULL;

	if ((type == SOCK_DGRAM || type == SOCK_RAW) && end != NULL)
		return error_set(e, ERROR_USAGE, "--%s: not with datagrams", end);
	if (d->recv_only && d->half_close_after != -1)
		return error_set(e, ERROR_USAGE,
		    "--recv-only: with --half-close, for byte streams");
	if (type != 0 && d->telnet)
		return error_set(e, ERROR_USAGE, "--telnet: not with datagrams");
	return 0;
}

static int
check_dumps(const struct dump_files *files, struct error *e)
{
	const bool file = files->hexdump != NULL && files->hexdump[0] != '\0';

	if (files->append && !file && files->transcript == NULL)
		return error_set(e, ERROR_USAGE, "--append: needs --hexdump=FILE or --transcript");
	if (files->timestamps && files->hexdump == NULL && files->transcript == NULL)
		return error_set(e, ERROR_USAGE, "--timestamps: needs --hexdump or --transcript");
	return recording_check(files, e);
}

int
session_opts_check(const struct data_opts *d, const struct endpoint *ep, int type, struct error *e)
{
	type = endpoint_type(ep, type);
	if (check_dumps(&d->dumps, e) < 0)
		return -1;
	if (endpoint_is_line(ep) && d->half_close_after != -1)
		return error_set(e, ERROR_USAGE, "--half-close: a serial line has none");
	if (endpoint_is_can(ep) && (d->framing != NULL || d->crlf))
		return error_set(e, ERROR_USAGE, "--%s: frames of a CAN bus are lines of text",
		    d->framing != NULL ? "framing" : "crlf");
	return type == SOCK_STREAM ? check_stream(d, e) : check_messages(d, type, e);
}

int
session_opts_how(const struct time_opts *t, const struct data_opts *d, struct deadline until,
    struct session_how *ret_how, struct error *e)
{
	const bool quits = t->quit_after != -1, given = quits || t->after_eof != -1;
	const int64_t after_eof = quits ? t->quit_after : t->after_eof;

	*ret_how = (struct session_how){
		.in_fd = d->recv_only && d->half_close_after == -1 ? -1 : 0,
		.out_fd = d->send_only ? -1 : 1,
		.rules = {
			.half_open = d->half_open || d->send_only,
			.no_half_close = !d->half_close,
			.half_close = d->half_close_after,
			.send_only = d->send_only,
			.after_eof = given ? after_eof : DURATION_NONE,
			.quiet_ends = quits,
			.silence_fixed = quits,
			.idle = t->idle,
			.until = until,
		},
		.packets = { .quiet = given ? after_eof : QUIET_DEFAULT, .quiet_fixed = quits },
		.max_bytes = d->max_bytes,
		.max_receives = (uint64_t)d->max_receives,
		.handshake_timeout = time_opts_handshake(t, NEGOTIATION_TIMEOUT),
		.rate = d->rate,
		.delay = d->delay,
		.crlf = d->crlf,
		.telnet = d->telnet,
		.drops_input = d->recv_only,
		.framed = d->framing != NULL,
	};
	return framings_from(d, &ret_how->packets.in, &ret_how->packets.out, e);
}

void
session_opts_follow_voice(struct session_how *how, const struct report_opts *report)
{
	if (report_may_lose_reader(report))
		how->rules.reader = ENDING_READER_OUTLIVED;
}

bool
session_opts_sends(const struct data_opts *d)
{
	return d->send_only || d->half_close_after != -1;
}

void
session_opts_adapt(struct session_how *how, const struct endpoint *ep, const struct bind_how *bind)
{
	for (size_t i = 0; i < bind->n_settings; i++)
		how->own_urgent = how->own_urgent ||
		    (bind->settings[i].level == SOL_SOCKET &&
			bind->settings[i].number == SO_OOBINLINE);
	if ((bind->proto != IPPROTO_SCTP && !endpoint_is_line(ep)) || how->rules.no_half_close)
		return;
	how->rules.no_half_close = true;
	how->rules.quiet_ends = true;
	how->rules.after_eof = how->packets.quiet;
}
