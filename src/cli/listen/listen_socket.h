/*
 * The listening socket of usock listen: opens and announces it.
 */
#ifndef CLI_LISTEN_LISTEN_SOCKET_H
#define CLI_LISTEN_LISTEN_SOCKET_H

#include "cli/core/command_context.h"
#include "cli/listen/listen_opts.h"

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
