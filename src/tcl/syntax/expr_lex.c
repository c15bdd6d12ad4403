#include "tcl/syntax/expr_lex.h"

#include <string.h>

#include "tcl/value/number.h"

/* The number of bytes shown on each side of an error. */
enum { LIMIT = 25 };

static void
append_cut(struct value *v, const char *p, size_t n)
{
	value_append(v, p, n < LIMIT ? n : LIMIT - 3);
	if (n >= LIMIT)
		value_append_string(v, "...");
}

/* Returns the text around s->at, with n wrong bytes; mark: something is missing there. */
static struct value *
text_around(struct expr_state *s, size_t n, bool mark)
{
	struct value *v = value_new(&s->in->heap);
	size_t before = (size_t)(s->at - s->text), after = (size_t)(s->end - s->at) - n;

	if (before >= LIMIT)
		value_append_string(v, "...");
	value_append(v, before >= LIMIT ? s->at - LIMIT + 3 : s->text,
	    before >= LIMIT ? LIMIT - 3 : before);
	append_cut(v, s->at, n);
	if (mark)
		value_append_string(v, "_@_");
	value_append(v, s->at + n, after >= LIMIT ? LIMIT - 3 : after);
	if (after >= LIMIT)
		value_append_string(v, "...");
	return v;
}

struct expr_node *
expr_fail(struct expr_state *s, const char *code, const char *message, size_t n, bool mark,
    const char *post)
{
	struct value *place, *whole, *what;

	if (s->failed)
		return NULL;
	s->failed = true;
	what = value_new(&s->in->heap);
	value_format(what, message, *s->at);
	place = text_around(s, n, mark);
	whole = value_new(&s->in->heap);
	append_cut(whole, s->text, (size_t)(s->end - s->text));
	interp_fail(s->in, "TCL PARSE EXPR", NULL, "%v\nin expression \"%v\"%s", what, place, post);
	value_append_string(interp_errorcode(s->in), " ");
	value_append_string(interp_errorcode(s->in), code);
	failure_trace(s->in, "\n    (parsing expression \"%v\")", whole);
	value_unref(what);
	value_unref(place);
	value_unref(whole);
	return NULL;
}

struct expr_node *
expr_missing(struct expr_state *s, const char *message)
{
	return expr_fail(s, "MISSING", message, 0, true, "");
}

struct expr_node *
expr_bad_word(struct expr_state *s, const char *hint, const char *code)
{
	struct value *message = value_string(&s->in->heap, "invalid bareword \""),
		     *post = value_string(&s->in->heap, ";\nshould be \"$");

	append_cut(message, s->at, s->n);
	value_append_char(message, '"');
	append_cut(post, s->at, s->n);
	value_append_string(post, "\" or \"{");
	append_cut(post, s->at, s->n);
	value_append_string(post, "}\" or \"");
	append_cut(post, s->at, s->n);
	value_append_string(post, "(...)\" or ...");
	value_append_string(post, hint);
	expr_fail(s, code, message->bytes, s->n, false, post->bytes);
	value_unref(message);
	value_unref(post);
	return NULL;
}

bool
expr_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
expr_is_word(char c)
{
	return expr_is_alpha(c) || (c >= '0' && c <= '9') || c == '_';
}

static size_t
operator_length(const struct expr_state *s, const struct expr_operator *op)
{
	size_t n = strlen(op->text);

	if ((size_t)(s->end - s->at) < n || memcmp(s->at, op->text, n) != 0)
		return 0;
	if (expr_is_alpha(op->text[0]) && s->at + n < s->end && expr_is_alpha(s->at[n]))
		return 0;
	return n;
}

const struct expr_operator *
expr_find_operator(struct expr_state *s, const struct expr_operator *table)
{
	const struct expr_operator *found = NULL;
	size_t n;

	s->n = 0;
	for (; table->text != NULL; table++) {
		n = operator_length(s, table);
		if (n > s->n) {
			found = table;
			s->n = n;
		}
	}
	return found;
}

static void
skip_expr_blanks(struct expr_state *s)
{
	while (s->at < s->end) {
		if (*s->at == '\\' && s->at + 1 < s->end && s->at[1] == '\n')
			s->at += 2;
		else if (number_is_blank(*s->at))
			s->at++;
		else
			break;
	}
}

enum lexeme_kind
expr_next_lexeme(struct expr_state *s)
{
	char c;

	skip_expr_blanks(s);
	s->n = 1;
	if (s->at == s->end)
		return s->n = 0, LEX_END;
	c = *s->at;
	if (c == '(')
		return LEX_OPEN;
	if (c == ')')
		return LEX_CLOSE;
	if (c == ',')
		return LEX_COMMA;
	s->op = expr_find_operator(s, expr_operators);
	if (s->op != NULL)
		return LEX_BINARY;
	s->n = 1;
	if (c == '!' || c == '~')
		return LEX_UNARY;
	if (c == '$' || c == '[' || c == '"' || c == '{')
		return LEX_OPERAND;
	return LEX_WORD;
}
