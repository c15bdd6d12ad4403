/*
 * The listening socket of usock listen: opens and announces it.
 */
#ifndef CLI_COMMANDS_LISTEN_SOCKET_H
#define CLI_COMMANDS_LISTEN_SOCKET_H

#include "cli/commands/listen_opts.h"
#include "cli/core/command_context.h"

struct listen_socket_how {
	struct command_context *rt;
	const struct listen_opts *opts;
	const struct endpoint *endpoint;
	const struct bind_how *bind;
	struct deadline until;
};

/* Opens the socket, or adopts fd:N. */
int listen_socket_open(const struct listen_socket_how *how, struct sock **ret_listener,
    struct error *e);

/* Reports the address: the event, --ready-fd and --ready-file. */
int listen_socket_announce(struct command_context *rt, const struct listen_opts *o,
    const struct sock *listener, struct error *e);

#endif
