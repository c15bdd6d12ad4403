#include <math.h>

#include "tcl/commands/commands.h"
#include "tcl/syntax/expr.h"
#include "tcl/value/number.h"

/* Fails because the operator does not accept the operand. */
static int
bad_operand(struct interp *in, struct num *n, const struct expr_operator *op)
{
	const char *what = "floating-point value";
	struct value *code = value_string(&in->heap, "ARITH DOMAIN {");
	int rc;

	if (n->kind == NUM_TEXT) {
		size_t len;
		const char *bytes = value_bytes(n->as.v, &len);
		struct number number = number_parse(bytes, len);

		what = len == 0                   ? "empty string"
		    : number.kind == NUMBER_OCTAL ? "invalid octal number"
						  : "non-numeric string";
		if (number.kind == NUMBER_BIG) {
			value_unref(code);
			return num_fail(in, ARITH_OVERFLOW);
		}
	} else if (n->kind == NUM_DOUBLE && isnan(n->as.d)) {
		what = "non-numeric floating-point value";
	}
	value_format(code, "%s}", what);
	rc =
	    interp_fail(in, code->bytes, NULL, "can't use %s as operand of \"%s\"", what, op->text);
	value_unref(code);
	return rc;
}

/* ---- operators ---- */

static double
num_double(const struct num *n)
{
	return n->kind == NUM_INT ? (double)n->as.i : n->as.d;
}

static int
finish_double(struct interp *in, double d, struct num *ret)
{
	if (isnan(d))
		return num_fail(in, ARITH_DOMAIN);
	ret->kind = NUM_DOUBLE;
	ret->as.d = d;
	return TCL_OK;
}

static int
eval_arithmetic(struct interp *in, const struct expr_operator *op, struct num *a, struct num *b,
    struct num *ret)
{
	struct num *bad = NULL;
	int arith;

	if (!num_numeric(a) || (a->kind == NUM_DOUBLE && op->doubles == NULL) ||
	    (a->kind == NUM_DOUBLE && isnan(a->as.d)))
		bad = a;
	else if (!num_numeric(b) || (b->kind == NUM_DOUBLE && op->doubles == NULL) ||
	    (b->kind == NUM_DOUBLE && isnan(b->as.d)))
		bad = b;
	if (bad != NULL)
		return bad_operand(in, bad, op);
	if (a->kind == NUM_DOUBLE || b->kind == NUM_DOUBLE)
		return finish_double(in, op->doubles(num_double(a), num_double(b)), ret);
	arith = op->ints(a->as.i, b->as.i, &ret->as.i);
	ret->kind = NUM_INT;
	return arith == ARITH_OK ? TCL_OK : num_fail(in, arith);
}

static int
order_of(double a, double b)
{
	return (a > b) - (a < b);
}

/* Compares exactly, also where a double cannot hold the integer. */
static int
order_mixed(int64_t i, double d)
{
	int64_t whole;

	if (d >= 9223372036854775808.0)
		return -1;
	if (d < -9223372036854775808.0)
		return 1;
	whole = (int64_t)d;
	if (i != whole)
		return i < whole ? -1 : 1;
	return order_of(0, d - (double)whole);
}

int
num_order(const struct num *a, const struct num *b)
{
	if (a->kind == NUM_INT && b->kind == NUM_INT)
		return (a->as.i > b->as.i) - (a->as.i < b->as.i);
	if (a->kind == NUM_INT)
		return order_mixed(a->as.i, b->as.d);
	if (b->kind == NUM_INT)
		return -order_mixed(b->as.i, a->as.d);
	return order_of(a->as.d, b->as.d);
}

struct value *
num_text(struct interp *in, struct num *n)
{
	if (n->kind != NUM_TEXT) {
		n->as.v = num_value(in, n);
		n->kind = NUM_TEXT;
	}
	return n->as.v;
}

/* Makes an integer of more than 64 bits the nearest double. */
static bool
make_comparable(struct num *n)
{
	double d;

	if (num_numeric(n) || !value_to_double(n->as.v, &d))
		return n->kind != NUM_TEXT;
	num_fini(n);
	*n = (struct num){ .kind = NUM_DOUBLE, .as.d = d };
	return true;
}

static bool
is_nan(const struct num *n)
{
	return n->kind == NUM_DOUBLE && isnan(n->as.d);
}

static int
compare_operands(struct interp *in, const struct expr_operator *op, struct num *a, struct num *b,
    struct num *ret)
{
	struct num x = *a, y = *b;
	bool texts;

	if (x.kind == NUM_TEXT)
		value_ref(x.as.v);
	if (y.kind == NUM_TEXT)
		value_ref(y.as.v);
	ret->kind = NUM_INT;
	texts = !num_numeric(&x) && !num_numeric(&y);
	/* large integers that are equal as doubles may differ as texts */
	if (make_comparable(&x) && make_comparable(&y) && !(texts && num_order(&x, &y) == 0))
		ret->as.i =
		    is_nan(&x) || is_nan(&y) ? op->text[0] == '!' : op->order(num_order(&x, &y));
	else
		ret->as.i = op->order(value_compare(num_text(in, a), num_text(in, b)));
	num_fini(&x);
	num_fini(&y);
	return TCL_OK;
}

/* Returns whether this is an integer to the power of 1, which stays as written; b is then a number. */
static bool
is_itself(const struct expr_operator *op, const struct num *a, struct num *b)
{
	int64_t ignored;

	return op->text[0] == '*' && op->text[1] == '*' && a->kind == NUM_TEXT && num_numeric(b) &&
	    b->kind == NUM_INT && b->as.i == 1 && value_to_int(a->as.v, &ignored);
}

/* Reads an integer without evaluating: a literal, or a variable of this frame. */
static inline bool
peek_int(struct interp *in, const struct expr_node *x, int64_t *ret)
{
	const struct value *v = NULL;

	if (x->kind == EXPR_LITERAL)
		v = x->value;
	else if (x->kind == EXPR_WORD && x->word.kind == WORD_VAR)
		v = var_cached(in, x->word.value);
	if (v == NULL || v->type != VALUE_INT)
		return false;
	*ret = v->as.number;
	return true;
}

/* Applies an operator to two such integers; false also where that fails: the slow path reports it. */
static inline bool
peek_binary(struct interp *in, const struct expr_node *x, int64_t *ret)
{
	int64_t a, b;

	return x->kind == EXPR_BINARY && x->op->any == NULL && !x->op->right &&
	    peek_int(in, x->a, &a) && peek_int(in, x->b, &b) && x->op->ints(a, b, ret) == ARITH_OK;
}

static int
eval_binary(struct interp *in, const struct expr_node *x, struct num *ret)
{
	const struct expr_operator *op = x->op;
	struct num a, b;
	int code;

	if (peek_binary(in, x, &ret->as.i)) {
		ret->kind = NUM_INT;
		return TCL_OK;
	}
	code = expr_eval(in, x->a, &a);
	if (code != TCL_OK)
		return code;
	code = expr_eval(in, x->b, &b);
	if (code != TCL_OK) {
		num_fini(&a);
		return code;
	}
	if (a.kind == NUM_INT && b.kind == NUM_INT && op->any == NULL) {
		int arith = op->ints(a.as.i, b.as.i, &ret->as.i);

		ret->kind = NUM_INT;
		return arith == ARITH_OK ? TCL_OK : num_fail(in, arith);
	}
	if (is_itself(op, &a, &b)) {
		*ret = a;
		return TCL_OK;
	}
	if (op->any != NULL)
		code = op->any(in, &a, &b, ret);
	else if (op->order != NULL)
		code = compare_operands(in, op, &a, &b, ret);
	else
		code = eval_arithmetic(in, op, &a, &b, ret);
	num_fini(&a);
	num_fini(&b);
	return code;
}

static int not(struct interp * in, const struct expr_operator *op, struct num *a, struct num *ret)
{
	size_t n;
	const char *bytes;
	int word;

	if (num_numeric(a)) {
		if (a->kind == NUM_DOUBLE && isnan(a->as.d))
			return bad_operand(in, a, op);
		ret->as.i = a->kind == NUM_INT ? a->as.i == 0 : a->as.d == 0;
		ret->kind = NUM_INT;
		return TCL_OK;
	}
	bytes = value_bytes(a->as.v, &n);
	word = number_bool_word(bytes, n);
	if (word == -1)
		return bad_operand(in, a, op);
	ret->kind = NUM_INT;
	ret->as.i = !word;
	return TCL_OK;
}

static int
eval_unary(struct interp *in, const struct expr_node *x, struct num *ret)
{
	struct num a, zero = { .kind = NUM_INT };
	int code = expr_eval(in, x->a, &a);

	if (code != TCL_OK)
		return code;
	if (x->op->text[0] == '!')
		code = not(in, x->op, &a, ret);
	else
		code = eval_arithmetic(in, x->op, &zero, &a, ret);
	num_fini(&a);
	return code;
}

/* Returns whether a "!" comes first: tclsh compiles it as an inverted jump, whose operand may be any
 * condition. */
static bool
is_turned(const struct expr_node *x)
{
	return x->kind == EXPR_UNARY && x->op->text[0] == '!' && !expr_is_constant(x->a);
}

static int
eval_truth(struct interp *in, const struct expr_node *x, bool *ret_truth)
{
	struct num n;
	bool turned = is_turned(x);
	int code = expr_eval(in, turned ? x->a : x, &n);

	if (code == TCL_OK)
		code = num_truth(in, &n, ret_truth);
	if (code == TCL_OK && turned)
		*ret_truth = !*ret_truth;
	return code;
}

static int
eval_lazy(struct interp *in, const struct expr_node *x, struct num *ret)
{
	bool truth = false;
	int code = eval_truth(in, x->a, &truth);

	if (code == TCL_OK && truth == (x->kind == EXPR_AND))
		code = eval_truth(in, x->b, &truth);
	ret->kind = NUM_INT;
	ret->as.i = truth;
	return code;
}

/* ---- calls ---- */

static int
wrong_count(struct interp *in, const struct expr_node *x, const char *how)
{
	return interp_fail(in, "TCL WRONGARGS", NULL, "%s arguments for math function \"%v\"", how,
	    x->value);
}

static int
call_with(struct interp *in, const struct expr_node *x, int n, struct num *args, struct num *ret)
{
	const struct expr_function *f = x->function;
	struct value *name;
	int code;

	if (f == NULL) {
		name = value_string(&in->heap, "tcl::mathfunc::");
		value_append_value(name, x->value);
		code = interp_fail(in, "TCL LOOKUP COMMAND", name, "invalid command name \"%v\"",
		    name);
		value_unref(name);
		return code;
	}
	if (n < f->min)
		return wrong_count(in, x, "not enough");
	if (f->max != -1 && n > f->max)
		return wrong_count(in, x, "too many");
	return f->run(in, f, n, args, ret);
}

static int
eval_call_node(struct interp *in, const struct expr_node *x, struct num *ret)
{
	struct num few[4], *args = few;
	const struct expr_node *arg;
	int n = 0, count = 0, code = TCL_OK;

	for (arg = x->a; arg != NULL; arg = arg->next)
		count++;
	if (count > 4)
		args = heap_resize(&in->heap, NULL, 0, (size_t)count * sizeof(*args));
	if (args == NULL)
		return interp_fail(in, NULL, NULL, "out of memory");
	for (arg = x->a; arg != NULL && code == TCL_OK; arg = arg->next) {
		code = expr_eval(in, arg, &args[n]);
		n += code == TCL_OK;
	}
	if (code == TCL_OK)
		code = call_with(in, x, n, args, ret);
	while (n > 0)
		num_fini(&args[--n]);
	if (args != few)
		heap_release(&in->heap, args, (size_t)count * sizeof(*args));
	return code;
}

/* ---- evaluation ---- */

static int
eval_operand(struct interp *in, const struct word *w, struct num *ret)
{
	struct value *v;
	int code;

	if (w->kind == WORD_VAR) {
		v = var_cached(in, w->value);
		if (v == NULL)
			v = eval_variable(in, w->value);
		if (v == NULL)
			return TCL_ERROR;
		if (v->type == VALUE_INT && v->bytes == NULL) {
			ret->kind = NUM_INT;
			ret->as.i = v->as.number;
			return TCL_OK;
		}
		*ret = num_of(value_ref(v));
		return TCL_OK;
	}
	code = eval_word(in, w, &v);
	if (code == TCL_OK)
		*ret = num_of(v);
	return code;
}

int
expr_eval(struct interp *in, const struct expr_node *x, struct num *ret)
{
	bool truth;
	int code;

	if (heap_too_deep(&in->heap))
		return interp_fail(in, "TCL LIMIT STACK", NULL,
		    "too many nested evaluations (infinite loop?)");
	switch (x->kind) {
	case EXPR_LITERAL:
		if (x->value->type == VALUE_INT && x->value->bytes == NULL) {
			ret->kind = NUM_INT;
			ret->as.i = x->value->as.number;
		} else {
			*ret = num_of(value_ref(x->value));
		}
		return TCL_OK;
	case EXPR_WORD:
		return eval_operand(in, &x->word, ret);
	case EXPR_UNARY:
		return eval_unary(in, x, ret);
	case EXPR_BINARY:
		return eval_binary(in, x, ret);
	case EXPR_CHOOSE:
		code = eval_truth(in, x->a, &truth);
		code = code == TCL_OK ? expr_eval(in, truth ? x->b : x->c, ret) : code;
		if (code == TCL_OK && x->folded)
			num_numeric(ret);
		return code;
	case EXPR_CALL:
		return eval_call_node(in, x, ret);
	default:
		return eval_lazy(in, x, ret);
	}
}

static struct expr *
parsed_expr(struct interp *in, struct value *text)
{
	struct expr *x;

	if (text->type == VALUE_EXPR)
		return text->as.expr;
	x = expr_parse(in, text);
	if (x == NULL)
		return NULL;
	value_reset_type(text);
	text->type = VALUE_EXPR;
	text->as.expr = x;
	return x;
}

static int
eval_text(struct interp *in, struct value *text, struct num *ret, bool *ret_as_is)
{
	struct expr *x;
	int code;

	if (text->type == VALUE_INT) {
		ret->kind = NUM_INT;
		ret->as.i = text->as.number;
		return TCL_OK;
	}
	x = parsed_expr(in, text);
	if (x == NULL)
		return TCL_ERROR;
	*ret_as_is = x->as_is == x->as_is_compiled || !ast_is_literal(in->node, text)
	    ? x->as_is
	    : x->as_is_compiled;
	x->refs++;
	code = expr_eval(in, x->root, ret);
	expr_unref(&in->heap, x);
	return code;
}

int
expr_value(struct interp *in, struct value *text, struct value **ret)
{
	struct num n;
	bool as_is = false;
	int code = eval_text(in, text, &n, &as_is);

	if (code != TCL_OK)
		return code;
	if (!as_is)
		num_numeric(&n);
	if (is_nan(&n))
		return num_fail(in, ARITH_DOMAIN);
	*ret = num_value(in, &n);
	return TCL_OK;
}

int
expr_bool(struct interp *in, struct value *text, bool *ret_truth)
{
	struct num n;
	struct expr *x;
	int64_t number;
	int code;

	if (text->type == VALUE_INT) {
		*ret_truth = text->as.number != 0;
		return TCL_OK;
	}
	x = parsed_expr(in, text);
	if (x == NULL)
		return TCL_ERROR;
	if (peek_binary(in, x->root, &number)) {
		*ret_truth = number != 0;
		return TCL_OK;
	}
	x->refs++;
	if (is_turned(x->root) && ast_is_literal(in->node, text)) {
		code = eval_truth(in, x->root, ret_truth);
	} else {
		code = expr_eval(in, x->root, &n);
		if (code == TCL_OK)
			code = num_truth(in, &n, ret_truth);
	}
	expr_unref(&in->heap, x);
	return code;
}

static int
cmd_expr(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *text = value_ref(argv[1]), *v;
	int code;

	if (argc > 2)
		text = value_own(text);
	for (int i = 2; i < argc; i++) {
		value_append_char(text, ' ');
		value_append_value(text, argv[i]);
	}
	code = expr_value(in, text, &v);
	if (code == TCL_ERROR && !ast_is_literal(in->node, text))
		in->logged = false;
	value_unref(text);
	if (code == TCL_OK)
		interp_set_result(in, v);
	return code;
}

const struct interp_command core_expr_commands[] = {
	{ "expr", cmd_expr, 1, -1, "arg ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};
