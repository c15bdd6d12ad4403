#include "tcl/syntax/syntax.h"

#include <string.h>

#include "tcl/value/escape.h"
#include "tcl/value/number.h"

enum { DEEPEST = 1000 };

/* ---- syntax trees ---- */

/* Appends a zeroed member to an array; *n counts it. */
static void *
add_member(struct parser *p, void *array, unsigned *n, size_t size)
{
	size_t room = ast_room(*n), wanted = ast_room(*n + 1);
	char *members = array;

	if (wanted != room)
		members = heap_resize(p->heap, array, room * size, wanted * size);
	if (members == NULL) {
		p->mistake = "out of memory";
		return NULL;
	}
	memset(members + *n * size, 0, size);
	++*n;
	return members;
}

static struct word *
add_part(struct parser *p, struct word *w)
{
	struct word *parts = add_member(p, w->parts, &w->n, sizeof(*parts));

	if (parts == NULL)
		return NULL;
	w->parts = parts;
	return &parts[w->n - 1];
}

/* Appends bytes to the parts. */
static void
append_part_bytes(struct parser *p, struct word *w, const char *bytes, size_t n)
{
	struct word *last = w->n > 0 ? &w->parts[w->n - 1] : NULL;

	if (n == 0)
		return;
	if (last == NULL || last->kind != WORD_LITERAL) {
		last = add_part(p, w);
		if (last == NULL)
			return;
		last->kind = WORD_LITERAL;
		last->value = value_new(p->heap);
	}
	value_append(last->value, bytes, n);
}

static void
make_literal(struct word *w, struct value *v)
{
	memset(w, 0, sizeof(*w));
	w->kind = WORD_LITERAL;
	w->value = v;
}

/* Replaces a single part, or none, by a simple word. */
static void
simplify(struct parser *p, struct word *w, unsigned line)
{
	struct word part;
	bool escaped = w->escaped;

	w->kind = WORD_PARTS;
	if (w->n > 1)
		return;
	if (w->n == 0) {
		make_literal(w, value_new(p->heap));
	} else {
		part = w->parts[0];
		heap_release(p->heap, w->parts, sizeof(part));
		*w = part;
	}
	w->escaped = escaped;
	if (w->kind == WORD_LITERAL) {
		w->value->line = line;
		w->value->source = p->source;
	}
}

static bool
fail_parse(struct parser *p, const char *text, const char *term, bool incomplete)
{
	p->mistake = text;
	p->term = term;
	p->incomplete = incomplete;
	return false;
}

/* ---- substitutions ---- */

static bool parse_commands(struct parser *p, struct script *s, bool nested);

static struct script *
new_script(struct parser *p)
{
	struct script *s = heap_resize(p->heap, NULL, 0, sizeof(*s));

	memset(s, 0, sizeof(*s));
	s->refs = 1;
	s->line = p->line;
	s->source = p->source;
	return s;
}

static bool
deeper(struct parser *p, const char *at)
{
	if (p->depth == DEEPEST || heap_too_deep(p->heap))
		return fail_parse(p, "too many nested evaluations (infinite loop?)", at, false);
	p->depth++;
	return true;
}

/* Parses from [. */
static bool
parse_script(struct parser *p, struct word *w)
{
	const char *open = p->at++;

	w->kind = WORD_SCRIPT;
	w->script = new_script(p);
	if (!deeper(p, open))
		return false;
	if (!parse_commands(p, w->script, true))
		return false;
	p->depth--;
	if (p->at == p->end)
		return fail_parse(p, "missing close-bracket", open, true);
	p->at++;
	return true;
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_';
}

/* Returns the length of letters, digits, _ and runs of two or more colons. */
static size_t
name_length(const char *p, const char *end)
{
	const char *at = p;

	while (at < end) {
		if (is_name_char(*at)) {
			at++;
		} else if (*at == ':' && at + 1 < end && at[1] == ':') {
			while (at < end && *at == ':')
				at++;
		} else {
			break;
		}
	}
	return (size_t)(at - p);
}

static void
newlines_in(struct parser *p, const char *from)
{
	while ((from = memchr(from, '\n', (size_t)(p->at - from))) != NULL) {
		p->line++;
		from++;
	}
}

/* Parses from ${. */
static bool
parse_braced_name(struct parser *p, struct word *w)
{
	const char *start = p->at + 2, *close = memchr(start, '}', (size_t)(p->end - start));

	if (close == NULL)
		return fail_parse(p, "missing close-brace for variable name", start - 1, true);
	w->kind = WORD_VAR;
	w->value = value_text(p->heap, start, (size_t)(close - start));
	p->at = close + 1;
	newlines_in(p, start);
	return true;
}

/* Parses from $. */
static bool
parse_variable(struct parser *p, struct word *w)
{
	const char *start = p->at + 1;
	size_t n;

	if (start < p->end && *start == '{')
		return parse_braced_name(p, w);
	n = name_length(start, p->end);
	p->at = start + n;
	if (n == 0 && (p->at == p->end || *p->at != '(')) {
		make_literal(w, value_text(p->heap, "$", 1));
		return true;
	}
	if (p->at < p->end && *p->at == '(') {
		if (!deeper(p, p->at++) || !syntax_parts(p, ')', 0, w))
			return false;
		p->depth--;
		if (w->kind != WORD_PARTS) {
			struct word index = *w;

			memset(w, 0, sizeof(*w));
			w->parts = heap_resize(p->heap, NULL, 0, sizeof(index));
			w->parts[0] = index;
			w->n = 1;
		}
		w->kind = WORD_ELEMENT;
	} else {
		w->kind = WORD_VAR;
	}
	w->value = value_text(p->heap, start, n);
	return true;
}

/* Parses a substitution at a backslash, $ or [. */
static bool
parse_special(struct parser *p, struct word *w)
{
	struct word *part, single;
	char c;

	if (*p->at == '\\') {
		const char *start = p->at;

		if (!escape_fits(start, (size_t)(p->end - start)))
			return fail_parse(p, escape_too_large, start, false);
		p->at += escape_read(p->at, (size_t)(p->end - p->at), &c);
		newlines_in(p, start);
		append_part_bytes(p, w, &c, 1);
		w->escaped = true;
		return p->mistake == NULL;
	}
	memset(&single, 0, sizeof(single));
	if (!(*p->at == '$' ? parse_variable(p, &single) : parse_script(p, &single))) {
		ast_word_fini(p->heap, &single);
		return false;
	}
	if (single.kind == WORD_LITERAL) {
		append_part_bytes(p, w, single.value->bytes, single.value->len);
		ast_word_fini(p->heap, &single);
		return p->mistake == NULL;
	}
	part = add_part(p, w);
	if (part == NULL) {
		ast_word_fini(p->heap, &single);
		return false;
	}
	*part = single;
	return true;
}

static bool
is_special(char c, int keep)
{
	return (c == '\\' && !(keep & KEEP_BACKSLASHES)) ||
	    (c == '$' && !(keep & KEEP_VARIABLES)) || (c == '[' && !(keep & KEEP_COMMANDS));
}

static const char *
stop_missing(char stop)
{
	return stop == '"' ? "missing \"" : "missing )";
}

bool
syntax_parts(struct parser *p, char stop, int keep, struct word *w)
{
	const char *start, *open = p->at - 1;
	unsigned line = p->line;

	memset(w, 0, sizeof(*w));
	while (p->at < p->end && !(stop != '\0' && *p->at == stop)) {
		start = p->at;
		if (is_special(*p->at, keep)) {
			if (parse_special(p, w))
				continue;
			ast_word_fini(p->heap, w);
			return false;
		}
		while (p->at < p->end && !is_special(*p->at, keep) &&
		    !(stop != '\0' && *p->at == stop))
			p->at++;
		newlines_in(p, start);
		append_part_bytes(p, w, start, (size_t)(p->at - start));
	}
	if (stop != '\0' && p->at == p->end) {
		ast_word_fini(p->heap, w);
		return fail_parse(p, stop_missing(stop), open, true);
	}
	p->at += stop != '\0';
	simplify(p, w, line);
	return true;
}

/* ---- words ---- */

/* Returns the text between braces; substitutes backslash and newline only. */
static struct value *
braced_value(struct parser *p, const char *start, const char *end, bool *ret_escaped)
{
	struct value *v = value_new(p->heap);
	const char *from = start, *at;
	char c;

	v->line = p->line;
	v->source = p->source;
	for (at = start; at + 1 < end; at++) {
		if (*at != '\\')
			continue;
		if (at[1] == '\n') {
			value_append(v, from, (size_t)(at - from));
			at += escape_read(at, (size_t)(end - at), &c);
			value_append_char(v, c);
			from = at--;
			*ret_escaped = true;
		} else {
			at++;
		}
	}
	value_append(v, from, (size_t)(end - from));
	return v;
}

/* Returns whether the open brace may be in a comment, as Tcl guesses. */
static bool
is_open_in_comment(const char *start, const char *end)
{
	bool brace = false;

	for (; end > start; end--) {
		if (*end == '#' && brace && strchr(" \t\n\v\f\r", end[-1]) != NULL &&
		    end[-1] != '\0')
			return true;
		brace = *end == '{' || (brace && *end != '\n');
	}
	return false;
}

/* Parses from {. */
static bool
parse_braces(struct parser *p, struct word *w)
{
	const char *start = p->at + 1, *at;
	unsigned depth = 1;
	bool escaped = false;

	for (at = start; at < p->end; at++) {
		if (*at == '{')
			depth++;
		else if (*at == '\\' && at + 1 < p->end)
			at++;
		else if (*at == '}' && --depth == 0)
			break;
	}
	if (at >= p->end)
		return fail_parse(p,
		    is_open_in_comment(start - 1, p->end - 1)
			? "missing close-brace: possible unbalanced brace in comment"
			: "missing close-brace",
		    start - 1, true);
	make_literal(w, braced_value(p, start, at, &escaped));
	w->escaped = escaped;
	p->at = at + 1;
	newlines_in(p, start);
	return true;
}

bool
syntax_operand(struct parser *p, struct word *w)
{
	memset(w, 0, sizeof(*w));
	switch (*p->at) {
	case '{':
		return parse_braces(p, w);
	case '"':
		p->at++;
		return syntax_parts(p, '"', 0, w);
	case '$':
		if (parse_variable(p, w))
			return true;
		break;
	default:
		if (parse_script(p, w))
			return true;
		break;
	}
	ast_word_fini(p->heap, w);
	return false;
}

static bool
is_line_joint(const char *p, const char *end)
{
	return *p == '\\' && p + 1 < end && p[1] == '\n';
}

/* Returns whether a word may end here; also at the end of the text. */
static bool
is_word_end(const struct parser *p, bool nested)
{
	const char *at = p->at;

	return at >= p->end || number_is_blank(*at) || *at == ';' || (nested && *at == ']') ||
	    is_line_joint(at, p->end);
}

static bool
parse_bare(struct parser *p, struct word *w, bool nested)
{
	const char *start;
	unsigned line = p->line;

	memset(w, 0, sizeof(*w));
	while (!is_word_end(p, nested)) {
		if (is_special(*p->at, 0)) {
			if (parse_special(p, w))
				continue;
			ast_word_fini(p->heap, w);
			return false;
		}
		start = p->at;
		while (!is_word_end(p, nested) && !is_special(*p->at, 0))
			p->at++;
		append_part_bytes(p, w, start, (size_t)(p->at - start));
	}
	simplify(p, w, line);
	return true;
}

static bool
parse_delimited(struct parser *p, struct word *w, bool nested)
{
	bool quoted = *p->at == '"';

	if (!syntax_operand(p, w))
		return false;
	if (is_word_end(p, nested))
		return true;
	if (!quoted && w->value->len == 1 && w->value->bytes[0] == '*' && !w->expand) {
		ast_word_fini(p->heap, w);
		if (*p->at == '"' || *p->at == '{') {
			bool ok = parse_delimited(p, w, nested);

			w->expand = true;
			return ok;
		}
		if (!parse_bare(p, w, nested))
			return false;
		w->expand = true;
		return true;
	}
	ast_word_fini(p->heap, w);
	return fail_parse(p,
	    quoted ? "extra characters after close-quote" : "extra characters after close-brace",
	    p->at, false);
}

/* ---- commands ---- */

static void
skip_word_blanks(struct parser *p, bool lines)
{
	while (p->at < p->end) {
		if (is_line_joint(p->at, p->end)) {
			p->at += 2;
			p->line++;
			p->incomplete = p->at == p->end;
		} else if (*p->at == '\n' ? lines : number_is_blank(*p->at)) {
			p->line += *p->at == '\n';
			p->at++;
		} else if (*p->at == ';' && lines) {
			p->at++;
		} else {
			break;
		}
	}
}

static void
skip_comment(struct parser *p)
{
	while (p->at < p->end && *p->at != '\n') {
		if (*p->at == '\\' && p->at + 1 < p->end) {
			p->at++;
			p->line += *p->at == '\n';
			p->incomplete = p->at + 1 == p->end;
		}
		p->at++;
	}
}

static bool
parse_command_words(struct parser *p, struct node *node, bool nested)
{
	bool ok;

	for (;;) {
		struct word w;

		skip_word_blanks(p, false);
		if (p->at == p->end || *p->at == '\n' || *p->at == ';' || (nested && *p->at == ']'))
			return true;
		memset(&w, 0, sizeof(w));
		if (*p->at == '{' || *p->at == '"')
			ok = parse_delimited(p, &w, nested);
		else
			ok = parse_bare(p, &w, nested);
		if (!ok)
			return false;
		struct word *words = add_member(p, node->words, &node->n, sizeof(w));

		if (words == NULL) {
			ast_word_fini(p->heap, &w);
			return false;
		}
		node->words = words;
		words[node->n - 1] = w;
	}
}

static void
classify_command(struct parser *p, struct node *node)
{
	node->named = node->n > 0 && node->words[0].kind == WORD_LITERAL && !node->words[0].expand;
	node->many = node->n > SYNTAX_FEW;
	for (unsigned i = 0; i < node->n; i++)
		node->many |= node->words[i].expand;
	for (unsigned i = 0; i < node->n; i++) {
		if (node->words[i].kind != WORD_LITERAL || node->words[i].expand)
			return;
	}
	node->argv = heap_resize(p->heap, NULL, 0, node->n * sizeof(struct value *));
	for (unsigned i = 0; node->argv != NULL && i < node->n; i++)
		node->argv[i] = node->words[i].value;
}

static bool
parse_command(struct parser *p, struct script *s, bool nested)
{
	struct node node = { .text = p->at, .line = p->line };
	struct node *nodes;
	bool ok = parse_command_words(p, &node, nested);

	if (!ok && nested) {
		ast_node_fini(p->heap, &node);
		return false;
	}
	node.len = (size_t)((ok || p->term == NULL ? p->at : p->term + 1) - node.text);
	if (!ok)
		node.mistake = p->mistake;
	classify_command(p, &node);
	nodes = add_member(p, s->nodes, &s->n, sizeof(node));
	if (nodes == NULL) {
		ast_node_fini(p->heap, &node);
		return false;
	}
	s->nodes = nodes;
	nodes[s->n - 1] = node;
	return ok;
}

static bool
parse_commands(struct parser *p, struct script *s, bool nested)
{
	for (;;) {
		skip_word_blanks(p, true);
		if (p->at == p->end || (nested && *p->at == ']'))
			return true;
		if (*p->at == '#')
			skip_comment(p);
		else if (!parse_command(p, s, nested))
			return false;
	}
}

void
syntax_parser(struct parser *p, struct heap *h, const char *text, size_t n)
{
	memset(p, 0, sizeof(*p));
	p->heap = h;
	p->at = text;
	p->end = text + n;
	p->line = 1;
}

struct script *
syntax_script(struct heap *h, struct value *text)
{
	struct parser p;
	struct script *s;
	size_t n;
	const char *bytes = value_bytes(text, &n);

	syntax_parser(&p, h, "", 0);
	p.line = text->line > 0 ? text->line : 1;
	p.source = text->source;
	s = new_script(&p);
	s->text = value_text(h, bytes, n);
	p.at = s->text->bytes;
	p.end = p.at + s->text->len;
	parse_commands(&p, s, false);
	return s;
}

bool
syntax_is_complete(struct heap *h, const char *text, size_t n)
{
	struct parser p;
	struct script *s;

	syntax_parser(&p, h, text, n);
	s = new_script(&p);
	parse_commands(&p, s, false);
	ast_script_unref(h, s);
	return !p.incomplete;
}

size_t
syntax_whole_commands(struct heap *h, const char *text, size_t n)
{
	const char *begin = text;
	struct parser p;
	struct script *s;
	bool ok = true;

	syntax_parser(&p, h, text, n);
	while (ok && !p.incomplete) {
		skip_word_blanks(&p, true);
		if (p.incomplete)
			break;
		begin = p.at;
		if (p.at == p.end)
			break;
		if (*p.at == '#') {
			skip_comment(&p);
			continue;
		}
		s = new_script(&p);
		ok = parse_command(&p, s, false);
		ast_script_unref(h, s);
	}
	/* nothing after a syntax error is evaluated */
	return ok || p.incomplete ? (size_t)(begin - text) : n;
}

bool
syntax_piece(struct parser *p, int keep, struct word *w)
{
	const char *start = p->at;
	char c;

	memset(w, 0, sizeof(*w));
	if (!is_special(*p->at, keep)) {
		while (p->at < p->end && !is_special(*p->at, keep))
			p->at++;
		newlines_in(p, start);
		make_literal(w, value_text(p->heap, start, (size_t)(p->at - start)));
		return true;
	}
	if (*p->at == '$')
		return parse_variable(p, w);
	if (*p->at == '[')
		return parse_script(p, w);
	if (!escape_fits(p->at, (size_t)(p->end - p->at)))
		return fail_parse(p, escape_too_large, p->at, false);
	p->at += escape_read(p->at, (size_t)(p->end - p->at), &c);
	newlines_in(p, start);
	make_literal(w, value_text(p->heap, &c, 1));
	return true;
}
