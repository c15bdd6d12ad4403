#include "cli/listen/listen_dgram.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/wait_status.h"
#include "cli/core/program_env.h"
#include "cli/options/target.h"
#include "cli/output/datagram_format.h"
#include "relay/process_set.h"
#include "relay/server/udp_server.h"
#include "stream/fd.h"

/* Holds some thousand datagrams while the process does not run. */
#define RECEIVE_BUFFER (4 << 20)

struct dgram_server {
	const struct listen_dgram *d;
	struct udp_server *serve;
	struct udp_server_how how;
	struct ending_rules rules;
	struct stream *local_side;
	bool over;
	struct process_set processes;
	struct signal_watch usr1;
	struct framing out;
	struct sockname local;
	/* the sender that was shown last */
	struct sockname shown;
	char shown_text[SOCKNAME_TEXT_MAX];
};

/* ---- options ---- */

/* Returns the name of a service that has no input to send, or NULL. */
static const char *
inputless_service(const struct listen_dgram *d)
{
	switch (d->how->local) {
	case SESSION_ECHO:
		return "echo";
	case SESSION_DISCARD:
		return "discard";
	case SESSION_CONNECTION:
		return "forward";
	default:
		return NULL;
	}
}

/* Refuses options about sending an input where there is none. */
static int
check_input(const struct listen_dgram *d, struct error *e)
{
	const struct data_opts *data = d->data;
	const char *name = data->crlf ? "crlf" : data->delay != 0 ? "delay" : "rate";
	const char *service = inputless_service(d);

	if (d->how->local == SESSION_CONNECTION && data->framing != NULL)
		return error_set(e, ERROR_USAGE,
		    "--framing: with --forward, a datagram stays a datagram");
	if (service != NULL && data->framing != NULL)
		return error_set(e, ERROR_USAGE, "--framing: --%s has datagrams of its own",
		    service);
	if (service == NULL || (!data->crlf && data->delay == 0 && data->rate == 0))
		return 0;
	return error_set(e, ERROR_USAGE,
	    "--%s: with datagrams it is for what is sent of an input, a program or a file; --%s "
	    "has none",
	    name, service);
}

int
listen_dgram_check(const struct listen_dgram *d, struct error *e)
{
	const struct data_opts *data = d->data;
	const struct {
		bool given;
		const char *name;
	} streams_only[] = {
		{ data->half_open, "half-open" },
		{ !data->half_close, "no-half-close" },
		{ data->telnet, "telnet" },
		{ data->progress, "progress" },
		{ d->keep_open && d->time->after_eof != -1, "after-eof" },
		{ d->keep_open && d->time->quit_after != -1, "quit-after" },
	};
	enum { KEEP_OPEN_FIRST = 4 }; /* from here on, with --keep-open only */
	size_t i;

	for (i = 0; i < ARRAY_LEN(streams_only); i++)
		if (streams_only[i].given)
			return error_set(e, ERROR_USAGE, "--%s: not with datagrams%s",
			    streams_only[i].name, i >= KEEP_OPEN_FIRST ? " and --keep-open" : "");
	if (d->print_sender && d->how->local != SESSION_STDIO)
		return error_set(e, ERROR_USAGE,
		    "--print-sender: only where datagrams go to standard output");
	return check_input(d, e);
}

/* ---- standard output ---- */

static const char *
sender_text(struct dgram_server *ds, const struct sender *s)
{
	if (ds->shown.len != s->name.len ||
	    memcmp(&ds->shown.storage, &s->name.storage, s->name.len) != 0) {
		ds->shown = s->name;
		sockname_format_short(&s->name, ds->shown_text, sizeof ds->shown_text);
	}
	return ds->shown_text;
}

static int
on_record(struct udp_server *sv, const struct sender *s, const struct packet *p, struct buf *out,
    struct error *e)
{
	struct dgram_server *ds = sv->how->arg;
	const char *text;

	if (ds->d->rt->report.opts->json)
		return datagram_format_json(p, sender_text(ds, s), ds->out.kind == FRAMING_CAN, out,
		    e);
	if (ds->d->print_sender) {
		text = sender_text(ds, s);
		if (buf_append(out, text, strlen(text), e) < 0 || buf_append(out, ": ", 2, e) < 0)
			return -1;
	}
	return framing_put(&ds->out, p->data, p->len, out, e);
}

/* ---- events and messages ---- */

/* Returns the local address that this sender wrote to. */
static void
sender_local_name(const struct dgram_server *ds, const struct sender *s, struct sockname *ret_name)
{
	*ret_name = ds->local;
	if (s->local.len == 0)
		return;
	*ret_name = s->local;
	sockname_set_port(ret_name, sockname_port(&ds->local));
}

struct sender_texts {
	char local[SOCKNAME_TEXT_MAX], peer[SOCKNAME_TEXT_MAX];
};

static void
format_texts(const struct dgram_server *ds, const struct sender *s, struct sender_texts *t)
{
	struct sockname local;

	sender_local_name(ds, s, &local);
	sockname_format_short(&local, t->local, sizeof t->local);
	sockname_format_short(&s->name, t->peer, sizeof t->peer);
}

/* The first fields of every event about a sender. */
#define SENDER_FIELDS(s, t) EVENT_INT((s)->id), EVENT_TEXT((t).local), EVENT_TEXT((t).peer)

/* Returns NULL where events are not requested; else formats the addresses of s. */
static const struct report *
wanted_report(const struct udp_server *sv, const struct sender *s, struct sender_texts *t)
{
	const struct dgram_server *ds = sv->how->arg;
	const struct report *r = &ds->d->rt->report;

	if (!report_wants(r))
		return NULL;
	format_texts(ds, s, t);
	return r;
}

static bool
lets_sender_in(struct udp_server *sv, const struct sockname *name)
{
	const struct dgram_server *ds = sv->how->arg;

	return access_gate_lets_in(&ds->d->access->gate, name);
}

static void
on_sender_started(struct udp_server *sv, const struct sender *s)
{
	struct sender_texts t;
	const struct report *r = wanted_report(sv, s, &t);

	if (r == NULL)
		return;
	const struct field values[] = { SENDER_FIELDS(s, t) };

	report_event(r, EVENT_ACCEPTED, values);
}

static void
on_sender_ended(struct udp_server *sv, const struct sender *s)
{
	struct sender_texts t;
	const struct report *r = wanted_report(sv, s, &t);

	if (r == NULL)
		return;
	const struct field values[] = {
		SENDER_FIELDS(s, t),
		EVENT_TEXT(sock_end_word(s->end)),
		EVENT_INT(s->sent),
		EVENT_INT(s->received),
		EVENT_INT(s->sent_datagrams),
		EVENT_INT(s->received_datagrams),
		EVENT_REAL((double)(clock_now() - s->started) / (double)NSEC_PER_SEC),
		EVENT_TEXT(NULL), /* datagrams have no state */
		EVENT_TEXT(NULL),
		EVENT_TEXT(NULL),
		EVENT_INT_IF(s->has_status, wait_status_code(s->status)),
	};
	report_event(r, EVENT_END_SERVED, values);
}

static void
on_sender_error(struct udp_server *sv, const struct error *e)
{
	const struct dgram_server *ds = sv->how->arg;

	command_context_fail(ds->d->rt, e);
}

/* Reports counts on SIGUSR1. */
static void
report_counts(struct signal_watch *w)
{
	const struct dgram_server *ds = w->arg;
	const struct udp_server *sv = ds->serve;

	log_line(&ds->d->rt->report.log, LOG_NOTE,
	    "%zu senders, %llu datagrams, %llu bytes received, %u dropped by the kernel",
	    sv->senders.n, (unsigned long long)sv->relay.n_received,
	    (unsigned long long)sv->relay.received, udp_server_dropped(sv));
}

static void
report_dropped(const struct dgram_server *ds, uint64_t n, const char *why)
{
	if (n > 0)
		log_line(&ds->d->rt->report.log, LOG_NOTE, "%llu datagrams dropped%s",
		    (unsigned long long)n, why);
}

/* Reports lost datagrams. */
static void
report_losses(struct dgram_server *ds)
{
	const struct udp_server *sv = ds->serve;
	uint32_t dropped = udp_server_dropped(sv);

	report_dropped(ds, dropped, " by the kernel (receive buffer full)");
	if (dropped > 0)
		log_line(&ds->d->rt->report.log, LOG_NOTE,
		    "hint: -o SO_RCVBUF=SIZE makes it larger, up to net.core.rmem_max");
	listen_access_report(ds->d->access, "datagram");
	report_dropped(ds, sv->refused, ": other senders were served");
	report_dropped(ds, sv->unread,
	    ds->how.local == DGRAM_FORWARD ? ": their targets did not take them"
					   : ": their programs did not read");
	report_dropped(ds, sv->own, ": they came from our own address");
	report_dropped(ds, sv->looped, ": their senders send back what they get");
}

/* ---- serving ---- */

static int
on_env(struct udp_server *sv, const struct sender *s, char **env, size_t n)
{
	const struct dgram_server *ds = sv->how->arg;
	struct sockname local;

	sender_local_name(ds, s, &local);
	return program_env_dgram(s->id, ds->d->sock, &local, &s->name, env, n);
}

static enum dgram_local
dgram_local_of(const struct session_how *how)
{
	switch (how->local) {
	case SESSION_PROGRAM:
		return DGRAM_PROGRAM;
	case SESSION_ECHO:
		return DGRAM_ECHO;
	case SESSION_DISCARD:
		return DGRAM_DISCARD;
	case SESSION_FILE:
		return DGRAM_FILE;
	case SESSION_CONNECTION:
		return DGRAM_FORWARD;
	case SESSION_METHODS:
	case SESSION_STDIO:
		break;
	}
	return DGRAM_STDIO;
}

/* -o SO_RCVBUF overrides the default. */
static int
receive_buffer(const struct bind_how *bind)
{
	size_t i;

	for (i = 0; i < bind->n_settings; i++)
		if (bind->settings[i].level == SOL_SOCKET && bind->settings[i].number == SO_RCVBUF)
			return 0;
	return RECEIVE_BUFFER;
}

static void
init_server(struct dgram_server *ds)
{
	const struct listen_dgram *d = ds->d;

	ds->processes.loop = d->rt->loop;
	ds->rules = d->how->rules;
	ds->rules.accept = d->time->accept;
	ds->rules.idle = d->time->idle;
	ds->rules.send_only = d->data->send_only;
	ds->rules.until = deadline_never();
	ds->how = (struct udp_server_how){
		.local = dgram_local_of(d->how),
		.keep_open = d->keep_open,
		.framing = d->how->packets.in,
		.program = d->how->program,
		.env_fn = on_env,
		.processes = &ds->processes,
		.file = d->how->file,
		.forward = d->forward,
		.recorder = d->how->recorder,
		.lets_in = lets_sender_in,
		.receive_buffer = receive_buffer(d->bind),
		.max_senders = d->max_clients,
		.quiet = d->how->packets.quiet,
		.record = on_record,
		.started = on_sender_started,
		.ended = on_sender_ended,
		.on_error = on_sender_error,
		.arg = ds,
	};
	/* the input for many senders has no end that FRAMING_WHOLE could wait for */
	ds->how.framing.nul_is_whole = false;
	sock_local(d->sock, &ds->local);
}

static void
on_done(struct relay *r)
{
	struct dgram_server *ds = r->how.arg;

	ds->over = true;
}

static int
open_server(struct dgram_server *ds, struct error *e)
{
	const struct listen_dgram *d = ds->d;
	bool stdio = ds->how.local == DGRAM_STDIO;
	bool input =
	    stdio && !d->data->recv_only && command_context_use_stdin(d->rt, d->data->send_only);
	struct relay_how how = {
		.loop = d->rt->loop,
		.log = &d->rt->report.log,
		.rules = &ds->rules,
		.remote = sock_stream(d->sock),
		.input = input,
		.limit = d->data->max_bytes,
		.receives = (uint64_t)d->data->max_receives,
		.rate = d->data->rate,
		.delay = d->data->delay,
		.crlf = d->data->crlf,
		.dumps = d->how->dumps,
		.done = on_done,
		.arg = ds,
	};
	int rc = stdio ? fd_stream_stdio(&ds->local_side, input ? 0 : -1,
			     d->data->send_only ? -1 : 1, false, e)
		       : fd_stream_null(&ds->local_side, e);

	if (rc < 0)
		return -1;
	how.local = ds->local_side;
	return udp_server_open(&ds->serve, &how, &ds->how, e);
}

/* Returns the exit status, or -1. */
static int
listen_dgram_status(struct dgram_server *ds, struct error *e)
{
	const struct udp_server *sv = ds->serve;
	const char *verb = relay_verb(&sv->relay);
	char address[SOCKNAME_TEXT_MAX];

	if (sv->relay.ending.end == END_STDOUT_CLOSED) {
		ds->d->rt->killed_by = SIGPIPE;
		return 128 + SIGPIPE;
	}
	if (sv->relay.error != NULL) {
		*e = *sv->relay.error;
		if (verb != NULL)
			error_prefix(e, "%s %s", verb,
			    sockname_format(&ds->local, address, sizeof(address)));
		return -1;
	}
	if (sv->has_status)
		return wait_status_code(sv->status);
	/* reported already */
	return sv->had_error ? 1 : 0;
}

static int
serve_datagrams(struct dgram_server *ds, struct deadline until, struct error *e)
{
	struct command_context *rt = ds->d->rt;
	int rc;

	ds->usr1 = (struct signal_watch){ .signo = SIGUSR1, .fn = report_counts, .arg = ds };
	if (loop_signal_watch(rt->loop, &ds->usr1, e) < 0)
		return -1;
	relay_start(&ds->serve->relay);
	rc = loop_run(rt->loop, &ds->over, until, e);
	if (rc == 0)
		error_set(e, ERROR_TIMEOUT, "listen: timed out (--timeout)");
	loop_signal_unwatch(rt->loop, &ds->usr1);
	relay_stop(&ds->serve->relay, rc < 0 ? END_SIGNAL : END_DEADLINE);
	report_losses(ds);
	return rc > 0 ? listen_dgram_status(ds, e) : -1;
}

int
listen_dgram(const struct listen_dgram *d, struct deadline until, struct error *e)
{
	struct dgram_server ds = { .d = d, .out = d->how->packets.out };
	int rc = -1;

	init_server(&ds);
	if (sockopt_apply(sock_fileno(d->sock), d->bind->settings, d->bind->n_settings,
		PHASE_CONNECTED, e) < 0)
		return -1;
	/* an address needs a line of its own */
	if (ds.out.kind == FRAMING_RAW && d->print_sender)
		ds.out.kind = FRAMING_LINE;
	if (open_server(&ds, e) == 0)
		rc = serve_datagrams(&ds, until, e);
	if (ds.serve != NULL)
		relay_close(&ds.serve->relay);
	stream_close(ds.local_side);
	process_set_end(&ds.processes);
	return rc;
}
