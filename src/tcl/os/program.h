/* A program of exec: its arguments, its input and output, and its exit status. */
#ifndef TCL_OS_PROGRAM_H
#define TCL_OS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tcl/interp.h"

struct program {
	char **argv; /* n words, borrowed from values, then NULL */
	size_t n;
	int in, out;     /* redirections of standard input and output; -1: none */
	bool merge;      /* standard error goes where standard output goes */
	bool background; /* exec does not wait; output without a redirection is inherited */
	int captured;    /* the pipe with its output; -1 */
	int errors;      /* the file with its standard error; -1 */
	pid_t pid;       /* 0: not started */
	bool over;       /* it has ended, with this status of waitpid(2) */
	int status;
};

/* Allocates room for the words. TCL_ERROR: out of memory. */
int program_init(struct interp *in, struct program *p, size_t words);
/* Kills the program if it still runs and is not in the background. */
void program_fini(struct interp *in, struct program *p);

/* Redirect output to a file, and input from bytes. */
int program_write_to(struct interp *in, struct program *p, struct value *path);
int program_feed(struct interp *in, struct program *p, struct value *bytes);

int program_start(struct interp *in, struct program *p);
/* Reads its output, waits for its end, and reads its standard error. TCL_ERROR where the script must stop. */
int program_finish(struct interp *in, struct program *p, struct value *printed,
    struct value *errors);

#endif
