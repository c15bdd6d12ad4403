/*
 * A socket of its own for one peer of a datagram socket that hears everybody: what
 * that peer sends comes to it from then on, and not to the other.
 */
#ifndef NET_UDP_ACCEPT_H
#define NET_UDP_ACCEPT_H

#include "net/sockname.h"

struct bind_how;
struct error;

struct udp_accept_how {
	const struct sockname *peer;
	const struct sockname *here; /* address of ours to bind to, no port; len 0: as fd */
	/* how fd was made: the new socket gets the same options, as an accepted TCP socket
	 * inherits them; NULL: none. Those of PHASE_CONNECTED are left to the caller. */
	const struct bind_how *bind;
};

/* A socket bound as fd is (UDP), but to how->here where that has a length, and
 * connected to how->peer, non-blocking. SO_REUSEADDR is on for fd only meanwhile: a second
 * listener on the same port is refused as ever. What came for others before the
 * connect(2) is dropped. "setsockopt NAME: reason", "bind ADDRESS: reason",
 * "connect ADDRESS: reason". */
int udp_accept_open(int fd, const struct udp_accept_how *how, struct error *e);

#endif
