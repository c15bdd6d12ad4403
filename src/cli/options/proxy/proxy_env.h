/*
 * The variables of the environment about proxies, with the rules of curl.
 */
#ifndef CLI_OPTIONS_PROXY_PROXY_ENV_H
#define CLI_OPTIONS_PROXY_PROXY_ENV_H

#include <stdbool.h>

/* Returns the value of a variable, or NULL if it is not set or empty. */
const char *proxy_env_value(const char *name);

/* Returns the proxy of all_proxy or ALL_PROXY, or NULL. */
const char *proxy_env_url(void);

/* Returns true if no_proxy or NO_PROXY names this host: a list of names, which stand for all below
 * them too, of addresses and of CIDR, separated by commas or spaces; * is every host. */
bool proxy_env_excludes(const char *host);

/* The same for a list. */
bool proxy_env_list_has(const char *list, const char *host);

#endif
