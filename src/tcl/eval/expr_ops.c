/* The operators of expressions. */
#include <math.h>

#include "tcl/eval/args.h"
#include "tcl/syntax/expr.h"

/* ---- integers ---- */

#define CHECKED_OPERATION(name, builtin)                                                           \
	static int name(int64_t a, int64_t b, int64_t *ret)                                        \
	{                                                                                          \
		return builtin(a, b, ret) ? ARITH_OVERFLOW : ARITH_OK;                             \
	}

CHECKED_OPERATION(add, __builtin_add_overflow)
CHECKED_OPERATION(subtract, __builtin_sub_overflow)
CHECKED_OPERATION(multiply, __builtin_mul_overflow)

/* Rounds towards minus infinity. */
static int
divide(int64_t a, int64_t b, int64_t *ret)
{
	if (b == 0)
		return ARITH_DIVZERO;
	if (b == -1)
		return subtract(0, a, ret);
	*ret = a / b - (a % b != 0 && (a < 0) != (b < 0));
	return ARITH_OK;
}

/* The result has the sign of b. */
static int
modulo(int64_t a, int64_t b, int64_t *ret)
{
	if (b == 0)
		return ARITH_DIVZERO;
	if (b == -1) {
		*ret = 0;
		return ARITH_OK;
	}
	*ret = a % b;
	if (*ret != 0 && (a < 0) != (b < 0))
		*ret += b;
	return ARITH_OK;
}

static int
power_negative(int64_t a, int64_t b, int64_t *ret)
{
	if (a == 0)
		return ARITH_ZEROPOW;
	*ret = a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
	return ARITH_OK;
}

static int
power(int64_t a, int64_t b, int64_t *ret)
{
	int64_t result = 1;

	if (b < 0)
		return power_negative(a, b, ret);
	for (; b > 0; b >>= 1) {
		if (b % 2 == 1 && __builtin_mul_overflow(result, a, &result))
			return ARITH_OVERFLOW;
		if (b > 1 && __builtin_mul_overflow(a, a, &a))
			return ARITH_OVERFLOW;
	}
	*ret = result;
	return ARITH_OK;
}

static int
shift_left(int64_t a, int64_t b, int64_t *ret)
{
	if (b < 0)
		return ARITH_SHIFT;
	if (a == 0) {
		*ret = 0;
		return ARITH_OK;
	}
	if (b > 62)
		return ARITH_OVERFLOW;
	return __builtin_mul_overflow(a, (int64_t)1 << b, ret) ? ARITH_OVERFLOW : ARITH_OK;
}

static int
shift_right(int64_t a, int64_t b, int64_t *ret)
{
	if (b < 0)
		return ARITH_SHIFT;
	*ret = a >> (b > 63 ? 63 : b);
	return ARITH_OK;
}

#define INTEGER_OPERATION(name, result)                                                            \
	static int name(int64_t a, int64_t b, int64_t *ret)                                        \
	{                                                                                          \
		*ret = (result);                                                                   \
		return ARITH_OK;                                                                   \
	}

INTEGER_OPERATION(bit_and, a &b)
INTEGER_OPERATION(bit_or, a | b)
INTEGER_OPERATION(bit_xor, a ^ b)
INTEGER_OPERATION(bit_not, ~b + 0 * a)
INTEGER_OPERATION(is_less, a < b)
INTEGER_OPERATION(is_more, a > b)
INTEGER_OPERATION(is_least, a <= b)
INTEGER_OPERATION(is_most, a >= b)
INTEGER_OPERATION(is_same, a == b)
INTEGER_OPERATION(is_other, a != b)

/* ---- doubles and texts ---- */

#define DOUBLE_OPERATION(name, result)                                                             \
	static double name(double a, double b)                                                     \
	{                                                                                          \
		return (result);                                                                   \
	}

DOUBLE_OPERATION(double_add, a + b)
DOUBLE_OPERATION(double_subtract, a - b)
DOUBLE_OPERATION(double_multiply, a *b)
DOUBLE_OPERATION(double_divide, a / b)

static double
double_negate(double a, double b)
{
	(void)a;
	return -b;
}

#define ORDER(name, result)                                                                        \
	static bool name(int order)                                                                \
	{                                                                                          \
		return (result);                                                                   \
	}

ORDER(order_less, order < 0)
ORDER(order_more, order > 0)
ORDER(order_least, order <= 0)
ORDER(order_most, order >= 0)
ORDER(order_same, order == 0)
ORDER(order_other, order != 0)

static int
op_eq(struct interp *in, struct num *a, struct num *b, struct num *ret)
{
	ret->kind = NUM_INT;
	ret->as.i = value_equal(num_text(in, a), num_text(in, b));
	return TCL_OK;
}

static int
op_ne(struct interp *in, struct num *a, struct num *b, struct num *ret)
{
	ret->kind = NUM_INT;
	ret->as.i = !value_equal(num_text(in, a), num_text(in, b));
	return TCL_OK;
}

static int
op_in(struct interp *in, struct num *a, struct num *b, struct num *ret)
{
	struct value *key = num_text(in, a);
	struct list *l = args_list(in, num_text(in, b));

	ret->kind = NUM_INT;
	ret->as.i = 0;
	for (size_t i = 0; l != NULL && i < l->n && ret->as.i == 0; i++)
		ret->as.i = value_equal(l->items[i], key);
	return l == NULL ? TCL_ERROR : TCL_OK;
}

static int
op_ni(struct interp *in, struct num *a, struct num *b, struct num *ret)
{
	int code = op_in(in, a, b, ret);

	ret->as.i = !ret->as.i;
	return code;
}

const struct expr_operator expr_operators[] = {
	{ "?", 1, EXPR_CHOOSE, true, NULL, NULL, NULL, NULL },
	{ ":", 1, EXPR_CHOOSE, true, NULL, NULL, NULL, NULL },
	{ "||", 2, EXPR_OR, false, NULL, NULL, NULL, NULL },
	{ "&&", 3, EXPR_AND, false, NULL, NULL, NULL, NULL },
	{ "|", 4, EXPR_BINARY, false, bit_or, NULL, NULL, NULL },
	{ "^", 5, EXPR_BINARY, false, bit_xor, NULL, NULL, NULL },
	{ "&", 6, EXPR_BINARY, false, bit_and, NULL, NULL, NULL },
	{ "in", 9, EXPR_BINARY, false, NULL, NULL, NULL, op_in },
	{ "ni", 9, EXPR_BINARY, false, NULL, NULL, NULL, op_ni },
	{ "eq", 9, EXPR_BINARY, false, NULL, NULL, NULL, op_eq },
	{ "ne", 9, EXPR_BINARY, false, NULL, NULL, NULL, op_ne },
	{ "==", 9, EXPR_BINARY, false, is_same, NULL, order_same, NULL },
	{ "!=", 9, EXPR_BINARY, false, is_other, NULL, order_other, NULL },
	{ "<", 10, EXPR_BINARY, false, is_less, NULL, order_less, NULL },
	{ ">", 10, EXPR_BINARY, false, is_more, NULL, order_more, NULL },
	{ "<=", 10, EXPR_BINARY, false, is_least, NULL, order_least, NULL },
	{ ">=", 10, EXPR_BINARY, false, is_most, NULL, order_most, NULL },
	{ "<<", 11, EXPR_BINARY, false, shift_left, NULL, NULL, NULL },
	{ ">>", 11, EXPR_BINARY, false, shift_right, NULL, NULL, NULL },
	{ "+", 12, EXPR_BINARY, false, add, double_add, NULL, NULL },
	{ "-", 12, EXPR_BINARY, false, subtract, double_subtract, NULL, NULL },
	{ "*", 13, EXPR_BINARY, false, multiply, double_multiply, NULL, NULL },
	{ "/", 13, EXPR_BINARY, false, divide, double_divide, NULL, NULL },
	{ "%", 13, EXPR_BINARY, false, modulo, NULL, NULL, NULL },
	{ "**", 14, EXPR_BINARY, true, power, pow, NULL, NULL },
	{ NULL, 0, 0, false, NULL, NULL, NULL, NULL },
};

/* The left operand is 0. */
const struct expr_operator expr_unaries[] = {
	{ "-", 15, EXPR_UNARY, true, subtract, double_negate, NULL, NULL },
	{ "+", 15, EXPR_UNARY, true, add, double_add, NULL, NULL },
	{ "~", 15, EXPR_UNARY, true, bit_not, NULL, NULL, NULL },
	{ "!", 15, EXPR_UNARY, true, NULL, NULL, NULL, NULL },
	{ NULL, 0, 0, false, NULL, NULL, NULL, NULL },
};
