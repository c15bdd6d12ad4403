/*
 * Inside of an interpreter: variables, frames of calls, and evaluation. For
 * the core commands; programs that embed it use interp.h.
 */
#ifndef TCL_EVAL_EVAL_H
#define TCL_EVAL_EVAL_H

#include "tcl/interp.h"
#include "tcl/syntax/syntax.h"
#include "tcl/value/dict.h"
#include "tcl/value/list.h"
#include "tcl/value/table.h"

/* ---- variables ---- */

enum var_kind { VAR_UNSET, VAR_VALUE, VAR_ARRAY, VAR_LINK };

struct var {
	union {
		struct value *value;
		struct table *array; /* of struct element */
		struct var *link;
	} as;
	unsigned char kind;
	bool element;  /* is part of a struct element */
	bool detached; /* whose array is gone; it lives as long as the links to it */
	unsigned links;
};

struct element {
	struct table_entry entry;
	struct var var;
};

/* Names of the variables of a procedure, or of the global ones, and their slots. */
struct layout_name {
	struct table_entry entry;
	unsigned slot;
};

struct layout {
	unsigned refs;
	unsigned n;
	uint64_t known;     /* of the first 64 slots: whose names are written in the procedure */
	struct table names; /* of struct layout_name */
};

/* What "a(x)" as a name is made of. */
struct name_element {
	struct value *array, *index;
};

/* One activation. Slots below n are in vars, the others in chunks made on demand. */
struct frame {
	struct frame *caller; /* whose variables uplevel 1 sees; NULL: the global frame */
	struct layout *layout;
	struct var *vars;
	unsigned n;
	unsigned chunk_count;
	struct var **chunks;
	struct var spare; /* where there is no memory for another */
	int level;
	int argc; /* of the call, for "info level" */
	struct value *const *argv;
};

enum { FRAME_CHUNK = 32 };

struct layout *layout_new(struct heap *h);
void layout_unref(struct heap *h, struct layout *l);
unsigned layout_slot(struct heap *h, struct layout *l, struct value *name);
/* The slot, or -1. */
long layout_find(const struct layout *l, const char *name, size_t n);

void frame_init(struct frame *f, struct layout *layout, struct var *vars, unsigned n);
void frame_fini(struct interp *in, struct frame *f);
struct var *frame_var_far(struct interp *in, struct frame *f, unsigned slot);

static inline struct var *
frame_var(struct interp *in, struct frame *f, unsigned slot)
{
	return slot < f->n ? &f->vars[slot] : frame_var_far(in, f, slot);
}

/* Its value where it is a plain variable that is set and has been looked up in this frame before; else NULL. */
static inline struct value *var_peek(struct interp *in, const struct value *name);

/* The variable of that name with links followed. NULL with *ret_why set where there is
 * none and it is not to be made. */
enum var_want { VAR_FIND, VAR_MAKE };
struct var *var_lookup(struct interp *in, struct value *name, enum var_want want,
    const char **ret_why);
/* Of an array that is named apart from the element's name. */
struct var *var_element(struct interp *in, struct value *array, struct value *index,
    enum var_want want, const char **ret_why);
/* Whether it is written in the procedure that runs, so that it has a place in each call of it. */
bool var_is_known(struct interp *in, struct value *name);
/* Not following a link at the end: a local variable, for upvar. */
struct var *var_local(struct interp *in, struct value *name);
/* An array by name: its table; NULL where it is none. */
struct table *var_array(struct interp *in, struct value *name);
void var_clear(struct interp *in, struct var *v);
/* Whatever it holds goes, a link included. */
void var_release(struct interp *in, struct var *v);
void var_link(struct var *v, struct var *target);
void var_unlink(struct interp *in, struct var *v);
bool var_unset(struct interp *in, struct value *name, const char **ret_why);
/* Makes it an array: NULL where it is something else. */
struct table *var_make_array(struct interp *in, struct var *v);
struct var *array_slot(struct interp *in, struct table *array, struct value *index,
    enum var_want want);
void array_drop(struct interp *in, struct table *array, struct element *el);
/* Splits "a(x)"; false where it is a scalar's name. */
bool var_split(const char *name, size_t n, size_t *ret_array);

/* Takes v. */
int var_set_value(struct interp *in, struct var *var, struct value *name, struct value *v);
extern const char var_is_array[]; /* a reason why */
extern const char no_namespace[];
int var_fail(struct interp *in, const char *verb, struct value *name, const char *why);
/* The value to be changed in place: a single reference, in the variable; NULL with the error set
 * where it cannot be. Without one it is a new empty value where make is set, else an error. */
struct value **var_change(struct interp *in, struct value *name, bool make);
/* Sets the result to what the variable holds now. */
int var_result(struct interp *in, struct value **slot);

/* ---- commands and procedures ---- */

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
struct proc *proc_new(struct interp *in, struct value *what, struct value *args,
    struct value *body);
void proc_unref(struct interp *in, struct proc *p);
/* skip: words of argv in front of the arguments. The last of them names it in the trace of errors. */
int proc_call(struct interp *in, struct proc *p, int skip, int argc, struct value *const argv[]);
void lambda_free(struct interp *in, struct lambda *lambda);
void command_free(struct interp *in, struct command *c);
struct command *command_find(struct interp *in, struct value *name);
/* As interp_add_named(), under any bytes; takes the name, which has only these. */
struct command *command_add(struct interp *in, struct value *name, const struct interp_command *row,
    void *data, void (*destroy)(void *data));

/* ---- the interpreter ---- */

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

/* Core commands by room; each table ends with a row without a name. */
extern const struct interp_command core_control_commands[], core_error_commands[],
    core_var_commands[], core_proc_commands[], core_list_commands[], core_sort_commands[],
    core_search_commands[], core_dict_commands[], core_array_commands[], core_string_commands[],
    core_format_commands[], core_scan_commands[], core_binary_commands[], core_clock_commands[],
    core_info_commands[], core_io_commands[], core_regex_commands[], core_switch_commands[],
    core_expr_commands[], core_channel_commands[], core_file_commands[], core_exec_commands[];

/* Whether the script may do that; else the error for the command of that name. */
bool interp_allows(struct interp *in, unsigned what, struct value *name);

/* ---- evaluation ---- */

/* The parsed form, borrowed; held by v until it changes. */
struct script *eval_parse(struct interp *in, struct value *v);
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
/* A script by itself, at the current frame. locals: the body of a procedure. */
int eval_unit(struct interp *in, struct value *script, bool locals);
/* A condition of the running command. */
int script_body_condition(struct interp *in, struct value *v, bool *ret_truth);
/* argv as a command. */
int eval_call(struct interp *in, int argc, struct value *const argv[]);
/* The same; the words are noted in the trace of an error. */
int eval_call_traced(struct interp *in, int argc, struct value *const argv[]);
/* The value of a word, owned in *ret. Another code than TCL_OK came out of a script in it. */
int eval_word(struct interp *in, const struct word *w, struct value **ret);
/* What $name stands for; borrowed, NULL with the error set. */
struct value *eval_variable(struct interp *in, struct value *name);
int eval_script(struct interp *in, struct script *s);
/* A round of a loop: TCL_ERROR where the script is to stop. */
enum { EVAL_COMMAND = 100 }; /* steps */
static inline int eval_attention(struct interp *in);
int eval_attention_now(struct interp *in);
/* Of the heap of an interpreter. */
bool eval_look(struct heap *h);
static inline int
eval_attention(struct interp *in)
{
	in->heap.budget -= EVAL_COMMAND;
	return in->heap.budget < 0 ? eval_attention_now(in) : TCL_OK;
}
/* True where the word i of the running command was written as a literal. */
bool eval_is_literal(const struct interp *in, struct value *v);
/* The result, owned; the interpreter's is empty then. */
struct value *eval_take_result(struct interp *in);

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

/* Level as upvar and uplevel take it, e.g. "1" or "#0"; *ret_used false where v (may be NULL) is
 * none, which stands for 1. */
int frame_of_level(struct interp *in, struct value *v, bool must, struct frame **ret_frame,
    bool *ret_used);

/* As interp_get_int(), with the -errorcode of those that take integers of any size. */
/* As interp_get_word(); exact: a beginning is not enough. */
int args_get(struct interp *in, struct value *v, const char *const *words, const char *what,
    bool exact, int *ret_index);
int args_wide(struct interp *in, struct value *v, int64_t *ret_number);
/* TCL_ERROR, where v is no integer: if it is a double, it is held as one from then on, as in tclsh. */
int args_real(struct value *v);
/* As interp_get_int(), for what tclsh holds in an int: args_narrow(), or the error that it is too large. */
int args_int(struct interp *in, struct value *v, int64_t *ret_number);
/* What tclsh makes of an integer in an int: false below -(2^32 - 1) and above 2^32 - 1, else the lower 32 bits. */
bool args_narrow(int64_t *number);
/* expected WHAT but got "v", with as much of v as tclsh shows. */
int args_expected(struct interp *in, const char *what, struct value *v);
/* How many bytes of text are shown where there is a limit; it counts the UTF-8 that Tcl has inside. */
size_t args_shown(const char *text, size_t n, size_t most);
/* Sub-commands below others: the name is argv[depth]. */
struct args_rows {
	const struct interp_command *rows;
	void *data;
	int depth;  /* 1 or 2 */
	bool exact; /* no beginnings of names */
};
int args_run_row(struct interp *in, const struct args_rows *how, int argc,
    struct value *const argv[]);

/* Text into v: fmt as for interp_fail(). */
void value_format(struct value *v, const char *fmt, ...);

/* expr: evaluates to a value, owned in *ret. */
int expr_value(struct interp *in, struct value *text, struct value **ret);
int expr_bool(struct interp *in, struct value *text, bool *ret_truth);
void expr_unref(struct heap *h, struct expr *x);
/* Indexes: 3, end, end-1, 1+2. n: length; tclsh's "bad index". */
int index_get(struct interp *in, struct value *v, size_t n, int64_t *ret_index);
/* Glob patterns. */
bool glob_match(struct value *pattern, struct value *text, bool nocase);
void regex_free_value(struct value *v);
/* Whether pattern matches, for switch and lsearch. */
int regex_test(struct interp *in, struct value *pattern, struct value *text, bool nocase,
    bool *ret_found);
/* The groups of the first match, as texts and as pairs of indexes; both NULL without a match. */
struct regex_groups {
	struct list *texts, *spans;
};
int regex_groups(struct interp *in, struct value *pattern, struct value *text, bool nocase,
    struct regex_groups *ret);
/* Applies a dictionary path: the value at n keys in dict; NULL with an error where none. */
struct dict *dict_want(struct interp *in, struct value *v);
struct list *list_want(struct interp *in, struct value *v);
/* concat; owned. */
struct value *list_concat(struct interp *in, int n, struct value *const items[]);
/* Of bytes in a read-only table: bad option "x": must be ... */

#endif
