/*
 * Shows a recording: reads its file once, and writes what the options ask for.
 */
#ifndef CLI_DIALOGUE_VIEW_H
#define CLI_DIALOGUE_VIEW_H

#include "base/deadline.h"

struct opt_rest;
struct report_opts;
struct view_opts;

struct view_how {
	const struct view_opts *opts;
	const struct report_opts *report;
	struct deadline until; /* ERROR_TIMEOUT after that */
};

/* Reads the recording that is the one operand, "-" is standard input, and writes the views to standard
 * output, packets to their file; with --json objects instead of text. A recording that was cut off is
 * shown up to there, with a note. name is that of the command. Returns the exit status, and has
 * reported its errors. */
int view_run(const char *name, const struct view_how *how, const struct opt_rest *rest);

#endif
