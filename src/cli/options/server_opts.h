/*
 * The options of a server that runs for long: how it is controlled, and how it
 * ends.
 */
#ifndef CLI_OPTIONS_SERVER_OPTS_H
#define CLI_OPTIONS_SERVER_OPTS_H

#include <stdint.h>

#include "cli/options/opt.h"

enum { N_SERVER = 3, WORKERS_MAX = 256 };

struct server_opts {
	const char *control; /* NULL: not given */
	int64_t drain;       /* nanoseconds; -1: not given */
	int64_t workers;     /* 0: not given */
};

extern const struct opt server_rows[N_SERVER];

/* The long names of server_rows, for a command's not_in_script. */
#define SERVER_NAMES "control", "drain", "workers"

/* For the conflicts of a command. */
#define SERVER_CONFLICTS                                                                           \
	"drain while listen-fds", "control listen-fds", "workers while listen-fds once"

void server_opts_defaults(struct server_opts *o);

/* Returns an option of this group that was given, such as "--control", or NULL. */
const char *server_opts_given(const struct server_opts *o);

#endif
