/*
 * The program: selects the command of the command line and runs it.
 */
#ifndef CLI_CORE_CLI_H
#define CLI_CORE_CLI_H

/* Selects the command, parses, runs, and checks that standard output was
 * written. Returns the exit status. */
int cli_main(int argc, char **argv);

#endif
