/*
 * Commands of the command line in scripts: the same words, options and values.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_CMDS_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_CMDS_H

struct script;

/* Adds these commands, and the methods of sockets that take options. */
void script_cmds_add(struct script *sc);

#endif
