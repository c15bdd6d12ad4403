/*
 * What nc asks for on the terminal: the password of a proxy (-P), and the key of TCP MD5 (-S).
 */
#ifndef CLI_NETCAT_NC_NC_SECRET_H
#define CLI_NETCAT_NC_NC_SECRET_H

#include <stdbool.h>

struct nc;

/* True where an HTTP proxy that wants a login gets one. */
bool nc_secret_wants_password(const struct nc *nc);

/* Ask, and keep the answer in nc. With --explain a word stands for it. Return what is wrong, or
 * NULL. */
const char *nc_secret_ask_password(struct nc *nc);
const char *nc_secret_ask_key(struct nc *nc);

#endif
