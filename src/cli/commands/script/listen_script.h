/*
 * `listen` in a script: the listening socket alone, whose clients the script accepts.
 */
#ifndef CLI_COMMANDS_SCRIPT_LISTEN_SCRIPT_H
#define CLI_COMMANDS_SCRIPT_LISTEN_SCRIPT_H

struct interp;
struct opt_rest;

/* Options of the command that a script does not have; ends with NULL. */
extern const char *const listen_not_in_script[];

/* The handle of the listening socket, which is the current one then; values is a struct
 * listen_opts. */
int listen_script(struct interp *in, void *values, const struct opt_rest *rest);

#endif
