/* Arguments of commands as numbers, words, lists and sub-commands, with tclsh's errors. */
#ifndef TCL_EVAL_ARGS_H
#define TCL_EVAL_ARGS_H

#include "tcl/interp.h"

struct dict;
struct list;

/* As interp_get_word(); exact: a beginning is not enough. */
int args_get(struct interp *in, struct value *v, const char *const *words, const char *what,
    bool exact, int *ret_index);
/* As interp_get_int(), with the -errorcode of those that take integers of any size. */
int args_wide(struct interp *in, struct value *v, int64_t *ret_number);
/* TCL_ERROR, where v is no integer: if it is a double, it is held as one from then on, as in tclsh. */
int args_real(struct value *v);
/* As interp_get_int(), for what tclsh holds in an int: number_narrow(), or the error that it is too large. */
int args_int(struct interp *in, struct value *v, int64_t *ret_number);
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

/* What v is as a dictionary, as a list; borrowed. NULL with the error set. */
struct dict *dict_want(struct interp *in, struct value *v);
struct list *list_want(struct interp *in, struct value *v);

#endif
