#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"
#include "cli/commands/script/status_script.h"
#include "cli/core/cmd.h"
#include "cli/core/command_context.h"
#include "cli/options/bind_opts.h"
#include "cli/status/status_control.h"
#include "cli/status/status_print.h"
#include "cli/status/status_query.h"
#include "cli/status/status_rows.h"
#include "cli/status/status_wait.h"
#include "cli/status/status_watch.h"
#include "control/control_server.h"
#include "net/netns/netns.h"

static int status_run(const struct cmd *cmd, void *values, const struct opt_rest *rest);
static void status_defaults(void *values);

#define AT(field) offsetof(struct status_opts, field)

static const struct opt which_rows[] = {
	IP_ROWS(AT(family), "IPv4 only, including that of dual-stack sockets"),
	{ .name = "tcp", .kind = OPT_FLAG, .offset = AT(tcp), .help = "TCP (the default)" },
	{ .name = "udp", .letter = 'u', .kind = OPT_FLAG, .offset = AT(udp), .help = "UDP" },
	{ .name = "unix", .kind = OPT_FLAG, .offset = AT(unix_sockets), .help = "unix sockets" },
	{ .name = "state",
	    .kind = OPT_TEXT,
	    .offset = AT(state),
	    .arg = "LIST",
	    .complete = "states",
	    .help = "only sockets in these states: names or codes, separated by commas" },
	{ .name = "port",
	    .kind = OPT_TEXT,
	    .offset = AT(port),
	    .arg = "LIST",
	    .complete = "services",
	    .help = "only sockets with one of these ports, on either end: 22,http,8000-8010" },
	{ .name = "netns",
	    .kind = OPT_TEXT,
	    .offset = AT(netns),
	    .arg = "NAME",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .help = "the sockets of another network namespace: a name of ip-netns(8), or a path" },
	{ .name = "via",
	    .kind = OPT_CHOICE,
	    .offset = AT(via),
	    .arg = "SOURCE",
	    .choices = "auto netlink proc",
	    .help = "read from netlink, proc (/proc/net) or auto (netlink if possible)" },
};

static const struct opt show_rows[] = {
	{ .name = "process",
	    .kind = OPT_FLAG,
	    .offset = AT(process),
	    .help = "add the command and pid of the processes that hold the socket" },
	{ .name = "info",
	    .kind = OPT_FLAG,
	    .offset = AT(info),
	    .help = "add the figures of TCP_INFO: times, windows, losses, rates" },
	{ .name = "code",
	    .kind = OPT_FLAG,
	    .offset = AT(code),
	    .help = "print only the code of the state: 0 CLOSED to 10 TIME_WAIT" },
	{ .name = "count",
	    .kind = OPT_FLAG,
	    .offset = AT(count),
	    .help = "print only the number of sockets" },
	{ .name = "json",
	    .kind = OPT_FLAG,
	    .offset = AT(json),
	    .help = "print one JSON object per line" },
	{ .name = "no-header",
	    .kind = OPT_FLAG,
	    .offset = AT(no_header),
	    .help = "omit the titles of the columns" },
	{ .name = "color",
	    .kind = OPT_CHOICE,
	    .offset = AT(color),
	    .arg = "WHEN",
	    .choices = STYLE_WORDS,
	    .help = STYLE_HELP },
	{ .name = "sort",
	    .kind = OPT_CHOICE,
	    .offset = AT(sort),
	    .arg = "KEY",
	    .choices = STATUS_KEYS,
	    .help = "by state, local, peer, recv-q, send-q (largest first), timer or uid; "
		    "none: as the kernel has them" },
	{ .name = "watch",
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = AT(watch),
	    .arg = "DUR",
	    .help = "print every second or every DUR, with graphs of rates and queues" },
};

static const struct opt act_rows[] = {
	{ .name = "wait",
	    .kind = OPT_TEXT,
	    .offset = AT(wait),
	    .arg = "WHAT",
	    .complete = "goals",
	    .help = "wait until a socket is in this state, `listening`, all are `gone`, or "
		    "STATE=N for so many, STATE<=N for no more" },
	{ .name = "timeout",
	    .kind = OPT_DURATION,
	    .offset = AT(timeout),
	    .arg = "DUR",
	    .help = "limit the time of --wait (124)" },
	{ .name = "kill",
	    .kind = OPT_FLAG,
	    .offset = AT(kill),
	    .help = "abort the selected sockets; requires CAP_NET_ADMIN" },
};

#define GROUP(title, rows)                                                                         \
	{                                                                                          \
		title, rows, ARRAY_LEN(rows), 0                                                    \
	}

static const struct opt_group groups[] = {
	GROUP("Which sockets", which_rows),
	GROUP("What is shown", show_rows),
	GROUP("What is done", act_rows),
	{ NULL, NULL, 0, 0 },
};

static const char *const conflicts[] = {
	"ipv4 ipv6",
	"code json count info process no-header",
	"count json info process sort no-header",
	"json no-header",
	"watch json code count sort info process no-header kill",
	"wait watch kill state json code count sort info process no-header",
	NULL,
};

const struct cmd cmd_status = {
	.name = "status",
	.summary = "show the sockets of this host and their states",
	.operands = "[LOCAL [PEER]]",
	.about = "Shows the TCP sockets of this host, or others with --udp and --unix: their\n"
		 "state with its code (0 CLOSED to 10 TIME_WAIT), queues, addresses and timers.\n"
		 "LOCAL and PEER select an address, a port or both: :8080 127.0.0.1 *:http\n"
		 "[::1]:80 unix:/path. With two complete addresses they select one connection.\n"
		 "With the path of a control socket (usock listen --control), shows that server.",
	.examples = "usock status --state listen --process    # who listens where\n"
		    "usock status :8080 --count               # how many sockets a port has\n"
		    "usock status :8080 --wait listening      # until the server is there\n"
		    "usock status :8080 --watch               # live",
	.groups = groups,
	.conflicts = conflicts,
	.size = sizeof(struct status_opts),
	.defaults = status_defaults,
	.run = status_run,
	.script = status_script,
	.not_in_script = status_not_in_script,
};

static void
status_defaults(void *values)
{
	struct status_opts *o = values;

	o->timeout = DURATION_NONE;
}

/* ---- printing ---- */

struct table_printer {
	const struct status_opts *opts;
	const struct status_query *query;
	struct status_print print;
	struct status_owners *owners;
	struct status_rows kept; /* rows to be sorted or killed */
	size_t n;
	struct error *e;
};

static int
print_row(struct table_printer *s, const struct status_row *row)
{
	if (s->opts->count)
		return 0;
	if (status_print_row(&s->print, row, s->e) == -1 ||
	    status_print_flush(&s->print, false, s->e) == -1)
		return -1;
	return 0;
}

/* Prints each row as the table is read; keeps rows that are to be sorted or killed. */
static int
on_row(void *arg, const struct status_row *row)
{
	struct table_printer *s = arg;

	s->n++;
	if (s->opts->sort != STATUS_BY_NONE || s->opts->kill)
		return status_rows_add(&s->kept, row, s->e) == -1;
	return print_row(s, row) == -1;
}

static int
print_kept(struct table_printer *s)
{
	status_rows_sort(&s->kept, (enum status_key)s->opts->sort);
	for (size_t i = 0; i < s->kept.n; i++)
		if (print_row(s, &s->kept.list[i]) == -1)
			return -1;
	return 0;
}

static void
report_inconsistent(void)
{
	struct error e = { .code = ERROR_NETWORK };

	error_set(&e, ERROR_NETWORK,
	    "status: the table changed while it was read, rows may be missing");
	report_error(NULL, &e);
}

static int
count_row(void *arg, const struct status_row *row)
{
	(void)row;
	++*(size_t *)arg;
	return 0;
}

/* A user who gives the address of a server as LOCAL may mean the client's side. */
static void
hint_other_end(const struct table_printer *s)
{
	struct status_how how = s->query->how;
	struct status_end *local = &how.filter.local, *peer = &how.filter.peer;
	size_t n = 0;

	if ((local->n_addresses == 0 && local->n_ports == 0) || peer->n_addresses != 0 ||
	    peer->n_ports != 0 || how.filter.n_ports != 0)
		return;
	*peer = *local;
	*local = (struct status_end){ .n_ports = 0 };
	how.info = false;
	if (status_each(&how, count_row, &n, NULL, NULL) == 0 && n > 0)
		error_hint(s->e, "%zu socket%s that as the peer: usock status '*' %s", n,
		    n == 1 ? " has" : "s have", s->query->name);
}

static int
no_match(const struct table_printer *s)
{
	error_set(s->e, ERROR_NETWORK, "status%s%s: no matching socket",
	    s->query->name[0] != '\0' ? " " : "", s->query->name);
	hint_other_end(s);
	return -1;
}

/* CLOSED is a state that no socket table contains. */
static int
print_closed(struct table_printer *s)
{
	struct status_row row = { .local = s->query->local, .peer = s->query->peer };

	if (!s->query->exact || (!s->opts->code && !s->opts->json))
		return 0;
	return print_row(s, &row);
}

static int
print_matching(struct table_printer *s)
{
	bool inconsistent = false;

	if (status_each(&s->query->how, on_row, s, &inconsistent, s->e) != 0)
		return -1;
	if (inconsistent)
		report_inconsistent();
	return 0;
}

/* ---- killing ---- */

static int
report_not_killed(const struct status_row *row, struct error *e)
{
	char local[SOCKNAME_TEXT_MAX], peer[SOCKNAME_TEXT_MAX];
	int number = e->number;

	sockname_format(&row->local, local, sizeof(local));
	sockname_format(&row->peer, peer, sizeof(peer));
	error_set(e, ERROR_NETWORK, "kill %s > %s: %s", local, peer, strerror(number));
	if (number == EPERM)
		error_hint(e, "it takes CAP_NET_ADMIN");
	return report_error(NULL, e);
}

/* Kills the sockets and prints those that were destroyed. Returns the exit status. */
static int
kill_kept(struct table_printer *s)
{
	int status = 0;
	struct error e;

	s->n = 0;
	for (size_t i = 0; i < s->kept.n; i++) {
		const struct status_row *row = &s->kept.list[i];

		if (status_kill(row, &e) == 0) {
			s->n++;
			if (print_row(s, row) == -1)
				return -1;
		} else if (e.number != ENOENT) {
			/* a socket that has ended by itself is no failure */
			status = report_not_killed(row, &e);
		}
	}
	return status;
}

/* ---- the command ---- */

static int
print_rest(struct table_printer *s)
{
	if (s->opts->count && buf_printf(&s->print.out, s->e, "%zu\n", s->n) == -1)
		return -1;
	return status_print_flush(&s->print, true, s->e);
}

static int
print_nothing(struct table_printer *s)
{
	if (print_closed(s) == -1 || print_rest(s) == -1)
		return -1;
	return no_match(s);
}

/* Returns the exit status, or -1. */
static int
print_table(struct table_printer *s)
{
	int status = 0;

	if (print_matching(s) == -1)
		return -1;
	if (s->n == 0)
		return print_nothing(s);
	if (s->opts->kill)
		status = kill_kept(s);
	else if (print_kept(s) == -1)
		return -1;
	return status == -1 || print_rest(s) == -1 ? -1 : status;
}

static int
begin_printing(struct table_printer *s)
{
	const struct status_opts *o = s->opts;
	const struct text_table_how how = {
		.width = text_table_width_of(STDOUT_FILENO),
		.color = style_wanted((enum style_when)o->color, STDOUT_FILENO),
		.titles = !o->no_header,
	};

	if (o->process && status_owners_open(&s->owners, s->e) == -1)
		return -1;
	s->print.json = o->json;
	s->print.code = o->code;
	s->print.info = o->info;
	s->print.owners = s->owners;
	status_print_begin(&s->print, &how);
	return 0;
}

static int
show_once(const struct status_opts *o, const struct status_query *q, struct error *e)
{
	struct table_printer s = { .opts = o, .query = q, .e = e };
	int status;

	status_print_init(&s.print);
	status = begin_printing(&s);
	if (status == 0)
		status = print_table(&s);
	status_print_fini(&s.print);
	status_rows_fini(&s.kept);
	status_owners_close(s.owners);
	return status;
}

/* Waits or watches; a signal interrupts both. */
static int
wait_or_watch(const struct status_opts *o, const struct status_query *q,
    const struct status_goal *goal, int64_t interval)
{
	const struct report_opts report = { .color = o->color };
	struct command_context rt;
	struct error e;
	int rc = command_context_open(&rt, &report, deadline_in(o->timeout), &e);

	if (rc == 0 && o->wait == NULL)
		rc = status_watch(&rt, q, interval, &e);
	else if (rc == 0 && (rc = status_wait(rt.loop, q, goal, o->timeout, &e)) == -1)
		error_prefix(&e, "wait %s %s", q->name[0] != '\0' ? q->name : "socket", o->wait);
	return command_context_close(&rt, rc == -1 ? command_context_fail(&rt, &e) : 0);
}

/* ---- a control socket ---- */

static bool
selects_sockets(const struct status_opts *o)
{
	return o->family != 0 || o->tcp || o->udp || o->unix_sockets || o->state != NULL ||
	    o->port != NULL || o->netns != NULL || o->via != 0;
}

static bool
asks_about_sockets(const struct status_opts *o)
{
	return o->process || o->info || o->code || o->count || o->sort != 0 || o->kill ||
	    o->wait != NULL || o->timeout != DURATION_NONE;
}

/* Returns the path of a control socket that the operand names, as an address or as a file, or NULL.
 * The options may be about the socket itself. */
static const char *
control_path(const struct status_opts *o, const struct opt_rest *rest, struct endpoint *ep)
{
	const char *path;

	if (rest->n_operands != 1 || selects_sockets(o) || asks_about_sockets(o))
		return NULL;
	path = rest->operands[0];
	if (endpoint_parse(path, NULL, ep, NULL) == 0 && ep->kind == ENDPOINT_UNIX && !ep->abstract)
		path = ep->path;
	return control_path_is(path) ? path : NULL;
}

static int
show_control(const struct status_opts *o, const char *path)
{
	const struct report_opts report = { .color = o->color };
	struct status_control_how how = { .path = path,
		.json = o->json,
		.no_header = o->no_header,
		.color = style_wanted((enum style_when)o->color, STDOUT_FILENO),
		.interval = o->watch != NULL ? NSEC_PER_SEC : 0 };
	struct command_context rt;
	struct error e;
	int rc = command_context_open(&rt, &report, deadline_never(), &e);

	if (rc == 0)
		rc = status_check_watch(o, &how.interval, &e);
	if (rc == 0)
		rc = status_control(&rt, &how, &e);
	return command_context_close(&rt, rc == -1 ? command_context_fail(&rt, &e) : 0);
}

static int
status_failed(struct error *e)
{
	if (e->code == ERROR_USAGE) {
		error_prefix(e, "status");
		if (e->hint[0] == '\0')
			error_hint(e, "usock help status");
	}
	/* the reader of standard output has gone, and SIGPIPE was ignored by the parent */
	if (e->code == ERROR_LOCAL_IO && e->number == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return report_error(NULL, e);
}

static int
status_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	const struct status_opts *o = values;
	struct status_query q = { .exact = false };
	struct status_goal goal = { .code = 0 };
	int64_t interval = NSEC_PER_SEC;
	struct error e = { .number = 0 };
	struct endpoint ep;
	const char *path;
	int status;

	(void)cmd;
	if ((path = control_path(o, rest, &ep)) != NULL)
		return show_control(o, path);
	status = status_query_read(&q, o, rest, &e);
	if (status == 0)
		status = status_query_check(&q, o, &goal, &interval, &e);
	if (status == 0 && o->netns != NULL)
		status = netns_enter(o->netns, &e);
	if (status == 0 && (o->wait != NULL || o->watch != NULL))
		status = wait_or_watch(o, &q, &goal, interval);
	else if (status == 0)
		status = show_once(o, &q, &e);
	status_query_fini(&q);
	return status == -1 ? status_failed(&e) : status;
}
