/* Commands, and procedures, which are commands with a body. */
#ifndef TCL_EVAL_PROC_H
#define TCL_EVAL_PROC_H

#include "tcl/interp.h"
#include "tcl/value/table.h"

struct layout;

struct command {
	struct table_entry entry;
	unsigned refs;
	struct interp_command row;
	void *data;
	void (*destroy)(void *data);
	struct proc *proc; /* or NULL */
	struct value *name;
};

struct proc_arg {
	struct value *name, *value; /* value NULL: no default */
};

struct proc {
	unsigned refs;
	unsigned n, least; /* arguments, those without a default */
	bool varargs;      /* the last is "args" */
	bool called;       /* before */
	struct proc_arg *args;
	struct value *body;
	struct layout *layout;
};

/* NULL with the error set. */
struct proc *proc_new(struct interp *in, struct value *args, struct value *body);
void proc_unref(struct proc *p);
/* skip: words of argv in front of the arguments. The last of them names it in the trace of errors. */
int proc_call(struct interp *in, struct proc *p, int skip, int argc, struct value *const argv[]);
/* Frees the form VALUE_LAMBDA. */
void lambda_free(struct value *v);
void command_free(struct interp *in, struct command *c);
/* Removes it from the table; it is freed when it no longer runs. */
void command_drop(struct interp *in, struct command *c);
struct command *command_find(struct interp *in, struct value *name);
/* As interp_add_named(), under any bytes; takes the name, which has only these. */
struct command *command_add(struct interp *in, struct value *name, const struct interp_command *row,
    void *data, void (*destroy)(void *data));

#endif
