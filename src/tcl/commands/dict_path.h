/* Shared by the two files with subcommands of dict. */
#ifndef TCL_COMMANDS_DICT_PATH_H
#define TCL_COMMANDS_DICT_PATH_H

#include "tcl/eval/eval.h"

/* Returns the dictionary at the path; NULL with the error set. */
struct dict *dict_get_path(struct interp *in, struct value *v, int n, struct value *const keys[]);
/* Takes v; sets (fresh) or removes (NULL) the key at the path and returns the new value; NULL with the error
 * set. */
struct value *dict_change_path(struct interp *in, struct value *v, int n,
    struct value *const keys[], struct value *fresh);

int dict_for(struct interp *in, void *data, int argc, struct value *const argv[]);
int dict_map(struct interp *in, void *data, int argc, struct value *const argv[]);
int dict_filter(struct interp *in, void *data, int argc, struct value *const argv[]);
int dict_update(struct interp *in, void *data, int argc, struct value *const argv[]);
int dict_with(struct interp *in, void *data, int argc, struct value *const argv[]);

#endif
