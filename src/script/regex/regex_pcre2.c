/* Regular expressions by PCRE2, over bytes */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "script/regex/regex_pcre2.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define LIBRARY TEXT(PCRE2_MAJOR) "." TEXT(PCRE2_MINOR)

/* The limits of a match at one start offset: about a tenth of a second, and 64 MiB. */
enum { STEPS = 2000000, HEAP_KIB = 65536 };

/* The limit of a match at all offsets, in processor time: half a second plus a time for each byte. The clock
 * is read after a number of offsets, which grows while they are cheap. */
enum { BUDGET_MS = 500, BUDGET_NS_A_BYTE = 100, PLACES_MIN = 64, PLACES_MAX = 65536 };

struct compiled {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	uint32_t groups;
	bool folds; /* some part may ignore case */
};

static void
regex_release(void *p)
{
	struct compiled *c = p;

	if (c == NULL)
		return;
	pcre2_match_context_free(c->limits);
	pcre2_match_data_free(c->data);
	pcre2_code_free(c->code);
	free(c);
}

static uint32_t
options_of(const struct regex_flags *flags)
{
	uint32_t options = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C |
	    PCRE2_USE_OFFSET_LIMIT;

	if (flags->nocase)
		options |= PCRE2_CASELESS;
	if (flags->expanded)
		options |= PCRE2_EXTENDED;
	if (!flags->line)
		options |= PCRE2_DOTALL;
	if (flags->anchor)
		options |= PCRE2_MULTILINE;
	return options;
}

/* Errors for which Tcl has messages */
static const struct {
	int number;
	const char *code, *text;
} mistakes[] = {
	{ PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, "REG_EPAREN", "parentheses () not balanced" },
	{ PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS, "REG_EPAREN", "parentheses () not balanced" },
	{ PCRE2_ERROR_MISSING_SQUARE_BRACKET, "REG_EBRACK", "brackets [] not balanced" },
	{ PCRE2_ERROR_QUANTIFIER_INVALID, "REG_BADRPT", "quantifier operand invalid" },
	{ PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER, "REG_BADBR", "invalid repetition count(s)" },
	{ PCRE2_ERROR_QUANTIFIER_TOO_BIG, "REG_BADBR", "invalid repetition count(s)" },
	{ PCRE2_ERROR_CLASS_RANGE_ORDER, "REG_ERANGE", "invalid character range" },
	{ PCRE2_ERROR_UNKNOWN_POSIX_CLASS, "REG_ECTYPE", "invalid character class" },
	{ PCRE2_ERROR_END_BACKSLASH, "REG_EESCAPE", "invalid escape \\ sequence" },
	{ PCRE2_ERROR_ESCAPE_INVALID_IN_CLASS, "REG_EESCAPE", "invalid escape \\ sequence" },
	{ PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE, "REG_ESUBREG", "invalid backreference number" },
};

static void
set_why(int number, struct regex_why *why)
{
	why->code = NULL;
	why->text[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		if (mistakes[i].number == number) {
			why->code = mistakes[i].code;
			snprintf(why->text, sizeof(why->text), "%s", mistakes[i].text);
			return;
		}
	}
	pcre2_get_error_message(number, (PCRE2_UCHAR *)why->text, sizeof(why->text));
}

/* ---- from the syntax of Tcl to that of PCRE2 ---- */

struct rewrite {
	const char *at, *end;
	char *out; /* room for six bytes for each byte of the pattern */
	size_t n;
	bool line;
};

static void
append_rewritten(struct rewrite *r, const char *text)
{
	memcpy(r->out + r->n, text, strlen(text));
	r->n += strlen(text);
}

/* Rewrites an escape: \y \Y \m \M are word boundaries in Tcl. */
static void
rewrite_escape(struct rewrite *r)
{
	static const struct {
		char letter;
		const char *text;
	} escapes[] = { { 'y', "\\b" }, { 'Y', "\\B" }, { 'm', "\\b(?=\\w)" },
		{ 'M', "\\b(?<=\\w)" } };

	for (size_t i = 0; r->at + 1 < r->end && i < ARRAY_LEN(escapes); i++) {
		if (escapes[i].letter == r->at[1]) {
			append_rewritten(r, escapes[i].text);
			r->at += 2;
			return;
		}
	}
	r->out[r->n++] = *r->at++;
	if (r->at < r->end)
		r->out[r->n++] = *r->at++;
}

/* Returns the length of the next member of a set: [:alpha:], an escape, or a byte. */
static size_t
set_piece_length(const struct rewrite *r)
{
	const char *close = NULL;

	if (*r->at == '\\' && r->at + 1 < r->end)
		return 2;
	if (*r->at == '[' && r->at + 1 < r->end && strchr(".:=", r->at[1]) != NULL)
		close = memchr(r->at + 2, ']', (size_t)(r->end - r->at - 2));
	return close != NULL ? (size_t)(close + 1 - r->at) : 1;
}

static void
copy_input(struct rewrite *r, size_t n)
{
	memcpy(r->out + r->n, r->at, n);
	r->n += n;
	r->at += n;
}

/* Copies a set; with `line`, [^x] excludes newlines. */
static void
rewrite_set(struct rewrite *r)
{
	bool first = true;

	copy_input(r, 1);
	if (r->at < r->end && *r->at == '^') {
		copy_input(r, 1);
		if (r->line)
			append_rewritten(r, "\\n");
		/* a ] in first place is a member */
		if (r->line && r->at < r->end && *r->at == ']')
			append_rewritten(r, "\\");
	}
	for (; r->at < r->end && (*r->at != ']' || first); first = false)
		copy_input(r, set_piece_length(r));
}

static char *
rewrite(const char *pattern, size_t n, bool line, size_t *ret_n)
{
	struct rewrite r = { pattern, pattern + n, malloc(6 * n + 16), 0, line };

	while (r.out != NULL && r.at < r.end) {
		if (*r.at == '\\')
			rewrite_escape(&r);
		else if (*r.at == '[')
			rewrite_set(&r);
		else
			r.out[r.n++] = *r.at++;
	}
	*ret_n = r.n;
	return r.out;
}

/* (?: sets no flag */
static bool
has_flags(const char *pattern, size_t n)
{
	for (size_t i = 0; i + 2 < n; i++) {
		if (pattern[i] == '(' && pattern[i + 1] == '?' && pattern[i + 2] != ':')
			return true;
	}
	return false;
}

static void *
regex_compile(const char *pattern, size_t n, const struct regex_flags *flags, struct regex_why *why)
{
	struct compiled *c = calloc(1, sizeof(*c));
	PCRE2_SIZE at;
	char *text;
	int number;

	*why = (struct regex_why){ NULL, "out of memory" };
	if (c == NULL)
		return NULL;
	c->folds = flags->nocase || has_flags(pattern, n);
	text = rewrite(pattern, n, flags->line, &n);
	if (text == NULL) {
		free(c);
		return NULL;
	}
	c->code = pcre2_compile((PCRE2_SPTR)text, n, options_of(flags), &number, &at, NULL);
	free(text);
	if (c->code == NULL) {
		set_why(number, why);
		free(c);
		return NULL;
	}
	/* where PCRE2 has no just-in-time compiler, it interprets */
	pcre2_jit_compile(c->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_SOFT);
	pcre2_pattern_info(c->code, PCRE2_INFO_CAPTURECOUNT, &c->groups);
	c->data = pcre2_match_data_create_from_pattern(c->code, NULL);
	c->limits = pcre2_match_context_create(NULL);
	if (c->data == NULL || c->limits == NULL) {
		regex_release(c);
		return NULL;
	}
	pcre2_set_match_limit(c->limits, STEPS);
	/* what is nested is on the heap */
	pcre2_set_depth_limit(c->limits, STEPS);
	pcre2_set_heap_limit(c->limits, HEAP_KIB);
	return c;
}

static size_t
regex_groups(const void *p)
{
	const struct compiled *c = p;

	return c->groups;
}

static void
copy_spans(const struct compiled *c, int matched, struct regex_span *spans, size_t count)
{
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(c->data);

	for (size_t i = 0; i < count; i++) {
		bool set = i < (size_t)matched && ends[2 * i] != PCRE2_UNSET;

		spans[i].start = set ? (long)ends[2 * i] : -1;
		spans[i].end = set ? (long)ends[2 * i + 1] : -1;
	}
	/* \K in a lookahead can put the start after the end */
	if (count > 0 && spans[0].start > spans[0].end)
		spans[0].start = spans[0].end;
}

/* Returns the last literal, unless case could differ. */
static int
regex_need(const void *p)
{
	const struct compiled *c = p;
	uint32_t is_set = 0, byte = 0;

	pcre2_pattern_info(c->code, PCRE2_INFO_LASTCODETYPE, &is_set);
	pcre2_pattern_info(c->code, PCRE2_INFO_LASTCODEUNIT, &byte);
	return is_set == 1 && !(c->folds && (byte >= 128 || isalpha((int)byte))) ? (int)byte : -1;
}

static int64_t
processor_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A match at many start offsets, in bounded time */
struct search {
	const struct compiled *c;
	const char *subject;
	size_t n, at; /* at: the next start offset */
	size_t places;
	uint32_t options;
	pcre2_jit_stack *stack; /* NULL: 32 KiB, which PCRE2 has without asking */
	int64_t began, looked;
	bool has_partial;
	PCRE2_SIZE partial;
};

static int
match_here(const struct search *s)
{
	return pcre2_match(s->c->code, (PCRE2_SPTR)s->subject, s->n, s->at, s->options, s->c->data,
	    s->c->limits);
}

/* A group that is repeated, as (.|\n)*, takes stack for each repetition. Returns false where there is no
 * more of it. */
static bool
enlarge_stack(struct search *s)
{
	if (s->stack != NULL)
		return false;
	s->stack = pcre2_jit_stack_create(64 << 10, (size_t)HEAP_KIB << 10, NULL);
	if (s->stack != NULL)
		pcre2_jit_stack_assign(s->c->limits, NULL, s->stack);
	return s->stack != NULL;
}

static void
free_stack(struct search *s)
{
	if (s->stack == NULL)
		return;
	pcre2_jit_stack_assign(s->c->limits, NULL, NULL);
	pcre2_jit_stack_free(s->stack);
}

/* Tries the next offsets; returns what pcre2_match() returns. */
static int
search_places(struct search *s)
{
	size_t last = s->n - s->at > s->places ? s->at + s->places - 1 : s->n;
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(s->c->data);
	int rc;

	pcre2_set_offset_limit(s->c->limits, last);
	rc = match_here(s);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT && enlarge_stack(s))
		rc = match_here(s);
	if (rc == PCRE2_ERROR_PARTIAL) {
		if (!s->has_partial)
			s->partial = ends[0];
		s->has_partial = true;
		rc = PCRE2_ERROR_NOMATCH;
	}
	s->at = last + 1;
	return rc;
}

static bool
is_affordable(struct search *s)
{
	int64_t now = processor_time(), took = now - s->looked;

	s->looked = now;
	if (took < 1000000 && s->places < PLACES_MAX)
		s->places *= 2;
	else if (took > 10000000 && s->places > PLACES_MIN)
		s->places = PLACES_MIN;
	return now - s->began < (int64_t)BUDGET_MS * 1000000 + (int64_t)s->n * BUDGET_NS_A_BYTE;
}

static int
search_in_steps(struct search *s)
{
	int rc;

	s->places = PLACES_MAX;
	if (s->n - s->at > PLACES_MIN * 16) {
		s->places = PLACES_MIN * 16;
		s->began = s->looked = processor_time();
	}
	for (;;) {
		rc = search_places(s);
		if (rc != PCRE2_ERROR_NOMATCH || s->at > s->n)
			return rc;
		if (!is_affordable(s))
			return PCRE2_ERROR_MATCHLIMIT;
	}
}

static enum regex_found
regex_match(const void *p, const char *subject, size_t n, size_t from, bool not_bol, bool partial,
    struct regex_span *spans, size_t count, struct regex_why *why)
{
	struct search s = { .c = p, .subject = subject, .n = n, .at = from };
	int rc;

	s.options = (not_bol ? PCRE2_NOTBOL : 0) | (partial ? PCRE2_PARTIAL_SOFT : 0);
	rc = search_in_steps(&s);
	free_stack(&s);
	if (rc == PCRE2_ERROR_NOMATCH && s.has_partial) {
		spans[0] = (struct regex_span){ (long)s.partial, (long)n };
		return REGEX_PARTIAL;
	}
	if (rc == PCRE2_ERROR_NOMATCH)
		return REGEX_NONE;
	if (rc < 0) {
		set_why(rc, why);
		return REGEX_FAILED;
	}
	copy_spans(s.c, rc, spans, count);
	return REGEX_MATCH;
}

MODULE_EXPORT const struct regex_module usock_module_regex = {
	{ REGEX_ABI, "PCRE2 " LIBRARY },
	{ regex_compile, regex_release, regex_groups, regex_need, regex_match },
};
