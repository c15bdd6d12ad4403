/*
 * A socket of its own for one peer of a datagram socket that hears everybody: what
 * that peer sends comes to it from then on, and not to the other.
 */
#ifndef NET_APART_H
#define NET_APART_H

#include "net/sockname.h"

struct error;

/* A socket bound as fd is (UDP), but to `here` where that has a length (no port), and
 * connected to peer, non-blocking. SO_REUSEADDR is on for fd only meanwhile: a second
 * listener on the same port is refused as ever. What came for others before the
 * connect(2) is dropped. "bind ADDRESS: reason", "connect ADDRESS: reason". */
int apart_open(int fd, const struct sockname *peer, const struct sockname *here, struct error *e);

#endif
