/*
 * What a line of a chat means: text for all, or a command.
 */
#ifndef RELAY_SERVER_BROADCAST_CHAT_COMMAND_H
#define RELAY_SERVER_BROADCAST_CHAT_COMMAND_H

#include <stdbool.h>

/* The name of the operator, who may kick others. */
#define CHAT_OPERATOR "server"

struct chat_user;
struct error;

/* Carries out a line without control characters and its end. Returns -1 without memory. */
int chat_command(struct chat_user *u, char *line, struct error *e);

/* Returns true if a user may have this name. Guests have the names "guest1" and so on. */
bool chat_is_name(const char *name);

#endif
