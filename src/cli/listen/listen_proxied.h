/*
 * The clients behind proxies of usock listen: --proxy-protocol.
 */
#ifndef CLI_LISTEN_LISTEN_PROXIED_H
#define CLI_LISTEN_LISTEN_PROXIED_H

#include "cli/listen/listen_access.h"

struct session_how;

struct listen_proxied {
	/* set by the caller, the rest zeroed */
	struct listen_access *access; /* open: its gate lets proxies in */
	/* private */
	struct access *proxies; /* NULL: there are none */
	char *text;             /* the list, cut into entries */
	const char **entries;
};

/* Reads the list of proxies, and makes sessions of how read a header from them. Fails as
 * listen_access_open(). Call listen_proxied_close() after a failure too. */
int listen_proxied_open(struct listen_proxied *lp, struct session_how *how, struct error *e);
void listen_proxied_close(struct listen_proxied *lp);

/* ERROR_USAGE for a socket without streams. */
int listen_proxied_check(const struct listen_proxied *lp, const struct endpoint *ep, int type,
    struct error *e);

/* Reads the list again, as listen_access_reload() does with its own. */
int listen_proxied_reload(struct listen_proxied *lp, struct error *e);

/* Returns true for the failure of a client that a proxy has named and the lists deny. It was
 * reported as such. */
bool listen_proxied_is_denied(const struct error *e);

#endif
