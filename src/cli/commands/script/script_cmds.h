/*
 * Commands of the command line in scripts: the same words, options and values.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_CMDS_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_CMDS_H

struct command_context;
struct script;

/* Adds these commands, and the methods of sockets that take options. rt outlives the script; NULL: it records
 * nothing. */
void script_cmds_add(struct script *sc, struct command_context *rt);

#endif
