/*
 * usock listen on a socket of datagrams: what the options mean there, how the
 * datagrams look, what is told of their senders.
 */
#ifndef CLI_COMMANDS_LISTEN_DGRAM_H
#define CLI_COMMANDS_LISTEN_DGRAM_H

#include <stdbool.h>

#include "cli/core/command_context.h"
#include "cli/options/groups.h"

struct listen_dgram {
	struct command_context *rt;
	struct sock *sock; /* bound */
	const struct session_how *how;
	const struct time_opts *time;
	const struct data_opts *data;
	const struct bind_how *bind;
	bool keep_open, print_sender;
	unsigned max_clients; /* 0: not said */
};

/* Options that datagrams have no use for. ERROR_USAGE. */
int listen_dgram_check(const struct listen_dgram *d, struct error *e);

/* Serves until its end, or the deadline. The exit status, or -1. */
int listen_dgram(const struct listen_dgram *d, struct deadline until, struct error *e);

#endif
