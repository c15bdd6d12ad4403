/*
 * Inside of an interpreter: its state, and evaluation. For its commands;
 * programs that embed it use interp.h.
 */
#ifndef TCL_EVAL_EVAL_H
#define TCL_EVAL_EVAL_H

#include "tcl/eval/failure.h"
#include "tcl/eval/frame.h"
#include "tcl/eval/proc.h"
#include "tcl/syntax/syntax.h"
#include "tcl/value/dict.h"
#include "tcl/value/list.h"

struct interp {
	struct heap heap; /* first */
	struct value *result, *empty;
	struct frame *frame;
	struct frame global;
	struct var global_vars[64]; /* the first ones */
	struct table commands;
	unsigned epoch; /* of the commands */
	int depth, max_depth;
	size_t max_stack;

	const struct script *script; /* that is being run */
	const struct node *node;
	unsigned unit_line; /* where what errors count lines from begins */
	bool unit_locals;   /* it is a procedure's body: tclsh compiles more of it in one piece */
	struct list *files; /* names; the values' source is an index */

	struct value *errorinfo, *errorcode; /* NULL: none yet */
	unsigned errorline;
	bool logged; /* the command is in errorinfo already */
	char place[256];
	/* of the last command of a script that has ended otherwise than well or with an error */
	unsigned short left_source;
	unsigned left_line;

	int return_code, return_level;
	struct value *return_options; /* a dictionary, or NULL */

	const char *stop;
	char stop_text[128];
	int running; /* evaluations from outside, nested */

	struct interp_hooks hooks;
	unsigned allowed; /* INTERP_* */
	char *const *program_env;
	int stdin_fd; /* -1: none */
	struct channel *channels;
	const struct regex_ops *regex;
	int (*poll)(struct interp *in, void *data);
	void *poll_data;
	uint64_t seed; /* of rand() */
};

static inline struct var *
var_near(struct interp *in, const struct value *name)
{
	struct frame *f = in->frame;

	if (name->type != VALUE_NAME || name->as.layout != f->layout || name->slot >= f->n)
		return NULL;
	return &f->vars[name->slot];
}

/* Its value where it is a plain variable that is set and has been looked up in this frame before; else NULL. */
static inline struct value *
var_peek(struct interp *in, const struct value *name)
{
	struct var *v = var_near(in, name);

	return v != NULL && v->kind == VAR_VALUE ? v->as.value : NULL;
}

static inline void
eval_set_result(struct interp *in, struct value *v)
{
	struct value *old = in->result;

	in->result = v;
	value_unref(old);
}

/* Whether the script may do that; else the error for the command of that name. */
bool interp_allows(struct interp *in, unsigned what, struct value *name);

/* The parsed form, borrowed; held by v until it changes. */
struct script *eval_parse(struct interp *in, struct value *v);
/* A script by itself, at the current frame. locals: the body of a procedure. */
int eval_unit(struct interp *in, struct value *script, bool locals);
/* argv as a command. */
int eval_call(struct interp *in, int argc, struct value *const argv[]);
/* The same; the words are noted in the trace of an error. */
int eval_call_traced(struct interp *in, int argc, struct value *const argv[]);
/* The value of a word, owned in *ret. Another code than TCL_OK came out of a script in it. */
int eval_word(struct interp *in, const struct word *w, struct value **ret);
/* What $name stands for; borrowed, NULL with the error set. */
struct value *eval_variable(struct interp *in, struct value *name);
int eval_script(struct interp *in, struct script *s);
enum { EVAL_COMMAND = 100 }; /* steps */
int eval_attention_now(struct interp *in);
/* Of the heap of an interpreter. */
bool eval_look(struct heap *h);
/* A round of a loop: TCL_ERROR where the script is to stop. */
static inline int
eval_attention(struct interp *in)
{
	in->heap.budget -= EVAL_COMMAND;
	return in->heap.budget < 0 ? eval_attention_now(in) : TCL_OK;
}

/* expr: evaluates to a value, owned in *ret. */
int expr_value(struct interp *in, struct value *text, struct value **ret);
int expr_bool(struct interp *in, struct value *text, bool *ret_truth);

#endif
