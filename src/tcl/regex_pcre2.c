/* Regular expressions by PCRE2, in bytes. A module of its own: tcl/regex.h is all that others know. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcl/regex.h"
#include "tcl/regex_pcre2.h"

/* What a match may cost: about a tenth of a second, and 64 MiB. */
enum { STEPS = 2000000, DEPTH = 100000, HEAP_KIB = 65536 };

struct compiled {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	uint32_t groups;
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
	uint32_t options = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C;

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

/* Mistakes that Tcl has words for. */
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
explain(int number, struct regex_why *why)
{
	why->code = NULL;
	why->text[0] = '\0';
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		if (mistakes[i].number == number) {
			why->code = mistakes[i].code;
			snprintf(why->text, sizeof(why->text), "%s", mistakes[i].text);
			return;
		}
	}
	pcre2_get_error_message(number, (PCRE2_UCHAR *)why->text, sizeof(why->text));
}

/* ---- what Tcl writes in another way ---- */

struct rewrite {
	const char *at, *end;
	char *out; /* three times as large as the pattern, or more */
	size_t n;
	bool line;
};

static void
put(struct rewrite *r, const char *text)
{
	memcpy(r->out + r->n, text, strlen(text));
	r->n += strlen(text);
}

/* At a backslash: \y \m \M are words' ends. */
static void
rewrite_escape(struct rewrite *r)
{
	static const struct {
		char letter;
		const char *text;
	} escapes[] = { { 'y', "\\b" }, { 'Y', "\\B" }, { 'm', "\\b(?=\\w)" },
		{ 'M', "\\b(?<=\\w)" } };

	for (size_t i = 0; r->at + 1 < r->end && i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (escapes[i].letter == r->at[1]) {
			put(r, escapes[i].text);
			r->at += 2;
			return;
		}
	}
	r->out[r->n++] = *r->at++;
	if (r->at < r->end)
		r->out[r->n++] = *r->at++;
}

/* At [: a set as it is, but [^x] leaves newlines out where lines count. */
static void
rewrite_set(struct rewrite *r)
{
	bool first = true;

	r->out[r->n++] = *r->at++;
	if (r->at < r->end && *r->at == '^') {
		r->out[r->n++] = *r->at++;
		if (r->line)
			put(r, "\\n");
		/* a ] that comes first is one of the set */
		if (r->line && r->at < r->end && *r->at == ']')
			r->out[r->n++] = '\\';
	}
	while (r->at < r->end && (*r->at != ']' || first)) {
		const char *close =
		    *r->at == '[' && r->at + 1 < r->end && strchr(".:=", r->at[1]) != NULL
		    ? memchr(r->at + 2, ']', (size_t)(r->end - r->at - 2))
		    : NULL;
		size_t step = close != NULL                ? (size_t)(close + 1 - r->at)
		    : *r->at == '\\' && r->at + 1 < r->end ? 2
							   : 1;

		memcpy(r->out + r->n, r->at, step);
		r->n += step;
		r->at += step;
		first = false;
	}
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
	text = rewrite(pattern, n, flags->line, &n);
	if (text == NULL) {
		free(c);
		return NULL;
	}
	c->code = pcre2_compile((PCRE2_SPTR)text, n, options_of(flags), &number, &at, NULL);
	free(text);
	if (c->code == NULL) {
		explain(number, why);
		free(c);
		return NULL;
	}
	/* where the system has no just-in-time compiler, it is interpreted */
	pcre2_jit_compile(c->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_SOFT);
	pcre2_pattern_info(c->code, PCRE2_INFO_CAPTURECOUNT, &c->groups);
	c->data = pcre2_match_data_create_from_pattern(c->code, NULL);
	c->limits = pcre2_match_context_create(NULL);
	if (c->data == NULL || c->limits == NULL) {
		regex_release(c);
		return NULL;
	}
	pcre2_set_match_limit(c->limits, STEPS);
	pcre2_set_depth_limit(c->limits, DEPTH);
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
	/* \K in a lookahead can put the start behind the end */
	if (count > 0 && spans[0].start > spans[0].end)
		spans[0].start = spans[0].end;
}

static enum regex_found
regex_match(const void *p, const char *subject, size_t n, size_t from, bool not_bol, bool partial,
    struct regex_span *spans, size_t count, struct regex_why *why)
{
	const struct compiled *c = p;
	uint32_t options = (not_bol ? PCRE2_NOTBOL : 0) | (partial ? PCRE2_PARTIAL_SOFT : 0);
	int rc = pcre2_match(c->code, (PCRE2_SPTR)subject, n, from, options, c->data, c->limits);

	if (rc == PCRE2_ERROR_NOMATCH)
		return REGEX_NONE;
	if (rc == PCRE2_ERROR_PARTIAL) {
		copy_spans(c, 1, spans, count);
		return REGEX_PARTIAL;
	}
	if (rc < 0) {
		explain(rc, why);
		return REGEX_FAILED;
	}
	copy_spans(c, rc, spans, count);
	return REGEX_MATCH;
}

const struct regex_ops regex_pcre2 = { regex_compile, regex_release, regex_groups, regex_match };
