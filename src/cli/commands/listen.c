#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/error.h"
#include "cli/commands/script/listen_script.h"
#include "cli/core/cmd.h"
#include "cli/listen/listen_control.h"
#include "cli/listen/listen_dgram.h"
#include "cli/listen/listen_opts.h"
#include "cli/listen/listen_serve.h"
#include "cli/listen/listen_socket.h"
#include "cli/listen/listen_workers.h"
#include "cli/listen/service/listen_forward.h"
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
	if (!is_dgram(type))
		return o->print_sender
		    ? error_set(e, ERROR_USAGE, "--print-sender: only for datagrams")
		    : 0;
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

static int
serve_by_type(struct listen_server *sv, struct error *e)
{
	struct listen_dgram d = dgram_of_listener(sv);

	if (sv->opts->first_sender)
		return listen_serve_one(sv, e);
	if (is_dgram(listener_type(sv)) && !listen_is_dtls(sv))
		return listen_dgram(&d, sv->until, e);
	if (sv->workers != NULL)
		return listen_workers_serve(sv->workers, e);
	if (sv->opts->serial)
		return listen_serve_in_turn(sv, e);
	return sv->opts->keep_open ? listen_serve_all(sv, e) : listen_serve_one(sv, e);
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
	struct while_command wc = { .over = false };

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
	if (tls_use_open(&sv->tls, &sv->opts->tls, TLS_SERVER, ep, &sv->how, e) < 0)
		return -1;
	websocket_opts_how(&sv->opts->websocket, ep, &sv->opts->data, &sv->websocket, &sv->how);
	if (check_type(sv, e) < 0 || check_suite(sv, e) < 0 || listen_workers_check(sv, e) < 0 ||
	    command_context_dumps(&sv->rt, &sv->opts->data.dumps, &sv->how, e) < 0 ||
	    listen_socket_open(&how, &sv->listener, e) < 0)
		return -1;
	rc = serve_with_control(sv, ep, rest, e);
	sock_free(sv->listener);
	return rc;
}

static int
listen_with(void *arg, const struct opt_rest *rest, struct error *e)
{
	struct listen_server *sv = arg;
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
	const struct command_work work = { "listen", &o->report, rp.until, reserve_ports, &rp };

	return command_context_run(&rp.rt, &work, rest);
}

static int
listen_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	struct listen_opts *o = values;
	struct listen_totals totals = { 0 };
	struct listen_server sv = { .opts = o,
		.totals = &totals,
		.tls.rt = &sv.rt,
		.access = { .rt = &sv.rt, .opts = &o->access },
		.proxied = { .access = &sv.access },
		.until = deadline_in(o->time.total) };
	const struct command_work work = { cmd->name, &o->report, sv.until, listen_with, &sv };
	struct error e = { 0 };
	int rc, status;

	listen_opts_imply(o);
	if (o->suite.reserve != NULL)
		return print_reserved(o, rest);
	rc = o->suite.background ? background_start(&sv.background, &status, &e) : 0;
	if (rc != 0)
		return rc > 0 ? status : report_error(NULL, &e);
	return command_context_run(&sv.rt, &work, rest);
}

const struct cmd cmd_listen = {
	.name = "listen",
	.summary = "accept connections and serve them",
	.operands = "ADDRESS [-- PROGRAM ARG...]",
	.about = "Listens on ADDRESS (a PORT alone: both families; HOST PORT, host:port,\n"
		 "unix:/path, unix:@name), accepts one client, connects it to standard input and\n"
		 "output, and exits when the connection ends. With port 0 the kernel chooses a\n"
		 "port, which is reported.\n"
		 "\n"
		 "With -k it serves clients until it is ended. Each client is connected to a\n"
		 "program after --, or to one of --sh, --echo, --discard and --send; to another\n"
		 "server with --forward, or as a proxy with --proxy-server; otherwise the data of\n"
		 "all clients goes to standard output.\n"
		 "\n"
		 "--reserve needs no ADDRESS, or a HOST.\n"
		 "\n"
		 "With -u it receives datagrams of every sender, and answers each.",
	.examples =
	    "usock listen 8080 > upload.bin                    # one client's bytes\n"
	    "usock listen -k 7000 --echo                       # an echo server\n"
	    "usock listen -k localhost 8080 -- ./handler       # a program for each client\n"
	    "usock listen -k unix:/tmp/log.sock >> log         # what everybody writes\n"
	    "usock listen -k --framing line 514 >> log         # ... in whole lines\n"
	    "tail -f log | usock listen -k --broadcast-input 0 # to everybody\n"
	    "usock listen -k --script mock.us 8080             # a script for each client\n"
	    "usock listen -k --broker --framing line 7000      # each to all others\n"
	    "usock listen -k --chat 7000                       # ... with names\n"
	    "usock listen -k 8080 --forward localhost:80       # a way to another server\n"
	    "usock listen -k 1080 --proxy-server socks         # a SOCKS proxy\n"
	    "usock listen -u --print-sender 5140               # every sender's datagrams\n"
	    "usock listen -k --ws --echo 8080                  # WebSocket, for a browser\n"
	    "usock listen -k --tls --self-signed 4433 --echo   # TLS for a try\n"
	    "usock listen -k --dtls --cert a.pem 5684 --echo   # datagrams, encrypted\n"
	    "usock listen -k --allow 10.0.0.0/8 8080 -- ./handler  # for one network\n"
	    "usock listen --ready-file addr 127.0.0.1 0 &      # a test's server\n"
	    "usock listen --while 'make check' --echo 0        # ... for one command\n"
	    "usock listen --background --once 3 --echo 0       # ... of three clients\n"
	    "usock listen --listen-fds 8080 -- ./server        # socket activation\n"
	    "usock listen --reserve=2                          # two free ports\n",
	.groups = listen_groups,
	.conflicts = listen_conflicts,
	.alone = listen_alone,
	.size = sizeof(struct listen_opts),
	.defaults = listen_opts_defaults,
	.run = listen_run,
	.script = listen_script,
	.not_in_script = listen_not_in_script,
};
