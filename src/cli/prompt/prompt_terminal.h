/*
 * What the prompt writes to the terminal: the prompt itself, and data for display.
 */
#ifndef CLI_PROMPT_PROMPT_TERMINAL_H
#define CLI_PROMPT_PROMPT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct handle;
struct prompt;

/* Appends bytes for display: escape sequences and bytes that are no character of the locale
 * become \xHH; tabs and line feeds stay. */
void prompt_escape(struct buf *out, const char *bytes, size_t n);
/* The same with "NAME< " in front of each line, and a line feed at the end. */
void prompt_quote(struct buf *out, bool color, const char *name, const char *bytes, size_t n);
/* Returns the prompt, stored in p->text: the current socket with its state, as much as fits; or what
 * the typed lines leave open; or p->question. */
const char *prompt_compose(struct prompt *p);
/* Formats "sock1 127.0.0.1:25 ESTABLISHED". */
void prompt_describe(const struct handle *h, char *text, size_t size);

/* Writes a line that is no data: dim. */
void prompt_note(const struct prompt *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes text to the terminal at once. */
void prompt_write(const struct prompt *p, const char *text, size_t n);
void prompt_write_prompt(struct prompt *p);
/* Writes whole lines above the line that is edited. */
void prompt_show(struct prompt *p, const char *text, size_t n);

#endif
