/*
 * The options that give a script permissions.
 */
#ifndef CLI_OPTIONS_ALLOW_OPTS_H
#define CLI_OPTIONS_ALLOW_OPTS_H

#include <stdbool.h>

#include "cli/options/opt.h"

/* What a script may do beyond using the network and its own input and output. */
struct allow_opts {
	bool exec, files, env;
};

enum { N_ALLOW = 3 };

extern const struct opt allow_rows[N_ALLOW];

#endif
