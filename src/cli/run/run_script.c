#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/commands/script/script_cmds.h"
#include "cli/core/inherited.h"
#include "cli/run/confine_script.h"
#include "cli/run/run.h"
#include "cli/run/test_report.h"
#include "cli/run/watchdog.h"
#include "net/sys.h"
#include "script/context.h"
#include "script/script.h"
#include "script/socket_recorder.h"
#include "script/test.h"
#include "tcl/interp.h"

/* Longer than any command, or any line of a program that drives usock. */
#define INPUT_MAX ((size_t)256 << 20)

enum { CHUNK = 64 << 10, LINE_MAX_BYTES = 4096, STATUS_EXPECT = 4 };

struct run {
	struct command_context *rt;
	const struct run_opts *opts;
	const struct run_source *source;
	struct script *script;
	struct tests *tests;
	struct test_report report;
	struct deadline until;
	char folder[PATH_MAX];
	int status; /* status of `exit` */
	bool left;  /* `exit` was called */
};

/* ---- life ---- */

/* Returns the real path of the folder of the file; NULL where there is no file, or the folder is
 * the root. */
static const char *
folder_of(const char *path, char folder[PATH_MAX])
{
	char *slash;

	if (path == NULL || realpath(path, folder) == NULL)
		return NULL;
	slash = strrchr(folder, '/');
	*slash = '\0';
	return slash == folder ? NULL : folder;
}

/* The command has checked that each is NAME=VALUE. */
static void
set_variables(struct run *r)
{
	struct interp *in = script_interp(r->script);
	const char *text, *equals;
	char *name;

	for (size_t i = 0; i < r->opts->set.n; i++) {
		text = r->opts->set.items[i];
		equals = strchr(text, '=');
		name = strndup(text, (size_t)(equals - text));
		if (name != NULL)
			interp_set_var(in, name, value_string(interp_heap(in), equals + 1));
		else
			heap_fail(interp_heap(in), "out of memory");
		free(name);
	}
}

static int
open_run(struct run *r, struct error *e)
{
	const struct script_how how = {
		.loop = r->rt->loop,
		.log = &r->rt->report.log,
		/* a reader of TAP must see nothing else on standard output */
		.out_fd = r->opts->tap != NULL ? STDERR_FILENO : STDOUT_FILENO,
		.err_fd = STDERR_FILENO,
		.allow_exec = r->opts->allow.exec,
		.allow_files = r->opts->allow.files,
		.folder = folder_of(r->source->path, r->folder),
		.env = r->opts->allow.env ? environ : NULL,
		.program_env = environ,
		.has_fd = inherited_has,
		.took_fd = inherited_mark_used,
	};
	const struct tests_how tests = { test_report_done, &r->report };

	if (script_open(&r->script, &how, e) == -1)
		return -1;
	/* where the script itself does not come from standard input */
	if (r->source->text != NULL)
		interp_set_stdin(script_interp(r->script), STDIN_FILENO);
	else
		inherited_mark_used(STDIN_FILENO);
	script_set_args(r->script, r->source->name, r->source->argc, r->source->argv);
	set_variables(r);
	script_cmds_add(r->script, r->rt);
	if (r->opts->html != NULL)
		socket_recorder_set(r->script, SOCKET_RECORDING_TEST,
		    &r->report.page.dialogue.recorder);
	if (r->opts->timeout != DURATION_NONE && script_set_deadline(r->script, r->until, e) == -1)
		return -1;
	return tests_open(&r->tests, r->script, &tests, e);
}

/* ---- standard input ---- */

static int
run_source_text(struct run *r, const char *text, size_t n, unsigned line, struct error *e)
{
	return script_run(r->script, text, n, r->source->name, line, &r->status, &r->left, e);
}

/* This wait may notice the total deadline before the script's timer does. */
static int
wait_for_input(struct run *r, struct error *e)
{
	int ready = loop_wait(r->rt->loop, STDIN_FILENO, LOOP_READ, r->until, e);

	if (ready > 0)
		return 0;
	if (ready == -1 && (e->code != ERROR_SIGNAL || e->number != SIGALRM))
		return -1;
	loop_clear_interrupt(r->rt->loop);
	return error_set(e, ERROR_TIMEOUT, "stdin: timed out (--timeout)");
}

/* Reads more of the script; returns 0 at its end. */
static int
read_more(struct run *r, struct buf *text, struct error *e)
{
	ssize_t got = SYS_AGAIN;
	char *end;

	while (got == SYS_AGAIN) {
		if (wait_for_input(r, e) == -1 || (end = buf_reserve(text, CHUNK, e)) == NULL)
			return -1;
		got = sys_read(STDIN_FILENO, end, CHUNK, e);
	}
	if (got == -1)
		return error_prefix(e, "standard input");
	buf_added(text, (size_t)got);
	return got > 0;
}

static unsigned
count_newlines(const char *text, size_t n)
{
	const char *end = text + n;
	unsigned lines = 0;

	while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		lines++;
		text++;
	}
	return lines;
}

/* Runs the complete commands of the complete lines read so far. */
static int
run_whole_commands(struct run *r, struct buf *text, unsigned *line, struct error *e)
{
	const char *head = text->len > 0 ? buf_head(text) : "";
	const char *last = memrchr(head, '\n', text->len);
	size_t n;
	int rc;

	if (last == NULL)
		return 0;
	n = interp_whole_commands(script_interp(r->script), head, (size_t)(last - head) + 1);
	rc = n > 0 ? run_source_text(r, head, n, *line, e) : 0;
	*line += count_newlines(head, n);
	buf_consume(text, n);
	return rc;
}

static int
run_input(struct run *r, struct error *e)
{
	struct buf text;
	unsigned line = 1;
	int rc;

	buf_init(&text, INPUT_MAX);
	while ((rc = read_more(r, &text, e)) == 1) {
		rc = run_whole_commands(r, &text, &line, e);
		if (rc == -1 || r->left)
			break;
	}
	/* no more input comes to complete it: the parser reports what is missing */
	if (rc == 0 && !r->left && text.len > 0)
		rc = run_source_text(r, buf_head(&text), text.len, line, e);
	buf_fini(&text);
	return rc;
}

/* ---- the end ---- */

/* With -v logs each line of the call stack of the error. */
static void
log_calls(struct run *r)
{
	struct value *info = interp_errorinfo(script_interp(r->script));
	size_t n = 0;
	const char *at = info != NULL ? value_bytes(info, &n) : "", *end = at + n, *line;
	struct buf shown;

	if (!log_on(&r->rt->report.log, LOG_VERBOSE))
		return;
	/* the first line is the message, which is reported already */
	while ((line = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		line++;
		at = memchr(line, '\n', (size_t)(end - line));
		at = at == NULL ? end : at;
		buf_init(&shown, LINE_MAX_BYTES);
		if (record_escape(&shown, line, (size_t)(at - line), NULL) == 0)
			log_line(&r->rt->report.log, LOG_VERBOSE, "%.*s", (int)shown.len,
			    shown.len > 0 ? buf_head(&shown) : "");
		buf_fini(&shown);
	}
}

/* Reports how the text ended, before anything else is run. */
static int
report_text_end(struct run *r, int rc, const struct error *e)
{
	int status;

	if (rc == 0)
		return r->status;
	if (tests_is_skip(r->tests, e))
		return 0;
	if (r->opts->tap != NULL && e->code != ERROR_SIGNAL && e->code != ERROR_LOCAL_IO)
		return error_exit_status(e);
	status = command_context_fail(r->rt, e);
	log_calls(r);
	r->report.reported_elsewhere = true;
	return status;
}

static int
end_run(struct run *r, int rc, const struct error *e)
{
	struct error failure = { 0 };
	int status = report_text_end(r, rc, e), late;

	if (rc == 0)
		tests_exited(r->tests, r->status);
	/* the first failure is the result; a later one is reported as well */
	late = tests_finish(r->tests, r->source->name, rc == -1 ? e : NULL, &failure);
	if (late == -1 && rc == -1 && failure.code != ERROR_SIGNAL && failure.code != ERROR_TIMEOUT)
		log_line(&r->rt->report.log, LOG_NOTE, "%s", failure.text);
	else if (late == -1)
		status = command_context_fail(r->rt, &failure);
	if (test_report_finish(&r->report, &failure) == -1)
		status = command_context_fail(r->rt, &failure);
	return status == 0 && tests_failed(r->tests) ? STATUS_EXPECT : status;
}

int
run_script(struct command_context *rt, const struct run_opts *o, const struct run_source *source)
{
	const char *const written[CONFINE_SCRIPT_WRITTEN] = { o->junit, o->html };
	struct run r = { .rt = rt, .opts = o, .source = source };
	struct error e = { 0 };
	int rc = -1, status;

	r.until = deadline_in(o->timeout);
	watchdog_start(rt->loop, r.until);
	r.report = (struct test_report){ .rt = rt,
		.file = source->name,
		.tap = test_report_tap_version(o->tap),
		.junit = o->junit,
		.html = o->html };
	test_report_init(&r.report);
	if (open_run(&r, &e) == -1) {
		status = command_context_fail(rt, &e);
	} else {
		if (!confine_script(&o->allow, written))
			log_line(&rt->report.log, LOG_TRACE,
			    "script: the kernel takes no part in what it may not do");
		if (source->text != NULL)
			rc = run_source_text(&r, source->text, source->n, 1, &e);
		else
			rc = run_input(&r, &e);
		status = end_run(&r, rc, &e);
	}
	script_close(r.script);
	status = watchdog_stop(rt, status);
	tests_close(r.tests);
	test_report_fini(&r.report);
	return status;
}
