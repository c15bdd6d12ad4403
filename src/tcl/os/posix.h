/* What the system says when it refuses, in tclsh's words. */
#ifndef TCL_OS_POSIX_H
#define TCL_OS_POSIX_H

#include <stddef.h>

#include "tcl/interp.h"

/* TCL_ERROR with "<fmt>: <reason>" and the -errorcode {POSIX NAME reason}. fmt has a %v for each of the
 * values, which may be NULL where it has not. */
int posix_fail(struct interp *in, int number, const char *fmt, struct value *a, struct value *b);
/* The path for a system call. One with a NUL in it would be cut: it is empty, and no file has that name. */
const char *posix_path(struct value *path);
/* The name of a signal (SIGTERM) and what it says ("software termination signal"). */
const char *posix_signal(int number, const char **ret_text);

#endif
