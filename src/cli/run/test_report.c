#include "cli/run/test_report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/record.h"
#include "tcl/value/value.h"

enum { TEXT_MAX = 1 << 20, XML_MAX = 1 << 30 };

static const char xml_head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
static const char xml_tail[] = "</testsuites>\n";

void
test_report_init(struct test_report *r, struct command_context *rt, const char *file, bool tap,
    const char *junit)
{
	*r = (struct test_report){ .rt = rt, .file = file, .tap = tap, .junit = junit };
	buf_init(&r->cases, XML_MAX);
}

void
test_report_fini(struct test_report *r)
{
	buf_fini(&r->cases);
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

static int
write_xml(struct output_queue *q, const char *suites, size_t n, struct deadline until,
    struct error *e)
{
	if (output_queue_result(q, xml_head, strlen(xml_head), e) == -1 ||
	    output_queue_result(q, suites, n, e) == -1 ||
	    output_queue_result(q, xml_tail, strlen(xml_tail), e) == -1)
		return -1;
	return output_queue_drain(q, until, e);
}

int
test_report_junit(struct command_context *rt, const char *file, const char *suites, size_t n,
    struct error *e)
{
	const struct report_how how = { .loop = rt->loop, .until = rt->until };
	struct output_queue *list = NULL, *q;
	int fd, rc;

	if (report_open_file(file, 0, &how, &fd, e) == -1)
		return as_timeout(-1, file, e);
	rc = output_queue_open(&list, rt->loop, fd, false, file, &q, e);
	if (rc == 0)
		rc = write_xml(q, suites, n, rt->until, e);
	rc = as_timeout(rc, file, e);
	output_queue_close_all(&list);
	if (close(fd) == -1 && rc == 0)
		rc = error_errno(e, ERROR_LOCAL_IO, errno, "write %s", file);
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

/* ---- TAP 14 ---- */

/* Escapes a description: # and \ have a meaning, and a line feed would end it. */
static void
append_tap_text(struct buf *out, const char *text)
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
	buf_printf(out, NULL, "  %s: ", name);
	record_json_string(out, text, n, NULL);
	buf_append(out, "\n", 1, NULL);
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
	struct buf out;

	buf_init(&out, TEXT_MAX);
	if (r->n == 1)
		buf_printf(&out, NULL, "TAP version 14\n");
	buf_printf(&out, NULL, "%s %lu - ", t->outcome == TEST_FAILED ? "not ok" : "ok", r->n);
	append_tap_text(&out, t->name);
	if (t->outcome == TEST_SKIPPED || t->todo)
		buf_printf(&out, NULL, " # %s%s", t->outcome == TEST_SKIPPED ? "SKIP" : "TODO",
		    t->reason[0] != '\0' ? " " : "");
	append_tap_text(&out, t->reason);
	buf_append(&out, "\n", 1, NULL);
	if (t->outcome == TEST_FAILED)
		append_tap_failure(&out, t);
	if (t->left[0] != '\0')
		buf_printf(&out, NULL, "# left open, now closed: %s\n", t->left);
	append_stdout(r, &out);
	buf_fini(&out);
}

/* ---- JUnit ---- */

/* True for overlong forms, surrogates, code points above U+10FFFF, and U+FFFE and U+FFFF, which
 * XML excludes. */
static bool
is_bad_sequence(const unsigned char *text)
{
	switch (text[0]) {
	case 0xe0:
		return text[1] < 0xa0;
	case 0xed:
		return text[1] >= 0xa0;
	case 0xef:
		return text[1] == 0xbf && text[2] >= 0xbe;
	case 0xf0:
		return text[1] < 0x90;
	case 0xf4:
		return text[1] >= 0x90;
	default:
		return false;
	}
}

/* Returns the length of the UTF-8 sequence at text; 0: none. */
static size_t
utf8_length(const unsigned char *text, size_t n)
{
	size_t len = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;

	if (text[0] < 0xc2 || text[0] > 0xf4 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return is_bad_sequence(text) ? 0 : len;
}

/* Appends text for an attribute or an element; bytes that XML cannot hold become \xHH. */
static void
append_xml_text(struct buf *out, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + n;
	size_t len;

	for (; p < end; p += len) {
		len = *p >= 0x80 ? utf8_length(p, (size_t)(end - p)) : 1;
		if (len > 1)
			buf_append(out, p, len, NULL);
		else if (len == 0 || (*p < ' ' && *p != '\n' && *p != '\t') || *p == 0x7f)
			buf_printf(out, NULL, "\\x%02x", *p);
		else if (strchr("<>&\"\n\t", *p) != NULL)
			buf_printf(out, NULL, "&#%d;", *p);
		else
			buf_append(out, p, 1, NULL);
		len += len == 0;
	}
}

void
test_report_xml(struct buf *out, const char *text)
{
	append_xml_text(out, text, strlen(text));
}

static void
append_xml_string(struct buf *out, const char *before, const char *text)
{
	buf_append(out, before, strlen(before), NULL);
	test_report_xml(out, text);
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
	append_xml_text(out, bytes, n);
}

static void
append_xml_failure(struct buf *out, const struct test_result *t)
{
	append_xml_string(out, "    <failure message=\"", t->message);
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
		append_xml_string(out, "    <system-err>left open, now closed: ", t->left);
		buf_printf(out, NULL, "</system-err>\n");
	}
	buf_printf(out, NULL, "  </testcase>\n");
}

static int
write_suite(struct test_report *r, struct error *e)
{
	struct buf suite;
	int rc;

	buf_init(&suite, XML_MAX);
	append_xml_string(&suite, "<testsuite name=\"", r->file);
	buf_printf(&suite, NULL,
	    "\" tests=\"%lu\" failures=\"%lu\" errors=\"0\" skipped=\"%lu\" time=\"%.6f\">\n", r->n,
	    r->failures, r->skipped, r->seconds);
	if (r->cases.len > 0)
		buf_append(&suite, buf_head(&r->cases), r->cases.len, NULL);
	rc = buf_printf(&suite, e, "</testsuite>\n");
	if (rc == 0)
		rc = test_report_junit(r->rt, r->junit, buf_head(&suite), suite.len, e);
	buf_fini(&suite);
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
log_result(const struct test_report *r, const struct test_result *t)
{
	struct buf message;
	struct error e;

	if (t->left[0] != '\0')
		report_note(&r->rt->report, "%s: test %s: left open, now closed: %s", r->file,
		    t->name, t->left);
	if (t->outcome != TEST_FAILED || t->todo) {
		log_line(&r->rt->report.log, LOG_VERBOSE, "%s: test %s: %s%s%s", r->file, t->name,
		    t->todo && t->outcome == TEST_FAILED ? "todo" : outcome_word(t),
		    t->reason[0] != '\0' ? ": " : "", t->reason);
		return;
	}
	/* the text of an error has no control characters: make those of the message visible */
	buf_init(&message, TEXT_MAX);
	record_escape(&message, t->message, strlen(t->message), NULL);
	error_set(&e, ERROR_EXPECT, "%s: test %s: %s", t->place[0] != '\0' ? t->place : r->file,
	    t->name, buf_text(&message, NULL));
	buf_fini(&message);
	e.hint[0] = '\0';
	report_error(&r->rt->report, &e);
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

void
test_report_done(void *arg, const struct test_result *t)
{
	struct test_report *r = arg;

	r->n++;
	r->failures += t->outcome == TEST_FAILED && !t->todo;
	r->skipped += t->outcome == TEST_SKIPPED || (t->outcome == TEST_FAILED && t->todo);
	r->seconds += milliseconds(t) / 1000;
	if (r->tap)
		append_tap(r, t);
	if (r->junit != NULL)
		append_testcase(r, t);
	/* a script without tests is reported as a test only where a report was asked for */
	if (t->script && !r->tap && r->junit == NULL &&
	    (t->outcome != TEST_FAILED || r->reported_elsewhere))
		return;
	report_test_event(r, t);
	if (!r->tap && !r->reported_elsewhere)
		log_result(r, t);
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
	if (r->tap &&
	    (test_report_print(r->rt, plan, (size_t)n, e) == -1 ||
		test_report_drain(r->rt, e) == -1))
		return -1;
	return r->junit != NULL ? write_suite(r, e) : 0;
}
