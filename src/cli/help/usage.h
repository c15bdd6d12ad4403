/*
 * Help texts, made from the tables of commands and options.
 */
#ifndef CLI_HELP_USAGE_H
#define CLI_HELP_USAGE_H

#include <stdio.h>

struct cmd;

void usage_program(FILE *out);
void usage_command(const struct cmd *cmd, FILE *out);

#endif
