#include "cli/listen/listen_opts.h"

#include <limits.h>
#include <stddef.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/listen/service/listen_service.h"
#include "cli/options/address_args.h"
#include "cli/options/report_opts.h"
#include "net/ports.h"

#define AT(field) offsetof(struct listen_opts, field)

static const struct opt listen_rows[] = {
	{ .name = "keep-open",
	    .letter = 'k',
	    .kind = OPT_FLAG,
	    .offset = AT(keep_open),
	    .help = "serve clients until ended, all of them concurrently" },
	{ .name = "serial",
	    .kind = OPT_FLAG,
	    .offset = AT(serial),
	    .help = "with --keep-open: one client after the other, each with standard input and "
		    "output" },
	{ .name = "first-sender",
	    .kind = OPT_FLAG,
	    .offset = AT(first_sender),
	    .help = "with datagrams: connect to the first sender, and hear no other" },
	{ .name = "echo",
	    .kind = OPT_FLAG,
	    .offset = AT(echo),
	    .help = "send back what each client sends" },
	{ .name = "discard",
	    .kind = OPT_FLAG,
	    .offset = AT(discard),
	    .help = "read and discard what each client sends" },
	{ .name = "send",
	    .kind = OPT_TEXT,
	    .offset = AT(send_file),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .help = "send this file to each client" },
	{ .name = "broker",
	    .kind = OPT_FLAG,
	    .offset = AT(broker),
	    .help = "with --keep-open: send what a client sends to all others" },
	{ .name = "chat",
	    .kind = OPT_FLAG,
	    .offset = AT(chat),
	    .help = "with --keep-open: lines of clients go to all others, with their names" },
	{ .name = "broadcast-input",
	    .kind = OPT_FLAG,
	    .offset = AT(broadcast_input),
	    .help = "with --keep-open: send standard input to all clients" },
	{ .name = "no-half-open",
	    .kind = OPT_FLAG,
	    .offset = AT(no_half_open),
	    .help = "with the last three: a client that ends its side has left" },
	{ .name = "script",
	    .kind = OPT_TEXT,
	    .offset = AT(script_file),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .help = "with --keep-open: run this script for each client" },
	{ .name = "sh",
	    .kind = OPT_TEXT,
	    .offset = AT(shell_line),
	    .arg = "LINE",
	    .reach = REACH_PROGRAM,
	    .help = "run this shell command for each client" },
	{ .name = "exec-stderr",
	    .kind = OPT_FLAG,
	    .offset = AT(exec_stderr),
	    .help = "send the program's standard error to the client, too" },
	{ .name = "pty",
	    .kind = OPT_FLAG,
	    .offset = AT(pty),
	    .help = "give the program a terminal" },
	{ .name = "print-sender",
	    .kind = OPT_FLAG,
	    .offset = AT(print_sender),
	    .help = "write \"ADDRESS: \" before each datagram" },
	{ .name = "max-clients",
	    .kind = OPT_INT,
	    .offset = AT(max_clients),
	    .arg = "N",
	    .min = 1,
	    .max = 1000000,
	    .help = "serve at most N at a time; the next one waits" },
	{ .name = "refuse",
	    .kind = OPT_FLAG,
	    .offset = AT(refuse),
	    .help = "with --max-clients: close the next one instead" },
	{ .name = "max-children",
	    .kind = OPT_INT,
	    .offset = AT(max_children),
	    .arg = "N",
	    .min = 1,
	    .max = 1000000,
	    .help = "run at most N programs of clients at a time (256)" },
	{ .name = "backlog",
	    .kind = OPT_INT,
	    .offset = AT(backlog),
	    .arg = "N",
	    .min = 0,
	    .max = INT_MAX,
	    .help = "how many connections may wait to be accepted" },
	{ .name = "mode",
	    .kind = OPT_TEXT,
	    .offset = AT(mode),
	    .arg = "OCTAL",
	    .help = "permissions of a unix path (600; with --group 660)" },
	{ .name = "user",
	    .kind = OPT_TEXT,
	    .offset = AT(user),
	    .arg = "USER",
	    .help = "owner of a unix path, by name or number" },
	{ .name = "group",
	    .kind = OPT_TEXT,
	    .offset = AT(group),
	    .arg = "GROUP",
	    .help = "group of a unix path, by name or number" },
	{ .name = "unlink",
	    .kind = OPT_FLAG,
	    .offset = AT(unlink),
	    .reach = REACH_FILE,
	    .help = "remove a unix path on which nobody listens" },
};

const struct opt_group listen_groups[] = {
	{ "What clients get", listen_rows, ARRAY_LEN(listen_rows), 0 },
	{ "Who may come", access_rows, N_ACCESS, AT(access) },
	{ "For test suites", suite_rows, N_SUITE, AT(suite) },
	{ "Connections for clients", forward_rows, N_FORWARD, AT(forward) },
	{ "Proxies on the way of --forward", proxy_rows, N_PROXY, AT(proxy) },
	{ "Local address and socket", listen_bind_rows, N_LISTEN_BIND, AT(bind) },
	{ "Time", listen_time_rows, N_LISTEN_TIME, AT(time) },
	{ "Data", data_rows, N_DATA, AT(data) },
	{ "TLS", listen_tls_rows, N_LISTEN_TLS, AT(tls) },
	{ "Load and control", server_rows, N_SERVER, AT(server) },
	{ "WebSocket", listen_websocket_rows, N_LISTEN_WEBSOCKET, AT(websocket) },
	{ "Permissions of --script", allow_rows, N_ALLOW, AT(allow) },
	{ "Report", report_rows, N_REPORT, AT(report) },
	{ NULL, NULL, 0, 0 },
};

const char *const listen_conflicts[] = {
	BIND_CONFLICTS,
	DATA_CONFLICTS,
	REPORT_CONFLICTS,
	"script chat broker broadcast-input echo discard send sh send-only recv-only",
	"script no-half-close half-close half-open crlf delay rate max-bytes max-receives",
	"script telnet framing hexdump transcript progress",
	"script max-children after-eof quit-after listen-fds exec-stderr",
	"echo crlf delay half-open",
	"discard crlf delay no-half-close half-close",
	"chat broker broadcast-input framing echo discard send sh send-only recv-only",
	"chat no-half-close half-close half-open",
	"no-half-open half-open echo discard send sh forward proxy-server script",
	"broker echo discard send sh send-only recv-only no-half-close half-close half-open",
	SUITE_CONFLICTS,
	SERVER_CONFLICTS,
	"echo discard send sh broadcast-input send-only no-half-close half-close recv-only",
	"forward echo discard send sh broadcast-input broker chat send-only recv-only half-open",
	"forward no-half-close",
	"proxy-server forward echo discard send sh broadcast-input broker chat send-only recv-only",
	"proxy-server half-open no-half-close print-sender",
	"forward print-sender",
	"discard broadcast-input send sh send-only half-open",
	"send broadcast-input sh recv-only",
	"sh broadcast-input send-only recv-only",
	"pty exec-stderr udp dtls",
	"keep-open progress",
	"print-sender json",
	"serial echo discard send broker chat broadcast-input script sh forward proxy-server",
	"serial max-clients once workers control drain framing",
	"first-sender keep-open echo discard send sh pty forward proxy-server print-sender dtls",
	"first-sender control while",
	"self-signed cert",
	"dtls mptcp",
	"ws udp dtls crlf telnet half-open",
	NULL,
};

const char *const listen_alone[] = { SUITE_ALONE, NULL };

void
listen_opts_defaults(void *values)
{
	struct listen_opts *o = values;

	bind_opts_defaults(&o->bind);
	time_opts_defaults(&o->time);
	data_opts_defaults(&o->data);
	tls_opts_defaults(&o->tls);
	suite_opts_defaults(&o->suite);
	server_opts_defaults(&o->server);
	forward_opts_defaults(&o->forward);
	o->backlog = -1;
}

void
listen_opts_imply(struct listen_opts *o)
{
	tls_opts_imply(&o->tls, &o->bind);
	o->keep_open = o->keep_open || suite_opts_keep_open(&o->suite);
}

unsigned
listen_opts_max_children(const struct listen_opts *o)
{
	int64_t n = o->max_children != 0 ? o->max_children : LISTEN_CHILDREN_MAX;

	return (unsigned)(o->server.workers > 1 ? n / o->server.workers : n);
}

/* ---- conflicts ---- */

static int
check_program(const struct listen_opts *o, const struct opt_rest *rest, struct error *e)
{
	const struct listen_service *other = listen_service_of(o);

	if (rest->program == NULL && o->shell_line == NULL && o->max_children != 0)
		return error_set(e, ERROR_USAGE, "--max-children: no program is given");
	if (rest->program == NULL)
		return (o->exec_stderr || o->pty) && o->shell_line == NULL
		    ? error_set(e, ERROR_USAGE, "--%s: no program is given",
			  o->pty ? "pty" : "exec-stderr")
		    : 0;
	if (rest->program[0] == NULL)
		return error_set(e, ERROR_USAGE, "a program must follow --");
	if (other != NULL)
		return error_set(e, ERROR_USAGE, "%s: a program after -- is given too",
		    other->option);
	if (o->data.send_only || o->data.recv_only)
		return error_set(e, ERROR_USAGE, "--%s-only: not with a program",
		    o->data.send_only ? "send" : "recv");
	return 0;
}

/* Returns a given option that needs --keep-open, or NULL. */
static const char *
keep_open_option(const struct listen_opts *o)
{
	const struct listen_service *service = listen_service_of(o);

	if (o->max_clients != 0)
		return "--max-clients";
	if (o->serial)
		return "--serial";
	if (service != NULL && service->keep_open)
		return service->option;
	if (o->max_children != 0)
		return "--max-children";
	return server_opts_given(&o->server);
}

static int
check_permissions(const struct listen_opts *o, struct error *e)
{
	const struct allow_opts *a = &o->allow;

	if (o->script_file != NULL || !(a->exec || a->files || a->env))
		return 0;
	return error_set(e, ERROR_USAGE, "--allow-%s: needs --script",
	    a->exec        ? "exec"
		: a->files ? "files"
			   : "env");
}

static int
check_forward_proxy(const struct listen_opts *o, struct error *e)
{
	const struct proxy_opts *p = &o->proxy;
	const char *option = p->proxies.n > 0 ? "--proxy"
	    : p->send_header != NULL          ? "--send-proxy"
	    : p->auth_file != NULL            ? "--proxy-auth-file"
	    : p->ca_file != NULL              ? "--proxy-ca-file"
	    : p->insecure                     ? "--proxy-insecure"
					      : NULL;

	if (o->forward.forward.n > 0 || option == NULL)
		return 0;
	return error_set(e, ERROR_USAGE, "%s: needs --forward", option);
}

static int
check_shared_input(const struct listen_opts *o, struct error *e)
{
	if (!o->broadcast_input || !o->data.recv_only || o->data.half_close_after != -1)
		return 0;
	return error_set(e, ERROR_USAGE,
	    "--broadcast-input: with --recv-only, only the end of the input is sent, and only "
	    "with --half-close");
}

static int
check_serving(const struct listen_opts *o, struct error *e)
{
	const struct listen_service *service = listen_service_of(o);

	if (check_permissions(o, e) < 0)
		return -1;
	if (o->refuse && o->max_clients == 0)
		return error_set(e, ERROR_USAGE, "--refuse: needs --max-clients");
	if (o->keep_open && o->data.send_only && (service == NULL || !service->sends))
		return error_set(e, ERROR_USAGE,
		    "--send-only: with --keep-open only for --send and --broadcast-input");
	if (!o->keep_open && keep_open_option(o) != NULL)
		return error_set(e, ERROR_USAGE, "%s: needs --keep-open", keep_open_option(o));
	if (forward_opts_check(&o->forward, e) < 0)
		return -1;
	if (o->keep_open && o->time.accept != DURATION_NONE && o->suite.once == 0)
		return error_set(e, ERROR_USAGE, "--accept-timeout: not with --%s",
		    o->suite.while_line != NULL ? "while" : "keep-open");
	return 0;
}

/* Returns a given option that is about a unix path, or NULL. */
static const char *
path_option(const struct listen_opts *o)
{
	if (o->mode != NULL)
		return "--mode";
	if (o->user != NULL)
		return "--user";
	return o->group != NULL ? "--group" : NULL;
}

/* What belongs to another kind of address. */
static int
check_address_kind(const struct listen_opts *o, const struct endpoint *ep, struct error *e)
{
	if (endpoint_is_line(ep) && o->backlog >= 0)
		return error_set(e, ERROR_USAGE, "--backlog: not for a serial line");
	if (endpoint_is_line(ep) && o->suite.listen_fds != NULL)
		return error_set(e, ERROR_USAGE, "--listen-fds: not for a serial line");
	if ((ep->kind != ENDPOINT_UNIX || ep->abstract) && path_option(o) != NULL)
		return error_set(e, ERROR_USAGE, "%s: only for a unix path", path_option(o));
	if (ep->kind != ENDPOINT_UNIX && o->unlink && o->server.control == NULL)
		return error_set(e, ERROR_USAGE, "--unlink: only for a unix path");
	return 0;
}

static bool
negotiates_with_clients(const struct listen_opts *o, const struct endpoint *ep)
{
	return tls_opts_wanted(&o->tls, ep) || o->websocket.ws ||
	    o->access.proxy_protocol != NULL || o->forward.forward.n > 0 ||
	    o->forward.proxy_server >= 0;
}

static int
check_address(const struct listen_opts *o, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	if (ep->kind == ENDPOINT_INET && ep->port[0] != '\0' && !ports_is_single(ep->port))
		return error_set(e, ERROR_USAGE, "'%s' is more than one port", ep->port);
	if (check_address_kind(o, ep, e) < 0)
		return -1;
	if (ep->kind == ENDPOINT_INET && ep->port[0] != '\0' && !bind_how_has_ports(bind))
		return error_set(e, ERROR_USAGE, "'%s': this protocol has no ports", ep->port);
	if (websocket_opts_is_url(ep)) {
		error_set(e, ERROR_USAGE, "a URL is for clients");
		return error_hint(e, "usock listen --ws PORT, and --tls for wss");
	}
	if (websocket_opts_check(&o->websocket, ep, bind->type, &o->data, e) < 0 ||
	    time_opts_check_handshake(&o->time, negotiates_with_clients(o, ep), e) < 0)
		return -1;
	return tls_opts_check_type(&o->tls, ep, bind->type, e);
}

int
listen_opts_parse_target(const struct listen_opts *o, const struct opt_rest *rest,
    struct target *ret_target, struct error *e)
{
	struct target t;

	if (address_args_endpoint(rest, true, &t.ep, e) < 0 || check_program(o, rest, e) < 0 ||
	    check_shared_input(o, e) < 0 || check_serving(o, e) < 0 ||
	    check_forward_proxy(o, e) < 0 || suite_opts_check(&o->suite, rest, e) < 0 ||
	    target_bind(&t, &o->bind, e) < 0)
		return -1;
	*ret_target = t;
	if (check_address(o, &t.ep, &t.bind, e) == 0)
		return 0;
	target_fini(&t);
	return -1;
}
