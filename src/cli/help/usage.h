/*
 * Help texts, made from the tables of commands and options.
 */
#ifndef CLI_HELP_USAGE_H
#define CLI_HELP_USAGE_H

#include <stddef.h>
#include <stdio.h>

struct cmd;

void usage_program(FILE *out);
void usage_command(const struct cmd *cmd, FILE *out);
/* Writes one line, "connect [-46kv] [-w DUR] ... ADDRESS", to text; it is cut at size. */
void usage_synopsis(const struct cmd *cmd, char *text, size_t size);

#endif
