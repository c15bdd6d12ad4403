#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/error.h"
#include "cli/cmd.h"
#include "cli/groups.h"
#include "cli/listen_dgram.h"
#include "cli/operands.h"
#include "cli/program_env.h"
#include "cli/progress.h"
#include "cli/ready.h"
#include "cli/runtime.h"
#include "cli/script_tls.h"
#include "cli/tls_opts.h"
#include "relay/greet.h"
#include "relay/serve.h"
#include "script/handle.h"
#include "script/script.h"
#include "script/secure.h"
#include "stream/fd.h"
#include "tcl/interp.h"

struct listen_opts {
	struct bind_opts bind;
	struct time_opts time;
	struct data_opts data;
	struct tls_opts tls;
	struct report_opts report;
	bool keep_open, echo, discard, refuse, unlink, exec_stderr, print_sender;
	const char *shell_line, *send_file, *ready_file, *mode;
	int64_t max_clients, backlog, ready_fd;
};

#define AT(field) offsetof(struct listen_opts, field)

static const struct opt listen_rows[] = {
	{ .name = "keep-open",
	    .letter = 'k',
	    .kind = OPT_FLAG,
	    .offset = AT(keep_open),
	    .help = "serve clients for ever, all at once" },
	{ .name = "echo",
	    .kind = OPT_FLAG,
	    .offset = AT(echo),
	    .help = "send back what each client sends" },
	{ .name = "discard",
	    .kind = OPT_FLAG,
	    .offset = AT(discard),
	    .help = "read what each client sends and drop it" },
	{ .name = "send",
	    .kind = OPT_TEXT,
	    .offset = AT(send_file),
	    .arg = "FILE",
	    .complete = "file",
	    .help = "send this file to each client" },
	{ .name = "sh",
	    .kind = OPT_TEXT,
	    .offset = AT(shell_line),
	    .arg = "LINE",
	    .help = "run this shell command for each client" },
	{ .name = "exec-stderr",
	    .kind = OPT_FLAG,
	    .offset = AT(exec_stderr),
	    .help = "the program's standard error goes to the client too" },
	{ .name = "print-sender",
	    .kind = OPT_FLAG,
	    .offset = AT(print_sender),
	    .help = "datagrams: put \"ADDRESS: \" in front of each" },
	{ .name = "max-clients",
	    .kind = OPT_INT,
	    .offset = AT(max_clients),
	    .arg = "N",
	    .min = 1,
	    .max = 1000000,
	    .help = "serve at most so many at once; the next one waits" },
	{ .name = "refuse",
	    .kind = OPT_FLAG,
	    .offset = AT(refuse),
	    .help = "with --max-clients: the next one is closed at once instead" },
	{ .name = "backlog",
	    .kind = OPT_INT,
	    .offset = AT(backlog),
	    .arg = "N",
	    .min = 0,
	    .max = INT_MAX,
	    .help = "how many connections may wait to be accepted" },
	{ .name = "ready-fd",
	    .kind = OPT_INT,
	    .offset = AT(ready_fd),
	    .arg = "N",
	    .min = 1,
	    .max = INT_MAX,
	    .help = "write the real address to descriptor N once listening" },
	{ .name = "ready-file",
	    .kind = OPT_TEXT,
	    .offset = AT(ready_file),
	    .arg = "FILE",
	    .complete = "file",
	    .help = "write the real address to FILE once listening" },
	{ .name = "mode",
	    .kind = OPT_TEXT,
	    .offset = AT(mode),
	    .arg = "OCTAL",
	    .help = "permissions of a unix path (600)" },
	{ .name = "unlink",
	    .kind = OPT_FLAG,
	    .offset = AT(unlink),
	    .help = "remove a unix path that nobody listens on any more" },
};

static const struct opt_group listen_groups[] = {
	{ "What clients get", listen_rows, sizeof listen_rows / sizeof listen_rows[0], 0 },
	{ "This side", listen_bind_rows, N_LISTEN_BIND, AT(bind) },
	{ "Time", listen_time_rows, N_LISTEN_TIME, AT(time) },
	{ "Data", data_rows, N_DATA, AT(data) },
	{ "TLS", listen_tls_rows, N_LISTEN_TLS, AT(tls) },
	{ "Report", report_rows, N_REPORT, AT(report) },
	{ NULL, NULL, 0, 0 },
};

static const char *const listen_conflicts[] = {
	"ipv4 ipv6",
	"udp mptcp",
	"send-only recv-only",
	"echo discard",
	"echo send",
	"echo sh",
	"discard send",
	"discard sh",
	"send sh",
	"half-open send-only",
	"no-half-close send-only",
	"verbose quiet",
	"reuse-addr no-reuse-addr",
	"keep-open progress",
	"echo send-only",
	"echo no-half-close",
	"discard send-only",
	"discard half-open",
	"send recv-only",
	"sh send-only",
	"sh recv-only",
	"echo recv-only",
	"print-sender json",
	"self-signed cert",
	"dtls mptcp",
	NULL,
};

static void
listen_defaults(void *values)
{
	struct listen_opts *o = values;

	bind_defaults(&o->bind);
	time_defaults(&o->time);
	data_defaults(&o->data);
	tls_opts_defaults(&o->tls);
	o->backlog = o->ready_fd = -1;
}

struct server {
	struct runtime rt;
	const struct listen_opts *opts;
	struct session_how how;
	struct serve serve;
	struct sock *listener;
	struct bind_how bind;
	struct tls_use tls;
	struct greeter greeter; /* where it is DTLS */
	struct deadline until;
	struct client *clients; /* list of those connected */
	struct session *only;   /* without -k */
	bool over;
};

struct client {
	struct session session;
	struct server *server;
	struct client *next, **prev;
};

static bool
is_dgram(int type)
{
	return type == SOCK_DGRAM || type == SOCK_RAW;
}

/* Of the listener, where there is one already (fd:N), or of the one to be made. */
static int
socket_type(const struct server *sv)
{
	int type = SOCK_STREAM;
	socklen_t len = sizeof type;

	if (sv->listener == NULL)
		return sv->bind.type;
	getsockopt(sock_fileno(sv->listener), SOL_SOCKET, SO_TYPE, &type, &len);
	return type;
}

/* With TLS a sender of datagrams is a client, which comes and goes. */
static bool
is_dtls(const struct server *sv)
{
	return sv->how.tls != NULL && sv->tls.type == SOCK_DGRAM;
}

/* The options that belong to a connection rather than to the listening socket. A
 * client that they cannot be set for is told of, and served. */
static void
set_options(struct server *sv, const struct sock *conn)
{
	struct error e = { 0 };

	if (sv->bind.n_settings > 0 &&
	    sockopt_apply(sock_fileno(conn), sv->bind.settings, sv->bind.n_settings,
		PHASE_CONNECTED, &e) < 0)
		runtime_fail(&sv->rt, &e);
}

static void
start_session(struct server *sv, struct session *s, struct sock *conn)
{
	if (is_dtls(sv)) {
		s->first = sv->greeter.hello.data;
		s->n_first = sv->greeter.hello.len;
	}
	session_start(s, conn);
}

/* ---- clients of -k ---- */

static void
client_done(struct session *s)
{
	struct client *c = s->arg;
	struct server *sv = c->server;

	report_session(&sv->rt, s, false);
	if (s->end == END_STDOUT_CLOSED) {
		sv->rt.killed_by = SIGPIPE;
		sv->over = true;
	}
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	session_fini(s);
	free(c);
	serve_released(&sv->serve);
}

static void
on_client(struct serve *serve, struct sock *conn, unsigned long id)
{
	struct server *sv = serve->arg;
	struct client *c = calloc(1, sizeof *c);

	if (c == NULL) {
		sock_free(conn);
		serve_released(serve);
		return;
	}
	c->server = sv;
	c->next = sv->clients;
	c->prev = &sv->clients;
	if (c->next != NULL)
		c->next->prev = &c->next;
	sv->clients = c;
	runtime_session(&sv->rt, &c->session, &sv->how, id, client_done, c);
	set_options(sv, conn);
	report_start(&sv->rt, "accepted", id, conn);
	start_session(sv, &c->session, conn);
}

static void
on_refused(struct serve *serve, struct sock *conn, unsigned long id)
{
	struct server *sv = serve->arg;
	struct session s = { .sock = conn, .id = id, .end = END_REFUSED, .counted = true };

	sock_close(conn);
	report_session(&sv->rt, &s, false);
	sock_free(conn);
}

/* SIGUSR1 */
static void
tell_clients(struct signal_watch *w)
{
	const struct server *sv = w->arg;

	log_line(&sv->rt.report.log, LOG_NOTE, "%u connected, %lu accepted", sv->serve.active,
	    sv->serve.served);
}

static void
on_trouble(struct serve *serve, const struct error *e)
{
	struct server *sv = serve->arg;

	runtime_fail(&sv->rt, e);
}

/* Ten thousand clients want as many descriptors as we may have; programs are
 * started with what we were given. */
static void
raise_descriptor_limit(struct server *sv)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= limit.rlim_max)
		return;
	sv->how.program.descriptors = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void
prepare_serve(struct server *sv)
{
	sv->serve.loop = sv->rt.loop;
	sv->serve.log = &sv->rt.report.log;
	sv->serve.listener = sv->listener;
	sv->serve.greeter = is_dtls(sv) ? &sv->greeter : NULL;
	sv->serve.max_clients = (unsigned)sv->opts->max_clients;
	sv->serve.refuse = sv->opts->refuse;
	/* a file, or the two ends of a program's socketpair and what starting it takes */
	sv->serve.spare = sv->how.near == SESSION_PROGRAM ? 3 : 1;
	sv->serve.client = on_client;
	sv->serve.refused = on_refused;
	sv->serve.trouble = on_trouble;
	sv->serve.arg = sv;
}

/* All connections end now. */
static void
stop_serving(struct server *sv, enum sock_end end)
{
	serve_stop(&sv->serve);
	sock_close(sv->listener);
	while (sv->clients != NULL)
		session_end(&sv->clients->session, end);
}

static int
serve_for_ever(struct server *sv, struct error *e)
{
	struct signal_watch usr1 = { .signo = SIGUSR1, .fn = tell_clients, .arg = sv };
	int rc;

	raise_descriptor_limit(sv);
	prepare_serve(sv);
	if (loop_signal_watch(sv->rt.loop, &usr1, e) < 0 || serve_start(&sv->serve, e) < 0)
		return -1;
	rc = loop_run(sv->rt.loop, &sv->over, sv->until, e);
	if (rc == 0)
		error_set(e, ERROR_TIMEOUT, "listen: timed out (--timeout)");
	stop_serving(sv, rc < 0 ? END_SIGNAL : rc == 0 ? END_DEADLINE : END_STDOUT_CLOSED);
	loop_signal_unwatch(sv->rt.loop, &usr1);
	return rc > 0 ? 128 + SIGPIPE : -1;
}

/* ---- one client ---- */

static void
only_done(struct session *s)
{
	struct server *sv = s->arg;

	sv->over = true;
}

/* A client of DTLS is one when it has answered, which may take a while. */
static int
greet_one(struct server *sv, struct deadline by, struct sock **ret_conn, struct error *e)
{
	int rc;

	while ((rc = greet_accept(&sv->greeter, ret_conn, e)) < 0 && e->number == EAGAIN) {
		rc = loop_wait(sv->rt.loop, sock_fileno(sv->listener), LOOP_READ, by, e);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return error_set(e, ERROR_TIMEOUT, "accept");
	}
	return rc;
}

static int
take_client(struct server *sv, struct deadline by, struct sock **ret_conn, struct error *e)
{
	if (is_dtls(sv))
		return greet_one(sv, by, ret_conn, e);
	if (sock_settimeout(sv->listener, deadline_left(by), e) < 0)
		return -1;
	return sock_accept(sv->listener, ret_conn, NULL, e);
}

/* The first client; the listening socket is closed, so that a second is refused. */
static int
accept_one(struct server *sv, struct sock **ret_conn, struct error *e)
{
	struct deadline by = deadline_min(sv->until, deadline_in(sv->opts->time.accept));
	char address[SOCKNAME_TEXT_MAX];
	struct sockname local;

	sock_local(sv->listener, &local);
	sockname_format(&local, address, sizeof address);
	if (take_client(sv, by, ret_conn, e) < 0) {
		if (e->code == ERROR_TIMEOUT || (e->origin == ORIGIN_ERRNO && e->number == EAGAIN))
			error_set(e, ERROR_TIMEOUT, "accept %s: timed out: no client came",
			    address);
		return -1;
	}
	sock_close(sv->listener);
	return 0;
}

static int
serve_one(struct server *sv, struct error *e)
{
	struct session session = { 0 };
	struct progress progress = { .loop = sv->rt.loop,
		.session = &session,
		.draw = sv->opts->data.progress,
		.source = sv->opts->send_file };
	struct sock *conn;
	int rc = progress_start(&progress, e);

	if (rc == 0)
		rc = accept_one(sv, &conn, e);
	if (rc == 0) {
		runtime_session(&sv->rt, &session, &sv->how, 1, only_done, sv);
		set_options(sv, conn);
		report_start(&sv->rt, "accepted", 1, conn);
		start_session(sv, &session, conn);
		rc = runtime_finish(&sv->rt, &session, &sv->over, sv->until, e);
	}
	progress_stop(&progress);
	if (session.sock != NULL)
		report_session(&sv->rt, &session, false);
	if (rc == 0)
		rc = session_status(&sv->rt, &session);
	session_fini(&session);
	return rc;
}

/* ---- what a client gets ---- */

static void
choose_near(struct server *sv, const struct opt_rest *rest)
{
	const struct listen_opts *o = sv->opts;
	struct session_how *how = &sv->how;

	if (rest->program != NULL || o->shell_line != NULL) {
		how->near = SESSION_PROGRAM;
		how->program.argv = (const char *const *)rest->program;
		how->program.shell_line = o->shell_line;
		how->program.stderr_to_stdout = o->exec_stderr;
		how->rules.near_program = true;
		how->env_fn = program_env;
		how->env_arg = how;
	} else if (o->echo) {
		how->near = SESSION_ECHO;
	} else if (o->discard) {
		how->near = SESSION_DISCARD;
	} else if (o->send_file != NULL) {
		how->near = SESSION_FILE;
		how->file = o->send_file;
		how->rules.half_open = true;
	} else if (o->keep_open || (how->in_fd >= 0 && !o->data.send_only && stdin_is_idle())) {
		how->in_fd = -1;
	}
	how->shared_out = o->keep_open;
	how->counted = o->data.progress;
}

/* Better now than when the first client is there. */
static int
try_file(const char *path, struct error *e)
{
	struct stream *file;

	if (path == NULL)
		return 0;
	if (fd_stream_file(&file, path, e) < 0)
		return -1;
	stream_close(file);
	return 0;
}

/* ---- listening ---- */

static int
parse_mode(const char *text, unsigned *ret_mode, struct error *e)
{
	const char *digit;
	unsigned mode = 0;

	for (digit = text; *digit >= '0' && *digit <= '7' && mode <= 0777; digit++)
		mode = mode * 8 + (unsigned)(*digit - '0');
	if (*digit != '\0' || mode == 0 || mode > 0777)
		return error_set(e, ERROR_USAGE, "--mode: '%s' is not an octal mode (1-777)", text);
	*ret_mode = mode;
	return 0;
}

static int
announce(struct server *sv, struct error *e)
{
	const struct listen_opts *o = sv->opts;
	char address[SOCKNAME_TEXT_MAX];
	struct sockname local;

	sock_local(sv->listener, &local);
	sockname_format(&local, address, sizeof address);
	const struct field fields[] = {
		{ .name = "event", .kind = FIELD_TEXT, .text = "listening" },
		{ .name = "local", .kind = FIELD_TEXT, .text = address },
		{ .name = "port", .kind = FIELD_INT, .number = sockname_port(&local) },
		{ .kind = FIELD_END },
	};
	report_event(&sv->rt.report, fields);
	if (o->ready_fd >= 0 && ready_fd(o->ready_fd, address, e) < 0)
		return -1;
	return o->ready_file == NULL ? 0 : ready_file(o->ready_file, address, e);
}

static int
open_listener(struct server *sv, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	struct listen_how how = {
		.bind = *bind,
		.backlog = (int)sv->opts->backlog,
		.unlink_stale = sv->opts->unlink,
	};

	if (sv->opts->mode != NULL && parse_mode(sv->opts->mode, &how.mode, e) < 0)
		return -1;
	if (ep->kind == ENDPOINT_FD)
		return sock_adopt(&sv->listener, sv->rt.loop, ep->fd, e);
	return sock_serve(&sv->listener, sv->rt.loop, ep, &how, sv->until, &sv->rt.report.log, e);
}

/* The option that says already what clients get, or NULL. */
static const char *
service_option(const struct listen_opts *o)
{
	if (o->echo)
		return "--echo";
	if (o->discard)
		return "--discard";
	if (o->send_file != NULL)
		return "--send";
	return o->shell_line != NULL ? "--sh" : NULL;
}

static int
check_program(const struct listen_opts *o, const struct opt_rest *rest, struct error *e)
{
	const char *other = service_option(o);

	if (rest->program == NULL)
		return o->exec_stderr && o->shell_line == NULL
		    ? error_set(e, ERROR_USAGE, "--exec-stderr: no program is given")
		    : 0;
	if (rest->program[0] == NULL)
		return error_set(e, ERROR_USAGE, "a program must follow --");
	if (other != NULL)
		return error_set(e, ERROR_USAGE, "%s: a program after -- is given too", other);
	if (o->data.send_only || o->data.recv_only)
		return error_set(e, ERROR_USAGE, "--%s-only: not with a program",
		    o->data.send_only ? "send" : "recv");
	return 0;
}

static int
check_serving(const struct listen_opts *o, struct error *e)
{
	if (o->ready_fd >= 0 && fcntl((int)o->ready_fd, F_GETFD) < 0)
		return error_set(e, ERROR_USAGE, "--ready-fd: descriptor %d is not open",
		    (int)o->ready_fd);
	if (o->refuse && o->max_clients == 0)
		return error_set(e, ERROR_USAGE, "--refuse: needs --max-clients");
	if (o->keep_open && o->data.send_only && o->send_file == NULL)
		return error_set(e, ERROR_USAGE, "--send-only: with --keep-open only for --send");
	if (o->max_clients != 0 && !o->keep_open)
		return error_set(e, ERROR_USAGE, "--max-clients: needs --keep-open");
	if (o->keep_open && o->time.accept != DURATION_NONE)
		return error_set(e, ERROR_USAGE, "--accept-timeout: not with --keep-open");
	return 0;
}

static int
check_address(const struct listen_opts *o, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	if (ep->kind == ENDPOINT_INET && ep->port[0] != '\0' && !port_is_single(ep->port))
		return error_set(e, ERROR_USAGE, "'%s' is more than one port", ep->port);
	if (ep->kind != ENDPOINT_UNIX && o->mode != NULL)
		return error_set(e, ERROR_USAGE, "--mode: only for a unix path");
	if (ep->kind != ENDPOINT_UNIX && o->unlink)
		return error_set(e, ERROR_USAGE, "--unlink: only for a unix path");
	if (ep->kind == ENDPOINT_INET && ep->port[0] != '\0' && !bind_how_has_ports(bind))
		return error_set(e, ERROR_USAGE, "'%s': this protocol has no ports", ep->port);
	return tls_opts_check_type(&o->tls, ep, bind->type, e);
}

/* ---- datagrams ---- */

static struct listen_dgram
as_dgram(struct server *sv)
{
	const struct listen_opts *o = sv->opts;

	return (struct listen_dgram){
		.rt = &sv->rt,
		.sock = sv->listener,
		.how = &sv->how,
		.time = &o->time,
		.data = &o->data,
		.bind = &sv->bind,
		.keep_open = o->keep_open,
		.print_sender = o->print_sender,
		.max_clients = (unsigned)o->max_clients,
	};
}

static int
check_type(struct server *sv, struct error *e)
{
	const struct listen_opts *o = sv->opts;
	struct listen_dgram d = as_dgram(sv);
	int type = socket_type(sv);

	if (type == 0)
		return 0;
	if (!is_dgram(type))
		return o->print_sender
		    ? error_set(e, ERROR_USAGE, "--print-sender: only for datagrams")
		    : 0;
	if (o->backlog >= 0 || o->refuse)
		return error_set(e, ERROR_USAGE, "--%s: not with datagrams",
		    o->refuse ? "refuse" : "backlog");
	if (!is_dtls(sv))
		return listen_dgram_check(&d, e);
	if (o->print_sender)
		return error_set(e, ERROR_USAGE, "--print-sender: not with TLS");
	return 0;
}

static int
serve(struct server *sv, struct error *e)
{
	struct listen_dgram d = as_dgram(sv);

	if (is_dgram(socket_type(sv)) && !is_dtls(sv))
		return listen_dgram(&d, sv->until, e);
	return sv->opts->keep_open ? serve_for_ever(sv, e) : serve_one(sv, e);
}

/* ---- the command ---- */

static int
serve_clients(struct server *sv, const struct endpoint *ep, const struct bind_how *bind,
    const struct opt_rest *rest, struct error *e)
{
	int rc = -1;

	if (session_how_from(&sv->opts->time, &sv->opts->data, sv->until, &sv->how, e) < 0 ||
	    data_check(&sv->opts->data, ep, bind->type, e) < 0)
		return -1;
	if (endpoint_is_can(ep))
		framings_of_can(&sv->how);
	session_how_fit(&sv->how, bind);
	choose_near(sv, rest);
	sv->bind = *bind;
	sv->tls.type = bind->type;
	if (tls_use_open(&sv->tls, &sv->opts->tls, TLS_SERVER, ep, DURATION_NONE, &sv->how, e) < 0)
		return -1;
	if (check_type(sv, e) < 0 || try_file(sv->opts->send_file, e) < 0 ||
	    runtime_hexdump(&sv->rt, sv->opts->data.hexdump, &sv->how, e) < 0 ||
	    open_listener(sv, ep, bind, e) < 0)
		return -1;
	sv->greeter.listener = sv->listener;
	sv->greeter.tls = sv->how.tls;
	if (check_type(sv, e) == 0 && (!is_dtls(sv) || greet_open(&sv->greeter, e) == 0) &&
	    announce(sv, e) == 0)
		rc = serve(sv, e);
	greet_close(&sv->greeter);
	sock_free(sv->listener);
	return rc;
}

static int
listen_with(struct server *sv, const struct opt_rest *rest, struct error *e)
{
	struct sockopt_setting *settings = NULL;
	struct endpoint ep;
	struct bind_how bind;
	int rc;

	if (operands_endpoint(rest, true, &ep, e) < 0 || check_program(sv->opts, rest, e) < 0 ||
	    check_serving(sv->opts, e) < 0 ||
	    bind_how_from(&sv->opts->bind, &ep, &bind, &settings, e) < 0)
		return -1;
	rc = check_address(sv->opts, &ep, &bind, e);
	if (rc == 0)
		rc = serve_clients(sv, &ep, &bind, rest, e);
	free(settings);
	return rc;
}

static int
listen_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	struct listen_opts *o = values;
	struct server sv = { .opts = o, .tls.rt = &sv.rt };
	struct error e = { 0 };
	int status = -1;

	tls_opts_imply(&o->tls, &o->bind);
	sv.until = deadline_in(sv.opts->time.total);
	if (runtime_open(&sv.rt, &sv.opts->report, &e) == 0)
		status = listen_with(&sv, rest, &e);
	tls_use_close(&sv.tls);
	if (status < 0) {
		if (e.code == ERROR_USAGE)
			error_prefix(&e, "%s", cmd->name);
		status = runtime_fail(&sv.rt, &e);
	}
	return runtime_close(&sv.rt, status);
}

/* ---- in a script ---- */

/* What clients get is the script's to say. */
static const char *const listen_not_in_script[] = {
	"dtls",
	"keep-open",
	"echo",
	"discard",
	"send",
	"sh",
	"exec-stderr",
	"max-clients",
	"refuse",
	"idle-timeout",
	"after-eof",
	DATA_NAMES,
	REPORT_NAMES,
	NULL,
};

/* Those of connections would be lost: accept gives a socket of its own. */
static int
check_settings(const struct bind_how *bind, struct error *e)
{
	for (size_t i = 0; i < bind->n_settings; i++)
		if (bind->settings[i].phase == PHASE_CONNECTED)
			return error_set(e, ERROR_USAGE,
			    "--sockopt: '%s' is of a connection: set it there, with setsockopt",
			    bind->settings[i].opt != NULL ? bind->settings[i].opt->name
							  : "LEVEL:NUMBER");
	return 0;
}

/* What clients are secured with; NULL: nothing. */
static int
make_secure(const struct server *sv, const struct endpoint *ep, struct script *sc,
    struct secure **ret_secure, struct error *e)
{
	const struct script_tls_how how = { .values = (void *)sv->opts,
		.opts = &sv->opts->tls,
		.role = TLS_SERVER,
		.endpoint = ep,
		.connect_timeout = DURATION_NONE,
		.quiet = true };

	return script_tls_make(sc, &how, ret_secure, e);
}

static int
listen_for_script(struct server *sv, const struct opt_rest *rest, struct script *sc,
    struct secure **ret_secure, struct error *e)
{
	struct sockopt_setting *settings = NULL;
	struct endpoint ep;
	struct bind_how bind;
	int rc;

	if (operands_endpoint(rest, true, &ep, e) < 0 || check_serving(sv->opts, e) < 0 ||
	    bind_how_from(&sv->opts->bind, &ep, &bind, &settings, e) < 0)
		return -1;
	rc = check_address(sv->opts, &ep, &bind, e);
	if (rc == 0)
		rc = tls_opts_check_script(&sv->opts->tls, &ep, bind.type, e);
	if (rc == 0)
		rc = check_settings(&bind, e);
	if (rc == 0)
		rc = make_secure(sv, &ep, sc, ret_secure, e);
	if (rc == 0)
		rc = open_listener(sv, &ep, &bind, e);
	free(settings);
	if (rc == 0 &&
	    (sock_settimeout(sv->listener, sv->opts->time.accept, e) < 0 || announce(sv, e) < 0)) {
		sock_free(sv->listener);
		rc = -1;
	}
	return rc;
}

/* A script asks for the port that the kernel has chosen; -v tells people. */
static void
say_nothing(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* The handle of the listening socket, which is the current one now. */
static int
listen_script(struct interp *in, void *values, const struct opt_rest *rest)
{
	struct script *sc = script_of(in);
	const struct script_how *how = script_how(sc);
	struct server sv = { .opts = values };
	struct secure *secure = NULL;
	struct error e = { 0 };
	struct handle *h;

	runtime_borrow(&sv.rt, how->loop, how->log);
	if (!log_on(&sv.rt.report.log, LOG_LIFE))
		sv.rt.report.log.fn = say_nothing;
	sv.until = deadline_in(sv.opts->time.total);
	if (listen_for_script(&sv, rest, sc, &secure, &e) < 0) {
		secure_drop(secure);
		if (e.code == ERROR_USAGE)
			error_prefix(&e, "listen");
		return script_fail(in, &e);
	}
	h = handle_add(sc, sv.listener);
	if (h != NULL)
		handle_set_secure(h, secure);
	secure_drop(secure);
	return h == NULL ? TCL_ERROR : interp_return_text(in, h->name, strlen(h->name));
}

const struct cmd cmd_listen = {
	.name = "listen",
	.summary = "accept connections and serve them",
	.operands = "ADDRESS [-- PROGRAM ARG...]",
	.about = "Listens on ADDRESS (a PORT alone: both families; HOST PORT, host:port,\n"
		 "unix:/path, unix:@name), accepts one client, passes it standard input and\n"
		 "output, and ends with it. Port 0 lets the kernel choose; the real port is\n"
		 "reported.\n"
		 "\n"
		 "With -k it serves clients until it is stopped. What a client gets is a program\n"
		 "after --, or one of --sh, --echo, --discard and --send; otherwise what clients\n"
		 "send goes to standard output.\n"
		 "\n"
		 "With -u datagrams of every sender are heard, and each is answered.",
	.examples =
	    "usock listen 8080 > upload.bin                    # one client's bytes\n"
	    "usock listen -k 7000 --echo                       # an echo server\n"
	    "usock listen -k localhost 8080 -- ./handler       # a program for each client\n"
	    "usock listen -k unix:/tmp/log.sock >> log         # what everybody writes\n"
	    "usock listen -u --print-sender 5140               # every sender's datagrams\n"
	    "usock listen -k --tls --self-signed 4433 --echo   # TLS for a try\n"
	    "usock listen -k --dtls --cert a.pem 5684 --echo   # datagrams, encrypted\n"
	    "usock listen --ready-file addr 127.0.0.1 0 &      # a test's server\n",
	.groups = listen_groups,
	.conflicts = listen_conflicts,
	.size = sizeof(struct listen_opts),
	.defaults = listen_defaults,
	.run = listen_run,
	.script = listen_script,
	.not_in_script = listen_not_in_script,
};
