/* Lexemes of expressions, and the messages of syntax errors. */
#ifndef TCL_SYNTAX_EXPR_LEX_H
#define TCL_SYNTAX_EXPR_LEX_H

#include "tcl/syntax/expr.h"

enum lexeme_kind {
	LEX_END,
	LEX_OPERAND,
	LEX_BINARY,
	LEX_UNARY,
	LEX_OPEN,
	LEX_CLOSE,
	LEX_COMMA,
	LEX_WORD
};

/* What precedes a missing operand. */
enum context { AT_START, AFTER_OPEN, AFTER_CALL, AFTER_COMMA, AFTER_OPERATOR };

struct expr_state {
	struct interp *in;
	const char *text, *end;
	const char *at;                 /* the lexeme */
	size_t n;                       /* its length */
	const struct expr_operator *op; /* LEX_BINARY */
	int depth, parens;
	unsigned line;
	unsigned short source;
	bool failed;
};

/* Skips white space and returns the lexeme at s->at. s->n is its length, s->op the row of an operator. */
enum lexeme_kind expr_next_lexeme(struct expr_state *s);
/* Returns the longest operator at s->at. */
const struct expr_operator *expr_find_operator(struct expr_state *s,
    const struct expr_operator *table);
bool expr_is_alpha(char c);
/* Returns whether c belongs to a name or a number. */
bool expr_is_word(char c);

/* These set the first error and return NULL. n bytes at s->at are wrong; mark: something is missing there. */
struct expr_node *expr_fail(struct expr_state *s, const char *code, const char *message, size_t n,
    bool mark, const char *post);
struct expr_node *expr_missing(struct expr_state *s, const char *message);
/* Reports the word of s->n bytes; hint says what it may mean. */
struct expr_node *expr_bad_word(struct expr_state *s, const char *hint, const char *code);

#endif
