/* Operands of expressions. */
#include <math.h>

#include "tcl/syntax/expr.h"

void
num_fini(struct num *n)
{
	if (n->kind == NUM_TEXT)
		value_unref(n->as.v);
}

struct num
num_of(struct value *v)
{
	struct num n = { .kind = NUM_TEXT };

	if (v->bytes == NULL && v->type == VALUE_INT) {
		n.kind = NUM_INT;
		n.as.i = v->as.number;
		value_unref(v);
	} else if (v->bytes == NULL && v->type == VALUE_DOUBLE) {
		n.kind = NUM_DOUBLE;
		n.as.d = v->as.real;
		value_unref(v);
	} else {
		n.as.v = v;
	}
	return n;
}

struct value *
num_value(struct interp *in, struct num *n)
{
	if (n->kind == NUM_INT)
		return value_int(&in->heap, n->as.i);
	if (n->kind == NUM_DOUBLE)
		return value_double(&in->heap, n->as.d);
	return n->as.v;
}

bool
num_numeric(struct num *n)
{
	struct value *v;
	int64_t i;
	double d;

	if (n->kind != NUM_TEXT)
		return true;
	v = n->as.v;
	if (value_to_int(v, &i)) {
		n->kind = NUM_INT;
		n->as.i = i;
	} else if (value_to_double(v, &d) && v->type == VALUE_DOUBLE) {
		n->kind = NUM_DOUBLE;
		n->as.d = d;
	} else {
		return false;
	}
	value_unref(v);
	return true;
}

int
num_fail(struct interp *in, int arith)
{
	static const char *const texts[] = { "", "integer value too large to represent",
		"divide by zero", "negative shift argument",
		"exponentiation of zero by negative power",
		"domain error: argument not in valid range" };
	static const char *const codes[] = { NULL,
		"ARITH IOVERFLOW {integer value too large to represent}",
		"ARITH DIVZERO {divide by zero}", NULL,
		"ARITH DOMAIN {exponentiation of zero by negative power}",
		"ARITH DOMAIN {domain error: argument not in valid range}" };

	return interp_fail(in, codes[arith], NULL, "%s", texts[arith]);
}

int
num_fail_nan(struct interp *in)
{
	return interp_fail(in, "TCL VALUE DOUBLE NAN", NULL,
	    "floating point value is Not a Number");
}

int
num_truth(struct interp *in, struct num *n, bool *ret_truth)
{
	int rc = TCL_OK;

	if (n->kind == NUM_DOUBLE && isnan(n->as.d))
		return num_fail_nan(in);
	if (n->kind == NUM_INT)
		*ret_truth = n->as.i != 0;
	else if (n->kind == NUM_DOUBLE)
		*ret_truth = n->as.d != 0;
	else
		rc = interp_get_bool(in, n->as.v, ret_truth);
	num_fini(n);
	return rc;
}
