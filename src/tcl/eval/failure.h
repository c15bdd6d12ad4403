/* Errors on their way out: the trace, the codes, and what return asks for. */
#ifndef TCL_EVAL_FAILURE_H
#define TCL_EVAL_FAILURE_H

#include "tcl/interp.h"

struct node;
struct script;

/* Adds to the error's trace, as printf; the line of the error is there for it as %d. */
void failure_trace(struct interp *in, const char *fmt, ...);
void failure_note_place(struct interp *in, const struct script *s, const struct node *node);
/* Notes the running command in the trace. */
void failure_log_here(struct interp *in);
/* Options as catch gives them. */
struct value *failure_options(struct interp *in, int code);
/* return -code ... : takes words of options and the value; TCL_RETURN or the code. */
int failure_return(struct interp *in, int n, struct value *const words[], struct value *result);
/* Back to the state of what ran before. */
void failure_restore(struct interp *in, struct value *options, struct value *result);
/* From the frame of a procedure that ends with TCL_RETURN: the code for its caller. */
int failure_return_code(struct interp *in);
int failure_code_of(struct interp *in, struct value *v, int *ret_code);
/* TCL_BREAK, TCL_CONTINUE or another code that has no meaning here. */
int failure_unexpected(struct interp *in, int code);
void failure_reset(struct interp *in);
/* Another -errorcode for the error. */
int failure_recode(struct interp *in, const char *code);

/* Text into v: fmt as for interp_fail(). */
void value_format(struct value *v, const char *fmt, ...);

#endif
