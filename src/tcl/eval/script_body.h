/*
 * Bodies of commands, which tclsh compiles with the script that they are written in:
 * their errors count lines and are traced so.
 */
#ifndef TCL_EVAL_SCRIPT_BODY_H
#define TCL_EVAL_SCRIPT_BODY_H

#include "tcl/interp.h"

struct script;

/* A body that is run again and again: what is known before the first time. */
struct script_body {
	struct script *script; /* held; NULL: a list of ready words */
	struct value *value;
	bool compiled; /* as part of the script that it is written in */
};

/* local: tclsh compiles it so in procedures only. */
void script_body_open(struct interp *in, struct script_body *b, struct value *v, bool local);
void script_body_close(struct interp *in, struct script_body *b);
/* what: as for script_body_once(). */
int script_body_run(struct interp *in, struct script_body *b, const char *what);

/* A body of the running command: errors count lines and are traced as tclsh does where it has
 * compiled the body with the script. what: of the trace ("foreach" body line 3), NULL: no trace. */
int script_body_once(struct interp *in, struct value *body, const char *what);
/* The same for bodies that tclsh compiles by themselves. */
int script_body_apart(struct interp *in, struct value *body, const char *what);
/* The same for bodies that it compiles in procedures only. */
int script_body_local(struct interp *in, struct value *body, const char *what);
/* A condition of the running command. */
int script_body_condition(struct interp *in, struct value *v, bool *ret_truth);

#endif
