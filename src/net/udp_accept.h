/*
 * Creates a socket for one peer of a datagram server, as accept(2) does for streams: later
 * datagrams of that peer arrive at the new socket and not at the server's.
 */
#ifndef NET_UDP_ACCEPT_H
#define NET_UDP_ACCEPT_H

#include "net/sockname.h"

struct bind_how;
struct error;

struct udp_accept_how {
	const struct sockname *peer;
	const struct sockname
	    *local; /* local address to bind to, without port; len 0: that of fd */
	/* how fd was created: the new socket gets the same options, as an accepted TCP socket
	 * inherits them; NULL: none. The caller sets those of PHASE_CONNECTED. */
	const struct bind_how *bind;
};

/* Returns a non-blocking UDP socket that is bound like fd, or to how->local when it has a
 * length, and connected to how->peer. SO_REUSEADDR is on for fd only during the call, so a
 * second listener on the port is still refused. Datagrams of others that arrive before the
 * connect(2) are dropped. Returns -1 with "setsockopt NAME: reason", "bind ADDRESS: reason" or
 * "connect ADDRESS: reason". */
int udp_accept_open(int fd, const struct udp_accept_how *how, struct error *e);

#endif
