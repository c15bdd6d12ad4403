/*
 * What the prompt writes to the terminal: the prompt itself, and data for display.
 */
#ifndef CLI_PROMPT_PROMPT_TERMINAL_H
#define CLI_PROMPT_PROMPT_TERMINAL_H

#include <stddef.h>

struct buf;
struct handle;
struct prompt;

/* Appends bytes for display: escape sequences and bytes that are no character of the locale
 * become \xHH; tabs and line feeds stay. */
void prompt_escape(struct buf *out, const char *bytes, size_t n);
/* The same with "NAME< " in front of each line, and a line feed at the end. */
void prompt_quote(struct buf *out, const char *name, const char *bytes, size_t n);
/* Returns the prompt: the current socket with its state, stored in p->text. */
const char *prompt_compose(struct prompt *p);
/* Formats "sock1 127.0.0.1:25 ESTABLISHED". */
void prompt_describe(const struct handle *h, char *text, size_t size);

/* Writes text to the terminal at once. */
void prompt_write(const struct prompt *p, const char *text, size_t n);
void prompt_write_prompt(struct prompt *p);
/* Writes whole lines above the line that is edited. */
void prompt_show(struct prompt *p, const char *text, size_t n);

#endif
