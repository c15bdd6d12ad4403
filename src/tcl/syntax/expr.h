/* Syntax trees of expressions, and their operands. */
#ifndef TCL_SYNTAX_EXPR_H
#define TCL_SYNTAX_EXPR_H

#include "tcl/eval/eval.h"

enum expr_kind {
	EXPR_LITERAL, /* value */
	EXPR_WORD,    /* $x [x] "x" */
	EXPR_UNARY,
	EXPR_BINARY,
	EXPR_AND,
	EXPR_OR,
	EXPR_CHOOSE,
	EXPR_CALL,
};

struct expr_operator;
struct expr_function;

struct expr_node {
	unsigned char kind;
	bool parens;
	bool folded; /* a choice that tclsh makes at compile time: its text becomes a number */
	const struct expr_operator *op;
	const struct expr_function *function; /* NULL: unknown function; value is its name */
	struct expr_node *a, *b, *c;          /* a: the first argument of a call */
	struct expr_node *next;               /* the next argument */
	struct value *value;
	struct word word;
};

struct expr {
	unsigned refs;
	bool as_is;          /* a result that is a number stays as it is written */
	bool as_is_compiled; /* the same where tclsh compiles the expression with its script */
	struct expr_node *root;
};

/* An operand or a result. NUM_TEXT holds a reference to a value. */
enum num_kind { NUM_INT, NUM_DOUBLE, NUM_TEXT };

struct num {
	enum num_kind kind;
	union {
		int64_t i;
		double d;
		struct value *v;
	} as;
};

struct expr_operator {
	const char *text;
	unsigned char level; /* higher ones bind more tightly */
	unsigned char kind;  /* enum expr_kind */
	bool right;
	/* For integers: 0, or an ARITH_ error. NULL: not for integers. */
	int (*ints)(int64_t a, int64_t b, int64_t *ret);
	/* For doubles; NULL: not for doubles. */
	double (*doubles)(double a, double b);
	/* For the order of two texts or numbers. */
	bool (*order)(int order);
	int (*any)(struct interp *in, struct num *a, struct num *b, struct num *ret);
};

struct expr_function {
	const char *name;
	int min, max; /* the number of arguments; max -1: any */
	int (*run)(struct interp *in, const struct expr_function *f, int n, struct num *args,
	    struct num *ret);
	double (*one)(double a);
	double (*two)(double a, double b);
};

enum { ARITH_OK, ARITH_OVERFLOW, ARITH_DIVZERO, ARITH_SHIFT, ARITH_ZEROPOW, ARITH_DOMAIN };

/* The last row of each table has no text. */
extern const struct expr_operator expr_operators[], expr_unaries[];
extern const struct expr_function expr_functions[];

/* NULL with the error set. */
struct expr *expr_parse(struct interp *in, struct value *text);
/* Returns whether it has literals only, so that tclsh evaluates it at compile time. */
bool expr_is_constant(const struct expr_node *x);
int expr_eval(struct interp *in, const struct expr_node *x, struct num *ret);

void num_fini(struct num *n);
struct num num_of(struct value *v);                        /* takes v */
struct value *num_value(struct interp *in, struct num *n); /* takes n */
/* Makes n a text; returns it, borrowed. */
struct value *num_text(struct interp *in, struct num *n);
/* Compares two numbers exactly, also where a double cannot hold an integer. */
int num_order(const struct num *a, const struct num *b);
/* Makes n a number if its text is one; returns whether it is. */
bool num_numeric(struct num *n);
int num_truth(struct interp *in, struct num *n, bool *ret_truth);
int num_fail(struct interp *in, int arith);
int num_fail_nan(struct interp *in);
void expr_unref(struct heap *h, struct expr *x);
/* For struct value_form. */
void expr_free(struct value *v);

#endif
