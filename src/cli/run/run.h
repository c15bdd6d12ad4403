/*
 * Running a script: from its file, from the command line, or as it comes on
 * standard input; and many of them as tests.
 */
#ifndef CLI_RUN_RUN_H
#define CLI_RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/core/command_context.h"
#include "cli/options/groups.h"

struct run_opts {
	struct report_opts report;
	const char *command; /* -c; NULL */
	const char *junit;   /* NULL */
	bool tap;
	struct allow_opts allow;
	int64_t jobs; /* 0: not said */
	int64_t timeout;
};

/* Where the commands of a script come from. */
struct run_source {
	const char *name; /* for messages and argv0: the file's path, "-c", "stdin" */
	const char *path; /* of the file: what it has beside it, it may source; NULL: no file */
	const char *text; /* NULL: they are read from standard input, each as it comes */
	size_t n;
	int argc;
	char *const *argv;
};

/* Runs it, and reports what went wrong. Returns the exit status. */
int run_script(struct command_context *rt, const struct run_opts *o,
    const struct run_source *source);

/* Each file in a process of its own, o->jobs at a time. Returns the exit status: 0, or
 * that of the first of them that failed. -1: not even that could be done. */
int run_files(struct command_context *rt, const struct run_opts *o, int n, char *const *files,
    struct error *e);

#endif
