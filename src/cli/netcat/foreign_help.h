/*
 * What the tables of other netcats print on standard output or error: help, and the line of usock
 * that does the same.
 */
#ifndef CLI_NETCAT_FOREIGN_HELP_H
#define CLI_NETCAT_FOREIGN_HELP_H

#include <stdio.h>

#include "cli/netcat/foreign.h"

struct usock_line;

/* Prints the synopsis of a variant, "usage: nc [-46bC] [-I length] ...", in lines that are indented after the
 * first. */
void foreign_help_synopsis(FILE *to, const struct foreign *program, unsigned variant,
    const char *operands);

enum { FOREIGN_TERM_MAX = 64 };

/* Formats "-x, --name value". Returns text. */
const char *foreign_help_term(const struct foreign_opt *o, char text[FOREIGN_TERM_MAX]);

/* Prints a line for each option of a variant. */
void foreign_help_options(FILE *to, const struct foreign *program, unsigned variant);

/* Prints a line of usock with the quotes that a shell needs, and in comments what differs: the notes,
 * and what the options that were given say. */
void foreign_help_explain(const struct usock_line *line, const struct foreign_args *args,
    const char *const *notes, size_t n_notes);

#endif
