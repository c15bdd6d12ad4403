/*
 * Options about who may come: --allow and --deny.
 */
#ifndef CLI_OPTIONS_ACCESS_OPTS_H
#define CLI_OPTIONS_ACCESS_OPTS_H

#include "cli/options/opt.h"

struct access_opts {
	struct opt_list allow, deny;
};

#define N_ACCESS 2

extern const struct opt access_rows[N_ACCESS];

/* Names of the options, for a list of options not in scripts. */
#define ACCESS_NAMES "allow", "deny"

#endif
