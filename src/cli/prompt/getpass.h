/*
 * getpass: reads a line from the terminal without echo.
 */
#ifndef CLI_PROMPT_GETPASS_H
#define CLI_PROMPT_GETPASS_H

#include <stddef.h>

struct script;

/* Adds the command. Calls callback (may be NULL) with what was typed. */
void getpass_add(struct script *sc, void (*callback)(void *arg, const char *bytes, size_t n),
    void *arg);

#endif
