#include "cli/run/test_report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/codec/xml_text.h"
#include "base/deadline.h"
#include "base/record.h"
#include "tcl/value/value.h"

enum { TEXT_MAX = 1 << 20, XML_MAX = 1 << 30, HOST_MAX = 256 };

/* The most that TAP shows of a text: a byte becomes at most six, and there are three texts. */
enum { SHOWN_MAX = 32 << 10, MESSAGE_MAX = 4096 };

static const char xml_head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
static const char xml_tail[] = "</testsuites>\n";

void
test_report_init(struct test_report *r)
{
	buf_init(&r->cases, XML_MAX);
	buf_init(&r->left, XML_MAX);
	test_page_init(&r->page, r->file);
}

void
test_report_fini(struct test_report *r)
{
	buf_fini(&r->cases);
	buf_fini(&r->left);
	test_page_fini(&r->page);
}

/* ---- writing ---- */

int
test_report_print(struct command_context *rt, const char *data, size_t n, struct error *e)
{
	struct output_queue *q;

	if (command_context_results(rt, &q, e) == -1)
		return -1;
	return output_queue_result(q, data, n, e);
}

/* The timer that ends a script's waits may notice its deadline first. */
static int
as_timeout(int rc, const char *name, struct error *e)
{
	if (rc == -1 && e->code == ERROR_SIGNAL && e->number == SIGALRM)
		return error_set(e, ERROR_TIMEOUT, "write %s: timed out (--timeout)", name);
	return rc;
}

int
test_report_drain(struct command_context *rt, struct error *e)
{
	struct output_queue *q;

	if (command_context_results(rt, &q, e) == -1)
		return -1;
	return as_timeout(output_queue_drain(q, rt->until, e), q->name, e);
}

/* A part of a file. */
struct piece {
	const char *data;
	size_t n;
};

static int
write_pieces(struct output_queue *q, const struct piece *pieces, size_t n, struct deadline until,
    struct error *e)
{
	for (size_t i = 0; i < n; i++)
		if (output_queue_result(q, pieces[i].data, pieces[i].n, e) == -1)
			return -1;
	return output_queue_drain(q, until, e);
}

static int
write_results(struct command_context *rt, const char *file, const struct piece *pieces, size_t n,
    struct error *e)
{
	const struct report_how how = { .loop = rt->loop, .until = rt->until };
	struct output_queue *list = NULL, *q;
	int fd, rc;

	if (report_open_file(file, O_TRUNC, &how, &fd, e) == -1)
		return as_timeout(-1, file, e);
	rc = output_queue_open(&list, rt->loop, fd, false, file, &q, e);
	if (rc == 0)
		rc = write_pieces(q, pieces, n, rt->until, e);
	rc = as_timeout(rc, file, e);
	output_queue_close_all(&list);
	if (close(fd) == -1 && rc == 0)
		rc = error_errno(e, ERROR_LOCAL_IO, errno, "write %s", file);
	return rc;
}

int
test_report_junit(struct command_context *rt, const char *file, const char *suites, size_t n,
    struct error *e)
{
	const struct piece pieces[] = { { xml_head, sizeof(xml_head) - 1 }, { suites, n },
		{ xml_tail, sizeof(xml_tail) - 1 } };

	return write_results(rt, file, pieces, ARRAY_LEN(pieces), e);
}

int
test_report_page(struct command_context *rt, const char *file, const struct buf *sections,
    struct error *e)
{
	struct piece piece;
	struct buf page;
	int rc;

	buf_init(&page, XML_MAX);
	rc = test_page_whole(sections, &page, e);
	piece = (struct piece){ buf_head(&page), page.len };
	if (rc == 0)
		rc = write_results(rt, file, &piece, 1, e);
	buf_fini(&page);
	return rc;
}

static void
append_stdout(struct test_report *r, const struct buf *text)
{
	if (r->failed || text->len == 0)
		return;
	if (test_report_print(r->rt, buf_head(text), text->len, &r->error) == -1 ||
	    test_report_drain(r->rt, &r->error) == -1)
		r->failed = true;
}

/* ---- TAP ---- */

int
test_report_tap_version(const char *text)
{
	if (text == NULL)
		return 0;
	return strcmp(text, "14") == 0 ? TAP_NESTED : TAP_DEFAULT;
}

void
test_report_tap_text(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '#' || *text == '\\')
			buf_append(out, "\\", 1, NULL);
		if (*text == '\n' || *text == '\r')
			buf_append(out, " ", 1, NULL);
		else
			buf_append(out, text, 1, NULL);
	}
}

static void
append_yaml_text(struct buf *out, const char *name, const char *text, size_t n)
{
	size_t shown = n < SHOWN_MAX ? n : SHOWN_MAX;

	buf_printf(out, NULL, "  %s: ", name);
	record_json_string(out, text, shown, NULL);
	buf_append(out, "\n", 1, NULL);
	if (shown < n)
		buf_printf(out, NULL, "  %s_bytes_not_shown: %zu\n", name, n - shown);
}

static void
append_yaml_value(struct buf *out, const char *name, struct value *v)
{
	const char *bytes;
	size_t n;

	if (v == NULL)
		return;
	bytes = value_bytes(v, &n);
	append_yaml_text(out, name, bytes, n);
}

static size_t
length_of_word(const char *line, size_t n, const char *word)
{
	size_t length = strlen(word);

	return n > length && strncmp(line, word, length) == 0 && line[length] == ' ' ? length : 0;
}

int
test_report_tap_line(struct buf *out, bool color, const char *line, size_t n, struct error *e)
{
	size_t ok = length_of_word(line, n, "ok"), not_ok = length_of_word(line, n, "not ok");
	enum style style = ok > 0 ? STYLE_GOOD : not_ok > 0 ? STYLE_BAD : STYLE_PLAIN;

	/* a comment says what is secondary */
	if (n > 0 && line[0] == '#')
		return style_append(out, color, STYLE_DIM, line, n, e);
	if (style_append(out, color, style, line, ok + not_ok, e) == -1)
		return -1;
	return buf_append(out, line + ok + not_ok, n - ok - not_ok, e);
}

static double
milliseconds(const struct test_result *t)
{
	return (double)t->nsec / (double)NSEC_PER_MSEC;
}

static void
append_tap_failure(struct buf *out, const struct test_result *t)
{
	buf_printf(out, NULL, "  ---\n");
	append_yaml_text(out, "message", t->message, strlen(t->message));
	buf_printf(out, NULL, "  severity: fail\n");
	append_yaml_value(out, "expected", t->expected);
	append_yaml_value(out, "received", t->received);
	if (t->place[0] != '\0')
		append_yaml_text(out, "at", t->place, strlen(t->place));
	if (t->end != NULL)
		append_yaml_text(out, "end", t->end, strlen(t->end));
	buf_printf(out, NULL, "  duration_ms: %.3f\n  ...\n", milliseconds(t));
}

static void
append_tap(struct test_report *r, const struct test_result *t)
{
	bool color = report_colors_results(&r->rt->report);
	const char *word = t->outcome == TEST_FAILED ? "not ok" : "ok";
	struct buf out;

	buf_init(&out, TEXT_MAX);
	if (r->n == 1)
		buf_printf(&out, NULL, "TAP version %d\n", r->tap);
	style_append(&out, color, t->outcome == TEST_FAILED ? STYLE_BAD : STYLE_GOOD, word,
	    strlen(word), NULL);
	buf_printf(&out, NULL, " %lu - ", r->n);
	test_report_tap_text(&out, t->name);
	if (t->outcome == TEST_SKIPPED || t->todo)
		buf_printf(&out, NULL, " # %s%s", t->outcome == TEST_SKIPPED ? "SKIP" : "TODO",
		    t->reason[0] != '\0' ? " " : "");
	test_report_tap_text(&out, t->reason);
	buf_append(&out, "\n", 1, NULL);
	if (t->outcome == TEST_FAILED)
		append_tap_failure(&out, t);
	if (t->left[0] != '\0')
		buf_printf(&out, NULL, "# left open, now closed: %s\n", t->left);
	append_stdout(r, &out);
	buf_fini(&out);
}

/* ---- JUnit ---- */

static void
append_xml_string(struct buf *out, const char *before, const char *text)
{
	buf_append(out, before, strlen(before), NULL);
	xml_text_append(out, text, strlen(text));
}

static void
append_xml_value(struct buf *out, const char *before, struct value *v)
{
	const char *bytes;
	size_t n;

	if (v == NULL)
		return;
	bytes = value_bytes(v, &n);
	buf_append(out, before, strlen(before), NULL);
	xml_text_append(out, bytes, n);
}

static void
append_xml_failure(struct buf *out, const struct test_result *t)
{
	append_xml_string(out, "    <failure type=\"expect\" message=\"", t->message);
	append_xml_string(out, "\">", t->place);
	append_xml_value(out, "\nexpected: ", t->expected);
	append_xml_value(out, "\nreceived: ", t->received);
	if (t->end != NULL)
		append_xml_string(out, "\nend: ", t->end);
	buf_printf(out, NULL, "</failure>\n");
}

static void
append_testcase(struct test_report *r, const struct test_result *t)
{
	struct buf *out = &r->cases;

	append_xml_string(out, "  <testcase classname=\"", r->file);
	append_xml_string(out, "\" name=\"", t->name);
	buf_printf(out, NULL, "\" time=\"%.6f\">\n", milliseconds(t) / 1000);
	if (t->outcome == TEST_SKIPPED || (t->outcome == TEST_FAILED && t->todo)) {
		append_xml_string(out, "    <skipped message=\"", t->reason);
		buf_printf(out, NULL, "\"/>\n");
	} else if (t->outcome == TEST_FAILED) {
		append_xml_failure(out, t);
	}
	if (t->left[0] != '\0') {
		append_xml_string(&r->left, "", t->name);
		append_xml_string(&r->left, ": left open, now closed: ", t->left);
		buf_printf(&r->left, NULL, "&#10;");
	}
	buf_printf(out, NULL, "  </testcase>\n");
}

/* The schema of Ant's JUnit task wants each of these attributes and elements. */
void
test_report_suite_begin(struct buf *out, const struct test_suite *suite)
{
	char host[HOST_MAX] = "localhost", when[32];
	time_t now = time(NULL);
	struct tm tm;

	if (gethostname(host, sizeof(host) - 1) == -1 || host[0] == '\0')
		snprintf(host, sizeof(host), "localhost");
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now, &tm));
	append_xml_string(out, "<testsuite id=\"0\" package=\"usock\" name=\"", suite->name);
	append_xml_string(out, "\" hostname=\"", host);
	buf_printf(out, NULL,
	    "\" timestamp=\"%s\" tests=\"%lu\" failures=\"%lu\" errors=\"%lu\" skipped=\"%lu\" "
	    "time=\"%.6f\">\n  <properties/>\n",
	    when, suite->tests, suite->failures, suite->errors, suite->skipped, suite->seconds);
}

int
test_report_suite_end(struct buf *out, const struct buf *left, struct error *e)
{
	buf_printf(out, NULL, "  <system-out/>\n  <system-err>");
	if (left != NULL && left->len > 0)
		buf_append(out, buf_head(left), left->len, NULL);
	return buf_printf(out, e, "</system-err>\n</testsuite>\n");
}

static int
write_suite(struct test_report *r, struct error *e)
{
	const struct test_suite counts = {
		.name = r->file,
		.tests = r->n,
		.failures = r->failures,
		.skipped = r->skipped,
		.seconds = r->seconds,
	};
	struct buf suite;
	int rc;

	buf_init(&suite, XML_MAX);
	test_report_suite_begin(&suite, &counts);
	if (r->cases.len > 0)
		buf_append(&suite, buf_head(&r->cases), r->cases.len, NULL);
	rc = test_report_suite_end(&suite, &r->left, e);
	if (rc == 0)
		rc = test_report_junit(r->rt, r->junit, buf_head(&suite), suite.len, e);
	buf_fini(&suite);
	return rc;
}

static int
write_page(const struct test_report *r, struct error *e)
{
	struct buf section;
	int rc;

	buf_init(&section, XML_MAX);
	rc = test_page_section(&r->page, &section, e);
	if (rc == 0)
		rc = test_report_page(r->rt, r->html, &section, e);
	buf_fini(&section);
	return rc;
}

/* ---- lines and events ---- */

static const char *
outcome_word(const struct test_result *t)
{
	static const char *const words[] = {
		[TEST_PASSED] = "passed",
		[TEST_FAILED] = "failed",
		[TEST_SKIPPED] = "skipped",
	};

	return words[t->outcome];
}

static void
log_failure(const struct test_report *r, const struct test_result *t)
{
	struct buf message;
	struct error e;

	/* the text of an error has no control characters: make those of the message visible */
	buf_init(&message, TEXT_MAX);
	record_escape(&message, t->message, strnlen(t->message, MESSAGE_MAX), NULL);
	error_set(&e, ERROR_EXPECT, "%s: test %s: %s", t->place[0] != '\0' ? t->place : r->file,
	    t->name, buf_text(&message, NULL));
	buf_fini(&message);
	e.hint[0] = '\0';
	report_error(&r->rt->report, &e);
}

/* What was left open may be because the test failed: that comes first. */
static void
log_result(const struct test_report *r, const struct test_result *t)
{
	const bool failed = t->outcome == TEST_FAILED;

	if (failed && !t->todo)
		log_failure(r, t);
	else
		log_line(&r->rt->report.log, LOG_VERBOSE, "%s: test %s: %s%s%s", r->file, t->name,
		    failed ? "todo" : outcome_word(t), t->reason[0] != '\0' ? ": " : "", t->reason);
	if (t->left[0] != '\0')
		report_note(&r->rt->report, "%s: test %s: left open, now closed: %s", r->file,
		    t->name, t->left);
}

static const char *
or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void
report_test_event(const struct test_report *r, const struct test_result *t)
{
	const struct field values[] = {
		EVENT_TEXT(r->file),
		EVENT_TEXT(t->name),
		EVENT_TEXT(outcome_word(t)),
		EVENT_BOOL(t->todo),
		EVENT_TEXT(or_null(t->reason)),
		EVENT_TEXT(t->message),
		EVENT_TEXT(or_null(t->place)),
		EVENT_TEXT(t->end),
		EVENT_TEXT(or_null(t->left)),
		EVENT_REAL(milliseconds(t) / 1000),
	};

	report_object(&r->rt->report, EVENT_TEST, values);
}

/* ---- results ---- */

/* True for what is no result for anybody: a script without tests is reported as a test only where a report was
 * asked for. */
static bool
is_plain_script(const struct test_report *r, const struct test_result *t)
{
	if (!t->script || r->tap || r->junit != NULL || r->html != NULL)
		return false;
	return t->outcome != TEST_FAILED || r->reported_elsewhere || t->silent;
}

void
test_report_done(void *arg, const struct test_result *t)
{
	struct test_report *r = arg;

	r->n++;
	r->named += !t->script;
	r->failures += t->outcome == TEST_FAILED && !t->todo;
	r->skipped += t->outcome == TEST_SKIPPED || (t->outcome == TEST_FAILED && t->todo);
	r->seconds += milliseconds(t) / 1000;
	if (r->tap)
		append_tap(r, t);
	if (r->junit != NULL)
		append_testcase(r, t);
	if (r->html != NULL)
		test_page_add(&r->page, t);
	if (is_plain_script(r, t))
		return;
	report_test_event(r, t);
	if (!r->tap && !r->reported_elsewhere && !t->silent)
		log_result(r, t);
}

/* Who looks on sees that all tests have run; a program has the exit status. */
static void
note_totals(const struct test_report *r)
{
	const char *plural = r->named == 1 ? "" : "s";

	if (r->tap || r->reported_elsewhere || r->named == 0 || !isatty(STDERR_FILENO))
		return;
	if (r->failures > 0)
		report_verdict(&r->rt->report, false, "%s: %lu of %lu test%s failed", r->file,
		    r->failures, r->named, plural);
	else if (r->skipped > 0)
		report_verdict(&r->rt->report, true, "%s: %lu test%s: none failed, %lu skipped",
		    r->file, r->named, plural, r->skipped);
	else
		report_verdict(&r->rt->report, true, "%s: %lu test%s passed", r->file, r->named,
		    plural);
}

int
test_report_finish(struct test_report *r, struct error *e)
{
	char plan[40];
	int n = snprintf(plan, sizeof(plan), "1..%lu\n", r->n);

	if (r->failed)
		*e = r->error;
	if (r->failed)
		return -1;
	note_totals(r);
	if (r->tap &&
	    (test_report_print(r->rt, plan, (size_t)n, e) == -1 ||
		test_report_drain(r->rt, e) == -1))
		return -1;
	if (r->junit != NULL && write_suite(r, e) == -1)
		return -1;
	return r->html != NULL ? write_page(r, e) : 0;
}
