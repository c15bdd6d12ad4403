/*
 * From an address and options to a listening descriptor; datagram sockets are bound only.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stdbool.h>

#include "base/deadline.h"
#include "net/connect.h"

struct error;
struct log;
struct loop;

/* Makes, binds and listens. ep.host "" with AF_UNSPEC: one dual-stack socket
 * ([::], IPV6_V6ONLY off), or 0.0.0.0 where the host has no IPv6. Unix paths are
 * bound with this mode; a path that a live server owns is an error, a stale one
 * too unless unlink_stale. Port "": the first free one of bind.port_lo-port_hi;
 * "0", or no range: the kernel's choice, see *ret_local and the LOG_NOTE. Of
 * several addresses of a name the first that can be bound. Datagram sockets are
 * bound only; bind.source is not looked at. */
struct listen_how {
	struct bind_how bind;
	int backlog;   /* < 0: the kernel's maximum */
	unsigned mode; /* unix paths; 0: 0600 */
	bool unlink_stale;
};
int listen_open(struct loop *l, const struct endpoint *ep, const struct listen_how *how,
    struct deadline until, const struct log *log, int *ret_fd, struct sockname *ret_local,
    struct error *e);

#endif
