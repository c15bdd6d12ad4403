/*
 * interact: connects the terminal with a socket until Ctrl-].
 */
#ifndef CLI_PROMPT_PROMPT_INTERACT_H
#define CLI_PROMPT_PROMPT_INTERACT_H

struct prompt;

/* Adds the command to the prompt's script. */
void prompt_interact_add(struct prompt *p);

#endif
