/* The second form of a value: readers of numbers, and changes of the form. */
#ifndef TCL_VALUE_FORM_H
#define TCL_VALUE_FORM_H

#include "tcl/value/value.h"

/* Makes the bytes and frees the second form. The caller may then set type and as. */
void value_reset_type(struct value *v);
/* Drops the form of a double that was read as text: tclsh then gives another -errorcode where an integer is
 * expected. */
static inline void
value_forget_real(struct value *v)
{
	if (v->type == VALUE_DOUBLE)
		value_reset_type(v);
}
/* Drops the bytes of a value with a single reference, after its second form was changed. */
void value_drop_bytes(struct value *v);

/* Return true and keep the second form where the value is a number. */
bool value_to_int_slow(struct value *v, int64_t *ret_number);
static inline bool
value_to_int(struct value *v, int64_t *ret_number)
{
	if (v->type != VALUE_INT)
		return value_to_int_slow(v, ret_number);
	*ret_number = v->as.number;
	return true;
}
bool value_to_double(struct value *v, double *ret_real);

#endif
