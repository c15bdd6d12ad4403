/* Shared by commands that use lists. */
#ifndef TCL_COMMANDS_LIST_H
#define TCL_COMMANDS_LIST_H

#include "tcl/interp.h"

/* Reads an index (3, end, end-1, 1+2) of a list of n items; fails with "bad index" as tclsh does. */
int index_get(struct interp *in, struct value *v, size_t n, int64_t *ret_index);
/* Does what concat does; returns a reference. */
struct value *list_concat(struct interp *in, int n, struct value *const items[]);

#endif
