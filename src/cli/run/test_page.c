#include "cli/run/test_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/codec/utf8.h"
#include "base/codec/xml_text.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/record.h"
#include "cli/dialogue/diagram.h"
#include "cli/dialogue/page.h"
#include "cli/output/table/units.h"
#include "relay/capture/dialogue.h"
#include "relay/capture/recorder.h"
#include "tcl/value/value.h"

enum { PAGE_MAX = 1 << 30, VALUE_SHOWN = 16 << 10 };

/* Around the sections of a page; text of tests cannot have them, as it is escaped. */
static const char section_begin[] = "<section class=\"file\"", section_end[] = "</section>\n";

static const char page_rules[] =
    ".bar{display:flex;height:.6rem;border-radius:.3rem;overflow:hidden;background:var(--box);"
    "margin:.6rem 0;print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
    ".bar i{display:block}.bar .p{background:var(--res)}.bar .f{background:var(--bad)}"
    ".bar .s{background:var(--lane)}\n"
    ".tests{width:100%;margin:.4rem 0}.tests td{border-top:1px solid var(--lane);"
    "overflow-wrap:anywhere}.tests td:first-child,.tests .n{white-space:nowrap;width:1%}"
    ".tests .n{padding-right:0}\n"
    "article{border:1px solid var(--lane);border-left:4px solid var(--bad);border-radius:6px;"
    "padding:.2rem .9rem .8rem;margin:1rem 0}article:target{outline:2px solid "
    "var(--req)}article.todo{border-left-color:var(--lane)}\n"
    "h3{font-size:1rem;margin:.6rem 0 .2rem;overflow-wrap:anywhere}h2{overflow-wrap:anywhere}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem .9rem;margin:.5rem 0}"
    "dt{color:var(--dim)}dd{margin:0;min-width:0;overflow-wrap:anywhere}dd pre{margin:0}\n"
    "article .row{font-size:12px}\n"
    "@media(max-width:40rem){body.usock{padding:.6rem}dl{grid-template-columns:1fr;gap:0}"
    "dd{margin-bottom:.4rem}article{padding:.1rem .6rem .6rem}}\n"
    "@media print{article{border-color:#999}h2,h3{break-after:avoid}.bar{height:.4rem}}\n";

/* ---- life ---- */

void
test_page_init(struct test_page *p, const char *file)
{
	*p = (struct test_page){ .file = file };
	test_dialogue_init(&p->dialogue);
	buf_init(&p->list, PAGE_MAX);
	buf_init(&p->details, PAGE_MAX);
}

void
test_page_fini(struct test_page *p)
{
	test_dialogue_fini(&p->dialogue);
	buf_fini(&p->list);
	buf_fini(&p->details);
}

/* ---- text ---- */

static void
put_marked(struct buf *out, const char *before, const char *text, const char *after)
{
	buf_append(out, before, strlen(before), NULL);
	xml_text_append(out, text, strlen(text));
	buf_append(out, after, strlen(after), NULL);
}

/* Names for links have to differ in a page that has several files: FNV-1a of the file. */
static unsigned
number_of_file(const char *file)
{
	unsigned hash = 2166136261U;

	for (; *file != '\0'; file++)
		hash = (hash ^ (unsigned char)*file) * 16777619U;
	return hash;
}

/* Shows the ends of lines, too: tests fail for them. What is dim is no text. */
static void
put_visible(struct buf *out, const char *bytes, size_t n)
{
	static const char special[] = "\r\n\t", shown[] = "rnt";
	const char *found;

	for (size_t i = 0; i < n; i++) {
		found = memchr(special, bytes[i], sizeof(special) - 1);
		if (found == NULL)
			xml_text_append(out, bytes + i, 1);
		else
			buf_printf(out, NULL, "<span class=\"dim\">\\%c</span>%s",
			    shown[found - special], bytes[i] == '\n' ? "\n" : "");
	}
}

/* As text, or as a hexdump. */
static void
put_value(struct buf *out, const char *name, struct value *v)
{
	struct conversation_message m = { .kind = DIALOGUE_DATA };
	size_t n;

	if (v == NULL)
		return;
	m.data = (char *)value_bytes(v, &n);
	m.bytes = n;
	m.n = n < VALUE_SHOWN ? n : VALUE_SHOWN;
	buf_printf(out, NULL, "<dt>%s</dt><dd>", name);
	if (n == 0)
		buf_printf(out, NULL, "<span class=\"dim\">nothing</span>");
	else if (n == m.n && conversation_is_text(m.data, n)) {
		buf_printf(out, NULL, "<pre>");
		put_visible(out, m.data, n);
		buf_printf(out, NULL, "</pre>");
	} else {
		buf_printf(out, NULL, "<pre class=\"hex\">");
		diagram_payload(&m, out, NULL);
		buf_printf(out, NULL, "</pre>");
	}
	buf_printf(out, NULL, "</dd>\n");
}

/* ---- one test ---- */

static const char *
outcome_cell(const struct test_result *t)
{
	if (t->outcome == TEST_SKIPPED)
		return "<td class=\"dim\">\xe2\x80\x93 skipped</td>";
	if (t->outcome == TEST_PASSED)
		return "<td class=\"good\">\xe2\x9c\x93 passed</td>";
	return t->todo ? "<td class=\"dim\">\xe2\x80\x93 todo</td>"
		       : "<td class=\"bad\">\xe2\x9c\x97 failed</td>";
}

static void
put_test_row(struct test_page *p, const struct test_result *t)
{
	struct buf *out = &p->list;
	char span[UNITS_TEXT_MAX];

	buf_printf(out, NULL, "<tr>%s<td>", outcome_cell(t));
	if (t->outcome == TEST_FAILED)
		buf_printf(out, NULL, "<a href=\"#f%x-%" PRIu64 "\">", number_of_file(p->file),
		    p->counts.tests);
	xml_text_append(out, t->name, strlen(t->name));
	buf_printf(out, NULL, "%s", t->outcome == TEST_FAILED ? "</a>" : "");
	if (t->reason[0] != '\0')
		put_marked(out, " <span class=\"dim\">", t->reason, "</span>");
	buf_printf(out, NULL, "</td><td class=\"n\">%s</td></tr>\n", units_time(t->nsec, span));
}

static void
put_facts(struct buf *out, const struct test_result *t)
{
	char span[UNITS_TEXT_MAX];

	buf_printf(out, NULL, "<dl>");
	put_value(out, "expected", t->expected);
	put_value(out, "received", t->received);
	if (t->place[0] != '\0')
		put_marked(out, "<dt>at</dt><dd><code>", t->place, "</code></dd>\n");
	if (t->end != NULL)
		put_marked(out, "<dt>end</dt><dd>", t->end, "</dd>\n");
	if (t->left[0] != '\0')
		put_marked(out, "<dt>left open</dt><dd>", t->left, "</dd>\n");
	buf_printf(out, NULL, "<dt>time</dt><dd>%s</dd></dl>\n", units_time(t->nsec, span));
}

static void
put_dialogue(struct test_page *p, struct buf *out)
{
	char anchor[48];

	if (p->dialogue.conversation.n_messages == 0) {
		buf_printf(out, NULL, "<p class=\"dim\">No socket has sent or received.</p>\n");
		return;
	}
	if (p->dialogue.left_out > 0)
		buf_printf(out, NULL, "<p class=\"dim\">The first %lu messages are left out.</p>\n",
		    p->dialogue.left_out);
	snprintf(anchor, sizeof(anchor), "f%x-%" PRIu64 "m", number_of_file(p->file),
	    p->counts.tests);
	page_conversation(&p->dialogue.conversation, anchor, false, out, NULL);
}

/* In one line: what it quotes may have several. */
static void
put_failure_line(struct buf *out, const struct test_result *t)
{
	const char *text;
	struct buf line;

	buf_init(&line, PAGE_MAX);
	record_escape(&line, t->message, strlen(t->message), NULL);
	text = buf_text(&line, NULL);
	put_marked(out, t->todo ? "<p class=\"dim\">" : "<p class=\"bad\">",
	    text != NULL ? text : "", "</p>\n");
	buf_fini(&line);
}

static void
put_failed_test(struct test_page *p, const struct test_result *t)
{
	struct buf *out = &p->details;

	buf_printf(out, NULL, "<article%s id=\"f%x-%" PRIu64 "\">",
	    t->todo ? " class=\"todo\"" : "", number_of_file(p->file), p->counts.tests);
	put_marked(out, "<h3>", t->name, "</h3>\n");
	put_failure_line(out, t);
	put_facts(out, t);
	put_dialogue(p, out);
	buf_printf(out, NULL, "</article>\n");
}

void
test_page_add(struct test_page *p, const struct test_result *t)
{
	const bool failed = t->outcome == TEST_FAILED;

	p->counts.tests++;
	p->counts.failed += failed && !t->todo;
	p->counts.skipped += t->outcome == TEST_SKIPPED || (failed && t->todo);
	p->counts.nsec += t->nsec;
	put_test_row(p, t);
	if (failed)
		put_failed_test(p, t);
	test_dialogue_forget(&p->dialogue);
}

/* ---- a section ---- */

int
test_page_section(const struct test_page *p, struct buf *out, struct error *e)
{
	const struct test_counts *c = &p->counts;

	buf_printf(out, NULL,
	    "%s data-tests=\"%" PRIu64 "\" data-failed=\"%" PRIu64 "\" data-skipped=\"%" PRIu64
	    "\" data-nsec=\"%" PRId64 "\">\n",
	    section_begin, c->tests, c->failed, c->skipped, c->nsec);
	put_marked(out, "<h2>", p->file, "</h2>\n<table class=\"tests\">\n");
	if (p->list.len > 0)
		buf_append(out, buf_head(&p->list), p->list.len, NULL);
	buf_printf(out, NULL, "</table>\n");
	if (p->details.len > 0)
		buf_append(out, buf_head(&p->details), p->details.len, NULL);
	return buf_append(out, section_end, sizeof(section_end) - 1, e);
}

int
test_page_missing(const char *file, int status, struct buf *out, struct error *e)
{
	struct test_page p;
	struct test_result t = { .name = file,
		.script = true,
		.outcome = TEST_FAILED,
		.reason = "",
		.place = "",
		.left = "" };
	char message[80];
	int rc;

	snprintf(message, sizeof(message), "ended with status %d, and has left no results", status);
	t.message = message;
	test_page_init(&p, file);
	test_page_add(&p, &t);
	rc = test_page_section(&p, out, e);
	test_page_fini(&p);
	return rc;
}

/* Returns where the next section begins, and its length; NULL: there is none. */
static const char *
find_section(const char *page, size_t n, size_t *ret_n)
{
	const char *begin = memmem(page, n, section_begin, sizeof(section_begin) - 1), *end;

	if (begin == NULL)
		return NULL;
	n -= (size_t)(begin - page);
	end = memmem(begin, n, section_end, sizeof(section_end) - 1);
	*ret_n = end != NULL ? (size_t)(end - begin) + sizeof(section_end) - 1 : n;
	return begin;
}

int
test_page_extract(const char *page, size_t n, struct buf *sections, struct error *e)
{
	const char *at = page, *end = page + n;
	size_t length;

	while ((at = find_section(at, (size_t)(end - at), &length)) != NULL) {
		if (buf_append(sections, at, length, e) == -1)
			return -1;
		at += length;
	}
	return 0;
}

/* ---- a page ---- */

/* The value of an attribute of a section, which has it. */
static int64_t
attribute_of(const char *section, size_t n, const char *name)
{
	const char *at = memmem(section, n, name, strlen(name));
	int64_t value = 0;

	for (at = at != NULL ? at + strlen(name) : ""; parse_is_digit(*at); at++)
		value = value * 10 + (*at - '0');
	return value;
}

static struct test_counts
counts_of_section(const char *section, size_t n)
{
	return (struct test_counts){
		.tests = (uint64_t)attribute_of(section, n, "data-tests=\""),
		.failed = (uint64_t)attribute_of(section, n, "data-failed=\""),
		.skipped = (uint64_t)attribute_of(section, n, "data-skipped=\""),
		.nsec = attribute_of(section, n, "data-nsec=\""),
	};
}

/* Returns how many sections there are, with their sums. */
static size_t
sum_sections(const struct buf *sections, struct test_counts *sum)
{
	const char *at = buf_head(sections), *end = at + sections->len;
	struct test_counts one;
	size_t n = 0, length;

	for (; (at = find_section(at, (size_t)(end - at), &length)) != NULL; n++) {
		one = counts_of_section(at, length);
		sum->tests += one.tests;
		sum->failed += one.failed;
		sum->skipped += one.skipped;
		sum->nsec += one.nsec;
		at += length;
	}
	return n;
}

static void
put_summary(const struct test_counts *c, size_t n_files, struct buf *out)
{
	const uint64_t passed = c->tests - c->failed - c->skipped;
	char span[UNITS_TEXT_MAX], when[DIALOGUE_TIME_SIZE];

	buf_printf(out, NULL,
	    "<div class=\"bar\" aria-hidden=\"true\"><i class=\"p\" style=\"flex:%" PRIu64
	    "\"></i><i class=\"f\" style=\"flex:%" PRIu64
	    "\"></i><i class=\"s\" style=\"flex:%" PRIu64 "\"></i></div>\n",
	    passed, c->failed, c->skipped);
	buf_printf(out, NULL,
	    "<p><span class=\"good\">%" PRIu64 " passed</span>, <span class=\"%s\">%" PRIu64
	    " failed</span>, %" PRIu64 " skipped; %zu file%s, %s</p>\n",
	    passed, c->failed > 0 ? "bad" : "dim", c->failed, c->skipped, n_files,
	    n_files == 1 ? "" : "s", units_time(c->nsec, span));
	dialogue_format_time(recorder_wall_clock(), when);
	buf_printf(out, NULL, "<p class=\"dim\">usock run, %.19s UTC</p>\n", when);
}

int
test_page_whole(const struct buf *sections, struct buf *out, struct error *e)
{
	struct test_counts sum = { 0 };
	size_t n = sections->len > 0 ? sum_sections(sections, &sum) : 0;
	char title[80];

	if (sum.failed > 0)
		snprintf(title, sizeof(title), "%" PRIu64 " of %" PRIu64 " tests failed",
		    sum.failed, sum.tests);
	else
		snprintf(title, sizeof(title), "%" PRIu64 " tests, none failed", sum.tests);
	if (page_begin(title, page_rules, out, e) == -1)
		return -1;
	put_summary(&sum, n, out);
	if (n > 0)
		buf_append(out, buf_head(sections), sections->len, NULL);
	return page_end(out, e);
}
