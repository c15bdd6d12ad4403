/*
 * The options of messages and events; struct report_opts has their values.
 */
#ifndef CLI_OPTIONS_REPORT_OPTS_H
#define CLI_OPTIONS_REPORT_OPTS_H

#include "cli/options/opt.h"

enum { N_REPORT = 5 };

extern const struct opt report_rows[N_REPORT];

/* For the conflicts of a command. */
#define REPORT_CONFLICTS "verbose quiet"

/* The long names of report_rows, for a command's not_in_script. */
#define REPORT_NAMES "verbose", "quiet", "json", "events", "color"

#endif
