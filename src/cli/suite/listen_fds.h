/*
 * usock listen --listen-fds: the process becomes a program that gets the listening socket, as from
 * a service manager (sd_listen_fds(3)).
 */
#ifndef CLI_SUITE_LISTEN_FDS_H
#define CLI_SUITE_LISTEN_FDS_H

#include "cli/core/command_context.h"

struct listen_fds {
	struct command_context *rt;
	const char *name; /* for LISTEN_FDNAMES; "": none */
	const char *const *argv;
	int fd;
	bool inherited; /* fd was inherited: its O_NONBLOCK is not ours to change */
};

/* Writes the queued messages and becomes the program, with the socket as descriptor 3, LISTEN_FDS=1
 * and LISTEN_PID. The socket blocks, as a service manager's does. Returns -1, like
 * process_exec(). */
int listen_fds_exec(const struct listen_fds *lf, struct error *e);

#endif
