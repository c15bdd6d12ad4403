/* Errors: their trace, their codes, and the options of return. */
#ifndef TCL_EVAL_FAILURE_H
#define TCL_EVAL_FAILURE_H

#include "tcl/interp.h"

struct node;
struct script;

/* Appends to the trace of the error; fmt as for interp_fail(). */
void failure_trace(struct interp *in, const char *fmt, ...);
void failure_set_place(struct interp *in, const struct script *s, const struct node *node);
/* Adds the running command to the trace. */
void failure_trace_command(struct interp *in);
/* Returns the options as catch does. */
struct value *failure_options(struct interp *in, int code);
/* Does what return does, with n words of options and the value; returns TCL_RETURN or the code. */
int failure_return(struct interp *in, int n, struct value *const words[], struct value *result);
/* Restores the result and options of an earlier evaluation. */
void failure_restore(struct interp *in, struct value *options, struct value *result);
/* Returns the code for the caller of a procedure that ended with TCL_RETURN. */
int failure_return_code(struct interp *in);
int failure_code_of(struct interp *in, struct value *v, int *ret_code);
/* Fails because of a code that has no meaning here. */
int failure_unexpected(struct interp *in, int code);
void failure_reset(struct interp *in);
/* Replaces the -errorcode. */
int failure_set_code(struct interp *in, const char *code);

/* Appends text to v; fmt as for interp_fail(). */
void value_format(struct value *v, const char *fmt, ...);

#endif
