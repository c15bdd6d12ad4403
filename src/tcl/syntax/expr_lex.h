/* Lexemes of expressions, and what is said about those that do not fit. */
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

/* What stands before an operand that is missing. */
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

/* What begins at s->at, once blanks are skipped: its length in s->n, an operator's row in s->op. */
enum lexeme_kind expr_look(struct expr_state *s);
/* The longest operator of the table at s->at. */
const struct expr_operator *expr_find_operator(struct expr_state *s,
    const struct expr_operator *table);
bool expr_is_alpha(char c);
/* Of names and numbers. */
bool expr_is_word(char c);

/* These set the error once, and return NULL. n bytes at s->at are at fault; mark: something is missing there. */
struct expr_node *expr_mistake(struct expr_state *s, const char *code, const char *message,
    size_t n, bool mark, const char *post);
struct expr_node *expr_missing(struct expr_state *s, const char *message);
/* The word of s->n bytes; hint: what it may have been meant for. */
struct expr_node *expr_bad_word(struct expr_state *s, const char *hint, const char *code);

#endif
