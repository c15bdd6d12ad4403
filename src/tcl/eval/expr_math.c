/* The functions of expressions. */
#include <math.h>
#include <time.h>

#include "tcl/eval/args.h"
#include "tcl/syntax/expr.h"
#include "tcl/value/number.h"

static int
want_number(struct interp *in, struct num *n)
{
	double d;

	if (num_numeric(n)) {
		if (n->kind == NUM_DOUBLE && isnan(n->as.d))
			return num_fail_nan(in);
		return TCL_OK;
	}
	return value_to_double(n->as.v, &d) ? num_fail(in, ARITH_OVERFLOW)
					    : args_fail_expected(in, "number", n->as.v);
}

static int
want_double(struct interp *in, struct num *n, double *ret)
{
	if (!num_numeric(n))
		return interp_get_double(in, n->as.v, ret);
	*ret = n->kind == NUM_INT ? (double)n->as.i : n->as.d;
	return isnan(*ret) ? want_number(in, n) : TCL_OK;
}

static int
set_double(struct interp *in, double d, struct num *ret)
{
	ret->kind = NUM_DOUBLE;
	ret->as.d = d;
	if (isnan(d))
		return num_fail(in, ARITH_DOMAIN);
	return TCL_OK;
}

static int
fn_one(struct interp *in, const struct expr_function *f, int n, struct num *args, struct num *ret)
{
	double a;

	(void)n;
	return want_double(in, &args[0], &a) == TCL_OK ? set_double(in, f->one(a), ret) : TCL_ERROR;
}

/* Returns NaN without an error; the next operation reports it. */
static int
fn_sqrt(struct interp *in, const struct expr_function *f, int n, struct num *args, struct num *ret)
{
	double a;

	(void)f;
	(void)n;
	if (want_double(in, &args[0], &a) != TCL_OK)
		return TCL_ERROR;
	ret->kind = NUM_DOUBLE;
	ret->as.d = sqrt(a);
	return TCL_OK;
}

static int
fn_two(struct interp *in, const struct expr_function *f, int n, struct num *args, struct num *ret)
{
	double a, b;

	(void)n;
	if (want_double(in, &args[0], &a) != TCL_OK || want_double(in, &args[1], &b) != TCL_OK)
		return TCL_ERROR;
	return set_double(in, f->two(a, b), ret);
}

/* Converts a double to an integer; fails where it does not fit into 64 bits. */
static int
set_from_double(struct interp *in, double d, struct num *ret)
{
	ret->kind = NUM_INT;
	if (d >= 9223372036854775808.0 || d < -9223372036854775808.0)
		return num_fail(in, ARITH_OVERFLOW);
	ret->as.i = (int64_t)d;
	return TCL_OK;
}

/* int wide entier round; f->one is applied to a double first. */
static int
fn_integer(struct interp *in, const struct expr_function *f, int n, struct num *args,
    struct num *ret)
{
	(void)n;
	if (want_number(in, &args[0]) != TCL_OK)
		return TCL_ERROR;
	if (args[0].kind == NUM_DOUBLE)
		return set_from_double(in, f->one(args[0].as.d), ret);
	*ret = args[0];
	return TCL_OK;
}

static double
as_it_is(double d)
{
	return d;
}

static int
fn_abs(struct interp *in, const struct expr_function *f, int n, struct num *args, struct num *ret)
{
	(void)f;
	(void)n;
	if (want_number(in, &args[0]) != TCL_OK)
		return TCL_ERROR;
	*ret = args[0];
	if (ret->kind == NUM_DOUBLE)
		ret->as.d = fabs(ret->as.d);
	else if (ret->as.i < 0 && __builtin_sub_overflow(0, ret->as.i, &ret->as.i))
		return num_fail(in, ARITH_OVERFLOW);
	return TCL_OK;
}

static int
not_comparable(struct interp *in, struct value *v)
{
	args_fail_expected(in, "floating-point number", v);
	value_unref(in->errorcode);
	in->errorcode = NULL;
	return TCL_ERROR;
}

static int
fn_extreme(struct interp *in, const struct expr_function *f, int n, struct num *args,
    struct num *ret)
{
	int best = 0;

	if (n == 0)
		return interp_fail(in, NULL, NULL, "not enough arguments to math function \"%s\"",
		    f->name);
	for (int i = 0; i < n; i++) {
		if (!num_numeric(&args[i]))
			return not_comparable(in, args[i].as.v);
		if (args[i].kind == NUM_DOUBLE && isnan(args[i].as.d))
			return interp_fail(in, NULL, NULL, "floating point value is Not a Number");
		if (f->name[1] == 'a' ? num_order(&args[best], &args[i]) < 0
				      : num_order(&args[i], &args[best]) < 0)
			best = i;
	}
	*ret = args[best];
	return TCL_OK;
}

static int
fn_bool(struct interp *in, const struct expr_function *f, int n, struct num *args, struct num *ret)
{
	bool truth;

	(void)f;
	(void)n;
	if (args[0].kind == NUM_TEXT)
		value_ref(args[0].as.v);
	if (num_truth(in, &args[0], &truth) != TCL_OK)
		return TCL_ERROR;
	ret->kind = NUM_INT;
	ret->as.i = truth;
	return TCL_OK;
}

static int
fn_isqrt(struct interp *in, const struct expr_function *f, int n, struct num *args, struct num *ret)
{
	int64_t root;
	double d = 0;

	if (num_numeric(&args[0]))
		d = args[0].kind == NUM_INT ? (double)args[0].as.i : args[0].as.d;
	else
		value_to_double(args[0].as.v, &d);
	if (d < 0)
		return interp_fail(in, "ARITH DOMAIN {domain error: argument not in valid range}",
		    NULL, "square root of negative argument");
	if (fn_integer(in, f, n, args, ret) != TCL_OK)
		return TCL_ERROR;
	root = (int64_t)sqrt((double)ret->as.i);
	while (root > 0 && root > ret->as.i / root)
		root--;
	while ((root + 1) <= ret->as.i / (root + 1))
		root++;
	ret->as.i = root;
	return TCL_OK;
}

/* The generator of Tcl, so that a seed gives the same numbers. */
static double
park_miller(struct interp *in)
{
	int64_t seed = (int64_t)in->seed, high;

	if (seed == 0)
		seed = (int64_t)((unsigned long)time(NULL) & 0x7fffffff) | 1;
	high = seed / 127773;
	seed = 16807 * (seed - high * 127773) - 2836 * high;
	if (seed < 0)
		seed += 2147483647;
	in->seed = (uint64_t)seed;
	return (double)seed * (1.0 / 2147483647.0);
}

static int
fn_rand(struct interp *in, const struct expr_function *f, int n, struct num *args, struct num *ret)
{
	(void)f;
	(void)n;
	(void)args;
	return set_double(in, park_miller(in), ret);
}

static int
fn_srand(struct interp *in, const struct expr_function *f, int n, struct num *args, struct num *ret)
{
	struct value *v = num_value(in, &args[0]);
	int64_t seed;
	int code;

	(void)f;
	(void)n;
	args[0] = (struct num){ .kind = NUM_TEXT, .as.v = v };
	code = args_wide(in, v, &seed);
	if (code != TCL_OK)
		return code;
	in->seed = (uint64_t)seed & 0x7fffffff;
	if (in->seed == 0 || in->seed == 0x7fffffff)
		in->seed ^= 123459876;
	return set_double(in, park_miller(in), ret);
}

const struct expr_function expr_functions[] = {
	{ "abs", 1, 1, fn_abs, NULL, NULL },
	{ "acos", 1, 1, fn_one, acos, NULL },
	{ "asin", 1, 1, fn_one, asin, NULL },
	{ "atan", 1, 1, fn_one, atan, NULL },
	{ "atan2", 2, 2, fn_two, NULL, atan2 },
	{ "bool", 1, 1, fn_bool, NULL, NULL },
	{ "ceil", 1, 1, fn_one, ceil, NULL },
	{ "cos", 1, 1, fn_one, cos, NULL },
	{ "cosh", 1, 1, fn_one, cosh, NULL },
	{ "double", 1, 1, fn_one, as_it_is, NULL },
	{ "entier", 1, 1, fn_integer, trunc, NULL },
	{ "exp", 1, 1, fn_one, exp, NULL },
	{ "floor", 1, 1, fn_one, floor, NULL },
	{ "fmod", 2, 2, fn_two, NULL, fmod },
	{ "hypot", 2, 2, fn_two, NULL, hypot },
	{ "int", 1, 1, fn_integer, trunc, NULL },
	{ "isqrt", 1, 1, fn_isqrt, trunc, NULL },
	{ "log", 1, 1, fn_one, log, NULL },
	{ "log10", 1, 1, fn_one, log10, NULL },
	{ "max", 0, -1, fn_extreme, NULL, NULL },
	{ "min", 0, -1, fn_extreme, NULL, NULL },
	{ "pow", 2, 2, fn_two, NULL, pow },
	{ "rand", 0, 0, fn_rand, NULL, NULL },
	{ "round", 1, 1, fn_integer, round, NULL },
	{ "sin", 1, 1, fn_one, sin, NULL },
	{ "sinh", 1, 1, fn_one, sinh, NULL },
	{ "sqrt", 1, 1, fn_sqrt, NULL, NULL },
	{ "srand", 1, 1, fn_srand, NULL, NULL },
	{ "tan", 1, 1, fn_one, tan, NULL },
	{ "tanh", 1, 1, fn_one, tanh, NULL },
	{ "wide", 1, 1, fn_integer, trunc, NULL },
	{ NULL, 0, 0, NULL, NULL, NULL },
};
