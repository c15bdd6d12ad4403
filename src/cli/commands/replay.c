#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/core/cmd.h"
#include "cli/core/command_context.h"
#include "cli/dialogue/view.h"
#include "cli/dialogue/view_opts.h"
#include "cli/listen/listen_command.h"
#include "cli/listen/listen_opts.h"
#include "cli/options/report_opts.h"
#include "cli/output/files/written_files.h"
#include "cli/replay/replay.h"
#include "cli/replay/replay_client.h"

struct replay_opts {
	struct listen_opts server; /* what both sides have is in it, too */
	struct replay_opts_play play;
	struct view_opts view;
};

#define AT(field) offsetof(struct replay_opts, field)

static const struct opt replay_rows[] = {
	{ .name = "as",
	    .kind = OPT_CHOICE,
	    .offset = AT(play.side),
	    .arg = "SIDE",
	    .choices = "server client",
	    .help = "play the server to clients that come, or the clients of a server (server)" },
	{ .name = "keep-open",
	    .letter = 'k',
	    .kind = OPT_FLAG,
	    .offset = AT(server.keep_open),
	    .help = "as a server: begin again when all connections were played" },
	{ .name = "pick",
	    .kind = OPT_CHOICE,
	    .offset = AT(play.pick),
	    .arg = "HOW",
	    .choices = "turn match",
	    .help =
		"as a server: a client gets the next connection, or the one whose first bytes it "
		"sends (turn)" },
	{ .name = "speed",
	    .kind = OPT_TEXT,
	    .offset = AT(play.speed),
	    .arg = "N",
	    .help = "times as fast as recorded: 2, 0.5; max does not wait (1)" },
	{ .name = "match",
	    .kind = OPT_CHOICE,
	    .offset = AT(play.match),
	    .arg = "HOW",
	    .choices = "exact prefix regex",
	    .help =
		"what the peer sends is what was recorded, begins with it, or matches it (exact)" },
	{ .name = "ignore",
	    .kind = OPT_LIST,
	    .offset = AT(play.ignored),
	    .arg = "PATTERN",
	    .help = "what matches this regular expression in a line may differ; repeatable" },
	{ .name = "tap",
	    .kind = OPT_FLAG,
	    .offset = AT(play.tap),
	    .help = "report each connection as a test, in TAP on standard output" },
	{ .name = "connect-timeout",
	    .letter = 'w',
	    .kind = OPT_DURATION,
	    .offset = AT(server.time.connect),
	    .arg = "DUR",
	    .help = "as a client: limit the time to connect (124)" },
};

static const struct opt_group replay_groups[] = {
	{ "Playing", replay_rows, ARRAY_LEN(replay_rows), 0 },
	{ "Showing it instead", view_rows, N_VIEW, AT(view) },
	{ "For test suites", suite_rows, N_SUITE_SERVING, AT(server.suite) },
	{ "Who may come", access_rows, N_ACCESS, AT(server.access) },
	{ "Local address and socket", listen_bind_rows, N_LISTEN_BIND, AT(server.bind) },
	{ "Time", listen_time_rows, N_REPLAY_TIME, AT(server.time) },
	{ "TLS", replay_tls_rows, N_REPLAY_TLS, AT(server.tls) },
	{ "Report", report_rows, N_REPORT, AT(server.report) },
	{ NULL, NULL, 0, 0 },
};

static const char *const replay_conflicts[] = {
	BIND_CONFLICTS,
	REPORT_CONFLICTS,
	"while background once",
	"self-signed cert",
	"dtls mptcp starttls",
	"tap json background",
	"ignore match",
	NULL,
};

static const char *const replay_alone[] = { VIEW_ALONE, NULL };

static void
replay_defaults(void *values)
{
	struct replay_opts *o = values;

	listen_opts_defaults(&o->server);
	o->play.side = o->play.pick = o->play.match = -1;
}

/* ---- as a client ---- */

static int
check_client_options(const struct replay_opts *opts, struct error *e)
{
	const struct listen_opts *o = &opts->server;
	const struct {
		bool given;
		const char *name;
	} servers_only[] = {
		{ o->keep_open, "keep-open" },
		{ opts->play.pick >= 0, "pick" },
		{ o->suite.once != 0, "once" },
		{ o->suite.background, "background" },
		{ o->suite.while_line != NULL, "while" },
		{ o->suite.ready_fd >= 0, "ready-fd" },
		{ o->suite.ready_file != NULL, "ready-file" },
		{ o->time.accept != DURATION_NONE, "accept-timeout" },
		{ o->tls.self_signed, "self-signed" },
		{ o->tls.client_ca != NULL, "client-ca" },
		{ o->tls.client_cert >= 0, "client-cert" },
		{ o->access.allow.n > 0, "allow" },
		{ o->access.deny.n > 0, "deny" },
		{ o->access.proxy_protocol != NULL, "proxy-protocol" },
	};

	for (size_t i = 0; i < ARRAY_LEN(servers_only); i++)
		if (servers_only[i].given)
			return error_set(e, ERROR_USAGE, "--%s: only with --as server",
			    servers_only[i].name);
	return 0;
}

/* Reports what went wrong before a side is played, as one that plays does: also as an event. */
static int
report_early(const char *name, const struct replay_opts *o, struct error *e)
{
	struct command_context rt;
	struct error late = { 0 };
	int rc = command_context_begin(&rt, name, &o->server.report, deadline_never(), &late);

	/* what is wrong with the recording begins with its name */
	if (rc == 0 && strncmp(e->text, "--", 2) == 0)
		error_prefix(e, "%s", name);
	return command_context_close(&rt, command_context_fail(&rt, rc == 0 ? e : &late));
}

static int
run_as_client(const char *name, struct replay_opts *o, struct replay *r,
    const struct opt_rest *rest)
{
	struct command_context rt;
	struct replay_client_how how = { .replay = r,
		.bind = &o->server.bind,
		.time = &o->server.time,
		.tls = &o->server.tls,
		.until = deadline_in(o->server.time.total) };
	struct error e = { 0 };
	int status;

	if (check_client_options(o, &e) < 0)
		return report_early(name, o, &e);
	tls_opts_imply(&o->server.tls, &o->server.bind);
	/* cppcheck-suppress autoVariables ; it is used as long as the work runs, and not after */
	r->rt = &rt;
	status = command_context_begin(&rt, name, &o->server.report, how.until, &e);
	if (status == 0)
		status = replay_client_run(&how, rest, &e);
	return command_context_end(&rt, status, rest, &e);
}

/* ---- as a server ---- */

static int
check_server_options(const struct replay_opts *o, struct error *e)
{
	const struct tls_opts *t = &o->server.tls;
	const struct {
		bool given;
		const char *name;
	} clients_only[] = {
		{ o->server.time.connect != DURATION_NONE, "connect-timeout" },
		{ t->starttls >= 0, "starttls" },
		{ t->server_name != NULL, "server-name" },
		{ t->ca_file != NULL, "ca-file" },
		{ t->ca_path != NULL, "ca-path" },
		{ t->pins.n > 0, "pin" },
		{ t->insecure, "insecure" },
	};

	for (size_t i = 0; i < ARRAY_LEN(clients_only); i++)
		if (clients_only[i].given)
			return error_set(e, ERROR_USAGE, "--%s: only with --as client",
			    clients_only[i].name);
	return 0;
}

/* Without -k every recorded connection is played once. */
static int
run_as_server(const char *name, struct replay_opts *o, struct replay *r, struct opt_rest *rest)
{
	char free_port[] = "127.0.0.1:0";
	char *somewhere[] = { free_port };
	struct error e = { 0 };

	if (check_server_options(o, &e) < 0)
		return report_early(name, o, &e);
	if (rest->n_operands == 0) {
		rest->operands = somewhere;
		rest->n_operands = 1;
	}
	o->server.replay = r;
	if (!o->server.keep_open && o->server.suite.once == 0 && o->server.suite.while_line == NULL)
		o->server.suite.once = (int64_t)r->file.n;
	o->server.keep_open = true;
	return listen_command_run(name, &o->server, rest);
}

/* ---- the command ---- */

static int
check_words(const struct view_opts *o, const struct opt_rest *rest, struct error *e)
{
	if (rest->n_operands == 0)
		return error_set(e, ERROR_USAGE, "replay: a recording is missing: FILE [ADDRESS]");
	return view_opts_wanted(o) ? 0 : view_opts_check(o, false, e);
}

static int
check_recording(const struct cmd *cmd, const void *values, const char *file, struct error *e)
{
	return written_files_check_input(cmd, values, "the recording", file, e) == -1
	    ? error_prefix(e, "replay")
	    : 0;
}

/* The address is parsed later, by the side that is played. */
static bool
wants_datagrams(const struct replay_opts *o, const struct opt_rest *address)
{
	return o->server.bind.udp ||
	    (address->n_operands > 0 && strncmp(address->operands[0], "udp:", 4) == 0);
}

static int
replay_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	struct replay_opts *o = values;
	struct replay r = { .opts = &o->play };
	const struct view_how view = { .opts = &o->view,
		.report = &o->server.report,
		.until = deadline_in(o->server.time.total) };
	struct opt_rest address = *rest;
	struct error e = { 0 };
	int status;

	if (check_words(&o->view, rest, &e) == -1 ||
	    check_recording(cmd, values, rest->operands[0], &e) == -1)
		return report_error(NULL, &e);
	if (view_opts_wanted(&o->view))
		return view_run(cmd->name, &view, rest);
	address.operands++;
	address.n_operands--;
	o->play.side = o->play.side == REPLAY_CLIENT ? REPLAY_CLIENT : REPLAY_SERVER;
	status = replay_open(&r, rest->operands[0], wants_datagrams(o, &address), &e) < 0
	    ? report_early(cmd->name, o, &e)
	    : 0;
	o->server.bind.udp = o->server.bind.udp || replay_has_datagrams(&r);
	if (status == 0)
		status = o->play.side == REPLAY_CLIENT ? run_as_client(cmd->name, o, &r, &address)
						       : run_as_server(cmd->name, o, &r, &address);
	replay_close(&r);
	return status;
}

const struct cmd cmd_replay = {
	.name = "replay",
	.summary = "play a recorded dialogue, and compare what comes back",
	.operands = "FILE [ADDRESS]",
	.about = "Plays what --record of connect, listen and sendto has kept in FILE. What the\n"
		 "peer sends is compared with what was recorded; the first difference is shown,\n"
		 "with status 4.\n"
		 "\n"
		 "By default it is a server, whoever has recorded: it listens on ADDRESS, or on a\n"
		 "free port of 127.0.0.1, which is reported. Each client gets one of the\n"
		 "recorded connections, and it exits when all were played. With --as client it\n"
		 "connects to ADDRESS and plays the clients.\n"
		 "\n"
		 "The time that our side took to think is kept, and divided by --speed.\n"
		 "\n"
		 "With --show, --svg, --html, --script, --stat or --pcap the recording is shown\n"
		 "and not played.",
	.examples = "usock listen -k 8080 --forward localhost:80 --record web.rec   # record\n"
		    "usock replay -k web.rec 8080                      # a mock of that server\n"
		    "usock replay --speed max web.rec --while 'make check'  # ... for a test\n"
		    "usock replay --as client web.rec localhost:80     # the server is as before?\n"
		    "usock replay --show web.rec                       # what was said, and when\n"
		    "usock replay --html web.rec > web.html            # a picture of it\n"
		    "usock replay --as client --tap --ignore 'Date: .*' web.rec localhost:80\n",
	.groups = replay_groups,
	.conflicts = replay_conflicts,
	.alone = replay_alone,
	.size = sizeof(struct replay_opts),
	.defaults = replay_defaults,
	.run = replay_run,
};
