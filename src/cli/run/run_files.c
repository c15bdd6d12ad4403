#include <errno.h>
#include <fcntl.h>
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
#include "base/file.h"
#include "base/parse.h"
#include "base/wait_status.h"
#include "cli/run/run.h"
#include "cli/run/test_page.h"
#include "cli/run/test_report.h"
#include "stream/process.h"
#include "stream/stream.h"

enum { CHUNK = 64 << 10, OPTIONS_MAX = 24, OUTPUT_MAX = 1 << 30 };

/* More than a pipe holds. */
enum { PIPE_PIECES = 32 };

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
	char *html;         /* path of its own page; NULL: no --report */
	bool ended;         /* the process has ended */
	int status;
};

struct files {
	struct command_context *rt;
	const struct run_opts *opts;
	struct job *jobs;
	const struct run_list *list;
	size_t n, started, running, reported;
	unsigned long results; /* of TAP, in all files */
	bool over;
	bool failed; /* could not run; error has the reason */
	struct error error;
	struct buf suites, sections; /* of XML, of the page */
};

static void start_more(struct files *f);

/* ---- the result of a file ---- */

/* What is known of the TAP of a file, line by line. */
struct tap_lines {
	const struct job *job;
	struct buf out;
	bool color;
	unsigned long failed; /* tests that count */
};

/* Prints the line as part of a subtest: indented. */
static void
add_nested_line(struct tap_lines *t, const char *line, size_t n)
{
	buf_append(&t->out, "    ", 4, NULL);
	test_report_tap_line(&t->out, t->color, line, n, NULL);
	buf_append(&t->out, "\n", 1, NULL);
}

/* Returns the length of "ok 7 - " or "not ok 7 - "; 0: the line is no result. */
static size_t
result_length(const char *line, size_t n)
{
	size_t at = n > 4 && strncmp(line, "not ", 4) == 0 ? 4 : 0, digits = 0;

	if (n < at + 3 || strncmp(line + at, "ok ", 3) != 0)
		return 0;
	at += 3;
	while (at + digits < n && parse_is_digit(line[at + digits]))
		digits++;
	at += digits;
	return digits > 0 && n >= at + 3 && strncmp(line + at, " - ", 3) == 0 ? at + 3 : 0;
}

/* TAP 13 has one list of results: counts them through all files, and names the file. */
static void
add_flat_line(struct tap_lines *t, const char *line, size_t n)
{
	struct files *f = t->job->all;
	size_t head = result_length(line, n);
	bool failed = head > 0 && line[0] == 'n';
	struct buf whole;

	/* the plan of the file */
	if (n > 3 && strncmp(line, "1..", 3) == 0)
		return;
	buf_init(&whole, OUTPUT_MAX);
	if (head > 0) {
		buf_printf(&whole, NULL, "%s %lu - ", failed ? "not ok" : "ok", ++f->results);
		test_report_tap_text(&whole, t->job->file);
		buf_append(&whole, ": ", 2, NULL);
	}
	buf_append(&whole, line + head, n - head, NULL);
	if (whole.len > 0)
		test_report_tap_line(&t->out, t->color, buf_head(&whole), whole.len, NULL);
	buf_append(&t->out, "\n", 1, NULL);
	if (failed && memmem(line, n, " # TODO", 7) == NULL)
		t->failed++;
	buf_fini(&whole);
}

static void
add_result(struct tap_lines *t, unsigned long number, bool ok)
{
	struct buf line;

	buf_init(&line, OUTPUT_MAX);
	buf_printf(&line, NULL, "%s %lu - ", ok ? "ok" : "not ok", number);
	test_report_tap_text(&line, t->job->file);
	if (line.len > 0)
		test_report_tap_line(&t->out, t->color, buf_head(&line), line.len, NULL);
	buf_append(&t->out, "\n", 1, NULL);
	buf_fini(&line);
}

/* A file that failed and has no failed test, as one that a signal ended, is a result of its own. */
static void
add_end_of_file(struct tap_lines *t, unsigned long number)
{
	struct files *f = t->job->all;
	int status = wait_status_code(t->job->status);

	if (test_report_tap_version(f->opts->tap) == TAP_NESTED) {
		add_result(t, number, status == 0);
	} else if (status != 0 && t->failed == 0) {
		add_result(t, ++f->results, false);
		buf_printf(&t->out, NULL, "  ---\n  message: \"ended with status %d\"\n  ...\n",
		    status);
	}
}

static int
print_tap(const struct job *j, unsigned long number, struct error *e)
{
	bool nested = test_report_tap_version(j->all->opts->tap) == TAP_NESTED;
	const char *line = j->text.len > 0 ? buf_head(&j->text) : "";
	const char *end = line + j->text.len;
	struct tap_lines t = { .job = j, .color = report_colors_results(&j->all->rt->report) };
	int rc;

	buf_init(&t.out, OUTPUT_MAX);
	if (nested) {
		buf_append(&t.out, "# Subtest: ", 11, NULL);
		test_report_tap_text(&t.out, j->file);
		buf_append(&t.out, "\n", 1, NULL);
	}
	for (; line < end; line = line < end ? line + 1 : end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t n;

		stop = stop != NULL ? stop : end;
		n = (size_t)(stop - line);
		if (strncmp(line, "TAP version", 11) != 0)
			(nested ? add_nested_line : add_flat_line)(&t, line, n);
		line = stop;
	}
	add_end_of_file(&t, number);
	rc = t.out.len > 0 ? test_report_print(j->all->rt, buf_head(&t.out), t.out.len, e) : 0;
	buf_fini(&t.out);
	return rc;
}

static int
print_output(struct job *j, unsigned long number, struct error *e)
{
	if (j->all->opts->tap != NULL)
		return print_tap(j, number, e);
	return j->text.len > 0 ? test_report_print(j->all->rt, buf_head(&j->text), j->text.len, e)
			       : 0;
}

static int
append_missing_suite(const struct job *j, struct buf *suites, struct error *e)
{
	const struct test_suite none = { .name = j->file, .errors = 1 };

	test_report_suite_begin(suites, &none);
	return test_report_suite_end(suites, NULL, e);
}

/* Suites are numbered from 0. */
static int
append_suite_line(const struct job *j, const char *line, struct buf *suites, struct error *e)
{
	static const char begin[] = "<testsuite id=\"0\"";
	size_t n = strlen(begin);

	if (strncmp(line, begin, n) != 0)
		return buf_printf(suites, e, "%s", line);
	return buf_printf(suites, e, "<testsuite id=\"%zu\"%s", (size_t)(j - j->all->jobs),
	    line + n);
}

/* Appends the lines of its XML that form the suite. */
static int
append_suite(struct job *j, struct buf *suites, struct error *e)
{
	FILE *part = fopen(j->part, "re");
	char *line = NULL;
	size_t size = 0, before = suites->len;
	int rc = 0;

	while (part != NULL && rc == 0 && getline(&line, &size, part) > 0)
		if (strncmp(line, "<?xml", 5) != 0 && strstr(line, "testsuites>") == NULL)
			rc = append_suite_line(j, line, suites, e);
	free(line);
	if (part != NULL)
		fclose(part);
	/* the process ended before it wrote the file */
	return rc == 0 && suites->len == before ? append_missing_suite(j, suites, e) : rc;
}

/* Appends the section of its page. */
static int
append_page_section(const struct job *j, struct buf *sections, struct error *e)
{
	const size_t before = sections->len;
	struct file_source source = { .path = j->html };
	struct buf page;
	int rc;

	buf_init(&page, OUTPUT_MAX);
	source.fd = file_open(j->html, O_RDONLY, 0, e);
	rc = source.fd != -1 ? file_read_all(&source, &page, e) : -1;
	if (rc == 0 && page.len > 0)
		rc = test_page_extract(buf_head(&page), page.len, sections, e);
	if (source.fd != -1)
		close(source.fd);
	buf_fini(&page);
	/* the process ended before it wrote the file */
	if (sections->len == before)
		rc = test_page_missing(j->file, wait_status_code(j->status), sections, e);
	return rc;
}

static int
append_results(struct job *j, struct files *f)
{
	if (j->part != NULL && append_suite(j, &f->suites, &f->error) == -1)
		return -1;
	return j->html != NULL ? append_page_section(j, &f->sections, &f->error) : 0;
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
		    append_results(j, f) == -1)
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
close_output(struct job *j)
{
	loop_unwatch(j->all->rt->loop, &j->watch);
	stream_close(j->out);
	j->out = NULL;
}

/* Reads a piece of the output. Returns false where there is none now; at the end j->out is NULL. */
static bool
read_output(struct job *j)
{
	char *end = buf_reserve(&j->text, CHUNK, &j->all->error);
	ssize_t got;

	if (end == NULL) {
		stop_all(j->all);
		return false;
	}
	got = stream_read(j->out, end, CHUNK, NULL);
	if (got > 0)
		buf_added(&j->text, (size_t)got);
	else if (got != STREAM_WANT_READ)
		close_output(j);
	return got > 0;
}

static void
on_output(struct watch *w, unsigned ready)
{
	struct job *j = w->arg;

	(void)ready;
	(void)read_output(j);
	check_job(j);
}

/* All that the process has written is in the pipe. A program that it has started may hold the pipe open for long, and
 * write to it. */
static void
end_output(struct job *j)
{
	for (int left = PIPE_PIECES; j->out != NULL && left > 0 && read_output(j);)
		left--;
	if (j->out == NULL)
		return;
	log_line(&j->all->rt->report.log, LOG_NOTE,
	    "%s: a program that it has started goes on: its output is not read any more", j->file);
	close_output(j);
}

static void
on_child(struct child_watch *c, int status)
{
	struct job *j = CONTAINER_OF(c, struct job, child);

	j->ended = true;
	j->status = status;
	end_output(j);
	check_job(j);
}

static const char *
format_timeout(const struct run_opts *o, char *text, size_t size)
{
	snprintf(text, size, "%lld.%09llds", (long long)(o->timeout / NSEC_PER_SEC),
	    (long long)(o->timeout % NSEC_PER_SEC));
	return text;
}

static const char *
color_option(const struct run_opts *o)
{
	/* the parent puts the colors into TAP */
	if (o->report.color == STYLE_ALWAYS && o->tap == NULL)
		return "--color=always";
	return o->report.color == STYLE_NEVER ? "--color=never" : NULL;
}

static size_t
add_option(const char **argv, size_t n, bool given, const char *option)
{
	if (given)
		argv[n++] = option;
	return n;
}

static size_t
add_value(const char **argv, size_t n, const char *option, const char *value)
{
	if (value != NULL) {
		argv[n++] = option;
		argv[n++] = value;
	}
	return n;
}

/* Builds the command line: usock run with the options that apply to one file, and its arguments. */
static void
build_args(const struct job *j, const char **argv, const char *timeout)
{
	const struct run_opts *o = j->all->opts;
	const struct run_list *list = j->all->list;
	const char *color = color_option(o);
	size_t n = 0;

	argv[n++] = "/proc/self/exe";
	argv[n++] = "run";
	n = add_option(argv, n, o->tap != NULL, "--tap");
	n = add_value(argv, n, "--junit", j->part);
	n = add_value(argv, n, "--report", j->html);
	n = add_value(argv, n, "--timeout", o->timeout != DURATION_NONE ? timeout : NULL);
	n = add_option(argv, n, o->allow.exec, "--allow-exec");
	n = add_option(argv, n, o->allow.files, "--allow-files");
	n = add_option(argv, n, o->allow.env, "--allow-env");
	n = add_option(argv, n, o->report.verbose > 0, o->report.verbose > 1 ? "-vv" : "-v");
	n = add_option(argv, n, o->report.quiet, "--quiet");
	n = add_option(argv, n, o->report.json, "--json");
	n = add_option(argv, n, color != NULL, color);
	for (size_t i = 0; i < o->set.n; i++)
		n = add_value(argv, n, "--set", o->set.items[i]);
	argv[n++] = "--";
	argv[n++] = j->file;
	n = add_option(argv, n, list->n_args > 0, "--");
	for (size_t i = 0; i < list->n_args; i++)
		argv[n++] = list->args[i];
	argv[n] = NULL;
}

static int
start_job(struct job *j, struct error *e)
{
	const struct run_opts *o = j->all->opts;
	const char **argv =
	    calloc(OPTIONS_MAX + 2 * o->set.n + j->all->list->n_args, sizeof(*argv));
	const struct process_how how = { .argv = argv };
	char timeout[48];
	int rc;

	if (argv == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	build_args(j, argv, format_timeout(o, timeout, sizeof(timeout)));
	rc = process_stream(&j->out, &how, &j->child.pid, e);
	free(argv);
	if (rc == -1)
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

/* Makes the file that a process writes instead of file (NULL: none), which may be a pipe. */
static int
make_part(char **ret_part, const char *file, struct error *e)
{
	const char *folder = getenv("TMPDIR");
	int fd;

	if (file == NULL)
		return 0;
	folder = folder != NULL && folder[0] != '\0' ? folder : "/tmp";
	if (asprintf(ret_part, "%s/usock-run.XXXXXX", folder) == -1) {
		*ret_part = NULL;
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	fd = mkostemp(*ret_part, O_CLOEXEC);
	if (fd != -1) {
		close(fd);
		return 0;
	}
	error_errno(e, ERROR_LOCAL_IO, errno, "create %s", *ret_part);
	free(*ret_part);
	*ret_part = NULL;
	return -1;
}

static void
remove_part(char *part)
{
	if (part != NULL)
		unlink(part);
	free(part);
}

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
		if (make_part(&j->part, f->opts->junit, e) == -1 ||
		    make_part(&j->html, f->opts->html, e) == -1)
			return -1;
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
		remove_part(j->part);
		remove_part(j->html);
	}
	free(f->jobs);
	buf_fini(&f->suites);
	buf_fini(&f->sections);
}

/* The plan of nested results is known before them, the one of a single list after them. */
static int
print_head(const struct files *f, struct error *e)
{
	int version = test_report_tap_version(f->opts->tap), n;
	char head[60];

	if (version == TAP_NESTED)
		n = snprintf(head, sizeof(head), "TAP version %d\n1..%zu\n", version, f->n);
	else
		n = snprintf(head, sizeof(head), "TAP version %d\n", version);
	return version != 0 ? test_report_print(f->rt, head, (size_t)n, e) : 0;
}

static int
print_plan(const struct files *f, struct error *e)
{
	int version = test_report_tap_version(f->opts->tap), n;
	char plan[40];

	if (version == 0 || version == TAP_NESTED)
		return 0;
	n = snprintf(plan, sizeof(plan), "1..%lu\n", f->results);
	return test_report_print(f->rt, plan, (size_t)n, e);
}

static int
run_all(struct files *f, struct error *e)
{
	if (print_head(f, e) == -1)
		return -1;
	start_more(f);
	if (loop_run(f->rt->loop, &f->over, deadline_never(), e) == -1)
		return -1;
	if (f->failed) {
		*e = f->error;
		return -1;
	}
	if (print_plan(f, e) == -1 || test_report_drain(f->rt, e) == -1)
		return -1;
	if (f->opts->junit != NULL &&
	    test_report_junit(f->rt, f->opts->junit, f->suites.len > 0 ? buf_head(&f->suites) : "",
		f->suites.len, e) == -1)
		return -1;
	if (f->opts->html != NULL)
		return test_report_page(f->rt, f->opts->html, &f->sections, e);
	return 0;
}

int
run_files(struct command_context *rt, const struct run_opts *o, const struct run_list *list,
    struct error *e)
{
	struct files f = { .rt = rt, .opts = o, .list = list, .n = list->n };
	int status;

	if (o->report.events != NULL)
		return error_set(e, ERROR_USAGE, "--events: not with several files");
	/* the limit of time is for each script; the results of all may take longer */
	rt->until = deadline_never();
	buf_init(&f.suites, OUTPUT_MAX);
	buf_init(&f.sections, OUTPUT_MAX);
	status = init_jobs(&f, list->files, e);
	if (status == 0)
		status = run_all(&f, e);
	for (size_t i = 0; i < f.n && status == 0; i++)
		status = wait_status_code(f.jobs[i].status);
	fini_jobs(&f);
	return status;
}
