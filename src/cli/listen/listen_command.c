#include "cli/listen/listen_command.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/listen/listen_control.h"
#include "cli/listen/listen_dgram.h"
#include "cli/listen/listen_opts.h"
#include "cli/listen/listen_serve.h"
#include "cli/listen/listen_socket.h"
#include "cli/listen/listen_workers.h"
#include "cli/listen/service/listen_forward.h"
#include "cli/listen/service/listen_replay.h"
#include "cli/listen/service/listen_service.h"
#include "cli/options/address_args.h"
#include "cli/options/target.h"
#include "cli/suite/listen_fds.h"
#include "cli/suite/reserve_ports.h"
#include "cli/suite/while_command.h"
#include "net/sys.h"

/* ---- datagrams ---- */

static bool
is_dgram(int type)
{
	return type == SOCK_DGRAM || type == SOCK_RAW;
}

/* Returns the type of the open socket (fd:N), or of the one to open. */
static int
listener_type(const struct listen_server *sv)
{
	return sv->listener == NULL ? sv->bind.type : sys_type(sock_fileno(sv->listener));
}

static struct listen_dgram
dgram_of_listener(struct listen_server *sv)
{
	const struct listen_opts *o = sv->opts;

	return (struct listen_dgram){
		.rt = &sv->rt,
		.sock = sv->listener,
		.how = &sv->how,
		.time = &o->time,
		.data = &o->data,
		.bind = &sv->bind,
		.access = &sv->access,
		.forward = listen_forward_targets(sv),
		.keep_open = o->keep_open,
		.print_sender = o->print_sender,
		.max_clients = (unsigned)(o->max_clients != 0 ? o->max_clients : o->max_children),
	};
}

static int
check_broker_type(const struct listen_opts *o, int type, struct error *e)
{
	if (o->broadcast_input && o->websocket.ws && o->data.framing == NULL)
		return error_set(e, ERROR_USAGE,
		    "--broadcast-input: with --broker and --ws, --framing says what a record is");
	if (type != SOCK_STREAM && o->data.framing != NULL)
		return error_set(e, ERROR_USAGE,
		    "--framing: with --broker, a message of the socket is a record");
	return 0;
}

/* Returns true for a service that needs a stream of bytes. */
static bool
needs_stream(const struct listen_opts *o)
{
	return o->broadcast_input || o->forward.proxy_server >= 0;
}

static int
check_service_type(const struct listen_server *sv, int type, struct error *e)
{
	const struct listen_opts *o = sv->opts;

	if (type != SOCK_STREAM && o->pty)
		return error_set(e, ERROR_USAGE, "--pty: only with streams");
	if (type != SOCK_STREAM && needs_stream(o))
		return error_set(e, ERROR_USAGE, "%s: only with streams", sv->service->option);
	if (listen_forward_check(sv, type, e) < 0)
		return -1;
	if (o->broker && check_broker_type(o, type, e) < 0)
		return -1;
	if (is_dgram(type) && sv->service != NULL && sv->service->connected && !listen_is_dtls(sv))
		return error_set(e, ERROR_USAGE, "%s: not with datagrams", sv->service->option);
	return 0;
}

static int
check_peers_type(const struct listen_opts *o, int type, struct error *e)
{
	if (o->serial && type != SOCK_STREAM && type != SOCK_SEQPACKET)
		return error_set(e, ERROR_USAGE, "--serial: only with connections");
	if (o->no_half_open && !o->broker && !o->chat && !o->broadcast_input)
		return error_set(e, ERROR_USAGE,
		    "--no-half-open: only with --broker, --chat or --broadcast-input");
	if (o->first_sender && type != SOCK_DGRAM)
		return error_set(e, ERROR_USAGE, "--first-sender: only with datagrams");
	return 0;
}

static int
check_dgram_type(const struct listen_server *sv, struct error *e)
{
	const struct listen_opts *o = sv->opts;

	if (o->suite.once != 0 && !listen_is_dtls(sv))
		return error_set(e, ERROR_USAGE, "--once: not with datagrams");
	if (o->backlog >= 0 || o->refuse)
		return error_set(e, ERROR_USAGE, "--%s: not with datagrams",
		    o->refuse ? "refuse" : "backlog");
	if (!listen_is_dtls(sv) && server_opts_given(&o->server) != NULL)
		return error_set(e, ERROR_USAGE, "%s: not with datagrams",
		    server_opts_given(&o->server));
	return 0;
}

/* With --keep-open, standard input is not read: what is about sending would do nothing. */
static int
check_receiving(const struct listen_server *sv, struct error *e)
{
	const struct listen_opts *o = sv->opts;
	const struct {
		bool given;
		const char *name;
	} all[] = {
		{ o->data.crlf, "crlf" },
		{ o->data.delay != 0, "delay" },
		{ o->data.half_open, "half-open" },
		{ !o->data.half_close, "no-half-close" },
		{ o->data.half_close_after != -1, "half-close" },
		{ o->time.after_eof != -1, "after-eof" },
		{ o->time.quit_after != -1, "quit-after" },
	};

	if (!o->keep_open || o->serial || sv->service != NULL || sv->how.local != SESSION_STDIO)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].given) {
			error_set(e, ERROR_USAGE,
			    "--%s: with --keep-open, standard input is not sent", all[i].name);
			return error_hint(e,
			    "--broadcast-input sends it to all clients, --serial "
			    "to one after the other");
		}
	return 0;
}

/* What is sent is what has come, or nothing; with datagrams, silence ends it. */
static int
check_inputless(const struct listen_opts *o, struct error *e)
{
	bool after = o->time.after_eof != -1;

	if ((!o->echo && !o->discard) || (!after && o->time.quit_after == -1))
		return 0;
	return error_set(e, ERROR_USAGE, "--%s: --%s has no input that ends",
	    after ? "after-eof" : "quit-after", o->echo ? "echo" : "discard");
}

static int
check_type(struct listen_server *sv, struct error *e)
{
	const struct listen_opts *o = sv->opts;
	struct listen_dgram d = dgram_of_listener(sv);
	int type = listener_type(sv);

	if (type == 0)
		return 0;
	if (check_service_type(sv, type, e) < 0)
		return -1;
	if (check_peers_type(o, type, e) < 0)
		return -1;
	if (o->replay != NULL)
		return listen_replay_check(sv, type, e);
	if (!is_dgram(type) && check_inputless(o, e) < 0)
		return -1;
	if (!is_dgram(type))
		return o->print_sender
		    ? error_set(e, ERROR_USAGE, "--print-sender: only for datagrams")
		    : check_receiving(sv, e);
	if (check_dgram_type(sv, e) < 0)
		return -1;
	if (o->first_sender)
		return 0;
	if (!listen_is_dtls(sv))
		return listen_dgram_check(&d, e);
	if (o->print_sender)
		return error_set(e, ERROR_USAGE, "--print-sender: not with TLS");
	return 0;
}

/* Several clients at a time, each with a socket. */
static bool
serves_all(const struct listen_server *sv)
{
	bool records = is_dgram(listener_type(sv)) && !listen_takes_senders(sv);

	return sv->opts->keep_open && !sv->opts->first_sender && !records && !sv->opts->serial;
}

static int
serve_by_type(struct listen_server *sv, struct error *e)
{
	struct listen_dgram d = dgram_of_listener(sv);

	if (sv->opts->first_sender)
		return listen_serve_one(sv, e);
	if (is_dgram(listener_type(sv)) && !listen_takes_senders(sv))
		return listen_dgram(&d, sv->until, e);
	if (sv->workers != NULL)
		return listen_workers_serve(sv->workers, e);
	if (sv->opts->serial)
		return listen_serve_in_turn(sv, e);
	return serves_all(sv) ? listen_serve_all(sv, e) : listen_serve_one(sv, e);
}

/* ---- test suites ---- */

/* In the background the output of clients has to go somewhere. */
static int
check_suite(const struct listen_server *sv, struct error *e)
{
	const struct suite_opts *suite = &sv->opts->suite;

	if (sv->how.plan.tls.tls != NULL && suite->listen_fds != NULL)
		return error_set(e, ERROR_USAGE, "--listen-fds: not with TLS");
	if (!suite->background || sv->how.local != SESSION_STDIO || sv->service != NULL)
		return 0;
	error_set(e, ERROR_USAGE, "--background: there is no standard input and output");
	return error_hint(e, "--echo, --discard, --send FILE, --sh LINE or a program after --");
}

static int
go_background(struct listen_server *sv, struct error *e)
{
	const struct listen_opts *o = sv->opts;
	const char *dump = o->data.dumps.hexdump;
	bool keep_stderr =
	    o->report.verbose > 0 || o->report.json || (dump != NULL && dump[0] == '\0');
	char address[SOCKNAME_TEXT_MAX];
	struct sockname local;

	sock_local(sv->listener, &local);
	sockname_format(&local, address, sizeof address);
	return background_ready(&sv->background, &sv->rt.report, address, keep_stderr, e);
}

static int
become_program(struct listen_server *sv, const struct endpoint *ep, const struct opt_rest *rest,
    struct error *e)
{
	const struct listen_fds lf = { .rt = &sv->rt,
		.name = sv->opts->suite.listen_fds,
		.argv = (const char *const *)rest->program,
		.fd = sock_fileno(sv->listener),
		.inherited = ep->kind == ENDPOINT_FD };

	(void)listen_fds_exec(&lf, e);
	background_fail(&sv->background);
	return -1;
}

static int
serve_while(struct listen_server *sv, const char *line, struct error *e)
{
	struct while_command wc = { .ended = serves_all(sv) || sv->opts->serial
		    ? listen_serve_wind_down
		    : NULL,
		.arg = sv };

	if (while_command_start(&wc, &sv->rt, line, sock_fileno(sv->listener), e) < 0)
		return -1;
	return while_command_finish(&wc, serve_by_type(sv, e), e);
}

static int
serve_listener(struct listen_server *sv, const struct endpoint *ep, const struct opt_rest *rest,
    struct error *e)
{
	const struct suite_opts *suite = &sv->opts->suite;

	if (listen_socket_announce(&sv->rt, sv->opts, sv->listener, e) < 0 ||
	    go_background(sv, e) < 0)
		return -1;
	if (suite->listen_fds != NULL)
		return become_program(sv, ep, rest, e);
	background_release(&sv->background);
	return suite->while_line == NULL ? serve_by_type(sv, e)
					 : serve_while(sv, suite->while_line, e);
}

/* The control socket is there when the server is ready. */
static int
serve_with_control(struct listen_server *sv, const struct endpoint *ep, const struct opt_rest *rest,
    struct error *e)
{
	struct listen_control control = { .sv = sv };
	struct listen_workers workers = { .sv = sv, .control = &control, .endpoint = ep };
	struct control_target target = listen_control_target(&control);
	int rc = -1;

	if (sv->opts->server.workers > 0) {
		sv->workers = &workers;
		target = listen_workers_target(&workers);
	}
	if (check_type(sv, e) == 0 && listen_control_open(&control, target, e) == 0)
		rc = serve_listener(sv, ep, rest, e);
	sv->workers = NULL;
	listen_control_close(&control);
	return rc;
}

/* ---- the command ---- */

static int
serve_clients(struct listen_server *sv, const struct endpoint *ep, const struct bind_how *bind,
    const struct opt_rest *rest, struct error *e)
{
	const struct listen_socket_how how = { .rt = &sv->rt,
		.opts = sv->opts,
		.endpoint = ep,
		.bind = bind,
		.until = sv->until };
	int rc;

	if (session_opts_how(&sv->opts->time, &sv->opts->data, sv->until, &sv->how, e) < 0 ||
	    session_opts_check(&sv->opts->data, ep, bind->type, e) < 0)
		return -1;
	session_opts_follow_voice(&sv->how, &sv->opts->report);
	if (endpoint_is_can(ep))
		session_opts_frame_can(&sv->how);
	session_opts_adapt(&sv->how, ep, bind);
	sv->bind = *bind;
	if (listen_service_set_up(sv, rest, e) < 0)
		return -1;
	if (listen_access_open(&sv->access, e) < 0 ||
	    listen_access_check(&sv->access, ep, bind->type, e) < 0 ||
	    listen_proxied_open(&sv->proxied, &sv->how, e) < 0 ||
	    listen_proxied_check(&sv->proxied, ep, bind->type, e) < 0)
		return -1;
	sv->tls.type = bind->type;
	sv->tls.keep_secrets = recording_needs_secrets(&sv->opts->data.dumps);
	if (tls_use_open(&sv->tls, &sv->opts->tls, TLS_SERVER, ep, &sv->how, e) < 0)
		return -1;
	websocket_opts_how(&sv->opts->websocket, ep, &sv->opts->data, &sv->websocket, &sv->how);
	if (check_type(sv, e) < 0 || check_suite(sv, e) < 0 || listen_workers_check(sv, e) < 0 ||
	    command_context_dumps(&sv->rt, &sv->opts->data.dumps, DIALOGUE_SERVER, &sv->how, e) <
		0 ||
	    listen_socket_open(&how, &sv->listener, e) < 0)
		return -1;
	rc = serve_with_control(sv, ep, rest, e);
	sock_free(sv->listener);
	return rc;
}

static int
listen_with(struct listen_server *sv, const struct opt_rest *rest, struct error *e)
{
	struct target t;
	int rc;

	if (listen_opts_parse_target(sv->opts, rest, &t, e) < 0)
		return -1;
	rc = serve_clients(sv, &t.ep, &t.bind, rest, e);
	program_terminal_close(&sv->terminal);
	tls_use_close(&sv->tls);
	listen_proxied_close(&sv->proxied);
	listen_access_close(&sv->access);
	listen_service_fini(sv);
	target_fini(&t);
	return rc;
}

static int
print_reserved(const struct listen_opts *o, const struct opt_rest *rest)
{
	struct reserve_ports rp = { .count = o->suite.reserve,
		.family = o->bind.family,
		.until = deadline_in(o->time.total) };
	struct error e = { 0 };
	int status = command_context_begin(&rp.rt, "listen", &o->report, rp.until, &e);

	if (status == 0)
		status = reserve_ports(&rp, rest, &e);
	return command_context_end(&rp.rt, status, rest, &e);
}

int
listen_command_run(const char *name, struct listen_opts *o, const struct opt_rest *rest)
{
	struct listen_totals totals = { 0 };
	struct listen_server sv = { .opts = o,
		.totals = &totals,
		.tls.rt = &sv.rt,
		.access = { .rt = &sv.rt, .opts = &o->access },
		.proxied = { .access = &sv.access },
		.until = deadline_in(o->time.total) };
	struct error e = { 0 };
	int rc, status;

	listen_opts_imply(o);
	if (o->suite.reserve != NULL)
		return print_reserved(o, rest);
	rc = o->suite.background ? background_start(&sv.background, &status, &e) : 0;
	if (rc != 0)
		return rc > 0 ? status : report_error(NULL, &e);
	status = command_context_begin(&sv.rt, name, &o->report, sv.until, &e);
	if (status == 0)
		status = listen_with(&sv, rest, &e);
	return command_context_end(&sv.rt, status, rest, &e);
}
