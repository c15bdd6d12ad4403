/* What other commands use of those of lists. */
#ifndef TCL_COMMANDS_LIST_H
#define TCL_COMMANDS_LIST_H

#include "tcl/interp.h"

/* Indexes: 3, end, end-1, 1+2. n: length; tclsh's "bad index". */
int index_get(struct interp *in, struct value *v, size_t n, int64_t *ret_index);
/* concat; owned. */
struct value *list_concat(struct interp *in, int n, struct value *const items[]);

#endif
