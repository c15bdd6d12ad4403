/*
 * The options of usock listen for test suites.
 */
#ifndef CLI_SUITE_SUITE_OPTS_H
#define CLI_SUITE_SUITE_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/options/opt.h"

struct endpoint;
struct error;

struct suite_opts {
	const char *while_line; /* NULL: not given */
	const char *listen_fds; /* NULL: not given; "": without a name */
	const char *reserve;    /* NULL: not given; "": one port */
	const char *ready_file; /* NULL: not given */
	int64_t once;           /* 0: not given */
	int64_t ready_fd;       /* -1: not given */
	bool background;
};

/* The last two are about the socket alone. */
enum { N_SUITE = 7, N_SUITE_SERVING = 5 };

extern const struct opt suite_rows[N_SUITE];

/* For the conflicts of a command. */
#define SUITE_CONFLICTS                                                                            \
	"while background once reserve listen-fds broadcast-input progress",                       \
	    "background reserve progress broadcast-input", "once reserve listen-fds progress"

/* For the options of a command that stand alone: what --reserve and --listen-fds go together
 * with. */
#define SUITE_ALONE                                                                                \
	"reserve ipv4 ipv6 timeout verbose quiet json events",                                     \
	    "listen-fds ipv4 ipv6 udp type proto mptcp reuse-addr no-reuse-addr reuse-port "       \
	    "interface sockopt broadcast ttl join backlog mode unlink background "                 \
	    "ready-fd ready-file verbose quiet json events"

/* The long names of suite_rows that a script does not have. */
#define SUITE_NAMES "while", "background", "once", "reserve", "listen-fds"

/* Sets the defaults. */
void suite_opts_defaults(struct suite_opts *o);

/* Returns true where clients are served as with --keep-open. */
bool suite_opts_keep_open(const struct suite_opts *o);

/* ERROR_USAGE for a value that cannot be used, and for --listen-fds without a program. */
int suite_opts_check(const struct suite_opts *o, const struct opt_rest *rest, struct error *e);

#endif
