/*
 * usock listen with datagrams: the meaning of the options, the format of the
 * datagrams, and reports about their senders.
 */
#ifndef CLI_LISTEN_LISTEN_DGRAM_H
#define CLI_LISTEN_LISTEN_DGRAM_H

#include <stdbool.h>

#include "cli/core/command_context.h"
#include "cli/listen/listen_access.h"
#include "cli/options/session_opts.h"

struct forward;

struct listen_dgram {
	struct command_context *rt;
	struct sock *sock; /* bound */
	const struct session_how *how;
	const struct time_opts *time;
	const struct data_opts *data;
	const struct bind_how *bind;
	struct listen_access *access; /* open */
	struct forward *forward;      /* of --forward; NULL: not given */
	bool keep_open, print_sender;
	unsigned max_clients; /* 0: not given */
};

/* ERROR_USAGE for options that have no meaning for datagrams. */
int listen_dgram_check(const struct listen_dgram *d, struct error *e);

/* Serves until its end, or the deadline. Returns the exit status, or -1. */
int listen_dgram(const struct listen_dgram *d, struct deadline until, struct error *e);

#endif
