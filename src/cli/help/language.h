/*
 * A line for each command of the language, as the prompt's help and its hints show it; usock-script(7)
 * says the rest.
 */
#ifndef CLI_HELP_LANGUAGE_H
#define CLI_HELP_LANGUAGE_H

#include <stdio.h>

struct language_line {
	const char *name;
	const char *usage; /* its arguments */
	const char *line;  /* what it does */
};

/* Returns the line of a command; NULL: it has none. */
const struct language_line *language_find(const char *name);

/* Writes the lines of all commands, in groups. */
void language_print(FILE *out);

/* Writes usage and line of one. */
void language_print_line(const struct language_line *l, FILE *out);

#endif
