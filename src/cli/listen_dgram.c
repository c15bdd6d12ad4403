#include "cli/listen_dgram.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/error.h"
#include "cli/datagram.h"
#include "cli/program_env.h"
#include "relay/process_set.h"
#include "relay/tap.h"
#include "relay/udp_server.h"

/* Holds some thousand datagrams while we are not on. */
#define RECEIVE_BUFFER (4 << 20)

struct dgram_server {
	const struct listen_dgram *d;
	struct udp_server serve;
	struct process_set processes;
	struct signal_watch usr1;
	struct framing out;
	struct sockname local;
	/* of the sender that was shown last */
	struct sockname shown;
	char shown_text[SOCKNAME_TEXT_MAX];
};

/* ---- options ---- */

/* Options about what is sent of an input, where there is none. */
static int
check_input(const struct listen_dgram *d, struct error *e)
{
	const struct data_opts *data = d->data;
	const char *name = data->crlf ? "crlf" : data->delay != 0 ? "delay" : "rate";

	if (d->how->near != SESSION_ECHO && d->how->near != SESSION_DISCARD)
		return 0;
	if (!data->crlf && data->delay == 0 && data->rate == 0)
		return 0;
	return error_set(e, ERROR_USAGE,
	    "--%s: with datagrams it is for what is sent of an input, a program or a file; --%s "
	    "has none",
	    name, d->how->near == SESSION_ECHO ? "echo" : "discard");
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
	};
	size_t i;

	for (i = 0; i < sizeof streams_only / sizeof streams_only[0]; i++)
		if (streams_only[i].given)
			return error_set(e, ERROR_USAGE, "--%s: not with datagrams%s",
			    streams_only[i].name,
			    strcmp(streams_only[i].name, "after-eof") == 0 ? " and --keep-open"
									   : "");
	if (d->print_sender && d->how->near != SESSION_STDIO)
		return error_set(e, ERROR_USAGE,
		    "--print-sender: only where datagrams go to standard output");
	return check_input(d, e);
}

/* ---- what standard output sees ---- */

static const char *
sender_text(struct dgram_server *ds, const struct sender *s)
{
	if (ds->shown.len != s->name.len ||
	    memcmp(&ds->shown.storage, &s->name.storage, s->name.len) != 0) {
		ds->shown = s->name;
		sockname_format_end(&s->name, ds->shown_text, sizeof ds->shown_text);
	}
	return ds->shown_text;
}

static int
on_record(struct udp_server *sv, const struct sender *s, const struct packet *p, struct buf *out,
    struct error *e)
{
	struct dgram_server *ds = sv->arg;
	const char *text;

	if (ds->d->rt->report.opts->json)
		return datagram_json(p, sender_text(ds, s), ds->out.kind == FRAMING_CAN, out, e);
	if (ds->d->print_sender) {
		text = sender_text(ds, s);
		if (buf_append(out, text, strlen(text), e) < 0 || buf_append(out, ": ", 2, e) < 0)
			return -1;
	}
	return framing_put(&ds->out, p->data, p->len, out, e);
}

/* ---- what is told ---- */

/* The address of ours that this sender wrote to. */
static void
local_of(const struct dgram_server *ds, const struct sender *s, struct sockname *ret_name)
{
	*ret_name = ds->local;
	if (s->here.len == 0)
		return;
	*ret_name = s->here;
	sockname_set_port(ret_name, sockname_port(&ds->local));
}

struct sender_texts {
	char local[SOCKNAME_TEXT_MAX], peer[SOCKNAME_TEXT_MAX];
};

static void
format_texts(const struct dgram_server *ds, const struct sender *s, struct sender_texts *t)
{
	struct sockname local;

	local_of(ds, s, &local);
	sockname_format_end(&local, t->local, sizeof t->local);
	sockname_format_end(&s->name, t->peer, sizeof t->peer);
}

static void
on_started(struct udp_server *sv, const struct sender *s)
{
	const struct dgram_server *ds = sv->arg;
	const struct report *r = &ds->d->rt->report;
	struct sender_texts t;

	if (!report_wants(r))
		return;
	format_texts(ds, s, &t);
	const struct field values[] = {
		EVENT_INT(s->id),
		EVENT_TEXT(t.local),
		EVENT_TEXT(t.peer),
	};
	report_event(r, EVENT_ACCEPTED, values);
}

static int
exit_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
on_ended(struct udp_server *sv, const struct sender *s)
{
	const struct dgram_server *ds = sv->arg;
	const struct report *r = &ds->d->rt->report;
	struct sender_texts t;

	if (!report_wants(r))
		return;
	format_texts(ds, s, &t);
	const struct field values[] = {
		EVENT_INT(s->id),
		EVENT_TEXT(t.local),
		EVENT_TEXT(t.peer),
		EVENT_TEXT(sock_end_word(s->end)),
		EVENT_INT(s->sent),
		EVENT_INT(s->received),
		EVENT_INT(s->sent_datagrams),
		EVENT_INT(s->received_datagrams),
		EVENT_REAL((double)(clock_now() - s->started) / (double)NSEC_PER_SEC),
		EVENT_TEXT(NULL), /* datagrams have no state */
		EVENT_TEXT(NULL),
		EVENT_TEXT(NULL),
		EVENT_INT_IF(s->has_status, exit_of(s->status)),
	};
	report_event(r, EVENT_END_SERVED, values);
}

static void
on_trouble(struct udp_server *sv, const struct error *e)
{
	const struct dgram_server *ds = sv->arg;

	runtime_fail(ds->d->rt, e);
}

/* SIGUSR1 */
static void
tell_counts(struct signal_watch *w)
{
	const struct dgram_server *ds = w->arg;
	const struct udp_server *sv = &ds->serve;

	log_line(&ds->d->rt->report.log, LOG_NOTE,
	    "%zu senders, %llu datagrams, %llu bytes received, %u dropped by the kernel",
	    sv->senders.n, (unsigned long long)sv->received_datagrams,
	    (unsigned long long)sv->received, udp_server_dropped(sv));
}

/* What did not get to anybody. */
static void
tell_losses(struct dgram_server *ds)
{
	const struct log *log = &ds->d->rt->report.log;
	uint32_t dropped = udp_server_dropped(&ds->serve);

	if (dropped > 0) {
		log_line(log, LOG_NOTE, "%u datagrams dropped by the kernel (receive buffer full)",
		    dropped);
		log_line(log, LOG_NOTE,
		    "hint: -o SO_RCVBUF=SIZE makes it larger, up to net.core.rmem_max");
	}
	if (ds->serve.refused > 0)
		log_line(log, LOG_NOTE, "%llu datagrams dropped: other senders were served",
		    (unsigned long long)ds->serve.refused);
	if (ds->serve.unread > 0)
		log_line(log, LOG_NOTE, "%llu datagrams dropped: their programs did not read",
		    (unsigned long long)ds->serve.unread);
}

/* ---- serving ---- */

static int
on_env(struct udp_server *sv, const struct sender *s, char **env, size_t n)
{
	struct sockname local;

	local_of(sv->arg, s, &local);
	return program_env_dgram(s->id, sv->sock, &local, &s->name, env, n);
}

static enum dgram_near
near_of(const struct session_how *how)
{
	switch (how->near) {
	case SESSION_PROGRAM:
		return DGRAM_PROGRAM;
	case SESSION_ECHO:
		return DGRAM_ECHO;
	case SESSION_DISCARD:
		return DGRAM_DISCARD;
	case SESSION_FILE:
		return DGRAM_FILE;
	case SESSION_STDIO:
		break;
	}
	return DGRAM_STDIO;
}

/* What -o SO_RCVBUF says stays. */
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
prepare(struct dgram_server *ds)
{
	const struct listen_dgram *d = ds->d;
	struct udp_server *sv = &ds->serve;

	sv->loop = d->rt->loop;
	sv->log = &d->rt->report.log;
	sv->sock = d->sock;
	sv->near = near_of(d->how);
	sv->in_fd = d->data->recv_only || !runtime_take_stdin(d->rt, d->data->send_only) ? -1 : 0;
	sv->out_fd = d->data->send_only ? -1 : 1;
	sv->keep_open = d->keep_open;
	sv->send_only = d->data->send_only;
	sv->framing = d->how->packets.in;
	sv->rate = d->data->rate;
	sv->delay = d->data->delay;
	sv->crlf = d->data->crlf;
	sv->program = d->how->program;
	sv->env_fn = on_env;
	ds->processes.loop = sv->loop;
	sv->processes = &ds->processes;
	sv->file = d->how->file;
	sv->receive_buffer = receive_buffer(d->bind);
	sv->max_senders = d->max_clients;
	sv->max_bytes = d->data->max_bytes;
	sv->accept = d->time->accept;
	sv->quiet = d->time->after_eof == -1 ? QUIET_DEFAULT : d->time->after_eof;
	sv->idle = d->time->idle;
	sv->record = on_record;
	sv->started = on_started;
	sv->ended = on_ended;
	sv->trouble = on_trouble;
	sv->arg = ds;
	sock_local(d->sock, &ds->local);
}

/* The exit status that the end means, or -1. */
static int
status_of(struct dgram_server *ds, struct error *e)
{
	struct udp_server *sv = &ds->serve;

	if (sv->end == END_STDOUT_CLOSED) {
		ds->d->rt->killed_by = SIGPIPE;
		return 128 + SIGPIPE;
	}
	if (sv->has_error) {
		*e = sv->error;
		return -1;
	}
	if (sv->has_status)
		return exit_of(sv->status);
	/* told already */
	return sv->troubled ? 1 : 0;
}

static void
stop(struct dgram_server *ds, enum sock_end end)
{
	udp_server_stop(&ds->serve, end);
	process_set_end(&ds->processes);
	loop_signal_unwatch(ds->d->rt->loop, &ds->usr1);
}

static int
run(struct dgram_server *ds, struct deadline until, struct error *e)
{
	struct runtime *rt = ds->d->rt;
	int rc;

	ds->usr1 = (struct signal_watch){ .signo = SIGUSR1, .fn = tell_counts, .arg = ds };
	if (loop_signal_watch(rt->loop, &ds->usr1, e) < 0)
		return -1;
	if (udp_server_start(&ds->serve, e) < 0) {
		stop(ds, END_ERROR);
		return -1;
	}
	rc = loop_run(rt->loop, &ds->serve.over, until, e);
	if (rc == 0)
		error_set(e, ERROR_TIMEOUT, "listen: timed out (--timeout)");
	tell_losses(ds);
	stop(ds, rc < 0 ? END_SIGNAL : END_DEADLINE);
	return rc > 0 ? status_of(ds, e) : -1;
}

static int
add_taps(struct dgram_server *ds, struct error *e)
{
	const struct session_how *how = ds->d->how;
	int i;

	for (i = 0; how->hexdump != NULL && i < 2; i++) {
		ds->serve.taps[i] = tap_hexdump("><"[i], how -> hexdump, how -> hexdump_arg, e);
		if (ds->serve.taps[i] == NULL)
			return -1;
	}
	return 0;
}

int
listen_dgram(const struct listen_dgram *d, struct deadline until, struct error *e)
{
	struct dgram_server ds = { .d = d, .out = d->how->packets.out };

	prepare(&ds);
	if (sockopt_apply(sock_fileno(d->sock), d->bind->settings, d->bind->n_settings,
		PHASE_CONNECTED, e) < 0)
		return -1;
	/* an address belongs to a line */
	if (ds.out.kind == FRAMING_RAW && d->print_sender)
		ds.out.kind = FRAMING_LINE;
	if (add_taps(&ds, e) < 0) {
		taps_close(ds.serve.taps[0]);
		return -1;
	}
	return run(&ds, until, e);
}
