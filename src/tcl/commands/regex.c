/* regexp regsub */
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/commands/list.h"
#include "tcl/commands/regex.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/regex.h"

enum { MOST_GROUPS = 100 };

/* The compiled form of a value */
struct regex {
	const struct regex_ops *ops;
	void *compiled;
	struct regex_flags flags;
};

void
regex_free_value(struct value *v)
{
	v->as.regex->ops->release(v->as.regex->compiled);
	heap_release(v->heap, v->as.regex, sizeof(*v->as.regex));
}

static void
bad_pattern(struct interp *in, const struct regex_why *why)
{
	struct value *code = value_string(&in->heap, "REGEXP COMPILE");

	if (why->code != NULL) {
		value_unref(code);
		code = value_string(&in->heap, "REGEXP ");
		value_format(code, "%s {%s}", why->code, why->text);
	}
	interp_fail(in, code->bytes, NULL, "couldn't compile regular expression pattern: %s",
	    why->text);
	value_unref(code);
}

static struct regex *
compile_pattern(struct interp *in, struct value *pattern, const struct regex_flags *flags)
{
	struct regex_why why;
	size_t n;
	const char *bytes;
	struct regex *r;
	void *compiled;

	if (pattern->type == VALUE_REGEX &&
	    memcmp(&pattern->as.regex->flags, flags, sizeof(*flags)) == 0)
		return pattern->as.regex;
	if (in->regex == NULL) {
		interp_fail(in, "USOCK regex", NULL, "regular expressions are not available here");
		return NULL;
	}
	bytes = value_bytes(pattern, &n);
	compiled = in->regex->compile(bytes, n, flags, &why);
	if (compiled == NULL) {
		bad_pattern(in, &why);
		return NULL;
	}
	value_reset_type(pattern);
	r = heap_resize(&in->heap, NULL, 0, sizeof(*r));
	*r = (struct regex){ in->regex, compiled, *flags };
	pattern->type = VALUE_REGEX;
	pattern->as.regex = r;
	return r;
}

/* A search and its matches */
struct matching {
	struct interp *in;
	struct value *pattern; /* held, to keep its compiled form */
	struct regex *regex;
	const char *subject;
	size_t n, groups;
	size_t beyond; /* the number of bytes of -start after the end */
	bool empty;    /* the pattern is empty */
	struct regex_span spans[MOST_GROUPS];
};

static int
match_at(struct matching *m, size_t from, bool *ret_found)
{
	struct regex_why why;
	/* after a newline, ^ matches as at the beginning */
	long skip = from > 0 && m->subject[from - 1] == '\n' ? (long)from : 0;
	enum regex_found found =
	    m->regex->ops->match(m->regex->compiled, m->subject + skip, m->n - (size_t)skip,
		from - (size_t)skip, m->beyond > 0, false, m->spans, m->groups + 1, &why);

	for (size_t i = 0; found == REGEX_MATCH && i <= m->groups; i++) {
		m->spans[i].start += m->spans[i].start < 0 ? 0 : skip;
		m->spans[i].end += m->spans[i].end < 0 ? 0 : skip;
	}

	*ret_found = found == REGEX_MATCH;
	if (found == REGEX_FAILED)
		return interp_fail(m->in, "REGEXP MATCH", NULL,
		    "error while matching regular expression: %s", why.text);
	return TCL_OK;
}

static int
prepare_match(struct matching *m, struct interp *in, struct value *pattern, struct value *subject,
    const struct regex_flags *flags)
{
	m->in = in;
	m->regex = compile_pattern(in, pattern, flags);
	if (m->regex == NULL)
		return TCL_ERROR;
	m->subject = value_bytes(subject, &m->n);
	m->empty = pattern->len == 0;
	m->groups = m->regex->ops->groups(m->regex->compiled);
	if (m->groups >= MOST_GROUPS)
		return interp_fail(in, "REGEXP COMPILE", NULL,
		    "too many groups in regular expression");
	return TCL_OK;
}

int
regex_test(struct interp *in, struct value *pattern, struct value *text, bool nocase,
    bool *ret_found)
{
	struct regex_flags flags = { .nocase = nocase };
	struct matching m = { .beyond = 0 };

	if (prepare_match(&m, in, pattern, text, &flags) != TCL_OK)
		return TCL_ERROR;
	return match_at(&m, 0, ret_found);
}

/* ---- options ---- */

struct options {
	struct regex_flags flags;
	bool all, indices, is_inline, about;
	struct value *start;
};

enum {
	OPT_ALL,
	OPT_ABOUT,
	OPT_INDICES,
	OPT_INLINE,
	OPT_EXPANDED,
	OPT_LINE,
	OPT_LINESTOP,
	OPT_LINEANCHOR,
	OPT_NOCASE,
	OPT_START,
	OPT_END
};

static void
set_regex_flag(struct options *o, int option)
{
	switch (option) {
	case OPT_ALL:
		o->all = true;
		break;
	case OPT_INDICES:
		o->indices = true;
		break;
	case OPT_INLINE:
		o->is_inline = true;
		break;
	case OPT_EXPANDED:
		o->flags.expanded = true;
		break;
	case OPT_NOCASE:
		o->flags.nocase = true;
		break;
	case OPT_ABOUT:
		o->about = true;
		break;
	default:
		o->flags.line |= option != OPT_LINEANCHOR;
		o->flags.anchor |= option != OPT_LINESTOP;
		break;
	}
}

/* Returns the number of words read, or -1. known: the option of each word of the table. */
static int
regex_options(struct interp *in, int argc, struct value *const argv[], const char *const *words,
    const signed char *known, struct options *o)
{
	int i, index;

	for (i = 1; i < argc && value_bytes(argv[i], NULL)[0] == '-'; i++) {
		if (args_word(in, argv[i], words, "option", true, &index) != TCL_OK)
			return -1;
		if (known[index] == OPT_END)
			return i + 1;
		if (known[index] != OPT_START) {
			set_regex_flag(o, known[index]);
			continue;
		}
		if (++i < argc) {
			int64_t ignored;

			o->start = argv[i];
			if (index_get(in, argv[i], 1, &ignored) != TCL_OK)
				return -1;
		}
	}
	return i;
}

static int
get_start(struct matching *m, const struct options *o, size_t *ret)
{
	int64_t start = 0;

	if (o->start != NULL && index_get(m->in, o->start, m->n + 1, &start) != TCL_OK)
		return TCL_ERROR;
	*ret = start < 0 ? 0 : start > (int64_t)m->n ? m->n : (size_t)start;
	m->beyond = start > (int64_t)m->n ? (size_t)start - m->n : 0;
	return TCL_OK;
}

/* ---- regexp ---- */

static struct value *
span_value(const struct matching *m, const struct options *o, size_t group)
{
	struct heap *h = &m->in->heap;
	struct regex_span span = { -1, -1 };
	struct value *ends[2], *v;

	if (group <= m->groups)
		span = m->spans[group];
	if (o->indices && span.start != -1) {
		span.start += (long)m->beyond;
		span.end += (long)m->beyond;
	}
	if (!o->indices)
		return span.start == -1
		    ? value_new(h)
		    : value_text(h, m->subject + span.start, (size_t)(span.end - span.start));
	ends[0] = value_int(h, span.start);
	ends[1] = value_int(h, span.start == -1 ? -1 : span.end - 1);
	v = value_list(h, 2, ends);
	value_unref(ends[0]);
	value_unref(ends[1]);
	return v;
}

int
regex_groups(struct interp *in, struct value *pattern, struct value *text, bool nocase,
    struct regex_groups *ret)
{
	struct options texts = { .all = false }, spans = { .indices = true };
	struct regex_flags flags = { .nocase = nocase };
	struct matching m = { .beyond = 0 };
	bool found;

	*ret = (struct regex_groups){ NULL, NULL };
	if (prepare_match(&m, in, pattern, text, &flags) != TCL_OK ||
	    match_at(&m, 0, &found) != TCL_OK)
		return TCL_ERROR;
	if (!found)
		return TCL_OK;
	ret->texts = list_new(&in->heap, m.groups + 1);
	ret->spans = list_new(&in->heap, m.groups + 1);
	for (size_t i = 0; i <= m.groups; i++) {
		list_push(&in->heap, &ret->texts, span_value(&m, &texts, i));
		list_push(&in->heap, &ret->spans, span_value(&m, &spans, i));
	}
	return TCL_OK;
}

static int
set_groups(const struct matching *m, const struct options *o, int n, struct value *const names[])
{
	for (int i = 0; i < n; i++) {
		if (interp_write(m->in, names[i], span_value(m, o, (size_t)i)) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

/* Finds all matches, or the first. */
static int
run_regexp(struct matching *m, const struct options *o, size_t at, int n,
    struct value *const names[])
{
	struct list *l = list_new(&m->in->heap, 4);
	int64_t count = 0;
	bool found = true;
	int code = TCL_OK;

	while (code == TCL_OK && at <= m->n) {
		code = match_at(m, at, &found);
		if (code != TCL_OK || !found)
			break;
		count++;
		for (size_t i = 0; o->is_inline && i <= m->groups; i++)
			list_push(&m->in->heap, &l, span_value(m, o, i));
		if (!o->is_inline)
			code = set_groups(m, o, n, names);
		if (!o->all || code != TCL_OK)
			break;
		at = (size_t)m->spans[0].end + (m->spans[0].end == m->spans[0].start);
		if (at >= m->n)
			break;
		code = eval_tick(m->in);
	}
	if (code == TCL_OK && o->is_inline)
		return interp_return(m->in, value_from_list(&m->in->heap, l));
	list_unref(&m->in->heap, l);
	return code == TCL_OK ? interp_return_int(m->in, o->all ? count : found) : code;
}

/* Returns whether tclsh matches the expression as a glob pattern, which keeps the form of the text. */
static bool
is_glob(struct value *pattern)
{
	return strpbrk(value_bytes(pattern, NULL), "([{|+\\") == NULL;
}

static int
cmd_regexp(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "-all", "-about", "-indices", "-inline", "-expanded",
		"-line", "-linestop", "-lineanchor", "-nocase", "-start", "--", NULL };
	static const signed char known[] = { OPT_ALL, OPT_ABOUT, OPT_INDICES, OPT_INLINE,
		OPT_EXPANDED, OPT_LINE, OPT_LINESTOP, OPT_LINEANCHOR, OPT_NOCASE, OPT_START,
		OPT_END };
	struct options o = { .all = false };
	struct matching m = { .beyond = 0 };
	struct value *subject;
	size_t start;
	int at = regex_options(in, argc, argv, words, known, &o), code;

	if (at == -1)
		return TCL_ERROR;
	if (o.about)
		return interp_fail(in, "TCL LEFTOUT", NULL,
		    "regexp -about is not part of the language");
	if (argc - at < 2)
		return interp_wrong_args(in, 1, argv,
		    "?-option ...? exp string ?matchVar? ?subMatchVar ...?");
	if (o.is_inline && argc - at > 2)
		return interp_fail(in, "TCL OPERATION REGEXP MIX_VAR_INLINE", NULL,
		    "regexp match variables not allowed when using -inline");
	subject = value_ref(argv[at + 1]);
	if (o.is_inline || argc - at > 2 || !is_glob(argv[at]))
		value_forget_real(subject);
	code = prepare_match(&m, in, argv[at], subject, &o.flags);
	if (code == TCL_OK)
		code = get_start(&m, &o, &start);
	if (code == TCL_OK)
		code = run_regexp(&m, &o, start, argc - at - 2, argv + at + 2);
	value_unref(subject);
	return code;
}

/* ---- regsub ---- */

static void
append_group(struct value *out, const struct matching *m, size_t group)
{
	if (group <= m->groups && m->spans[group].start != -1)
		value_append(out, m->subject + m->spans[group].start,
		    (size_t)(m->spans[group].end - m->spans[group].start));
}

/* Appends the replacement, with the match for & and \0, and groups for \1 to \9. */
static void
append_replacement(struct value *out, const struct matching *m, struct value *spec)
{
	size_t n;
	const char *p = value_bytes(spec, &n);

	for (size_t i = 0; i < n; i++) {
		char next = i + 1 < n ? p[i + 1] : '\0';

		if (p[i] == '&') {
			append_group(out, m, 0);
		} else if (p[i] == '\\' && next >= '0' && next <= '9') {
			append_group(out, m, (size_t)(next - '0'));
			i++;
		} else if (p[i] == '\\' && (next == '\\' || next == '&')) {
			value_append_char(out, next);
			i++;
		} else {
			value_append_char(out, p[i]);
		}
	}
}

static int
substitute(struct matching *m, const struct options *o, size_t start, struct value *spec,
    struct value *out, int64_t *ret_count)
{
	size_t at = start, n;
	const char *text = value_bytes(spec, &n);
	/* tclsh then does not use an expression, and an empty pattern does not match after the last byte */
	bool found,
	    plain = o->all && m->empty && start == 0 && memchr(text, '&', n) == NULL &&
	    memchr(text, '\\', n) == NULL;

	value_append(out, m->subject, start);
	*ret_count = 0;
	while (at < m->n + !plain && m->beyond == 0) {
		size_t first, last;

		if (match_at(m, at, &found) != TCL_OK || eval_tick(m->in) != TCL_OK)
			return TCL_ERROR;
		if (!found)
			break;
		++*ret_count;
		first = (size_t)m->spans[0].start;
		last = (size_t)m->spans[0].end;
		value_append(out, m->subject + at, first - at);
		append_replacement(out, m, spec);
		at = last;
		if (first == last) {
			/* after an empty match, the next one begins a byte later */
			if (at < m->n)
				value_append_char(out, m->subject[at]);
			at++;
		}
		if (!o->all)
			break;
	}
	if (at < m->n)
		value_append(out, m->subject + at, m->n - at);
	return TCL_OK;
}

static int
run_regsub(struct matching *m, const struct options *o, int argc, struct value *const argv[])
{
	struct value *out;
	int64_t count;
	size_t start;

	if (get_start(m, o, &start) != TCL_OK)
		return TCL_ERROR;
	out = value_new(&m->in->heap);
	if (substitute(m, o, start, argv[2], out, &count) != TCL_OK) {
		value_unref(out);
		return TCL_ERROR;
	}
	if (argc == 3)
		return interp_return(m->in, out);
	if (interp_write(m->in, argv[3], out) != TCL_OK)
		return TCL_ERROR;
	return interp_return_int(m->in, count);
}

static int
cmd_regsub(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "-all", "-nocase", "-expanded", "-line", "-linestop",
		"-lineanchor", "-start", "--", NULL };
	static const signed char known[] = { OPT_ALL, OPT_NOCASE, OPT_EXPANDED, OPT_LINE,
		OPT_LINESTOP, OPT_LINEANCHOR, OPT_START, OPT_END };
	struct options o = { .all = false };
	struct matching m = { .beyond = 0 };
	struct value *subject;
	int at = regex_options(in, argc, argv, words, known, &o), code;

	if (at == -1)
		return TCL_ERROR;
	if (argc - at < 3 || argc - at > 4)
		return interp_wrong_args(in, 1, argv, "?-option ...? exp string subSpec ?varName?");
	subject = value_ref(argv[at + 1]);
	value_forget_real(subject);
	value_forget_real(argv[at + 2]);
	code = prepare_match(&m, in, argv[at], subject, &o.flags);
	if (code == TCL_OK)
		code = run_regsub(&m, &o, argc - at, argv + at);
	value_unref(subject);
	return code;
}

const struct interp_command core_regex_commands[] = {
	{ "regexp", cmd_regexp, 0, -1, "?-option ...? exp string ?matchVar? ?subMatchVar ...?" },
	{ "regsub", cmd_regsub, 0, -1, "?-option ...? exp string subSpec ?varName?" },
	{ NULL, NULL, 0, 0, NULL },
};
