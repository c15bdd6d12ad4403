/*
 * Runs a script from a file, from the command line or from standard input; and
 * several files as tests.
 */
#ifndef CLI_RUN_RUN_H
#define CLI_RUN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/core/command_context.h"
#include "cli/options/allow_opts.h"
#include "cli/options/opt.h"

struct run_opts {
	struct report_opts report;
	const char *command; /* -c; may be NULL */
	const char *junit;   /* may be NULL */
	const char *html;    /* --report; may be NULL */
	const char *tap;     /* NULL, "" or the version of TAP */
	bool watch;          /* run files again when they change */
	struct opt_list set; /* NAME=VALUE: variables of the script */
	struct allow_opts allow;
	int64_t jobs; /* 0: not given */
	int64_t timeout;
};

/* Where the commands of a script come from. */
struct run_source {
	const char *name; /* for messages and argv0: the file's path, "-c", "stdin" */
	/* the file: the script may source the files beside it; NULL: no file */
	const char *path;
	/* NULL: commands are read from standard input and run as they arrive */
	const char *text;
	size_t n;
	int argc;
	char *const *argv;
};

/* Runs the script and reports its failure. Returns the exit status. */
int run_script(struct command_context *rt, const struct run_opts *o,
    const struct run_source *source);

/* Test files, and the arguments that each of them gets. */
struct run_list {
	char *const *files;
	size_t n;
	char *const *args;
	size_t n_args;
};

/* Runs each file in its own process, o->jobs at a time. Returns the exit status: 0, or that of
 * the first file that failed. -1: the processes could not be run. */
int run_files(struct command_context *rt, const struct run_opts *o, const struct run_list *list,
    struct error *e);

/* Runs the files, then waits until one changes, or a script beside it, and runs those again; until a
 * signal ends that: ERROR_SIGNAL. */
int run_watch(struct command_context *rt, const struct run_opts *o, const struct run_list *list,
    struct error *e);

#endif
