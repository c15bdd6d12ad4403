/*
 * Programs in a row, each reading what the one before writes, as exec starts
 * them: what they are, where input comes from and output goes, and their end.
 */
#ifndef TCL_PIPELINE_H
#define TCL_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tcl/interp.h"

enum { PIPELINE_IN = 1, PIPELINE_OUT = 2, PIPELINE_ERR = 4 };

/* A descriptor of the whole. */
struct pipe_end {
	int fd; /* -1: none was asked for */
	bool lent;
};

struct stage {
	char **argv; /* NULL at the end */
	size_t n;
	bool both; /* standard error goes down the pipe too */
	pid_t pid; /* 0: not started */
	bool over; /* with this status, of waitpid(2) */
	int status;
};

struct pipeline {
	struct stage *stages;
	size_t n;
	struct pipe_end in, out, err;
	bool merge;    /* 2>@1 */
	bool detached; /* nobody waits */
	int captured;  /* where what is printed is read; -1 */
	int errors;    /* a file with what the programs complain; -1 */
};

void pipeline_init(struct pipeline *p);
/* Ends what still runs, unless it is detached. */
void pipeline_fini(struct interp *in, struct pipeline *p);

/* Another program; its words; from a value. TCL_ERROR: out of memory, or a NUL in a word. */
int pipeline_stage(struct interp *in, struct pipeline *p);
int pipeline_word(struct interp *in, struct pipeline *p, struct value *word);

/* to: PIPELINE_*. A file of that name; a descriptor that stays whose it is; the bytes as input. */
int pipeline_open(struct interp *in, struct pipeline *p, unsigned to, struct value *path,
    bool append);
void pipeline_lend(struct pipeline *p, unsigned to, int fd);
int pipeline_feed(struct interp *in, struct pipeline *p, struct value *bytes);

/* Starts all: wait: with what they print captured, unless it goes elsewhere; complain: standard error is
 * ours. */
int pipeline_start(struct interp *in, struct pipeline *p, bool wait, bool complain);
/* Reads what they print, reaps them, and reads what they have complained. TCL_ERROR where the script is to
 * stop. */
int pipeline_finish(struct interp *in, struct pipeline *p, struct value *printed,
    struct value *errors);

#endif
