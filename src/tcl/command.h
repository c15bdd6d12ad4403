/* Commands of a script as C functions: their table, arguments, results, errors and variables. */
#ifndef TCL_COMMAND_H
#define TCL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tcl/value/form.h"

struct interp;

/* The return code of each command and evaluation; "return -code" may give any other number. */
enum { TCL_OK, TCL_ERROR, TCL_RETURN, TCL_BREAK, TCL_CONTINUE };

/* ---- commands ---- */

/* argv[0] is the name. Arguments are borrowed for the call. The result is empty by default. */
struct interp_command {
	const char *name;
	int (*run)(struct interp *in, void *data, int argc, struct value *const argv[]);
	int min, max;      /* the number of arguments after the name; max -1: no limit */
	const char *usage; /* "varName ?newValue?", for the error wrong # args */
};

/* Adds or replaces a command. Copies row; its strings must outlive the command. destroy (may be NULL) is
 * called with data when the command is replaced or deleted, or the interpreter freed; never while the command
 * runs. */
void interp_add(struct interp *in, const struct interp_command *row, void *data,
    void (*destroy)(void *data));
/* Does the same under another name, which is copied. */
void interp_add_named(struct interp *in, const char *name, const struct interp_command *row,
    void *data, void (*destroy)(void *data));
/* Deletes any command, also a procedure or a core command. False: it does not exist. */
bool interp_delete(struct interp *in, const char *name);
/* Returns whether a command exists. */
bool interp_has(struct interp *in, const char *name);

/* ---- results and errors, for commands ---- */

/* Takes the reference. */
void interp_set_result(struct interp *in, struct value *v);
/* Sets the result and returns TCL_OK. */
int interp_return(struct interp *in, struct value *v);
int interp_return_int(struct interp *in, int64_t number);
int interp_return_text(struct interp *in, const void *bytes, size_t n);
/* Borrowed until the next evaluation. */
struct value *interp_result(struct interp *in);

/* Sets the error and returns TCL_ERROR. code is -errorcode as words of a list ("TCL LOOKUP INDEX"), or NULL
 * for NONE; detail (may be NULL) is its last word. In fmt %v is a value, %s a string, %d an int, %l an
 * int64_t, %c a character, %% a percent sign. */
int interp_fail(struct interp *in, const char *code, struct value *detail, const char *fmt, ...);
/* Does the same with -errorcode as a list. Takes both values. */
int interp_fail_with(struct interp *in, struct value *code, struct value *message);
/* Fails with: wrong # args: should be "<the first n of argv> usage". */
int interp_wrong_args(struct interp *in, int n, struct value *const argv[], const char *usage);

/* Return the -errorcode of the last error, its -errorinfo (message and calls), and its place ("file:line"; ""
 * where unknown). Borrowed. */
struct value *interp_errorcode(struct interp *in);
struct value *interp_errorinfo(struct interp *in);
const char *interp_errorplace(struct interp *in);

/* Return the place of the running command; "" and 0 where unknown. */
const char *interp_file(struct interp *in);
unsigned interp_line(struct interp *in);

/* Read arguments: TCL_OK, or TCL_ERROR with the message of tclsh. */
int interp_get_int(struct interp *in, struct value *v, int64_t *ret_number);
int interp_get_double(struct interp *in, struct value *v, double *ret_real);
int interp_get_bool(struct interp *in, struct value *v, bool *ret_truth);
/* The items are borrowed until v is freed or changed. */
int interp_get_list(struct interp *in, struct value *v, size_t *ret_n,
    struct value *const **ret_items);
/* Reads a word of a NULL-terminated table, or a unique prefix of one. what ("option") is for the message: bad
 * option "x": must be a, b, or c. */
int interp_get_word(struct interp *in, struct value *v, const char *const *words, const char *what,
    int *ret_index);
/* Runs the sub-command that argv[1] names, with argc and argv of the whole command; min and max count the
 * arguments after argv[1]. The last row has no name. A row without run is a sub-command of tclsh that the
 * language does not have. */
int interp_run_row(struct interp *in, void *data, int argc, struct value *const argv[],
    const struct interp_command *rows);

/* ---- variables, at the current level; "a(x)" is an element ---- */

/* Borrowed; NULL where the variable does not exist. Sets no error. */
struct value *interp_get_var(struct interp *in, const char *name);
/* Takes the reference. TCL_ERROR where the variable cannot be set: it is an array. */
int interp_set_var(struct interp *in, const char *name, struct value *v);
/* Do the same for a name in a script, with the errors of tclsh. interp_read() borrows, interp_write() takes. */
struct value *interp_read(struct interp *in, struct value *name);
int interp_write(struct interp *in, struct value *name, struct value *v);

/* ---- names, for completion and help ---- */

/* Call each for all commands, or variables of the current level, whose names begin with prefix, in no order. */
void interp_each_command(struct interp *in, const char *prefix,
    void (*each)(void *data, const char *name), void *data);
void interp_each_var(struct interp *in, const char *prefix,
    void (*each)(void *data, const char *name), void *data);

#endif
