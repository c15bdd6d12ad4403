/*
 * usock listen --background: a process that goes on in the background once it is ready. The first
 * process waits, prints "ADDRESS PID" on standard output, and exits with 0; or with the status of
 * the second where that ended before.
 *
 * What stays open in the background is what an option names, and standard error where it is a
 * file, a terminal or the output of an option. A pipe is given up, since a shell may wait for its
 * end: $(...), or run of bats.
 */
#ifndef CLI_SUITE_BACKGROUND_H
#define CLI_SUITE_BACKGROUND_H

#include <stdbool.h>

#include "cli/core/command_context.h"

struct background {
	/* private (zeroed before) */
	bool forked;
	int ready;      /* writes to the first process; -1: reported */
	int old_stderr; /* for background_fail(); -1: not kept */
};

/* Forks, before the process has a loop. Returns 0 in the second process, and 1 in the first,
 * when the second is ready or has ended, with *ret_status. -1: ERROR_INTERNAL. */
int background_start(struct background *b, int *ret_status, struct error *e);

/* In the second process, which is ready: leaves the terminal, closes what it does not need and
 * reports address. keep_stderr: an option writes to standard error. Does nothing where
 * background_start() was not called. ERROR_LOCAL_IO where the first process is gone. */
int background_ready(struct background *b, struct report *r, const char *address, bool keep_stderr,
    struct error *e);

/* The first process may exit now. */
void background_release(struct background *b);

/* The program to become cannot be run: takes back what background_ready() reported, and opens
 * standard error again. */
void background_fail(struct background *b);

#endif
