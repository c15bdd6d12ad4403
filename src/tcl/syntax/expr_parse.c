#include <string.h>

#include "tcl/syntax/expr.h"
#include "tcl/syntax/expr_lex.h"
#include "tcl/value/number.h"

enum { DEEPEST = 2000 };

static struct expr_node *parse_level(struct expr_state *s, unsigned level, enum context context);
static void fail_leftover(struct expr_state *s, enum lexeme_kind kind);

/* ---- operands ---- */

static struct expr_node *
new_node(struct expr_state *s, enum expr_kind kind)
{
	struct expr_node *x = heap_resize(&s->in->heap, NULL, 0, sizeof(*x));

	memset(x, 0, sizeof(*x));
	x->kind = (unsigned char)kind;
	return x;
}

static void
free_node(struct heap *h, struct expr_node *x)
{
	struct expr_node *next, *arg;

	/* iterates to the left, which may be deep: a + b + c + ..., and over arguments */
	while (x != NULL) {
		free_node(h, x->b);
		free_node(h, x->c);
		while ((arg = x->next) != NULL) {
			x->next = arg->next;
			arg->next = NULL;
			free_node(h, arg);
		}
		value_unref(x->value);
		ast_word_fini(h, &x->word);
		next = x->a;
		heap_release(h, x, sizeof(*x));
		x = next;
	}
}

static struct expr_node *
literal_node(struct expr_state *s, struct value *v)
{
	struct expr_node *x = new_node(s, EXPR_LITERAL);

	x->value = v;
	return x;
}

static bool
is_name_start(const struct expr_state *s)
{
	const char *p = s->at + 1;

	if (p == s->end)
		return false;
	return expr_is_word(*p) || *p == '{' || *p == '(' ||
	    (*p == ':' && p + 1 < s->end && p[1] == ':');
}

static struct expr_node *
parse_substitution(struct expr_state *s)
{
	struct parser p;
	struct word w;
	struct expr_node *x;

	syntax_parser(&p, &s->in->heap, s->at, (size_t)(s->end - s->at));
	p.line = s->line;
	p.source = s->source;
	p.depth = (unsigned)s->depth;
	if (*s->at == '$' && !is_name_start(s))
		return expr_fail(s, "BADCHAR", "invalid character \"$\"", 1, false, "");
	if (!syntax_operand(&p, &w)) {
		size_t n = p.term == NULL ? (size_t)(s->end - s->at) : 1;

		s->at = p.term == NULL ? s->at : p.term;
		return expr_fail(s, "UNBALANCED", p.mistake, n, false, "");
	}
	s->at = p.at;
	if (w.kind == WORD_LITERAL)
		return literal_node(s, w.value);
	x = new_node(s, EXPR_WORD);
	x->word = w;
	return x;
}

/* Parses the arguments of a function, from its (. */
static bool
parse_arguments(struct expr_state *s, struct expr_node *call)
{
	struct expr_node **end = &call->a;
	enum context context = AFTER_CALL;
	enum lexeme_kind kind;

	s->at++;
	if (expr_next_lexeme(s) == LEX_CLOSE) {
		s->at++;
		return true;
	}
	s->parens++;
	for (;;) {
		*end = parse_level(s, 0, context);
		if (*end == NULL)
			return false;
		/* arguments are linked by next */
		end = &(*end)->next;
		kind = expr_next_lexeme(s);
		if (kind == LEX_CLOSE)
			break;
		if (kind != LEX_COMMA) {
			fail_leftover(s, kind);
			return false;
		}
		s->at++;
		context = AFTER_COMMA;
	}
	s->parens--;
	s->at++;
	return true;
}

static const struct expr_function *
find_function(const char *name, size_t n)
{
	const struct expr_function *f;

	for (f = expr_functions; f->name != NULL; f++) {
		if (strlen(f->name) == n && memcmp(f->name, name, n) == 0)
			return f;
	}
	return NULL;
}

static size_t
word_length(const struct expr_state *s)
{
	size_t n = 0;

	while (s->at + n < s->end && expr_is_word(s->at[n]))
		n++;
	return n;
}

static struct expr_node *
parse_call(struct expr_state *s, size_t n, const char *open)
{
	struct expr_node *x = new_node(s, EXPR_CALL);

	x->value = value_text(&s->in->heap, s->at, n);
	x->function = find_function(s->at, n);
	s->at = open;
	if (parse_arguments(s, x))
		return x;
	free_node(&s->in->heap, x);
	return NULL;
}

/* Keeps only the number where it prints as its text. */
static struct value *
number_literal(struct expr_state *s, const struct number *number)
{
	char text[32];

	if (number->kind == NUMBER_INT && number_print_int(number->i, text) == s->n &&
	    memcmp(text, s->at, s->n) == 0)
		return value_int(&s->in->heap, number->i);
	return value_text(&s->in->heap, s->at, s->n);
}

/* Returns whether the number of s->n bytes is not the beginning of a word. */
static bool
number_stands(struct expr_state *s, const struct number *number)
{
	struct expr_state ahead = { .at = s->at + s->n, .end = s->end };

	if (ahead.at == ahead.end || !expr_is_word(*ahead.at))
		return number->kind != NUMBER_OCTAL;
	for (size_t i = 0; number->kind == NUMBER_DOUBLE && i < s->n; i++) {
		if (!expr_is_word(s->at[i]))
			return true;
	}
	return expr_next_lexeme(&ahead) == LEX_BINARY && number->kind != NUMBER_OCTAL;
}

static struct expr_node *
parse_number(struct expr_state *s)
{
	struct number number = number_scan(s->at, (size_t)(s->end - s->at));
	struct value *v;

	s->n = number.taken;
	if (number.kind == NUMBER_NONE || number.taken == 0 || !number_stands(s, &number))
		return NULL;
	v = number_literal(s, &number);
	s->at += s->n;
	return literal_node(s, v);
}

/* Fails with a hint about the unknown word. */
static struct expr_node *
refuse_word(struct expr_state *s)
{
	char second = s->n > 1 ? s->at[1] : '\0';

	if (*s->at == '0' && second == 'b')
		return expr_bad_word(s, " (invalid binary number?)", "BADNUMBER BINARY");
	if (*s->at == '0' && (second == 'o' || (second >= '0' && second <= '9')))
		return expr_bad_word(s, " (invalid octal number?)", "BADNUMBER OCTAL");
	return expr_bad_word(s, "", "BAREWORD");
}

static struct expr_node *
parse_bareword(struct expr_state *s)
{
	struct expr_state ahead = *s;
	struct expr_node *x = parse_number(s);
	size_t n = word_length(s);

	if (x != NULL || s->failed)
		return x;
	if (n == 0) {
		if (*s->at == '=')
			return expr_fail(s, "PARTOP", "incomplete operator \"=\"", 1, false, "");
		return expr_fail(s, "BADCHAR", "invalid character \"%c\"", 1, false, "");
	}
	ahead.at = s->at + n;
	if (expr_next_lexeme(&ahead) == LEX_OPEN)
		return parse_call(s, n, ahead.at);
	s->n = n;
	if (number_bool_word(s->at, n) == -1)
		return refuse_word(s);
	s->at += n;
	return literal_node(s, value_text(&s->in->heap, s->at - n, n));
}

static struct expr_node *
no_operand(struct expr_state *s, enum lexeme_kind kind, enum context context)
{
	if (kind == LEX_END && context == AT_START)
		return expr_fail(s, "EMPTY", "empty expression", 0, false, "");
	if (kind == LEX_CLOSE && context == AFTER_OPEN)
		return expr_fail(s, "EMPTY", "empty subexpression at _@_", 0, true, "");
	if (kind == LEX_END && (context == AFTER_OPEN || context == AFTER_CALL))
		return expr_fail(s, "UNBALANCED", "unbalanced open paren", 0, false, "");
	if (context == AFTER_COMMA && (kind == LEX_END || kind == LEX_CLOSE))
		return expr_missing(s, "missing function argument at _@_");
	if (kind == LEX_COMMA && context == AFTER_CALL)
		return expr_fail(s, "UNBALANCED", "missing function argument at _@_", 0, true, "");
	if (kind == LEX_CLOSE && s->parens == 0)
		return expr_fail(s, "UNBALANCED", "unbalanced close paren", 1, false, "");
	return expr_missing(s, "missing operand at _@_");
}

static struct expr_node *
parse_parens(struct expr_state *s)
{
	struct expr_node *x;

	s->at++;
	s->parens++;
	x = parse_level(s, 0, AFTER_OPEN);
	if (x == NULL)
		return NULL;
	if (expr_next_lexeme(s) == LEX_CLOSE) {
		s->at++;
		s->parens--;
		x->parens = true;
		return x;
	}
	free_node(&s->in->heap, x);
	fail_leftover(s, expr_next_lexeme(s));
	return NULL;
}

static struct expr_node *
parse_unary(struct expr_state *s)
{
	const struct expr_operator *op = expr_find_operator(s, expr_unaries);
	struct expr_node *x, *a;

	s->at += s->n;
	a = parse_level(s, 99, AFTER_OPERATOR);
	if (a == NULL)
		return NULL;
	if (op->text[0] == '-' && a->kind == EXPR_LITERAL &&
	    value_is(a->value, "9223372036854775808")) {
		/* -2^63: the number without the sign is too large */
		value_unref(a->value);
		a->value = value_int(&s->in->heap, INT64_MIN);
		return a;
	}
	x = new_node(s, EXPR_UNARY);
	x->op = op;
	x->a = a;
	return x;
}

static struct expr_node *
parse_operand(struct expr_state *s, enum context context)
{
	enum lexeme_kind kind = expr_next_lexeme(s);

	switch (kind) {
	case LEX_OPEN:
		return parse_parens(s);
	case LEX_OPERAND:
		return parse_substitution(s);
	case LEX_WORD:
		return parse_bareword(s);
	case LEX_UNARY:
		return parse_unary(s);
	case LEX_BINARY:
		if (*s->at == '+' || *s->at == '-')
			return parse_unary(s);
		/* a name that begins like an operator: in(), equal */
		if (expr_is_alpha(*s->at) && word_length(s) > s->n)
			return parse_bareword(s);
		return no_operand(s, kind, context);
	default:
		return no_operand(s, kind, context);
	}
}

/* ---- operators ---- */

static struct expr_node *
parse_choice(struct expr_state *s, struct expr_node *x)
{
	x->b = parse_level(s, x->op->level, AFTER_OPERATOR);
	if (x->b == NULL)
		return NULL;
	if (expr_next_lexeme(s) != LEX_BINARY || s->op->text[0] != ':')
		return expr_missing(s, "missing operator \":\" at _@_");
	s->at += s->n;
	x->c = parse_level(s, x->op->level, AFTER_OPERATOR);
	return x->c == NULL ? NULL : x;
}

static struct expr_node *
parse_right(struct expr_state *s, struct expr_node *left, const struct expr_operator *op)
{
	struct expr_node *x = new_node(s, op->kind);
	bool ok;

	x->op = op;
	x->a = left;
	if (op->kind == EXPR_CHOOSE) {
		ok = parse_choice(s, x) != NULL;
	} else {
		x->b = parse_level(s, op->right ? op->level : op->level + 1u, AFTER_OPERATOR);
		ok = x->b != NULL;
	}
	if (ok)
		return x;
	free_node(&s->in->heap, x);
	return NULL;
}

/* Parses operators of at least this level. */
static struct expr_node *
parse_level(struct expr_state *s, unsigned level, enum context context)
{
	struct expr_node *x;

	if (s->depth == DEEPEST || heap_too_deep(&s->in->heap)) {
		s->failed = true;
		interp_fail(s->in, "TCL LIMIT STACK", NULL,
		    "too many nested evaluations (infinite loop?)");
		return NULL;
	}
	s->depth++;
	x = parse_operand(s, context);
	while (x != NULL && expr_next_lexeme(s) == LEX_BINARY && s->op->level >= level &&
	    s->op->text[0] != ':') {
		const struct expr_operator *op = s->op;

		s->at += s->n;
		x = parse_right(s, x, op);
	}
	s->depth--;
	return x;
}

static void
missing_operator(struct expr_state *s, enum lexeme_kind kind)
{
	const char *at = s->at;

	/* an error in a word comes first */
	if (kind == LEX_WORD)
		free_node(&s->in->heap, parse_bareword(s));
	s->at = at;
	expr_missing(s, "missing operator at _@_");
}

/* Fails because something follows a complete expression. */
static void
fail_leftover(struct expr_state *s, enum lexeme_kind kind)
{
	if (kind == LEX_END)
		expr_fail(s, "UNBALANCED", "unbalanced open paren", 0, false, "");
	else if (kind == LEX_CLOSE)
		expr_fail(s, "UNBALANCED", "unbalanced close paren", 1, false, "");
	else if (kind == LEX_COMMA)
		expr_fail(s, "SURPRISE", "unexpected \",\" outside function argument list", 1,
		    false, "");
	else if (kind == LEX_BINARY)
		expr_fail(s, "SURPRISE", "unexpected operator \":\" without preceding \"?\"", 1,
		    false, "");
	else
		missing_operator(s, kind);
}

/* ---- conversion of the result to a number ---- */

bool
expr_is_constant(const struct expr_node *x)
{
	/* a row of operators is deep on the left */
	for (; x != NULL && x->kind != EXPR_LITERAL; x = x->a) {
		if (x->kind == EXPR_WORD || x->kind == EXPR_CALL || !expr_is_constant(x->b) ||
		    !expr_is_constant(x->c))
			return false;
	}
	return true;
}

/* Returns whether the compiler of tclsh converts the result to a number; it does not where an operator has
 * made one. folds: constants are evaluated first. */
static bool
converts(struct expr_node *x, bool before, bool folds)
{
	bool yes;

	if (folds && (x->parens || x->a != NULL) && expr_is_constant(x)) {
		x->folded = x->kind == EXPR_CHOOSE && !x->parens && converts(x, true, false);
		return false;
	}
	switch (x->kind) {
	case EXPR_LITERAL:
	case EXPR_WORD:
		return before;
	case EXPR_CALL:
		return true;
	case EXPR_CHOOSE:
		yes = converts(x->b, converts(x->a, true, folds), folds);
		return converts(x->c, true, folds) || yes;
	default:
		return false;
	}
}

struct expr *
expr_parse(struct interp *in, struct value *text)
{
	size_t n;
	const char *bytes = value_bytes(text, &n);
	struct expr_state s = { .in = in,
		.text = bytes,
		.end = bytes + n,
		.at = bytes,
		.line = text->line > 0 ? text->line : interp_line(in),
		.source = text->source };
	struct expr_node *root = parse_level(&s, 0, AT_START);
	struct expr *x;

	if (root != NULL && !s.failed) {
		enum lexeme_kind kind = expr_next_lexeme(&s);

		if (kind != LEX_END)
			fail_leftover(&s, kind);
	}
	if (s.failed) {
		free_node(&in->heap, root);
		return NULL;
	}
	x = heap_resize(&in->heap, NULL, 0, sizeof(*x));
	x->refs = 1;
	x->root = root;
	x->as_is = !converts(root, true, false);
	/* the same where tclsh compiles the expression with its script */
	x->as_is_compiled = !converts(root, true,
	    root->parens || root->kind != EXPR_CHOOSE || !expr_is_constant(root));
	return x;
}

void
expr_unref(struct heap *h, struct expr *x)
{
	if (--x->refs > 0)
		return;
	free_node(h, x->root);
	heap_release(h, x, sizeof(*x));
}

void
expr_free(struct value *v)
{
	expr_unref(v->heap, v->as.expr);
}
