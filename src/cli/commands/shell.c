#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/commands/script/script_cmds.h"
#include "cli/core/cmd.h"
#include "cli/core/inherited.h"
#include "cli/options/allow_opts.h"
#include "cli/options/report_opts.h"
#include "cli/output/style.h"
#include "cli/prompt/getpass.h"
#include "cli/prompt/prompt.h"
#include "cli/prompt/prompt_cmds.h"
#include "cli/prompt/prompt_incoming.h"
#include "cli/prompt/prompt_interact.h"
#include "cli/prompt/prompt_line.h"
#include "cli/prompt/prompt_record.h"
#include "cli/prompt/prompt_result.h"
#include "cli/prompt/prompt_terminal.h"
#include "cli/run/run.h"
#include "script/context.h"
#include "tcl/interp.h"

/* Longer than any command that a user types. */
#define COMMAND_MAX ((size_t)16 << 20)

struct shell_opts {
	struct report_opts report;
	struct allow_opts allow;
	bool rc;
};

static int shell_run(const struct cmd *cmd, void *values, const struct opt_rest *rest);
static void shell_defaults(void *values);

static const struct opt shell_rows[] = {
	{ .name = "norc",
	    .kind = OPT_UNFLAG,
	    .offset = offsetof(struct shell_opts, rc),
	    .help = "do not run the rc file" },
};

static const struct opt_group shell_groups[] = {
	{ "Start", shell_rows, 1, 0 },
	{ "Permissions", allow_rows, N_ALLOW, offsetof(struct shell_opts, allow) },
	{ "Report", report_rows, N_REPORT, offsetof(struct shell_opts, report) },
	{ NULL, NULL, 0, 0 },
};

static const char *const shell_conflicts[] = { "verbose quiet", NULL };

const struct cmd cmd_shell = {
	.name = "shell",
	.summary = "type commands at a prompt, and see what arrives",
	.operands = "",
	.about = "Reads script commands as they are typed, with line editing, history and\n"
		 "completion. Data that arrives at a socket is shown above the line, after the\n"
		 "name of the socket, and can still be received. `usock` alone on a terminal does\n"
		 "the same; if standard input is not a terminal, it is a script.",
	.examples = "usock                 # the prompt\n"
		    "usock shell --norc    # without the commands of the rc file",
	.groups = shell_groups,
	.conflicts = shell_conflicts,
	.size = sizeof(struct shell_opts),
	.defaults = shell_defaults,
	.run = shell_run,
};

static void
shell_defaults(void *values)
{
	struct shell_opts *o = values;

	o->rc = true;
}

/* ---- the user's files ---- */

/* Makes "$VARIABLE/usock/NAME" or "$HOME/FALLBACK/usock/NAME"; false where neither variable is
 * set. */
static bool
user_file(const char *variable, const char *fallback, const char *name, char *path, size_t size)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	int n;

	/* the XDG Base Directory Specification says to ignore relative paths */
	if (base != NULL && base[0] == '/')
		n = snprintf(path, size, "%s/usock/%s", base, name);
	else if (home != NULL && home[0] != '\0')
		n = snprintf(path, size, "%s/%s/usock/%s", home, fallback, name);
	else
		return false;
	return n > 0 && (size_t)n < size;
}

static void
make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
}

/* ---- commands ---- */

/* Reports a failure and goes on, unless a signal ends the program. */
static void
show_failure(struct prompt *p, const struct error *e)
{
	if (e->code != ERROR_SIGNAL) {
		(void)report_error(&p->rt->report, e);
		return;
	}
	loop_clear_interrupt(p->rt->loop);
	if (e->number == SIGINT) {
		prompt_write(p, "\n", 1);
		return;
	}
	p->over = *e;
	p->ended = true;
}

static int
run_typed(struct prompt *p, const char *text, size_t n, const char *file)
{
	struct error e = { 0 };
	bool left = false;
	int rc;

	rc = script_run(p->sc, text, n, file, file[0] != '\0', &p->status, &left, &e);
	p->ended = left;
	if (rc == -1)
		show_failure(p, &e);
	return rc;
}

/* A closed socket is not the current one any more. */
static void
forget_closed(struct prompt *p)
{
	struct handle *h = handle_get_current(p->sc);

	if (h != NULL && !handle_is_open(h))
		handle_set_current(p->sc, NULL);
}

/* Runs the pending text: one or several complete commands. */
static void
run_pending(struct prompt *p)
{
	const char *text = buf_text(&p->pending, NULL);
	int rc;

	if (text != NULL && text[strspn(text, " \t\n")] != '\0') {
		prompt_record_begin(p->record, text, p->pending.len);
		rc = run_typed(p, text, p->pending.len, "");
		prompt_record_end(p->record, rc == -1);
		if (rc == 0 && !p->ended)
			prompt_result_show(p, text);
		forget_closed(p);
	}
	buf_consume(&p->pending, p->pending.len);
}

/* The lines of one command are one entry of the history. */
static void
remember_pending(struct prompt *p)
{
	const char *text = buf_text(&p->pending, NULL);

	if (p->editor != NULL && text != NULL && text[0] != ' ')
		p->ops->remember(p->editor, text);
}

static void
add_line(struct prompt *p, const char *line, size_t n)
{
	if (p->pending.len > 0)
		(void)buf_append(&p->pending, "\n", 1, NULL);
	if (buf_append(&p->pending, line, n, NULL) == -1)
		buf_consume(&p->pending, p->pending.len);
	if (p->pending.len == 0 ||
	    !interp_is_complete(script_interp(p->sc), buf_head(&p->pending), p->pending.len))
		return;
	remember_pending(p);
	run_pending(p);
}

static void
report_open_socket(void *arg, struct handle *h)
{
	const struct prompt *p = arg;
	char text[256];

	if (!handle_is_open(h))
		return;
	prompt_describe(h, text, sizeof(text));
	fprintf(p->out, "%s was still open\n", text);
}

static void
run_lines(struct prompt *p)
{
	const char *line;
	size_t n;
	int rc;

	while (!p->ended) {
		rc = prompt_line_read(p, &line, &n);
		if (rc == EDITOR_LINE) {
			add_line(p, line, n);
		} else if (rc == EDITOR_ABANDONED) {
			buf_consume(&p->pending, p->pending.len);
		} else {
			p->ended = true;
			prompt_write(p, "\n", 1);
			if (p->pending.len > 0)
				fputs("the last command was not complete, and has not run\n",
				    p->out);
		}
	}
	handles_each(p->sc, report_open_socket, p);
	fflush(p->out);
}

/* ---- life ---- */

static void
on_traffic(void *arg, const char *handle, char direction, const char *bytes, size_t n)
{
	struct prompt *p = arg;

	if (direction != '<') {
		prompt_record_sent(p->record, handle, bytes, n);
		return;
	}
	prompt_record_received(p->record, handle, bytes, n);
	prompt_incoming_received(p, handle, n);
}

static void
on_secret(void *arg, const char *bytes, size_t n)
{
	struct prompt *p = arg;

	prompt_record_add_secret(p->record, bytes, n);
}

/* Typed commands belong to no file: `source` may read the working directory. */
static void
open_folder(char folder[PATH_MAX])
{
	if (getcwd(folder, PATH_MAX) == NULL || folder[0] != '/' || folder[1] == '\0')
		folder[0] = '\0';
}

static int
open_prompt_script(struct prompt *p, const struct allow_opts *allow, struct error *e)
{
	const struct script_how how = {
		.loop = p->rt->loop,
		.log = &p->rt->report.log,
		.out_fd = STDOUT_FILENO,
		.err_fd = STDERR_FILENO,
		.allow_exec = allow->exec,
		.allow_files = allow->files,
		.folder = p->folder,
		.env = allow->env ? environ : NULL,
		.program_env = environ,
		.has_fd = inherited_has,
		.took_fd = inherited_mark_used,
		.traffic = on_traffic,
		.arg = p,
	};

	open_folder(p->folder);
	p->record = prompt_record_open();
	if (p->record == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (script_open(&p->sc, &how, e) == -1)
		return -1;
	script_set_args(p->sc, "usock", 0, NULL);
	script_cmds_add(p->sc, p->rt);
	prompt_cmds_add(p);
	prompt_interact_add(p);
	getpass_add(p->sc, on_secret, p);
	return 0;
}

/* Falls back to C.UTF-8, so that characters outside ASCII work in any locale. */
static void
set_locale(void)
{
	if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		(void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* Without an editor the prompt still works; the reason is reported. */
static void
open_editor(struct prompt *p)
{
	static char history[4096];
	const char *path = NULL;
	struct error e = { 0 };

	if (!style_has_sequences(fileno(p->out)))
		return;
	if (user_file("XDG_STATE_HOME", ".local/state", "history", history, sizeof(history))) {
		make_folders(history);
		path = history;
	}
	if (prompt_line_open_editor(p, path, &e) == -1) {
		(void)error_prefix(&e, "no line editing");
		(void)error_hint(&e, "the package usock-shell has it");
		(void)report_error(&p->rt->report, &e);
	}
}

static void
run_rc(struct prompt *p)
{
	char path[4096], command[4200];

	if (!user_file("XDG_CONFIG_HOME", ".config", "rc", path, sizeof(path)) ||
	    access(path, R_OK) == -1)
		return;
	interp_set_var(script_interp(p->sc), "usock_rc",
	    value_string(interp_heap(script_interp(p->sc)), path));
	snprintf(command, sizeof(command), "source $usock_rc");
	/* the file of start commands lies there; it may source files beside it */
	if (realpath(path, p->folder) != NULL)
		*strrchr(p->folder, '/') = '\0';
	(void)run_typed(p, command, strlen(command), "");
	open_folder(p->folder);
}

static int
run_prompt(struct prompt *p, const struct shell_opts *o)
{
	struct error e = { 0 };

	if (open_prompt_script(p, &o->allow, &e) == -1)
		return command_context_fail(p->rt, &e);
	command_context_watch_terminal(p->rt);
	if (command_context_await_foreground(p->rt, &e) == -1)
		return command_context_fail(p->rt, &e);
	open_editor(p);
	if (!o->report.quiet)
		prompt_note(p, "usock " USOCK_VERSION "; help, or Ctrl-D to leave");
	if (o->rc)
		run_rc(p);
	run_lines(p);
	if (p->over.text[0] != '\0')
		p->status = command_context_fail(p->rt, &p->over);
	prompt_incoming_close(p);
	if (script_finish(p->sc, &e) == -1)
		p->status = command_context_fail(p->rt, &e);
	return p->status;
}

static void
close_prompt(struct prompt *p)
{
	if (p->editor != NULL)
		p->ops->close(p->editor);
	prompt_incoming_close(p);
	script_close(p->sc);
	prompt_record_close(p->record);
	buf_fini(&p->pending);
}

static int
run_script_instead(struct command_context *rt, const struct shell_opts *o)
{
	const struct run_opts run = { .report = o->report,
		.allow = o->allow,
		.timeout = DURATION_NONE };
	const struct run_source source = { .name = "stdin" };

	return run_script(rt, &run, &source);
}

static int
run_on(struct command_context *rt, const struct shell_opts *o)
{
	struct prompt *p;
	int status;

	if (!isatty(STDIN_FILENO))
		return run_script_instead(rt, o);
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return 125;
	set_locale();
	p->rt = rt;
	p->out = isatty(STDOUT_FILENO) ? stdout : stderr;
	p->color = style_wanted((enum style_when)o->report.color, fileno(p->out));
	buf_init(&p->pending, COMMAND_MAX);
	status = run_prompt(p, o);
	close_prompt(p);
	free(p);
	return status;
}

static int
shell_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	const struct shell_opts *o = values;
	struct error e = { 0 };
	struct command_context rt;
	int status;

	if (rest->n_operands > 0) {
		(void)error_set(&e, ERROR_USAGE, "%s: %s: it has no operands", cmd->name,
		    rest->operands[0]);
		(void)error_hint(&e, "usock run FILE runs a script");
		return report_error(NULL, &e);
	}
	status = command_context_begin(&rt, cmd->name, &o->report, deadline_never(), &e);
	if (status == 0)
		status = run_on(&rt, o);
	return command_context_end(&rt, status, rest, &e);
}
