/*
 * Help texts, made from the tables of commands and options. All functions but
 * usage_synopsis() write to standard output.
 */
#ifndef CLI_CORE_USAGE_H
#define CLI_CORE_USAGE_H

#include <stddef.h>

struct cmd;

void usage_program(void);
void usage_command(const struct cmd *cmd);
/* Writes one line, "connect [-46kv] [-w DUR] ... ADDRESS", to text; it is cut at size. */
void usage_synopsis(const struct cmd *cmd, char *text, size_t size);

#endif
