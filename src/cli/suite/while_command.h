/*
 * usock listen --while: a shell command that runs as long as the server. The server is ended when
 * the command ends, and the command when the server does.
 *
 * The command has our standard input, output and error. Without a controlling terminal it is a
 * process group of its own, and signals go to all of it.
 */
#ifndef CLI_SUITE_WHILE_COMMAND_H
#define CLI_SUITE_WHILE_COMMAND_H

#include <stdbool.h>

#include "cli/core/command_context.h"
#include "loop/loop_child.h"

struct sockname;

struct while_command {
	/* Set by the caller, the rest zeroed: called when the command has ended by itself, and has the
	 * loop end when the server may go. NULL: the loop is interrupted at once. */
	void (*ended)(void *arg);
	void *arg;
	/* private */
	struct command_context *rt;
	struct child_watch child;
	struct timer grace; /* from the first signal to SIGKILL */
	int signo;          /* the first signal that was passed on; 0: none */
	int status;
	bool group, over;
};

/* Starts line with /bin/sh, with USOCK_ADDR and USOCK_PORT of the listening socket in its
 * environment. From now on SIGINT, SIGTERM and SIGHUP go to the command, which has 2 s to end
 * before SIGKILL, or until the next signal. When it has ended by one, the loop is interrupted by
 * it; without ended() it is interrupted by SIGTERM when the command has ended by itself. */
int while_command_start(struct while_command *wc, struct command_context *rt, const char *line,
    int listener, struct error *e);

/* Ends the command where it still runs. rc and *e are the result of the server: where the server
 * has failed for good (rc > 0), waits for the command. A failure of the server is not hidden by the
 * end of the command: it is the result where that was 0, and is reported where it was not. Returns
 * the exit status of usock, or -1 with *e. */
int while_command_finish(struct while_command *wc, int rc, struct error *e);

#endif
