/*
 * Reads a line of the prompt, with the editor or as the terminal edits it.
 */
#ifndef CLI_PROMPT_PROMPT_LINE_H
#define CLI_PROMPT_PROMPT_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct prompt;

/* Loads the module usock-prompt and opens its editor; history is the path of the file, or NULL.
 * Without an editor lines are read as the terminal edits them. -1: there is no such module. */
int prompt_line_open_editor(struct prompt *p, const char *history, struct error *e);

/* Waits for a line; incoming data is shown meanwhile. Returns as editor_ops.line. */
int prompt_line_read(struct prompt *p, const char **ret_line, size_t *ret_n);

/* Asks a question that ends in a blank; true where the answer begins with y. */
bool prompt_line_ask(struct prompt *p, const char *question);

#endif
