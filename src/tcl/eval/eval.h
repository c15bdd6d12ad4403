/* The state of an interpreter, and evaluation. For commands of the language; programs that embed it use
 * interp.h. */
#ifndef TCL_EVAL_EVAL_H
#define TCL_EVAL_EVAL_H

#include "tcl/eval/failure.h"
#include "tcl/eval/frame.h"
#include "tcl/eval/proc.h"
#include "tcl/syntax/syntax.h"
#include "tcl/value/dict.h"
#include "tcl/value/list.h"

struct interp {
	struct heap heap; /* must be first */
	struct value *result, *empty;
	struct frame *frame;
	struct frame global;
	struct var global_vars[64]; /* the first variables */
	struct table commands;
	unsigned epoch; /* changes with the table of commands */
	int depth, max_depth;
	size_t max_stack;

	const struct script *script; /* the running script */
	const struct node *node;
	unsigned unit_line; /* the line from which errors count */
	bool unit_locals;   /* the unit is the body of a procedure, of which tclsh compiles more */
	struct list *files; /* names; value.source is an index */

	struct value *errorinfo, *errorcode; /* NULL: not made yet */
	unsigned errorline;
	bool logged; /* errorinfo has the command */
	char place[256];
	/* the place of the last command that ended with a code other than TCL_OK and TCL_ERROR */
	unsigned short left_source;
	unsigned left_line;

	int return_code, return_level;
	struct value *return_options; /* a dictionary, or NULL */

	const char *stop;
	char stop_text[128];
	int running; /* the number of nested evaluations from outside */

	struct interp_hooks hooks;
	unsigned allowed; /* INTERP_* */
	char *const *program_env;
	int program_out; /* 0: standard output */
	int stdin_fd;    /* -1: none */
	struct channel *channels;
	const struct regex_ops *regex;
	int (*poll)(struct interp *in, void *data);
	void *poll_data;
	uint64_t seed; /* for rand() */
};

static inline struct var *
var_in_frame(struct interp *in, const struct value *name)
{
	struct frame *f = in->frame;

	if (name->type != VALUE_NAME || name->as.layout != f->layout || name->slot >= f->n)
		return NULL;
	return &f->vars[name->slot];
}

/* Returns the value of a set scalar whose slot the name has cached for this frame; else NULL. */
static inline struct value *
var_cached(struct interp *in, const struct value *name)
{
	struct var *v = var_in_frame(in, name);

	return v != NULL && v->kind == VAR_VALUE ? v->as.value : NULL;
}

static inline void
eval_set_result(struct interp *in, struct value *v)
{
	struct value *old = in->result;

	in->result = v;
	value_unref(old);
}

/* Returns whether the script may do that; if not, sets the error for the command `name`. */
bool interp_allows(struct interp *in, unsigned what, struct value *name);

/* Returns the parsed form, borrowed from v. */
struct script *eval_parse(struct interp *in, struct value *v);
/* Evaluates a script in the current frame. Errors count lines from its beginning. locals: it is the body of a
 * procedure. */
int eval_unit(struct interp *in, struct value *script, bool locals);
/* Calls a command. */
int eval_call(struct interp *in, int argc, struct value *const argv[]);
/* Does the same and adds the words to the trace of an error. */
int eval_call_traced(struct interp *in, int argc, struct value *const argv[]);
/* Evaluates a word; *ret is a reference. Other codes than TCL_OK come from a script in the word. */
int eval_word(struct interp *in, const struct word *w, struct value **ret);
/* Returns the value of $name, borrowed; NULL with the error set. */
struct value *eval_variable(struct interp *in, struct value *name);
/* Evaluates a parsed script. */
int eval_script(struct interp *in, struct script *s);
enum { EVAL_COMMAND = 100 }; /* the steps of a command */
int eval_tick_slow(struct interp *in);
/* The check function of the heap. */
bool eval_check_limits(struct heap *h);
/* Accounts a command or a round of a loop; TCL_ERROR where the script must stop. */
static inline int
eval_tick(struct interp *in)
{
	in->heap.budget -= EVAL_COMMAND;
	return in->heap.budget < 0 ? eval_tick_slow(in) : TCL_OK;
}

/* Evaluates an expression; *ret is a reference. */
int expr_value(struct interp *in, struct value *text, struct value **ret);
int expr_bool(struct interp *in, struct value *text, bool *ret_truth);

#endif
