/*
 * Prints texts of help, fitted to the width of the terminal.
 */
#ifndef CLI_HELP_PAGES_H
#define CLI_HELP_PAGES_H

#include <stdio.h>

struct error;

/* Prints what fn writes to standard output. Returns -1 with an error of fn. */
int pages_print(int (*fn)(void *arg, FILE *out, struct error *e), void *arg, struct error *e);

/* The same on a terminal, at the prompt: what is longer than the screen goes through $PAGER, or
 * through less(1) where that is not set; an empty PAGER means none. Waits until the pager ends. */
int pages_show(int (*fn)(void *arg, FILE *out, struct error *e), void *arg, FILE *terminal,
    struct error *e);

#endif
