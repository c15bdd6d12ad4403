/*
 * ncat: the netcat of the Nmap project, 7.96.
 */
#ifndef CLI_NETCAT_NCAT_H
#define CLI_NETCAT_NCAT_H

struct cmd;

#define NCAT_VERSION "7.96"
#define NCAT_BANNER "Version " NCAT_VERSION " ( https://nmap.org/ncat )"

/* Parses the words as ncat does, and runs what they are in usock's words. argv[0] is the name it was
 * called by. Returns the exit status: 0, 1 or 2. */
int ncat_run(const struct cmd *cmd, int argc, char **argv);

#endif
