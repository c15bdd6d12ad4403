/*
 * What is being typed: what it leaves open, and which arguments come next.
 */
#ifndef CLI_PROMPT_PROMPT_SYNTAX_H
#define CLI_PROMPT_PROMPT_SYNTAX_H

#include <stddef.h>

struct handle;
struct prompt;

/* Returns where the command at the end of line begins. */
size_t prompt_syntax_start(const char *line);

/* Returns the socket of that name, or NULL. */
struct handle *prompt_syntax_handle(const struct prompt *p, const char *name, size_t n);

enum { PROMPT_OPEN_MAX = 16 };

/* Writes the braces, brackets and quotes that n bytes of text leave open, the outermost first; of
 * many the innermost ones. "": none. */
void prompt_syntax_open(const char *text, size_t n, char ret_open[PROMPT_OPEN_MAX]);

/* Writes what may follow line, which ends at the cursor: the arguments that its command still
 * takes. Returns the length; 0: nothing is to be said. */
size_t prompt_syntax_hint(const struct prompt *p, const char *line, char *text, size_t size);

#endif
