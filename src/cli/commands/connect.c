#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "cli/commands/script/script_call.h"
#include "cli/commands/script/script_handshakes.h"
#include "cli/core/cmd.h"
#include "cli/core/command_context.h"
#include "cli/core/inherited.h"
#include "cli/core/program_env.h"
#include "cli/core/program_terminal.h"
#include "cli/core/reconnect.h"
#include "cli/core/session_report.h"
#include "cli/options/address_args.h"
#include "cli/options/bind_opts.h"
#include "cli/options/proxy/proxy_opts.h"
#include "cli/options/report_opts.h"
#include "cli/options/session_opts.h"
#include "cli/options/target.h"
#include "cli/options/tls_opts.h"
#include "cli/options/websocket_opts.h"
#include "cli/output/datagram_format.h"
#include "cli/output/progress.h"
#include "cli/output/scan_report.h"
#include "net/ports.h"
#include "net/scan/portscan.h"
#include "net/sys.h"
#include "script/context.h"
#include "script/error.h"
#include "script/handle.h"
#include "script/handshakes.h"
#include "script/script.h"
#include "tcl/interp.h"

#define RETRY_UNSET (-1)

struct connect_opts {
	struct bind_opts bind;
	struct time_opts time;
	struct data_opts data;
	struct tls_opts tls;
	struct websocket_opts websocket;
	struct proxy_opts proxy;
	struct report_opts report;
	bool scan, all, open, shuffle, pass_fd, fastopen, pty, reconnect;
	int64_t retry, retry_interval;
	const char *shell_line;
};

static const struct opt connect_rows[] = {
	{ .name = "scan",
	    .letter = 'z',
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct connect_opts, scan),
	    .help = "only test which ports are open: lists and ranges, one line per port; with "
		    "--retry or --timeout, wait until one is open" },
	{ .name = "all",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct connect_opts, all),
	    .help = "with --scan: succeed only if every port is open" },
	{ .name = "open",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct connect_opts, open),
	    .help = "with --scan: print the open ports alone, and how many others there are" },
	{ .name = "shuffle",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct connect_opts, shuffle),
	    .help = "with --scan: in random order" },
	{ .name = "pass-fd",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct connect_opts, pass_fd),
	    .help = "pass the connected socket to the unix socket that is standard output, and "
		    "exit" },
	{ .name = "retry",
	    .kind = OPT_INT,
	    .offset = offsetof(struct connect_opts, retry),
	    .arg = "N",
	    .min = 0,
	    .max = 1000000,
	    .help = "repeat a failed attempt up to N times" },
	{ .name = "retry-interval",
	    .kind = OPT_DURATION,
	    .offset = offsetof(struct connect_opts, retry_interval),
	    .arg = "DUR",
	    .help = "time between two attempts (1s)" },
	{ .name = "reconnect",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct connect_opts, reconnect),
	    .help = "when the peer goes, connect again and go on with the input" },
	{ .name = "fastopen",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct connect_opts, fastopen),
	    .help = "send the first bytes with the first packet (TCP Fast Open)" },
	{ .name = "sh",
	    .kind = OPT_TEXT,
	    .offset = offsetof(struct connect_opts, shell_line),
	    .arg = "LINE",
	    .reach = REACH_PROGRAM,
	    .help = "connect the input and output of this shell command" },
	{ .name = "pty",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct connect_opts, pty),
	    .help = "give the program a terminal" },
};

static const struct opt_group connect_groups[] = {
	{ "Modes", connect_rows, ARRAY_LEN(connect_rows), 0 },
	{ "Local address and socket", connect_bind_rows, N_CONNECT_BIND,
	    offsetof(struct connect_opts, bind) },
	{ "Time", connect_time_rows, N_CONNECT_TIME, offsetof(struct connect_opts, time) },
	{ "Data", data_rows, N_DATA, offsetof(struct connect_opts, data) },
	{ "TLS", connect_tls_rows, N_CONNECT_TLS, offsetof(struct connect_opts, tls) },
	{ "WebSocket", connect_websocket_rows, N_CONNECT_WEBSOCKET,
	    offsetof(struct connect_opts, websocket) },
	{ "Proxies", proxy_rows, N_PROXY, offsetof(struct connect_opts, proxy) },
	{ "Report", report_rows, N_REPORT, offsetof(struct connect_opts, report) },
	{ NULL, NULL, 0, 0 },
};

static const char *const connect_conflicts[] = {
	BIND_CONFLICTS,
	DATA_CONFLICTS,
	REPORT_CONFLICTS,
	"reconnect udp dtls telnet framing max-bytes progress half-open sh pty",
	"proxy dtls mptcp",
	"send-proxy udp dtls",
	"pty udp dtls",
	"pass-fd tls dtls starttls reconnect sh pty telnet crlf framing send-only recv-only",
	"pass-fd half-open half-close no-half-close hexdump transcript record pcap progress",
	"pass-fd rate delay",
	"pass-fd max-bytes max-receives after-eof quit-after idle-timeout",
	"dtls mptcp starttls",
	NULL,
};

/* A scan connects, and says nothing. */
static const char *const connect_alone[] = {
	"scan all open shuffle retry retry-interval delay connect-timeout timeout ipv4 ipv6 udp "
	"type "
	"proto source source-port reuse-addr no-reuse-addr reuse-port interface sockopt broadcast "
	"ttl "
	"min-ttl tos md5-file netns mptcp verbose quiet json events color",
	NULL,
};

static void
connect_defaults(void *values)
{
	struct connect_opts *o = values;

	bind_opts_defaults(&o->bind);
	time_opts_defaults(&o->time);
	data_opts_defaults(&o->data);
	tls_opts_defaults(&o->tls);
	o->retry = RETRY_UNSET;
	o->retry_interval = -1;
}

/* ---- one connection ---- */

struct connect {
	struct command_context rt;
	const struct connect_opts *opts;
	struct session_how how;
	struct session session;
	struct progress progress;
	struct program_terminal terminal;
	struct reconnect reconnect;
	unsigned long n_connections;
	struct tls_use tls;
	struct websocket_use websocket;
	struct proxy_use proxy;
	struct datagram_format view;
	struct deadline until;
	bool over;
};

static void
on_session_end(struct session *s)
{
	struct connect *c = s->arg;

	c->over = true;
}

/* The header says what TLS will ask for. Of several protocols nobody knows which it will be. */
static int
send_header(struct connect *c, const struct endpoint *ep, struct sock *s, struct error *e)
{
	const struct tls_opts *o = &c->opts->tls;
	bool tls = tls_opts_wanted(o, ep);
	const char *name = o->server_name != NULL ? o->server_name : ep->host;
	bool one = o->alpn != NULL && strchr(o->alpn, ',') == NULL;

	return proxy_use_send_header(&c->proxy, s, tls && one ? o->alpn : NULL, tls ? name : NULL,
	    c->until, e);
}

static int64_t
retry_interval(const struct connect_opts *o)
{
	return o->retry_interval >= 0 ? o->retry_interval : NSEC_PER_SEC;
}

/* A peer that was there once is waited for without a limit. */
static unsigned
n_retries(const struct connect *c)
{
	if (c->opts->retry != RETRY_UNSET)
		return (unsigned)c->opts->retry;
	return c->n_connections > 0 ? UINT_MAX : 0;
}

/* Another program's voice names each address that was tried. */
static void
report_attempt(void *arg, const struct sockname *peer, const struct error *e)
{
	const struct connect *c = arg;
	char address[SOCKNAME_TEXT_MAX];
	const struct field values[] = {
		EVENT_TEXT(sockname_format(peer, address, sizeof(address))),
		EVENT_TEXT(e->origin == ORIGIN_ERRNO ? strerror(e->number) : e->text),
	};

	if (strncmp(e->text, "connect ", 8) == 0)
		report_event(&c->rt.report, EVENT_ATTEMPT, values);
}

static int
open_or_adopt(struct connect *c, const struct endpoint *ep, const struct bind_how *bind,
    struct sock **ret_sock, struct error *e)
{
	const struct connect_how how = {
		.bind = *bind,
		.connect_timeout = c->opts->time.connect,
		.retries = n_retries(c),
		.retry_interval = retry_interval(c->opts),
		.fastopen = c->opts->fastopen,
		.failed = report_has_voice(&c->rt.report) ? report_attempt : NULL,
		.failed_arg = c,
	};

	int rc = ep->kind == ENDPOINT_FD
	    ? inherited_adopt(ret_sock, c->rt.loop, ep->fd, bind, false, e)
	    : proxy_use_connect(&c->proxy, ret_sock, ep, &how, c->until, e);

	return rc == 0 ? send_header(c, ep, *ret_sock, e) : -1;
}

static int
set_local_side(struct connect *c, const struct opt_rest *rest, struct error *e)
{
	struct session_how *how = &c->how;

	if (rest->program != NULL && program_env_check_path(rest->program[0], e) < 0)
		return -1;
	if (rest->program != NULL || c->opts->shell_line != NULL) {
		how->local = SESSION_PROGRAM;
		how->program.argv = (const char *const *)rest->program;
		how->program.shell_line = c->opts->shell_line;
		how->rules.local_program = true;
		how->env_fn = program_env;
		how->env_arg = how;
		how->counted = c->opts->data.progress;
	} else if (how->in_fd >= 0 &&
	    !command_context_use_stdin(&c->rt, session_opts_sends(&c->opts->data))) {
		how->in_fd = -1;
	}
	if (c->opts->report.json && how->local == SESSION_STDIO) {
		c->view = (struct datagram_format){ .framing = how->packets.out, .json = true };
		how->packets.show = datagram_format_show;
		how->packets.show_arg = &c->view;
	}
	return c->opts->pty ? program_terminal_open(&c->terminal, c->rt.loop, how, e) : 0;
}

/* The result of a connection that another follows. */
#define AGAIN (-2)

static int
run_connection(struct connect *c, struct sock *conn, struct error *e)
{
	int rc;

	c->session = (struct session){ 0 };
	c->over = false;
	c->n_connections++;
	command_context_session(&c->rt, &c->session, &c->how, c->n_connections, on_session_end, c);
	session_report_start(&c->rt, EVENT_CONNECTED, c->n_connections, conn);
	session_start(&c->session, conn);
	rc = command_context_finish(&c->rt, &c->session, &c->over, c->until, e);
	progress_stop(&c->progress);
	session_report(&c->rt, &c->session, true);
	if (rc == 0)
		rc = session_report_status(&c->rt, &c->session);
	if (rc >= 0 && reconnect_is_due(&c->reconnect, &c->session))
		rc = reconnect_wait(&c->reconnect, &c->session, e) < 0 ? -1 : AGAIN;
	session_fini(&c->session);
	return rc;
}

/* The reader of standard output has the connection from then on. */
static int
pass_connection(struct connect *c, struct sock *conn, struct error *e)
{
	int rc, ready = 1;

	session_report_start(&c->rt, EVENT_CONNECTED, 1, conn);
	while ((rc = sys_pass_fd(STDOUT_FILENO, sock_fileno(conn), e)) == SYS_AGAIN && ready > 0)
		ready = loop_wait(c->rt.loop, STDOUT_FILENO, LOOP_WRITE, c->until, e);
	if (ready == 0)
		rc = error_set(e, ERROR_TIMEOUT, "pass the socket: timed out (--timeout)");
	sock_free(conn);
	return rc < 0 ? -1 : 0;
}

static int
run_connections(struct connect *c, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	struct sock *conn;
	int rc;

	c->reconnect.rt = &c->rt;
	c->reconnect.interval = retry_interval(c->opts);
	c->reconnect.until = c->until;
	if (c->opts->reconnect)
		reconnect_open(&c->reconnect, &c->how);
	do {
		rc = open_or_adopt(c, ep, bind, &conn, e);
		if (rc == 0)
			rc = c->opts->pass_fd ? pass_connection(c, conn, e)
					      : run_connection(c, conn, e);
	} while (rc == AGAIN);
	reconnect_close(&c->reconnect);
	return rc;
}

static int
connect_and_run(struct connect *c, const struct endpoint *ep, const struct bind_how *bind,
    const struct opt_rest *rest, struct error *e)
{
	int rc;

	if (session_opts_how(&c->opts->time, &c->opts->data, c->until, &c->how, e) < 0)
		return -1;
	session_opts_follow_voice(&c->how, &c->opts->report);
	if (endpoint_is_can(ep))
		session_opts_frame_can(&c->how);
	session_opts_adapt(&c->how, ep, bind);
	if (command_context_dumps(&c->rt, &c->opts->data.dumps, DIALOGUE_CLIENT, &c->how, e) < 0)
		return -1;
	c->tls.type = bind->type;
	c->tls.keep_secrets = recording_needs_secrets(&c->opts->data.dumps);
	if (tls_use_open(&c->tls, &c->opts->tls, TLS_CLIENT, ep, &c->how, e) < 0 ||
	    proxy_use_open(&c->proxy, &c->opts->proxy, ep, bind, &c->how, e) < 0)
		return -1;
	websocket_opts_how(&c->opts->websocket, ep, &c->opts->data, &c->websocket, &c->how);
	if (set_local_side(c, rest, e) < 0)
		return -1;
	c->progress.loop = c->rt.loop;
	c->progress.out = c->rt.report.messages;
	c->progress.session = &c->session;
	c->progress.before = "connecting";
	c->progress.draw = c->opts->data.progress;
	if (progress_start(&c->progress, e) < 0)
		return -1;
	rc = run_connections(c, ep, bind, e);
	progress_stop(&c->progress);
	return rc;
}

/* ---- scan ---- */

static int
scan_ports(struct connect *c, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	const struct portscan_how how = { .bind = *bind,
		.connect_timeout = c->opts->time.connect,
		.delay = c->opts->data.delay,
		.shuffle = c->opts->shuffle };
	const struct scan_goal goal = { .all = c->opts->all,
		.open_alone = c->opts->open,
		.retries = c->opts->retry != RETRY_UNSET   ? (uint64_t)c->opts->retry
		    : c->opts->time.total != DURATION_NONE ? UINT64_MAX
							   : 0,
		.interval = retry_interval(c->opts) };

	if (ep->transport == TRANSPORT_TLS || ep->transport == TRANSPORT_DTLS)
		return error_set(e, ERROR_USAGE, "--scan: cannot be combined with TLS");
	if (websocket_opts_is_url(ep))
		return error_set(e, ERROR_USAGE, "--scan: cannot be combined with WebSocket");
	if (ep->kind != ENDPOINT_INET && ep->kind != ENDPOINT_UNIX)
		return error_set(e, ERROR_USAGE, "--scan: needs a host and ports, or unix:PATH");
	return scan_report(&c->rt, ep, &how, &goal, e);
}

/* ---- the command ---- */

static int
check_client_program(const struct connect_opts *o, const struct opt_rest *rest, struct error *e)
{
	if (rest->program == NULL && o->shell_line == NULL)
		return o->pty ? error_set(e, ERROR_USAGE, "--pty: no program is given") : 0;
	if (o->shell_line != NULL && rest->program != NULL)
		return error_set(e, ERROR_USAGE, "--sh: a program after -- is given too");
	if (rest->program != NULL && rest->program[0] == NULL)
		return error_set(e, ERROR_USAGE, "a program must follow --");
	if (o->data.send_only || o->data.recv_only)
		return error_set(e, ERROR_USAGE, "--%s-only: not with a program",
		    o->data.send_only ? "send" : "recv");
	if (o->scan)
		return error_set(e, ERROR_USAGE, "--scan: runs no program");
	if (o->reconnect)
		return error_set(e, ERROR_USAGE, "--reconnect: not with a program");
	return 0;
}

static int
check_streams(const struct connect_opts *o, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	int type = endpoint_type(ep, bind->type);

	if (ep->kind != ENDPOINT_INET && o->fastopen)
		return error_set(e, ERROR_USAGE, "--fastopen: needs a host and a port");
	if (ep->kind == ENDPOINT_FD && o->retry != RETRY_UNSET)
		return error_set(e, ERROR_USAGE, "--retry: not for an open descriptor");
	if (o->pty && type != SOCK_STREAM && type != 0)
		return error_set(e, ERROR_USAGE, "--pty: only with streams");
	if (!o->reconnect)
		return 0;
	if (ep->kind == ENDPOINT_FD)
		return error_set(e, ERROR_USAGE, "--reconnect: not for an open descriptor");
	if (websocket_opts_is_url(ep))
		return error_set(e, ERROR_USAGE, "--reconnect: not with WebSocket");
	return type == SOCK_STREAM ? 0
				   : error_set(e, ERROR_USAGE, "--reconnect: only with streams");
}

static bool
negotiates(const struct connect_opts *o, const struct endpoint *ep)
{
	return tls_opts_wanted(&o->tls, ep) || websocket_opts_is_url(ep) ||
	    o->proxy.proxies.n > 0 || o->proxy.send_header != NULL;
}

static int
check_scan_opts(const struct connect_opts *o, struct error *e)
{
	const char *option = o->all ? "all" : o->open ? "open" : o->shuffle ? "shuffle" : NULL;
	bool repeats =
	    o->retry != RETRY_UNSET || o->reconnect || (o->scan && o->time.total != DURATION_NONE);

	if (o->retry_interval >= 0 && !repeats)
		return error_set(e, ERROR_USAGE,
		    "--retry-interval: needs --retry, --reconnect, or --scan with --timeout");
	return o->scan || option == NULL
	    ? 0
	    : error_set(e, ERROR_USAGE, "--%s: only with --scan", option);
}

static int
check_connect(const struct connect_opts *o, const struct endpoint *ep, const struct bind_how *bind,
    const struct opt_rest *rest, struct error *e)
{
	if (check_scan_opts(o, e) < 0 || check_client_program(o, rest, e) < 0 ||
	    address_args_check_port(rest, ep, bind, e) < 0 ||
	    session_opts_check(&o->data, ep, bind->type, e) < 0 ||
	    time_opts_check_handshake(&o->time, negotiates(o, ep), e) < 0 ||
	    websocket_opts_check(&o->websocket, ep, bind->type, &o->data, e) < 0)
		return -1;
	if (!o->scan && ep->kind == ENDPOINT_INET && ep->port[0] != '\0' &&
	    !ports_is_single(ep->port))
		return error_set(e, ERROR_USAGE,
		    "'%s' is more than one port: only --scan takes several", ep->port);
	if (check_streams(o, ep, bind, e) < 0)
		return -1;
	return tls_opts_check_type(&o->tls, ep, bind->type, e);
}

/* Reads and checks the address and the socket options; the caller calls target_fini() after
 * success. */
static int
parse_target(const struct connect_opts *o, const struct opt_rest *rest, struct target *ret_target,
    struct error *e)
{
	struct target t;

	if (address_args_endpoint(rest, false, &t.ep, e) < 0 || target_bind(&t, &o->bind, e) < 0)
		return -1;
	*ret_target = t;
	if (check_connect(o, &t.ep, &t.bind, rest, e) == 0)
		return 0;
	target_fini(&t);
	return -1;
}

static int
connect_with(struct connect *c, const struct opt_rest *rest, struct error *e)
{
	struct target t;
	int rc;

	if (parse_target(c->opts, rest, &t, e) < 0)
		return -1;
	rc = c->opts->scan ? scan_ports(c, &t.ep, &t.bind, e)
			   : connect_and_run(c, &t.ep, &t.bind, rest, e);
	program_terminal_close(&c->terminal);
	tls_use_close(&c->tls);
	proxy_use_close(&c->proxy);
	target_fini(&t);
	return rc;
}

static int
connect_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	struct connect_opts *o = values;
	struct connect c = { .opts = o,
		.tls.rt = &c.rt,
		.proxy = { .rt = &c.rt,
		    .connected = true,
		    .handshake_timeout = time_opts_handshake(&o->time, DURATION_NONE) },
		.until = deadline_in(o->time.total) };
	struct error e = { 0 };
	int status = command_context_begin(&c.rt, cmd->name, &o->report, c.until, &e);

	tls_opts_imply(&o->tls, &o->bind);
	if (status == 0)
		status = connect_with(&c, rest, &e);
	return command_context_end(&c.rt, status, rest, &e);
}

/* ---- in a script ---- */

/* Options for standard input and output, and those that are methods of the socket. */
static const char *const connect_not_in_script[] = {
	"scan",
	"all",
	"open",
	"shuffle",
	"pass-fd",
	"reconnect",
	"sh",
	"pty",
	"netns",
	"idle-timeout",
	"after-eof",
	"quit-after",
	DATA_NAMES,
	REPORT_NAMES,
	NULL,
};

struct scripted {
	struct connect connect;
	struct script *script;
	void *values;
	struct endpoint endpoint;
	struct handshakes *handshakes; /* a reference; NULL: none */
	struct sock *sock;
};

static int
connect_scripted(struct scripted *sd, const struct bind_how *bind, struct error *e)
{
	struct connect *c = &sd->connect;
	const struct script_handshakes_how how = { .values = sd->values,
		.tls = &c->opts->tls,
		.websocket = &c->opts->websocket,
		.data = &c->opts->data,
		.role = TLS_CLIENT,
		.type = bind->type,
		.endpoint = &sd->endpoint,
		.timeout = time_opts_handshake(&c->opts->time, NEGOTIATION_TIMEOUT) };

	if (script_handshakes_make(sd->script, &how, &sd->handshakes, e) < 0 ||
	    proxy_use_open(&c->proxy, &c->opts->proxy, &sd->endpoint, bind, NULL, e) < 0 ||
	    open_or_adopt(c, &sd->endpoint, bind, &sd->sock, e) < 0)
		return -1;
	if (sd->handshakes == NULL || handshakes_start(sd->handshakes, sd->sock, c->until, e) == 0)
		return 0;
	sock_free(sd->sock);
	return -1;
}

static int
connect_for_script(struct scripted *sd, const struct opt_rest *rest, struct error *e)
{
	struct target t;
	int rc;

	if (parse_target(sd->connect.opts, rest, &t, e) < 0)
		return -1;
	sd->endpoint = t.ep;
	rc = script_check_endpoint(sd->script, &t.ep, e);
	if (rc == 0 && t.bind.type == SOCK_DGRAM && sd->connect.opts->proxy.proxies.n > 0) {
		error_set(e, ERROR_USAGE, "--proxy: with datagrams not in a script");
		rc = error_hint(e, "sendto --proxy sends them, and returns replies with --wait");
	}
	if (rc == 0)
		rc = connect_scripted(sd, &t.bind, e);
	target_fini(&t);
	return rc;
}

/* Returns the handle of the connected socket, which becomes the current one. */
static int
connect_script(struct interp *in, void *values, const struct opt_rest *rest)
{
	struct connect_opts *opts = values;
	struct scripted sd = { .script = script_of(in), .values = values };
	const struct script_how *how = script_how(sd.script);
	struct connect *c = &sd.connect;
	struct error e = { 0 };
	int code;

	c->opts = opts;
	c->proxy.rt = &c->rt;
	c->proxy.handshake_timeout = time_opts_handshake(&opts->time, DURATION_NONE);
	tls_opts_imply(&opts->tls, &opts->bind);
	command_context_borrow(&c->rt, how->loop, how->log);
	c->until = deadline_in(c->opts->time.total);
	if (connect_for_script(&sd, rest, &e) == 0)
		code = script_call_return_sock(in, sd.sock, sd.handshakes,
		    sd.endpoint.kind == ENDPOINT_INET ? sd.endpoint.host : NULL);
	else
		code = script_call_fail(in, values, &e);
	handshakes_drop(sd.handshakes);
	proxy_use_close(&c->proxy);
	return code;
}

const struct cmd cmd_connect = {
	.name = "connect",
	.summary = "open a connection and relay standard input and output through it",
	.operands = "ADDRESS [-- PROGRAM ARG...]",
	.about = "Connects to ADDRESS (HOST PORT, host:port, [v6]:port, unix:/path, unix:@name),\n"
		 "sends standard input, and writes what it receives to standard output. When the\n"
		 "input ends, the connection is half-closed, and usock receives until the peer\n"
		 "ends. When the peer ends, usock exits, even if the input is still open.\n"
		 "\n"
		 "With a program after --, its standard input and output are connected instead.",
	.examples =
	    "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | usock connect example.org 80  # ask a server\n"
	    "usock connect -zw 1s localhost 20-25,80,443     # which ports answer\n"
	    "usock connect -z --timeout 30s db 5432          # wait until it does\n"
	    "usock connect -p 4000 -v 127.0.0.1 7            # from our own port 4000\n"
	    "usock connect unix:/run/app.sock < request      # a unix socket\n"
	    "usock connect wss://example.org/chat            # WebSocket, a message a line\n"
	    "usock connect --tls example.org 443 < request   # TLS, the certificate checked\n"
	    "usock connect --retry 10 db 5432 -- ./check     # a program on the connection\n"
	    "usock connect --proxy socks5h://gate:1080 db 5432  # through a proxy\n",
	.groups = connect_groups,
	.conflicts = connect_conflicts,
	.alone = connect_alone,
	.size = sizeof(struct connect_opts),
	.defaults = connect_defaults,
	.run = connect_run,
	.script = connect_script,
	.not_in_script = connect_not_in_script,
};
