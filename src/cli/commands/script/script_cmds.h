/*
 * Commands of the command line in scripts: the same words, options and values.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_CMDS_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_CMDS_H

#include <stdbool.h>
#include <stddef.h>

struct cmd;
struct error;
struct interp;
struct script;
struct tls_context;
struct sock;
struct value;

/* Adds these commands, and the methods of sockets that take options. */
void script_cmds_add(struct script *sc);

/* Parses the words and runs cmd->script; argv[0] is the command's name. */
int script_cmd_run(struct interp *in, const struct cmd *cmd, int argc, struct value *const argv[]);

/* ---- for cmd->script ---- */

/* Reference count of the values and of the texts in them. script_cmd_run() holds one reference
 * itself. script_cmd_hold() returns values. */
void *script_cmd_hold(void *values);
void script_cmd_drop(void *values);

/* Makes e the error of the script, with the name of the command in front of a usage error. Returns
 * TCL_ERROR. */
int script_cmd_fail(struct interp *in, const void *values, struct error *e);

/* Returns a new handle for s to the script. The handle owns s, and holds tls_context (NULL: no TLS) and a
 * copy of host (NULL: none). Frees s where there is no memory. */
int script_cmd_return_sock(struct interp *in, struct sock *s, struct tls_context *tls_context,
    const char *host);

/* True where the command has no words after its name. */
bool script_cmd_is_bare(const void *values);

/* Returns the length of an operand, which may contain NUL where the command has data_operands. */
size_t script_cmd_size(const void *values, const char *operand);

#endif
