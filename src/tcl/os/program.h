/*
 * One program, as exec runs it: its words, where its input comes from and its
 * output goes, and its end.
 */
#ifndef TCL_OS_PROGRAM_H
#define TCL_OS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tcl/interp.h"

struct program {
	char **argv; /* n words, borrowed from values, and a NULL */
	size_t n;
	int in, out;     /* its standard input and output; -1: as said below */
	bool merge;      /* its standard error goes where its output goes */
	bool background; /* nobody waits: what is not said to go elsewhere is ours */
	int captured;    /* where what it prints is read; -1 */
	int errors;      /* a file with its standard error; -1 */
	pid_t pid;       /* 0: not started */
	bool over;       /* with this status, of waitpid(2) */
	int status;
};

/* Room for so many words. TCL_ERROR: out of memory. */
int program_init(struct interp *in, struct program *p, size_t words);
/* Ends it where it still runs and is waited for. */
void program_fini(struct interp *in, struct program *p);

/* Output to a file of that name; the bytes as input. */
int program_write_to(struct interp *in, struct program *p, struct value *path);
int program_feed(struct interp *in, struct program *p, struct value *bytes);

int program_start(struct interp *in, struct program *p);
/* Reads what it prints, reaps it, and reads its standard error. TCL_ERROR where the script is to stop. */
int program_finish(struct interp *in, struct program *p, struct value *printed,
    struct value *errors);

#endif
