/*
 * The control socket of usock listen -k: executes the commands of control/.
 */
#ifndef CLI_LISTEN_LISTEN_CONTROL_H
#define CLI_LISTEN_LISTEN_CONTROL_H

#include "control/control_server.h"

struct error;
struct listen_server;

struct listen_control {
	struct listen_server *sv; /* set by the caller, the rest zeroed */
	struct control_server server;
};

/* Executes commands on the clients of this process. */
struct control_target listen_control_target(struct listen_control *c);

/* Opens the socket of --control, if that was given. */
int listen_control_open(struct listen_control *c, struct control_target target, struct error *e);

/* Accepts a zeroed c. */
void listen_control_close(struct listen_control *c);

#endif
