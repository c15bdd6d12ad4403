#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/core/cmd.h"
#include "cli/options/allow_opts.h"
#include "cli/options/report_opts.h"
#include "cli/output/files/written_files.h"
#include "cli/run/run.h"

/* Larger than any script that a person writes. */
#define FILE_MAX ((size_t)256 << 20)

#define AT(field) offsetof(struct run_opts, field)

static const struct opt script_rows[] = {
	{ .name = "command",
	    .letter = 'c',
	    .kind = OPT_TEXT,
	    .offset = AT(command),
	    .arg = "SCRIPT",
	    .may_be_empty = true,
	    .help = "run this text; the operands are its arguments" },
	{ .name = "set",
	    .kind = OPT_LIST,
	    .offset = AT(set),
	    .arg = "NAME=VALUE",
	    .help = "set a variable before the script begins; repeatable" },
	{ .name = "timeout",
	    .kind = OPT_DURATION,
	    .offset = AT(timeout),
	    .arg = "DUR",
	    .help = "limit the time of each script (124)" },
};

static const struct opt test_rows[] = {
	{ .name = "tap",
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = AT(tap),
	    .arg = "VERSION",
	    .complete = "tap",
	    .help = "write test results to standard output as TAP: 13 (the default, for prove), "
		    "or 14, which nests several files" },
	{ .name = "junit",
	    .kind = OPT_TEXT,
	    .offset = AT(junit),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_MARKUP,
	    .help = "write test results to FILE as JUnit XML" },
	{ .name = "report",
	    .kind = OPT_TEXT,
	    .offset = AT(html),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .writes = WRITES_MARKUP,
	    .help = "write test results to FILE as a page of HTML, with what the sockets of "
		    "failed tests said" },
	{ .name = "jobs",
	    .kind = OPT_INT,
	    .offset = AT(jobs),
	    .arg = "N",
	    .min = 1,
	    .max = 1000,
	    .help = "run N files at a time (1)" },
	{ .name = "watch",
	    .kind = OPT_FLAG,
	    .offset = AT(watch),
	    .help = "run a file again when it changes, or a script beside it" },
};

#define ROWS(rows) rows, ARRAY_LEN(rows)

static const struct opt_group run_groups[] = {
	{ "Script", ROWS(script_rows), 0 },
	{ "Permissions", allow_rows, N_ALLOW, AT(allow) },
	{ "Tests", ROWS(test_rows), 0 },
	{ "Report", report_rows, N_REPORT, AT(report) },
	{ NULL, NULL, 0, 0 },
};

static const char *const run_conflicts[] = { "command jobs watch", "junit watch", "report watch",
	"verbose quiet", NULL };

static void
run_defaults(void *values)
{
	struct run_opts *o = values;

	o->timeout = DURATION_NONE;
}

/* ---- a file ---- */

static int
read_script_file(struct command_context *rt, const char *path, struct buf *out, struct error *e)
{
	const struct file_wait wait = command_context_file_wait(rt);
	struct file_source source = { .path = path, .wait = &wait };
	int rc;

	source.fd = file_open(path, O_RDONLY, 0, e);
	if (source.fd == -1)
		return -1;
	rc = file_read_all(&source, out, e);
	close(source.fd);
	return rc;
}

static int
run_file(struct command_context *rt, const struct run_opts *o, struct run_source *source,
    struct error *e)
{
	struct buf text;
	int status;

	buf_init(&text, FILE_MAX);
	status = read_script_file(rt, source->name, &text, e);
	if (status == 0) {
		source->text = text.len > 0 ? buf_head(&text) : "";
		source->n = text.len;
		status = run_script(rt, o, source);
	}
	buf_fini(&text);
	return status;
}

/* ---- the command ---- */

static int
run_stdin(struct command_context *rt, const struct run_opts *o, const struct opt_rest *rest,
    struct error *e)
{
	struct run_source source = { .name = "stdin" };

	if (isatty(STDIN_FILENO)) {
		error_set(e, ERROR_USAGE, "a script is missing: standard input is a terminal");
		return error_hint(e, "usock run FILE, usock -c SCRIPT, or usock help");
	}
	if (rest->n_operands > 0) {
		source.argc = rest->n_operands - 1;
		source.argv = rest->operands + 1;
	}
	return run_script(rt, o, &source);
}

static int
check_run_options(const struct run_opts *o, struct error *e)
{
	if (o->tap != NULL && o->tap[0] != '\0' && strcmp(o->tap, "13") != 0 &&
	    strcmp(o->tap, "14") != 0)
		return error_set(e, ERROR_USAGE, "--tap: '%s' is not 13 or 14", o->tap);
	for (size_t i = 0; i < o->set.n; i++)
		if (o->set.items[i][strcspn(o->set.items[i], "=")] == '\0' ||
		    o->set.items[i][0] == '=')
			return error_set(e, ERROR_USAGE, "--set: '%s' is not NAME=VALUE",
			    o->set.items[i]);
	return 0;
}

/* True where the operands are test files. */
static bool
are_tests(const struct run_opts *o)
{
	return o->tap != NULL || o->junit != NULL || o->html != NULL || o->jobs > 0 || o->watch;
}

/* Test files end at "--"; what follows is for each of them. */
static struct run_list
test_list(const struct opt_rest *rest)
{
	struct run_list list = { .files = rest->operands };
	size_t all = (size_t)rest->n_operands;

	while (list.n < all && strcmp(rest->operands[list.n], "--") != 0)
		list.n++;
	if (list.n < all) {
		list.args = rest->operands + list.n + 1;
		list.n_args = all - list.n - 1;
	}
	return list;
}

static int
run_tests(struct command_context *rt, const struct run_opts *o, const struct opt_rest *rest,
    struct error *e)
{
	const struct run_list list = test_list(rest);
	struct run_source source = { .argc = (int)list.n_args, .argv = list.args };

	if (list.n == 0)
		return error_set(e, ERROR_USAGE, "a test file is missing before --");
	if (o->watch)
		return run_watch(rt, o, &list, e);
	if (list.n > 1 || o->jobs > 0)
		return run_files(rt, o, &list, e);
	source.name = source.path = list.files[0];
	return run_file(rt, o, &source, e);
}

static int
run_with(struct command_context *rt, const struct run_opts *o, const struct opt_rest *rest,
    struct error *e)
{
	const struct run_source command = { .name = "-c",
		.text = o->command,
		.n = o->command != NULL ? strlen(o->command) : 0,
		.argc = rest->n_operands,
		.argv = rest->operands };
	struct run_source source = { .argc = rest->n_operands - 1, .argv = rest->operands + 1 };

	if (check_run_options(o, e) == -1)
		return -1;
	if (o->command != NULL)
		return run_script(rt, o, &command);
	if (rest->n_operands == 0 && o->watch)
		return error_set(e, ERROR_USAGE, "--watch: a file is missing");
	if (rest->n_operands == 0 || strcmp(rest->operands[0], "-") == 0)
		return run_stdin(rt, o, rest, e);
	if (are_tests(o))
		return run_tests(rt, o, rest, e);
	source.name = source.path = rest->operands[0];
	return run_file(rt, o, &source, e);
}

/* No output is one of the scripts. */
static int
check_scripts(const struct cmd *cmd, const struct run_opts *o, const struct opt_rest *rest,
    struct error *e)
{
	size_t n = o->command != NULL ? 0 : are_tests(o) ? test_list(rest).n : rest->n_operands > 0;

	for (size_t i = 0; i < n; i++)
		if (written_files_check_input(cmd, o, "a script", rest->operands[i], e) == -1)
			return error_prefix(e, "%s", cmd->name);
	return 0;
}

static int
run_run(const struct cmd *cmd, void *values, const struct opt_rest *rest)
{
	const struct run_opts *o = values;
	struct deadline until = o->watch ? deadline_never() : deadline_in(o->timeout);
	struct command_context rt;
	struct error e = { 0 };
	int status;

	if (check_scripts(cmd, o, rest, &e) == -1)
		return report_error(NULL, &e);
	status = command_context_begin(&rt, cmd->name, &o->report, until, &e);
	if (status == 0)
		status = run_with(&rt, o, rest, &e);
	return command_context_end(&rt, status, rest, &e);
}

const struct cmd cmd_run = {
	.name = "run",
	.summary = "run a script, or test files",
	.operands = "[FILE [ARG...]]",
	.about = "Runs FILE, a script that uses sockets; `usock FILE` and #!/usr/bin/env usock do\n"
		 "the same, and `usock -c SCRIPT` runs a text. The script has the ARGs in argv.\n"
		 "Without FILE, or with -, it reads commands from standard input: each runs when\n"
		 "it is complete, and its output is written before the next one is read, so a\n"
		 "program can drive usock over a pipe.\n"
		 "\n"
		 "With --tap, --junit, --report, --jobs or --watch all operands are test files,\n"
		 "and each has the ARGs behind -- in argv. `usock help script` lists the commands\n"
		 "of the language.",
	.examples = "usock run smtp.us mail.example.org     # a script with an argument\n"
		    "usock -c 'puts [resolve localhost]'    # one line\n"
		    "echo 'puts hello' | usock              # what another program writes\n"
		    "usock run --tap --jobs 4 tests/*.us    # test files, four at a time\n"
		    "prove -e 'usock run --tap' tests/*.us  # the same under prove\n"
		    "usock run --watch tests/*.us           # again whenever one changes\n"
		    "usock run --timeout 10s --junit results.xml check.us\n"
		    "usock run --report all.html tests/*.us  # a page with pictures of failures\n",
	.groups = run_groups,
	.conflicts = run_conflicts,
	.options_first = true,
	.size = sizeof(struct run_opts),
	.defaults = run_defaults,
	.run = run_run,
};
