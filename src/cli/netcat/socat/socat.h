/*
 * socat: what a line of it is in usock's words. It is not run.
 */
#ifndef CLI_NETCAT_SOCAT_SOCAT_H
#define CLI_NETCAT_SOCAT_SOCAT_H

struct cmd;

/* Parses the words as socat does, and prints the line of usock that does the same and what differs, or
 * which word has no counterpart. Returns the exit status. */
int socat_run(const struct cmd *cmd, int argc, char **argv);

#endif
