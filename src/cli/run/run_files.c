#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/wait_status.h"
#include "cli/run/run.h"
#include "cli/run/test_report.h"
#include "stream/process.h"
#include "stream/stream.h"

enum { CHUNK = 64 << 10, ARGS_MAX = 19, OUTPUT_MAX = 1 << 30 };

struct files;

/* One file, run in its own process. */
struct job {
	struct files *all;
	const char *file;
	struct child_watch child;
	struct watch watch;
	struct stream *out; /* NULL: not started, or at its end */
	struct buf text;    /* its output */
	char *part;         /* path of its own XML; NULL: no --junit */
	bool ended;         /* the process has ended */
	int status;
};

struct files {
	struct command_context *rt;
	const struct run_opts *opts;
	struct job *jobs;
	size_t n, started, running, reported;
	bool over;
	bool failed; /* could not run; error has the reason */
	struct error error;
	struct buf suites;
};

static void start_more(struct files *f);

/* ---- the result of a file ---- */

/* Prints its TAP as a subtest: indented, with the result after it. */
static int
print_subtest(const struct job *j, unsigned long number, struct error *e)
{
	const char *line = j->text.len > 0 ? buf_head(&j->text) : "";
	const char *end = line + j->text.len;
	struct buf out;
	int rc;

	buf_init(&out, OUTPUT_MAX);
	buf_printf(&out, NULL, "# Subtest: %s\n", j->file);
	for (; line < end; line = line < end ? line + 1 : end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		stop = stop != NULL ? stop : end;
		if (strncmp(line, "TAP version", 11) != 0)
			buf_printf(&out, NULL, "    %.*s\n", (int)(stop - line), line);
		line = stop;
	}
	rc = buf_printf(&out, e, "%s %lu - %s\n",
	    wait_status_code(j->status) == 0 ? "ok" : "not ok", number, j->file);
	if (rc == 0)
		rc = test_report_print(j->all->rt, buf_head(&out), out.len, e);
	buf_fini(&out);
	return rc;
}

static int
print_output(struct job *j, unsigned long number, struct error *e)
{
	if (j->all->opts->tap)
		return print_subtest(j, number, e);
	return j->text.len > 0 ? test_report_print(j->all->rt, buf_head(&j->text), j->text.len, e)
			       : 0;
}

/* Appends the lines of its XML that form the suite. */
static int
append_suite(struct job *j, struct buf *suites, struct error *e)
{
	FILE *part = fopen(j->part, "re");
	char *line = NULL;
	size_t size = 0;
	int rc = 0;

	/* the process ended before it wrote the file */
	if (part == NULL) {
		buf_printf(suites, NULL, "<testsuite name=\"");
		test_report_xml(suites, j->file);
		return buf_printf(suites, e, "\" tests=\"0\" failures=\"0\" errors=\"1\"/>\n");
	}
	while (rc == 0 && getline(&line, &size, part) > 0)
		if (strncmp(line, "<?xml", 5) != 0 && strstr(line, "testsuites>") == NULL)
			rc = buf_printf(suites, e, "%s", line);
	free(line);
	fclose(part);
	return rc;
}

static void
stop_all(struct files *f)
{
	f->failed = f->over = true;
}

/* Reports finished files in the order of the command line. */
static void
report_finished(struct files *f)
{
	while (f->reported < f->started && !f->failed) {
		struct job *j = &f->jobs[f->reported];

		if (!j->ended || j->out != NULL)
			return;
		f->reported++;
		if (print_output(j, (unsigned long)f->reported, &f->error) == -1 ||
		    (j->part != NULL && append_suite(j, &f->suites, &f->error) == -1))
			stop_all(f);
		buf_fini(&j->text);
	}
}

static void
check_job(struct job *j)
{
	struct files *f = j->all;

	if (!j->ended || j->out != NULL)
		return;
	f->running--;
	report_finished(f);
	start_more(f);
}

/* ---- a process ---- */

static void
on_child(struct child_watch *c, int status)
{
	struct job *j = CONTAINER_OF(c, struct job, child);

	j->ended = true;
	j->status = status;
	check_job(j);
}

static void
close_output(struct job *j)
{
	loop_unwatch(j->all->rt->loop, &j->watch);
	stream_close(j->out);
	j->out = NULL;
}

static void
on_output(struct watch *w, unsigned ready)
{
	struct job *j = w->arg;
	char *end = buf_reserve(&j->text, CHUNK, &j->all->error);
	ssize_t got;

	(void)ready;
	if (end == NULL) {
		stop_all(j->all);
		return;
	}
	got = stream_read(j->out, end, CHUNK, NULL);
	if (got > 0)
		buf_added(&j->text, (size_t)got);
	if (got > 0 || got == STREAM_WANT_READ)
		return;
	close_output(j);
	check_job(j);
}

static const char *
format_timeout(const struct run_opts *o, char *text, size_t size)
{
	snprintf(text, size, "%lld.%09llds", (long long)(o->timeout / NSEC_PER_SEC),
	    (long long)(o->timeout % NSEC_PER_SEC));
	return text;
}

/* Builds the command line: usock run with the options that apply to one file. */
static void
build_args(const struct job *j, const char **argv, char *timeout, size_t size)
{
	const struct run_opts *o = j->all->opts;
	int n = 0;

	argv[n++] = "/proc/self/exe";
	argv[n++] = "run";
	if (o->tap)
		argv[n++] = "--tap";
	if (j->part != NULL) {
		argv[n++] = "--junit";
		argv[n++] = j->part;
	}
	if (o->timeout != DURATION_NONE) {
		argv[n++] = "--timeout";
		argv[n++] = format_timeout(o, timeout, size);
	}
	if (o->allow.exec)
		argv[n++] = "--allow-exec";
	if (o->allow.files)
		argv[n++] = "--allow-files";
	if (o->allow.env)
		argv[n++] = "--allow-env";
	if (o->report.verbose > 0)
		argv[n++] = o->report.verbose > 1 ? "-vv" : "-v";
	if (o->report.quiet)
		argv[n++] = "--quiet";
	if (o->report.json)
		argv[n++] = "--json";
	argv[n++] = "--";
	argv[n++] = j->file;
	argv[n] = NULL;
}

static int
start_job(struct job *j, struct error *e)
{
	const char *argv[ARGS_MAX];
	const struct process_how how = { .argv = argv };
	char timeout[48];

	build_args(j, argv, timeout, sizeof(timeout));
	if (process_stream(&j->out, &how, &j->child.pid, e) == -1)
		return -1;
	j->child.fn = on_child;
	loop_child_watch(j->all->rt->loop, &j->child);
	j->all->running++;
	/* the process has no input */
	stream_shut(j->out, NULL);
	j->watch.fd = stream_raw_fd(j->out, STREAM_IN);
	j->watch.fn = on_output;
	j->watch.arg = j;
	return loop_watch(j->all->rt->loop, &j->watch, LOOP_READ, e);
}

static void
start_more(struct files *f)
{
	size_t most = f->opts->jobs > 0 ? (size_t)f->opts->jobs : 1;

	while (!f->failed && f->started < f->n && f->running < most)
		if (start_job(&f->jobs[f->started++], &f->error) == -1)
			stop_all(f);
	if (f->running == 0)
		f->over = true;
}

/* ---- all files ---- */

static int
init_jobs(struct files *f, char *const *names, struct error *e)
{
	f->jobs = calloc(f->n, sizeof(*f->jobs));
	if (f->jobs == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < f->n; i++) {
		struct job *j = &f->jobs[i];

		j->all = f;
		j->file = names[i];
		buf_init(&j->text, OUTPUT_MAX);
		if (f->opts->junit != NULL &&
		    asprintf(&j->part, "%s.%zu.part", f->opts->junit, i) == -1) {
			j->part = NULL;
			return error_set(e, ERROR_INTERNAL, "out of memory");
		}
	}
	return 0;
}

static void
fini_jobs(struct files *f)
{
	for (size_t i = 0; f->jobs != NULL && i < f->n; i++) {
		struct job *j = &f->jobs[i];

		if (i < f->started && !j->ended && j->child.pid > 0) {
			kill(j->child.pid, SIGTERM);
			loop_child_disown(f->rt->loop, &j->child);
		}
		if (j->out != NULL)
			close_output(j);
		buf_fini(&j->text);
		if (j->part != NULL)
			unlink(j->part);
		free(j->part);
	}
	free(f->jobs);
	buf_fini(&f->suites);
}

static int
print_plan(const struct files *f, struct error *e)
{
	char plan[40];
	int n = snprintf(plan, sizeof(plan), "TAP version 14\n1..%zu\n", f->n);

	return f->opts->tap ? test_report_print(f->rt, plan, (size_t)n, e) : 0;
}

static int
run_all(struct files *f, struct error *e)
{
	if (print_plan(f, e) == -1)
		return -1;
	start_more(f);
	if (loop_run(f->rt->loop, &f->over, deadline_never(), e) == -1)
		return -1;
	if (f->failed) {
		*e = f->error;
		return -1;
	}
	if (test_report_drain(f->rt, e) == -1)
		return -1;
	if (f->opts->junit != NULL)
		return test_report_junit(f->rt, f->opts->junit,
		    f->suites.len > 0 ? buf_head(&f->suites) : "", f->suites.len, e);
	return 0;
}

int
run_files(struct command_context *rt, const struct run_opts *o, int n, char *const *files,
    struct error *e)
{
	struct files f = { .rt = rt, .opts = o, .n = (size_t)n };
	int status;

	if (o->report.events != NULL)
		return error_set(e, ERROR_USAGE, "--events: not with several files");
	buf_init(&f.suites, OUTPUT_MAX);
	status = init_jobs(&f, files, e);
	if (status == 0)
		status = run_all(&f, e);
	for (size_t i = 0; i < f.n && status == 0; i++)
		status = wait_status_code(f.jobs[i].status);
	fini_jobs(&f);
	return status;
}
