/*
 * nc: the netcat of OpenBSD, as Debian has it (1.219).
 */
#ifndef CLI_NETCAT_NC_H
#define CLI_NETCAT_NC_H

struct cmd;

/* Parses the words as nc does, and runs what they are in usock's words. argv[0] is the name it was
 * called by. Returns the exit status, 0 or 1. */
int nc_run(const struct cmd *cmd, int argc, char **argv);

#endif
