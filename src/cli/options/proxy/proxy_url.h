/*
 * A proxy as people write it: SCHEME://[USER[:PASSWORD]@]HOST:PORT.
 */
#ifndef CLI_OPTIONS_PROXY_PROXY_URL_H
#define CLI_OPTIONS_PROXY_PROXY_URL_H

#include <stddef.h>

struct error;
struct proxy_hop;

/* Sets kind, address and login of *ret_hop. Characters of user and password may be written as %XX.
 * socks4, socks4a, socks5 and socks5h have port 1080 by default, https has 443. Fails with
 * ERROR_USAGE; the text does not quote the password. */
int proxy_url_parse(const char *url, struct proxy_hop *ret_hop, struct error *e);

/* Sets the login of *hop to USER:PASSWORD, a text of n characters. Fails with ERROR_USAGE for a part
 * that is too long or has control characters. */
int proxy_url_login(const char *text, size_t n, struct proxy_hop *hop, struct error *e);

#endif
