#include "cli/replay/comparison.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "cli/options/opt.h"
#include "script/regex/script_regex.h"

static const struct regex_flags no_flags;

/* ---- patterns ---- */

int
comparison_open(struct comparison *c, enum comparison_match match, const struct opt_list *ignored,
    struct error *e)
{
	struct regex_why why;

	*c = (struct comparison){ .match = match };
	if (ignored->n == 0)
		return 0;
	c->ignored = calloc(ignored->n, sizeof(void *));
	if (c->ignored == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < ignored->n; i++) {
		c->ignored[i] = script_regex.compile(ignored->items[i], strlen(ignored->items[i]),
		    &no_flags, &why);
		if (c->ignored[i] == NULL)
			return error_set(e, ERROR_USAGE, "--ignore: '%.200s': %s",
			    ignored->items[i], why.text);
		c->n_ignored++;
	}
	return 0;
}

void
comparison_close(struct comparison *c)
{
	for (size_t i = 0; i < c->n_ignored; i++)
		script_regex.release(c->ignored[i]);
	free(c->ignored);
	*c = (struct comparison){ 0 };
}

bool
comparison_is_plain(const struct comparison *c)
{
	return c->match == COMPARISON_EXACT && c->n_ignored == 0;
}

/* ---- what may differ ---- */

/* Finds the next match that is not empty, as some of [0-9]* are. */
static bool
find_bytes(void *pattern, const char *text, size_t n, size_t from, struct regex_span *ret_span)
{
	struct regex_why why;

	while (from < n &&
	    script_regex.match(pattern, text, n, from, false, false, ret_span, 1, &why) ==
		REGEX_MATCH) {
		if (ret_span->end > ret_span->start)
			return true;
		from = (size_t)ret_span->end + 1;
	}
	return false;
}

/* Finds the next part of the text that may differ. Returns false if there is none. */
static bool
find_ignored(const struct comparison *c, const char *text, size_t n, size_t from,
    struct regex_span *ret_span)
{
	struct regex_span span;
	bool found = false;

	for (size_t i = 0; i < c->n_ignored; i++) {
		if (!find_bytes(c->ignored[i], text, n, from, &span) ||
		    (found && span.start >= ret_span->start))
			continue;
		*ret_span = span;
		found = true;
	}
	return found;
}

/* Appends the text with a NUL in place of each part that may differ. */
static int
append_common(const struct comparison *c, const char *text, size_t n, struct buf *out,
    struct error *e)
{
	struct regex_span span;
	size_t at = 0;

	while (find_ignored(c, text, n, at, &span)) {
		if (buf_append(out, text + at, (size_t)span.start - at, e) < 0 ||
		    buf_append(out, "", 1, e) < 0)
			return -1;
		at = (size_t)span.end;
	}
	return buf_append(out, text + at, n - at, e);
}

/* Returns 1 where both texts are the same but for those parts; 0; -1. */
static int
compare_alike(const struct comparison *c, const char *a, size_t n_a, const char *b, size_t n_b,
    struct error *e)
{
	struct buf left, right;
	int rc = -1;

	if (n_a == n_b && (n_a == 0 || memcmp(a, b, n_a) == 0))
		return 1;
	buf_init(&left, SIZE_MAX / 2);
	buf_init(&right, SIZE_MAX / 2);
	if (append_common(c, a, n_a, &left, e) == 0 && append_common(c, b, n_b, &right, e) == 0)
		rc = left.len == right.len &&
		    (left.len == 0 || memcmp(buf_head(&left), buf_head(&right), left.len) == 0);
	buf_fini(&left);
	buf_fini(&right);
	return rc;
}

static size_t
same_length(const char *a, size_t n_a, const char *b, size_t n_b)
{
	size_t n = n_a < n_b ? n_a : n_b, i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

static enum comparison_result
differ_at(struct comparison_place *place, size_t expected, size_t got)
{
	place->expected = expected;
	place->got = got;
	return COMPARISON_DIFFERENT;
}

/* ---- lines ---- */

/* Returns the length of the first line with its LF, or 0 if it has none. */
static size_t
first_line_length(const char *text, size_t n)
{
	const char *lf = n > 0 ? memchr(text, '\n', n) : NULL;

	return lf != NULL ? (size_t)(lf - text) + 1 : 0;
}

/* Compares the first line of both, or what is left. *ret_alike tells whether they agree. Returns the
 * length of what was got; 0 where more of it has to come; -1. */
static int
compare_line(const struct comparison *c, const struct comparison_pair *pair, size_t n_expected,
    bool *ret_alike, size_t *ret_n, struct error *e)
{
	const bool last = n_expected == pair->n_expected;
	const size_t same = same_length(pair->expected, n_expected, pair->got, pair->n_got);
	size_t n = first_line_length(pair->got, pair->n_got);
	int rc;

	if (n == 0 || (last && pair->whole))
		n = pair->n_got;
	/* the rest may belong to what comes next */
	if (last && same == n_expected && !pair->whole)
		n = same;
	rc = compare_alike(c, pair->expected, n_expected, pair->got, n, e);
	*ret_alike = rc > 0;
	*ret_n = n;
	return rc < 0 ? -1 : 0;
}

/* Finds where two lines of these lengths differ, beside what may differ. */
static void
place_difference(const struct comparison *c, const struct comparison_pair *pair, size_t n_expected,
    size_t n_got, struct comparison_place *place)
{
	size_t expected = 0, got = 0, same;
	struct regex_span a, b;
	bool more;

	do {
		more = find_ignored(c, pair->expected, n_expected, expected, &a);
		a.start = more ? a.start : (long)n_expected;
		more = find_ignored(c, pair->got, n_got, got, &b) && more;
		b.start = more ? b.start : (long)n_got;
		same = same_length(pair->expected + expected, (size_t)a.start - expected,
		    pair->got + got, (size_t)b.start - got);
		place->expected = expected + same;
		place->got = got + same;
		more = more && place->expected == (size_t)a.start && place->got == (size_t)b.start;
		expected = more ? (size_t)a.end : expected;
		got = more ? (size_t)b.end : got;
	} while (more);
}

static int
compare_lines(const struct comparison *c, const struct comparison_pair *all,
    enum comparison_result *ret_result, struct comparison_place *place, struct error *e)
{
	struct comparison_pair left = *all;
	size_t n, n_line;
	bool alike;

	while (left.n_expected > 0) {
		n = first_line_length(left.expected, left.n_expected);
		n = n > 0 ? n : left.n_expected;
		if (compare_line(c, &left, n, &alike, &n_line, e) < 0)
			return -1;
		if (!alike) {
			const bool open = first_line_length(left.got, n_line) == 0 && !left.whole;

			place_difference(c, &left, n, n_line, place);
			*ret_result = open
			    ? COMPARISON_MORE
			    : differ_at(place,
				  (size_t)(left.expected - all->expected) + place->expected,
				  (size_t)(left.got - all->got) + place->got);
			return 0;
		}
		left.expected += n;
		left.n_expected -= n;
		left.got += n_line;
		left.n_got -= n_line;
	}
	place->used = all->n_got - left.n_got;
	*ret_result = left.whole && left.n_got > 0 ? differ_at(place, all->n_expected, place->used)
						   : COMPARISON_SAME;
	return 0;
}

/* ---- other ways ---- */

static enum comparison_result
compare_bytes(const struct comparison *c, const struct comparison_pair *pair,
    struct comparison_place *place)
{
	size_t same = same_length(pair->expected, pair->n_expected, pair->got, pair->n_got);
	bool prefix = c->match == COMPARISON_PREFIX;

	if (same == pair->n_expected && (prefix || !pair->whole || same == pair->n_got)) {
		place->used = prefix ? pair->n_got : same;
		return COMPARISON_SAME;
	}
	if (same == pair->n_got && !pair->whole)
		return COMPARISON_MORE;
	return differ_at(place, same, same);
}

/* Compiles what was recorded as a pattern that matches at the beginning. */
static void *
compile_expected(const struct comparison_pair *pair, struct error *e)
{
	struct regex_why why;
	struct buf text;
	void *pattern = NULL;

	buf_init(&text, SIZE_MAX / 2);
	if (buf_append(&text, "\\A(?:", 5, e) == 0 &&
	    buf_append(&text, pair->expected, pair->n_expected, e) == 0 &&
	    buf_append(&text, ")", 1, e) == 0) {
		pattern = script_regex.compile(buf_head(&text), text.len, &no_flags, &why);
		if (pattern == NULL)
			error_set(e, ERROR_USAGE,
			    "--match regex: the recorded data is no pattern: %s", why.text);
	}
	buf_fini(&text);
	/* cppcheck-suppress returnDanglingLifetime ; a pattern keeps nothing of its reason */
	return pattern;
}

static int
compare_pattern(const struct comparison_pair *pair, enum comparison_result *ret_result,
    struct comparison_place *place, struct error *e)
{
	void *pattern = compile_expected(pair, e);
	struct regex_span span = { 0 };
	struct regex_why why;
	enum regex_found found;

	if (pattern == NULL)
		return -1;
	found = script_regex.match(pattern, pair->n_got > 0 ? pair->got : "", pair->n_got, 0, false,
	    !pair->whole, &span, 1, &why);
	script_regex.release(pattern);
	if (found == REGEX_FAILED)
		return error_set(e, ERROR_INTERNAL, "--match regex: %s", why.text);
	place->used = found == REGEX_MATCH ? (size_t)span.end : 0;
	*ret_result = found == REGEX_MATCH ? COMPARISON_SAME
	    : found == REGEX_PARTIAL       ? COMPARISON_MORE
					   : differ_at(place, 0, 0);
	return 0;
}

int
comparison_run(const struct comparison *c, const struct comparison_pair *pair,
    enum comparison_result *ret_result, struct comparison_place *ret_place, struct error *e)
{
	*ret_place = (struct comparison_place){ 0 };
	if (c->match == COMPARISON_REGEX)
		return compare_pattern(pair, ret_result, ret_place, e);
	if (c->match == COMPARISON_EXACT && c->n_ignored > 0)
		return compare_lines(c, pair, ret_result, ret_place, e);
	*ret_result = compare_bytes(c, pair, ret_place);
	return 0;
}
