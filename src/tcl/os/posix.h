/* Errors of system calls, as tclsh words them. */
#ifndef TCL_OS_POSIX_H
#define TCL_OS_POSIX_H

#include <stddef.h>

#include "tcl/interp.h"

/* Fails with "<fmt>: <reason>" and -errorcode {POSIX NAME reason}. fmt has a %v for a, and for b unless NULL. */
int posix_fail(struct interp *in, int number, const char *fmt, struct value *a, struct value *b);
/* Returns the path for a system call; "", which no file is, where it has a NUL byte. */
const char *posix_path(struct value *path);
/* Returns the name of a signal (SIGTERM), and its description ("software termination signal"). */
const char *posix_signal(int number, const char **ret_text);

#endif
