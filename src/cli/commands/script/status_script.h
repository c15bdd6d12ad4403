/*
 * `status` in a script: returns the rows of the socket table as dictionaries.
 */
#ifndef CLI_COMMANDS_SCRIPT_STATUS_SCRIPT_H
#define CLI_COMMANDS_SCRIPT_STATUS_SCRIPT_H

#include "cli/options/opt.h"

struct interp;

/* Options that need the terminal, or that concern the whole process. */
extern const char *const status_not_in_script[];

/* Without words it is the method status of the current socket. */
int status_script(struct interp *in, void *values, const struct opt_rest *rest);

#endif
