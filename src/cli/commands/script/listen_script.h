/*
 * `listen` in a script: makes the listening socket; the script accepts its
 * clients.
 */
#ifndef CLI_COMMANDS_SCRIPT_LISTEN_SCRIPT_H
#define CLI_COMMANDS_SCRIPT_LISTEN_SCRIPT_H

struct interp;
struct opt_rest;

/* Options that a script does not have; ends with NULL. */
extern const char *const listen_not_in_script[];

/* Returns the handle of the listening socket, which becomes the current one. values is a struct
 * listen_opts. */
int listen_script(struct interp *in, void *values, const struct opt_rest *rest);

#endif
