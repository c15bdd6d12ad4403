/*
 * The texts of help: commands, topics and words of the language.
 */
#ifndef CLI_HELP_TOPICS_H
#define CLI_HELP_TOPICS_H

#include <stdio.h>

struct error;

/* Writes the text about a word. ERROR_USAGE where there is none, which suggests the nearest. */
int topics_print(const char *word, FILE *out, struct error *e);

#endif
