/* The subcommands of dict, in two files. */
#ifndef TCL_COMMANDS_DICT_PATH_H
#define TCL_COMMANDS_DICT_PATH_H

#include "tcl/eval/eval.h"

/* The dictionary at the end of the keys; NULL with the error set. */
struct dict *dict_walk(struct interp *in, struct value *v, int n, struct value *const keys[]);
/* Sets (fresh) or removes (NULL) at the path in v, which is taken; NULL with the error set. */
struct value *dict_change(struct interp *in, struct value *v, int n, struct value *const keys[],
    struct value *fresh);

int dict_for(struct interp *in, void *data, int argc, struct value *const argv[]);
int dict_map(struct interp *in, void *data, int argc, struct value *const argv[]);
int dict_filter(struct interp *in, void *data, int argc, struct value *const argv[]);
int dict_update(struct interp *in, void *data, int argc, struct value *const argv[]);
int dict_with(struct interp *in, void *data, int argc, struct value *const argv[]);

#endif
