/* Names of files as text; no file is accessed. */
#ifndef TCL_OS_PATH_H
#define TCL_OS_PATH_H

#include <stddef.h>

#include "tcl/interp.h"

struct text_range {
	const char *p;
	size_t n;
};

/* Returns the path without trailing slashes, except that of the root. */
struct text_range path_trim(struct value *path);
struct text_range path_tail(struct value *path);
/* Returns the tail from its last dot; empty without a dot. */
struct text_range path_extension(struct value *path);
struct value *path_dirname(struct interp *in, struct value *path);
/* Appends a name to path. */
void path_join(struct value *path, const char *name, size_t n);

#endif
