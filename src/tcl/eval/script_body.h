/* Bodies of commands. tclsh compiles them with their script; that decides how errors count lines and are
 * traced. */
#ifndef TCL_EVAL_SCRIPT_BODY_H
#define TCL_EVAL_SCRIPT_BODY_H

#include "tcl/interp.h"

struct script;

/* A body that is evaluated more than once */
struct script_body {
	struct script *script; /* held; NULL: a list of words */
	struct value *value;
	bool compiled; /* tclsh compiles it with its script */
};

/* local: tclsh compiles it in procedures only. */
void script_body_open(struct interp *in, struct script_body *b, struct value *v, bool local);
void script_body_close(struct interp *in, struct script_body *b);
/* what: as for script_body_once(). */
int script_body_run(struct interp *in, struct script_body *b, const char *what);

/* Evaluates a body of the running command. what is its name in the trace ("foreach" body line 3); NULL: no
 * trace. */
int script_body_once(struct interp *in, struct value *body, const char *what);
/* Does the same for a body that tclsh compiles separately. */
int script_body_separate(struct interp *in, struct value *body, const char *what);
/* Does the same for a body that tclsh compiles in procedures only. */
int script_body_local(struct interp *in, struct value *body, const char *what);
/* Evaluates a condition of the running command. */
int script_body_condition(struct interp *in, struct value *v, bool *ret_truth);

#endif
