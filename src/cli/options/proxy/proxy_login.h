/*
 * The file of --proxy-auth-file: logins for proxies.
 */
#ifndef CLI_OPTIONS_PROXY_PROXY_LOGIN_H
#define CLI_OPTIONS_PROXY_PROXY_LOGIN_H

#include <stddef.h>

struct error;
struct file_wait;
struct proxy_hop;

/* Reads a line USER:PASSWORD for each hop, in their order; a hop with an empty line, or without a
 * line, keeps the login that it has. A regular file may be readable for its owner alone. Fails with
 * ERROR_LOCAL_IO, ERROR_USAGE, and the errors of the wait; no text quotes the file. */
int proxy_login_read(const char *path, const struct file_wait *wait, struct proxy_hop *hops,
    size_t n, struct error *e);

#endif
