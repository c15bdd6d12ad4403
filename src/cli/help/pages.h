/*
 * Prints texts of help, fitted to the width of the terminal.
 */
#ifndef CLI_HELP_PAGES_H
#define CLI_HELP_PAGES_H

#include <stdio.h>

struct cmd;
struct error;

/* Prints what fn writes to a file. On a terminal, what is longer than the screen goes through
 * $USOCK_PAGER, $PAGER or less(1); an empty variable means none, and so does a dumb terminal. Waits
 * until the pager ends; prints the text itself where that does not run. Returns -1 with an error of
 * fn. */
int pages_show(int (*fn)(void *arg, FILE *out, struct error *e), void *arg, FILE *to,
    struct error *e);

/* The help of a command on standard output, or of the program, where cmd is NULL. Returns the exit
 * status. */
int pages_show_usage(const struct cmd *cmd);

#endif
