/*
 * Commands that only the prompt has: help, save, clear, quit.
 */
#ifndef CLI_PROMPT_PROMPT_CMDS_H
#define CLI_PROMPT_PROMPT_CMDS_H

struct prompt;

/* Adds the commands to the prompt's script. */
void prompt_cmds_add(struct prompt *p);

#endif
