/* Readers of arguments: numbers, words, lists and sub-commands, with the errors of tclsh. */
#ifndef TCL_EVAL_ARGS_H
#define TCL_EVAL_ARGS_H

#include "tcl/interp.h"

struct dict;
struct list;

/* As interp_get_word(); exact: does not accept a prefix. */
int args_word(struct interp *in, struct value *v, const char *const *words, const char *what,
    bool exact, int *ret_index);
/* As interp_get_int(), with the -errorcode of commands that accept integers of any size. */
int args_wide(struct interp *in, struct value *v, int64_t *ret_number);
/* Returns TCL_ERROR for a value that is not an integer, and keeps the form of a double, as tclsh does. */
int args_real(struct value *v);
/* As interp_get_int(), where tclsh has an int: narrows the number, or fails because it is too large. */
int args_int(struct interp *in, struct value *v, int64_t *ret_number);
/* Fails with: expected WHAT but got "v", with as much of v as tclsh shows. */
int args_fail_expected(struct interp *in, const char *what, struct value *v);
/* Returns how many bytes of text fit into `most` bytes of UTF-8, which is what tclsh counts. */
size_t args_shown_length(const char *text, size_t n, size_t most);
/* The sub-commands of a command; the name is argv[depth]. */
struct args_rows {
	const struct interp_command *rows;
	void *data;
	int depth;  /* 1 or 2 */
	bool exact; /* does not accept prefixes */
};
int args_run_row(struct interp *in, const struct args_rows *how, int argc,
    struct value *const argv[]);

/* Return the form of v, borrowed; NULL with the error set. */
struct dict *args_dict(struct interp *in, struct value *v);
struct list *args_list(struct interp *in, struct value *v);

#endif
