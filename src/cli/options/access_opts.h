/*
 * Options about who may come, and who tells it: --allow, --deny and --proxy-protocol.
 */
#ifndef CLI_OPTIONS_ACCESS_OPTS_H
#define CLI_OPTIONS_ACCESS_OPTS_H

#include "cli/options/opt.h"

struct access_opts {
	struct opt_list allow, deny;
	const char *proxy_protocol; /* a list; "": everybody; NULL: not given */
};

#define N_ACCESS 3

extern const struct opt access_rows[N_ACCESS];

/* Names of the options, for a list of options not in scripts. */
#define ACCESS_NAMES "allow", "deny", "proxy-protocol"

#endif
