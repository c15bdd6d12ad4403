/*
 * What the prompt shows of a command's result: bytes as they are, counts with a word, and what has
 * rows as a table.
 */
#ifndef CLI_PROMPT_PROMPT_RESULT_H
#define CLI_PROMPT_PROMPT_RESULT_H

#include <stddef.h>

struct prompt;

/* Shows the result of the command that was typed as text. */
void prompt_result_show(struct prompt *p, const char *text);

#endif
