/*
 * Creates sockets as a struct bind_how describes, and binds them to an address and a port, or
 * to the first free port of a range. Private to connect, connector, listen, happy_eyeballs,
 * portscan and udp_accept; e is never NULL here.
 */
#ifndef NET_BIND_H
#define NET_BIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "net/connect.h"

struct resolve_how;
struct resolved;

/* One socket to create. */
struct bind_spec {
	const struct bind_how *how;
	int family;
	struct sockname name; /* local address; len 0: no bind, the kernel chooses at connect */
	unsigned port_lo, port_hi;
	int v6only;    /* value of IPV6_V6ONLY; -1: the kernel's default */
	bool connects; /* a connect(2) follows, which can choose the port */
};

/* Creates the socket (close-on-exec, non-blocking), sets its options and binds it to the first
 * free port from *port on; 0 means from port_lo. Sets *port to that port; 0 when the kernel
 * chose it. Returns -1 with "bind ADDRESS: reason", and a hint when a remedy is known; with
 * EADDRINUSE when no port of the range is free. */
int bind_open(const struct bind_spec *b, const struct log *log, unsigned *port, int *ret_fd,
    struct error *e);

/* Sets the options of how on fd that must be set before bind(2). */
int bind_set_options(int fd, const struct bind_how *how, int family, struct error *e);

/* The source addresses of connections: how->source, resolved once. */
struct bind_source {
	const struct bind_how *how;
	const struct log *log;
	struct resolved *names;
	size_t n; /* 0: the kernel chooses the address */
};

/* Prepares s. Returns 1 when how->source has to be resolved as *ret_how says: the result becomes
 * s->names and s->n. Returns 0 when s is complete, -1 on failure. */
int bind_source_init(struct bind_source *s, const struct bind_how *how, int family,
    const struct log *log, struct resolve_how *ret_how, struct error *e);

/* Does it all, and runs the callbacks of l while a name is resolved. */
int bind_source_open(struct bind_source *s, struct loop *l, const struct bind_how *how, int family,
    struct deadline until, const struct log *log, struct error *e);
void bind_source_close(struct bind_source *s);

/* Creates a bound socket of this family that can be connected to peer; peer is NULL when
 * unknown. *port works as in bind_open(). Fails when the source has no address of the family. */
int bind_source_socket(const struct bind_source *s, int family, const struct sockname *peer,
    unsigned *port, int *ret_fd, struct error *e);

/* Closes the socket of a failed connection and removes the unix path it was bound to. */
void bind_discard(int fd);

/* Adds a hint to an EINVAL that comes from a link-local address without a zone. */
void bind_hint_zone(const struct sockname *name, struct error *e);

/* Like sys_connect(), but returns the result at once when the peer is on this host. */
int bind_connect(int fd, const struct sockname *peer, struct error *e);

/* Returns true when the socket is connected to itself. TCP allows that when the kernel chooses
 * the destination port as the local port, so that retries against a local server that is down,
 * or a scan, "succeed" (RFC 9293, 3.5: simultaneous open). */
bool bind_is_self_connect(const struct bind_source *s, int fd, const struct sockname *peer);

#endif
