/*
 * Creates a listening socket for an endpoint; datagram sockets are bound only.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "net/connect.h"

struct error;
struct log;
struct loop;

struct listen_owner {
	uint32_t uid, gid; /* UINT32_MAX: not changed */
};

/*
 * Creates, binds and listens. An empty ep.host with AF_UNSPEC makes one dual-stack socket
 * ([::], IPV6_V6ONLY off), or 0.0.0.0 on a host without IPv6. When a name has several
 * addresses, the first that can be bound is used; bind.source is ignored.
 *
 * Port "" uses the first free port of bind.port_lo-port_hi. For "0", or without a range, the
 * kernel chooses; *ret_local and a LOG_CHOSEN line show the port.
 *
 * A unix path is created with `mode`, and belongs to `owner` before anybody can connect. A path of a live server is an error; a stale one too,
 * except with unlink_stale.
 */
struct listen_how {
	struct bind_how bind;
	int backlog;                      /* < 0: the kernel's maximum */
	unsigned mode;                    /* of a unix path; 0: 0600 */
	const struct listen_owner *owner; /* of a unix path; NULL: this process */
	bool unlink_stale;
};
int listen_open(struct loop *l, const struct endpoint *ep, const struct listen_how *how,
    struct deadline until, const struct log *log, int *ret_fd, struct sockname *ret_local,
    struct error *e);

#endif
