/*
 * `record` in a script and at the prompt: a recording that begins and ends while sockets are open.
 */
#ifndef CLI_COMMANDS_SCRIPT_SCRIPT_RECORD_H
#define CLI_COMMANDS_SCRIPT_SCRIPT_RECORD_H

struct command_context;
struct script;

/* Adds `record start FILE`, `record stop` and `record status`. The recording is that of rt, which outlives
 * the script and writes what is left; NULL: record fails. */
void script_record_add(struct script *sc, struct command_context *rt);

#endif
