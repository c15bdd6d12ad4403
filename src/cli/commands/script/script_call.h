/*
 * The call of a command of the command line in a script: its words, and the values of its options.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_CALL_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_CALL_H

#include <stdbool.h>
#include <stddef.h>

struct cmd;
struct error;
struct interp;
struct handshakes;
struct sock;
struct value;

/* Parses the words and runs cmd->script; argv[0] is the command's name. */
int script_call_run(struct interp *in, const struct cmd *cmd, int argc, struct value *const argv[]);

/* ---- for cmd->script ---- */

/* Reference count of the values and of the texts in them. script_call_run() holds one reference
 * itself. script_call_hold() returns values. */
void *script_call_hold(void *values);
void script_call_drop(void *values);

/* Makes e the error of the script, with the name of the command in front of a usage error. Returns
 * TCL_ERROR. */
int script_call_fail(struct interp *in, const void *values, struct error *e);

/* Returns a new handle for s to the script. The handle owns s, and holds handshakes (NULL: none)
 * and a copy of host (NULL: none). Frees s where there is no memory. */
int script_call_return_sock(struct interp *in, struct sock *s, struct handshakes *handshakes,
    const char *host);

/* True where the command has no words after its name. */
bool script_call_is_bare(const void *values);

/* Returns the length of an operand, which may contain NUL where the command has data_operands. */
size_t script_call_size(const void *values, const char *operand);

#endif
