/*
 * Data that arrives while no command waits for it: shows it, and keeps it for a
 * later receive.
 */
#ifndef CLI_PROMPT_PROMPT_INCOMING_H
#define CLI_PROMPT_PROMPT_INCOMING_H

#include <stddef.h>

struct handle;
struct prompt;

/* Watches each socket that no server body uses. Call it again after each command, as sockets
 * come and go. */
void prompt_incoming_watch(struct prompt *p);
/* Stops watching. Call it before a command runs, which may wait for the same sockets. */
void prompt_incoming_unwatch(struct prompt *p);
/* The script has received n of the buffered bytes. */
void prompt_incoming_received(struct prompt *p, const char *handle, size_t n);
/* Returns how many of the buffered bytes were shown. */
size_t prompt_incoming_shown(const struct prompt *p, const struct handle *h);
void prompt_incoming_close(struct prompt *p);

#endif
