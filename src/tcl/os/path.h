/* Names of files as text; no file is looked at. */
#ifndef TCL_OS_PATH_H
#define TCL_OS_PATH_H

#include <stddef.h>

#include "tcl/interp.h"

struct text_range {
	const char *p;
	size_t n;
};

/* Without the slashes at its end, but for the one of the root. */
struct text_range path_trim(struct value *path);
struct text_range path_tail(struct value *path);
/* From the last dot of the tail on; empty where there is none. */
struct text_range path_extension(struct value *path);
struct value *path_dirname(struct interp *in, struct value *path);
/* name behind what is in path. */
void path_join(struct value *path, const char *name, size_t n);

#endif
