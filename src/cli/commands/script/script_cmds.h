/*
 * Commands of the command line in a script: the same words, options and values.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_CMDS_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_CMDS_H

#include <stdbool.h>
#include <stddef.h>

struct cmd;
struct interp;
struct script;
struct value;

/* Adds them, and the methods of sockets that take such options. */
void script_cmds_add(struct script *sc);

/* Runs cmd->script with what the words say; argv[0] is its name. */
int script_cmd_run(struct interp *in, const struct cmd *cmd, int argc, struct value *const argv[]);

/* ---- for cmd->script ---- */

/* The values and all texts in them stay until they are dropped as often as held, once
 * more than that by script_cmd_run. Returns values. */
void *script_cmd_hold(void *values);
void script_cmd_drop(void *values);

/* True where the command stands alone. */
bool script_cmd_is_bare(const void *values);

/* The bytes of an operand, which may hold NUL where the command has data_operands. */
size_t script_cmd_size(const void *values, const char *operand);

#endif
