/*
 * Files and directories with all in them: deleting, copying, renaming.
 */
#ifndef TCL_FILE_TREE_H
#define TCL_FILE_TREE_H

#include <stdbool.h>

#include "tcl/interp.h"

/* A directory that is not empty only with force. One that is not there is no error. */
int file_tree_delete(struct interp *in, struct value *path, bool force);
/* Over a file that is there only with force. */
int file_tree_copy(struct interp *in, struct value *from, struct value *to, bool force);
int file_tree_rename(struct interp *in, struct value *from, struct value *to, bool force);

/* The names in a directory, but for "." and ".."; NULL with errno. Owned. */
struct list *file_tree_names(struct interp *in, const char *path);

#endif
