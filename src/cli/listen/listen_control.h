/*
 * The control socket of usock listen -k: executes the commands of control/.
 */
#ifndef CLI_LISTEN_LISTEN_CONTROL_H
#define CLI_LISTEN_LISTEN_CONTROL_H

#include "control/control_server.h"

struct error;
struct listen_server;

struct listen_control {
	struct listen_server *sv;
	struct control_server server;
};

/* Opens the socket of --control, if that was given. */
int listen_control_open(struct listen_control *c, struct listen_server *sv, struct error *e);

/* Accepts a zeroed c. */
void listen_control_close(struct listen_control *c);

#endif
