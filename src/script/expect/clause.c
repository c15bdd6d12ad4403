#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/parse.h"
#include "script/args.h"
#include "script/expect/impl.h"
#include "script/regex/script_regex.h"

/* The maximum length of a -hex pattern, in bytes. */
#define HEX_MAX ((size_t)1 << 20)

enum flag {
	FLAG_TEXT,
	FLAG_GLOB,
	FLAG_REGEX,
	FLAG_HEX,
	FLAG_LENGTH,
	FLAG_LINES,
	FLAG_NOCASE,
	FLAG_END,
	FLAG_TIMEOUT,
	FLAG_FROM,
};

static const struct {
	const char *word, *shown;
	enum flag flag;
} flags[] = {
	{ "-ex", "-ex", FLAG_TEXT },
	{ "-gl", "-gl", FLAG_GLOB },
	{ "-re", "-re", FLAG_REGEX },
	{ "-hex", "-hex", FLAG_HEX },
	{ "-len", "-len", FLAG_LENGTH },
	{ "-count", "-count", FLAG_LINES },
	{ "-nocase", "", FLAG_NOCASE },
	{ "-end", "", FLAG_END },
	{ "-timeout", "", FLAG_TIMEOUT },
	{ "-from", "", FLAG_FROM },
	/* other spellings of expect(1) */
	{ "-exact", "-ex", FLAG_TEXT },
	{ "-glob", "-gl", FLAG_GLOB },
	{ "-regexp", "-re", FLAG_REGEX },
	{ "-i", "", FLAG_FROM },
	{ "--", "-gl", FLAG_GLOB },
};

#define N_FLAGS (ARRAY_LEN(flags))

static const struct {
	const char *word;
	enum clause_kind kind;
} conditions[] = {
	{ "eof", CLAUSE_EOF },
	{ "reset", CLAUSE_RESET },
	{ "timeout", CLAUSE_TIMEOUT },
	{ "default", CLAUSE_DEFAULT },
	{ "silence", CLAUSE_SILENCE },
};

struct parsing {
	struct interp *in;
	struct clauses *c;
	struct value *const *words;
	size_t n, at;
	struct value *from;
	unsigned how; /* enum pattern_flags */
};

/* ---- one pattern ---- */

/* Returns the word without NUL bytes; NULL with the error set. */
static const char *
word_of(struct value *v, struct error *e)
{
	const char *text = script_word(v);

	if (text[0] != '\0' || value_is(v, ""))
		return text;
	error_set(e, ERROR_USAGE, "a NUL byte has no place in it");
	return NULL;
}

static struct pattern *
hex_pattern(struct parsing *p, struct value *v, struct error *e)
{
	const char *text = word_of(v, e);
	struct pattern *made = NULL;
	struct buf bytes;

	if (text == NULL)
		return NULL;
	buf_init(&bytes, HEX_MAX);
	if (parse_hex(text, &bytes, e) == 0)
		made = pattern_text(bytes.len > 0 ? buf_head(&bytes) : "", bytes.len, p->how, e);
	buf_fini(&bytes);
	return made;
}

static struct pattern *
count_pattern(struct parsing *p, struct value *v, bool lines, struct error *e)
{
	const char *text = word_of(v, e);
	int64_t n;

	if (text == NULL)
		return NULL;
	if (!value_to_int(v, &n) || n < 0 || (lines && n == 0)) {
		error_set(e, ERROR_USAGE, "'%.40s' is not a number of %s", text,
		    lines ? "lines" : "bytes");
		return NULL;
	}
	return lines ? pattern_lines((size_t)n, p->how, e) : pattern_length((size_t)n, p->how, e);
}

static struct pattern *
pattern_of_flag(struct parsing *p, enum flag flag, struct value *v, struct error *e)
{
	size_t n;
	const char *bytes = value_bytes(v, &n);

	switch (flag) {
	case FLAG_TEXT:
		return pattern_text(bytes, n, p->how, e);
	case FLAG_REGEX:
		return pattern_regex(&script_regex, bytes, n, p->how, e);
	case FLAG_HEX:
		return hex_pattern(p, v, e);
	case FLAG_LENGTH:
	case FLAG_LINES:
		return count_pattern(p, v, flag == FLAG_LINES, e);
	default:
		return pattern_glob(bytes, n, p->how, e);
	}
}

/* ---- one clause ---- */

static struct clause *
add_clause(struct parsing *p)
{
	struct clause *c = &p->c->items[p->c->n++];

	c->from = p->from == NULL ? NULL : value_ref(p->from);
	return c;
}

/* The next word, if any, is the body; an empty one is none. */
static void
parse_body(struct parsing *p, struct clause *c)
{
	size_t n;

	if (p->at >= p->n)
		return;
	value_bytes(p->words[p->at], &n);
	if (n > 0)
		c->body = value_ref(p->words[p->at]);
	p->at++;
}

static struct value *
next_word(struct parsing *p, const char *flag)
{
	if (p->at < p->n)
		return p->words[p->at++];
	interp_fail(p->in, "USOCK usage", NULL, "expect: nothing behind \"%s\"", flag);
	return NULL;
}

static int
add_pattern_clause(struct parsing *p, const char *shown, enum flag flag)
{
	struct value *text = next_word(p, shown);
	struct error e = { 0 };
	struct pattern *made;
	struct clause *c;

	if (text == NULL)
		return TCL_ERROR;
	made = pattern_of_flag(p, flag, text, &e);
	if (made == NULL) {
		(void)error_prefix(&e, "expect: %s", shown);
		return script_fail(p->in, &e);
	}
	c = add_clause(p);
	c->kind = CLAUSE_PATTERN;
	c->pattern = made;
	c->flag = shown;
	c->text = value_ref(text);
	c->at_end = (p->how & PATTERN_AT_END) != 0;
	p->how = 0;
	parse_body(p, c);
	return TCL_OK;
}

static int
add_condition_clause(struct parsing *p, enum clause_kind kind)
{
	struct value *word = p->words[p->at++], *duration = NULL;
	struct clause *c;
	int64_t silence = 0;

	if (kind == CLAUSE_SILENCE) {
		duration = next_word(p, "silence");
		if (duration == NULL || script_get_duration(p->in, duration, &silence) != TCL_OK)
			return TCL_ERROR;
	}
	c = add_clause(p);
	c->kind = kind;
	c->text = value_ref(word);
	c->silence = silence;
	parse_body(p, c);
	return TCL_OK;
}

static int
parse_clause_flag(struct parsing *p, size_t i)
{
	struct value *v;

	p->at++;
	if (flags[i].flag < FLAG_NOCASE)
		return add_pattern_clause(p, flags[i].shown, flags[i].flag);
	if (flags[i].flag == FLAG_NOCASE || flags[i].flag == FLAG_END) {
		p->how |= flags[i].flag == FLAG_END ? PATTERN_AT_END : PATTERN_NOCASE;
		return TCL_OK;
	}
	v = next_word(p, flags[i].word);
	if (v == NULL)
		return TCL_ERROR;
	if (flags[i].flag == FLAG_FROM) {
		p->from = v;
	} else {
		value_unref(p->c->timeout);
		p->c->timeout = value_ref(v);
	}
	return TCL_OK;
}

/* Returns the index of the flag, or N_FLAGS. */
static size_t
find_flag(struct value *word)
{
	size_t i = 0;

	while (i < N_FLAGS && !value_is(word, flags[i].word))
		i++;
	return i;
}

static int
parse_clause(struct parsing *p)
{
	struct value *word = p->words[p->at];
	const char *bytes = value_bytes(word, NULL);
	size_t flag = bytes[0] == '-' ? find_flag(word) : N_FLAGS;

	if (flag < N_FLAGS)
		return parse_clause_flag(p, flag);
	if (bytes[0] == '-' && bytes[1] != '\0')
		return interp_fail(p->in, "USOCK usage", NULL,
		    "bad flag \"%v\": must be -ex, -gl, -re, -hex, -len, -count, -nocase, "
		    "-end, -timeout, or -from; a pattern that begins with - has -gl before it",
		    word);
	for (size_t i = 0; p->how == 0 && i < ARRAY_LEN(conditions); i++) {
		if (value_is(word, conditions[i].word))
			return add_condition_clause(p, conditions[i].kind);
	}
	return add_pattern_clause(p, "-gl", FLAG_GLOB);
}

/* ---- all clauses ---- */

static bool
is_flag_or_condition(struct value *word)
{
	if (find_flag(word) < N_FLAGS)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		if (value_is(word, conditions[i].word))
			return true;
	}
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Returns whether a single argument is a list of clauses rather than a pattern. As in expect(1) it is one if
 * it begins with a newline; here also if it contains a newline and its first word is a flag or a condition. A
 * leading CR LF, and a leading newline directly before a single word, belong to a pattern. */
static bool
is_clauses(struct interp *in, struct value *word)
{
	size_t len, n = 0, at = 0;
	const char *bytes = value_bytes(word, &len);
	struct value *const *items;
	bool begins;

	while (len > 0 && is_blank(bytes[len - 1]))
		len--;
	while (at < len && is_blank(bytes[at]))
		at++;
	if (at == len || memchr(bytes, '\n', len) == NULL)
		return false;
	begins = memchr(bytes, '\n', at) != NULL && memchr(bytes, '\r', at) == NULL;
	/* what begins as clauses and is not a list is an error */
	if (interp_get_list(in, word, &n, &items) != TCL_OK)
		return begins;
	if (begins)
		return n > 1 || bytes[at - 1] != '\n';
	return n > 1 && is_flag_or_condition(items[0]);
}

/* Parses -timeout and -from before the clauses. */
static int
parse_options(struct parsing *p)
{
	while (p->at < p->n) {
		size_t flag = find_flag(p->words[p->at]);

		if (flag == N_FLAGS || flags[flag].flag < FLAG_TIMEOUT)
			break;
		if (parse_clause_flag(p, flag) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

static int
parse_all(struct parsing *p)
{
	p->c->items = calloc(p->n + 1, sizeof(*p->c->items));
	if (p->c->items == NULL)
		return interp_fail(p->in, "USOCK internal", NULL, "out of memory");
	while (p->at < p->n) {
		if (parse_clause(p) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

static struct clauses *
new_clauses(int argc, struct value *const argv[])
{
	struct clauses *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->refs = 1;
	c->argv = calloc((size_t)argc + 1, sizeof(struct value *));
	if (c->argv == NULL) {
		free(c);
		return NULL;
	}
	c->argc = argc;
	for (int i = 0; i < argc; i++)
		c->argv[i] = value_ref(argv[i]);
	return c;
}

struct clauses *
clauses_parse(struct interp *in, int argc, struct value *const argv[])
{
	struct clauses *c = new_clauses(argc, argv);
	struct parsing p = { .in = in, .c = c, .words = argv, .n = (size_t)argc };
	struct value *list = NULL;
	int code;

	if (c == NULL) {
		interp_fail(in, "USOCK internal", NULL, "out of memory");
		return NULL;
	}
	code = parse_options(&p);
	if (code == TCL_OK && p.n == p.at + 1 && is_clauses(in, p.words[p.at])) {
		/* a copy, whose list form nothing else changes */
		list = value_copy(p.words[p.at]);
		p.at = 0;
		code = interp_get_list(in, list, &p.n, &p.words);
	}
	if (code == TCL_OK)
		code = parse_all(&p);
	value_unref(list);
	if (code == TCL_OK)
		return c;
	clauses_drop(c);
	return NULL;
}

static void
free_clause(struct clause *c)
{
	pattern_free(c->pattern);
	value_unref(c->text);
	value_unref(c->body);
	value_unref(c->from);
}

void
clauses_drop(struct clauses *c)
{
	if (c == NULL || --c->refs > 0)
		return;
	for (size_t i = 0; i < c->n; i++)
		free_clause(&c->items[i]);
	for (int i = 0; i < c->argc; i++)
		value_unref(c->argv[i]);
	value_unref(c->timeout);
	free(c->items);
	free(c->argv);
	free(c);
}

bool
clauses_are_of(const struct clauses *c, int argc, struct value *const argv[])
{
	return c->argc == argc &&
	    (argc == 0 || memcmp(c->argv, argv, (size_t)argc * sizeof(struct value *)) == 0);
}
