/*
 * What usock listen does with its options, for this command and for others that serve clients.
 */
#ifndef CLI_LISTEN_LISTEN_COMMAND_H
#define CLI_LISTEN_LISTEN_COMMAND_H

struct listen_opts;
struct opt_rest;

/* Listens at the address in the operands and serves. Reports its errors, in the name of a command.
 * Returns the exit status. */
int listen_command_run(const char *name, struct listen_opts *o, const struct opt_rest *rest);

#endif
