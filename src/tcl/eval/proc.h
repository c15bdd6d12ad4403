/* The table of commands, and procedures: commands with a body. */
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
	struct proc *proc; /* of a procedure */
	struct value *name;
};

struct proc_arg {
	struct value *name, *value; /* value NULL: no default */
};

struct proc {
	unsigned refs;
	unsigned n, least; /* the number of arguments, and of required ones */
	bool varargs;      /* the last is "args" */
	bool called;       /* called before */
	struct proc_arg *args;
	struct value *body;
	struct layout *layout;
};

/* NULL with the error set. */
struct proc *proc_new(struct interp *in, struct value *args, struct value *body);
void proc_unref(struct proc *p);
/* skip: the number of words before the arguments; the last of them is its name in the trace of errors. */
int proc_call(struct interp *in, struct proc *p, int skip, int argc, struct value *const argv[]);
/* For struct value_form. */
void lambda_free(struct value *v);
void command_free(struct interp *in, struct command *c);
/* Removes a command from the table; frees it when it no longer runs. */
void command_drop(struct interp *in, struct command *c);
/* NULL: no such command. */
struct command *command_find(struct interp *in, struct value *name);
/* As interp_add_named(), with a name of any bytes, a plain value. Takes name. */
struct command *command_add(struct interp *in, struct value *name, const struct interp_command *row,
    void *data, void (*destroy)(void *data));

#endif
