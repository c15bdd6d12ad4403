/*
 * What the tables of other netcats print on standard output or error: help, and the line of usock
 * that does the same.
 */
#ifndef CLI_NETCAT_FOREIGN_HELP_H
#define CLI_NETCAT_FOREIGN_HELP_H

#include <stdio.h>

#include "cli/netcat/foreign.h"

struct usock_line;

/* Prints the synopsis, "usage: nc [-46bC] [-I length] ...", in lines that are indented after the
 * first. */
void foreign_help_synopsis(FILE *to, const struct foreign *program, const char *operands);

enum { FOREIGN_TERM_MAX = 64 };

/* Formats "-x, --name value". Returns text. */
const char *foreign_help_term(const struct foreign_opt *o, char text[FOREIGN_TERM_MAX]);

/* Prints a line for each option. */
void foreign_help_options(FILE *to, const struct foreign *program);

/* Prints a line of usock as a shell takes it, and what differs of the options that were given. */
void foreign_help_explain(const struct usock_line *line, const struct foreign_args *args);

#endif
