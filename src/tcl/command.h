/*
 * Commands of a script as C functions: their table, their arguments, results
 * and errors, and the variables that they see.
 */
#ifndef TCL_COMMAND_H
#define TCL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcl/value/value.h"

struct interp;

/* How a command ended. Every command and evaluation returns one of these, or any
 * other number that a script asked for with "return -code". */
enum { TCL_OK, TCL_ERROR, TCL_RETURN, TCL_BREAK, TCL_CONTINUE };

/* ---- commands ---- */

/* argv[0] is the name. Borrowed; alive during the call. The result is empty unless set. */
struct interp_command {
	const char *name;
	int (*run)(struct interp *in, void *data, int argc, struct value *const argv[]);
	int min, max;      /* arguments behind the name; max -1: any number */
	const char *usage; /* "varName ?newValue?": wrong # args is answered without a call */
};

/* Adds or replaces; row is copied, its strings must stay. destroy (may be NULL) is called with data
 * when the command is replaced, deleted, or its interpreter freed; never while it runs. */
void interp_add(struct interp *in, const struct interp_command *row, void *data,
    void (*destroy)(void *data));
/* The same under a name made at run time, which is copied. */
void interp_add_named(struct interp *in, const char *name, const struct interp_command *row,
    void *data, void (*destroy)(void *data));
/* False where there is no such command. Procedures and core commands too. */
bool interp_delete(struct interp *in, const char *name);
bool interp_has(struct interp *in, const char *name);

/* ---- results and errors, for commands ---- */

/* Takes the reference. */
void interp_set_result(struct interp *in, struct value *v);
/* TCL_OK with that result: return interp_return_int(in, 7). */
int interp_return(struct interp *in, struct value *v);
int interp_return_int(struct interp *in, int64_t number);
int interp_return_text(struct interp *in, const void *bytes, size_t n);
/* Borrowed until the next evaluation. */
struct value *interp_result(struct interp *in);

/* Sets the message and returns TCL_ERROR. code is the beginning of -errorcode, words of a list
 * ("TCL LOOKUP INDEX"), NULL for NONE; detail, NULL or one more word of it. In fmt %v is a value,
 * %s a string, %d an int, %l an int64_t, %c a character, %% a percent sign. */
int interp_fail(struct interp *in, const char *code, struct value *detail, const char *fmt, ...);
/* -errorcode as a list value instead. Both are taken. */
int interp_fail_with(struct interp *in, struct value *code, struct value *message);
/* wrong # args: should be "<the first n of argv> usage" */
int interp_wrong_args(struct interp *in, int n, struct value *const argv[], const char *usage);

/* Of the last error: its -errorcode, its -errorinfo (message and chain of calls), and where it
 * happened ("file:line", or "" if unknown). Borrowed. */
struct value *interp_errorcode(struct interp *in);
struct value *interp_errorinfo(struct interp *in);
const char *interp_errorplace(struct interp *in);

/* Where the command that is being run is written; file "" and line 0 where unknown. */
const char *interp_file(struct interp *in);
unsigned interp_line(struct interp *in);

/* Readers of arguments: TCL_OK or TCL_ERROR with tclsh's message. */
int interp_get_int(struct interp *in, struct value *v, int64_t *ret_number);
int interp_get_double(struct interp *in, struct value *v, double *ret_real);
int interp_get_bool(struct interp *in, struct value *v, bool *ret_truth);
/* Items are borrowed as long as v lives and is not changed. */
int interp_get_list(struct interp *in, struct value *v, size_t *ret_n,
    struct value *const **ret_items);
/* A word, or a unique beginning of one, of a NULL-terminated table. what: "option", "mode" …:
 * bad option "x": must be a, b, or c */
int interp_get_word(struct interp *in, struct value *v, const char *const *words, const char *what,
    int *ret_index);
/* Sub-commands: runs the row that argv[1] names, with argv and argc of the whole command; min and
 * max count behind the sub-command. The last row has no name; a row without run only takes part in
 * the message. */
int interp_run_row(struct interp *in, void *data, int argc, struct value *const argv[],
    const struct interp_command *rows);

/* ---- variables, at the current level; "a(x)" is an element ---- */

/* Borrowed; NULL where it does not exist, without an error. */
struct value *interp_get_var(struct interp *in, const char *name);
/* Takes the reference. TCL_ERROR where name cannot be set (an array). */
int interp_set_var(struct interp *in, const char *name, struct value *v);
/* The same with the name as a script gave it, with tclsh's errors. get is borrowed. */
struct value *interp_read(struct interp *in, struct value *name);
int interp_write(struct interp *in, struct value *name, struct value *v);

/* ---- names, for completion and help ---- */

/* Calls each with the names of all commands or variables of the current level that begin with prefix, in no order. */
void interp_each_command(struct interp *in, const char *prefix,
    void (*each)(void *data, const char *name), void *data);
void interp_each_var(struct interp *in, const char *prefix,
    void (*each)(void *data, const char *name), void *data);

#endif
