/*
 * The local end of sockets: makes them as a struct bind_how says, and binds
 * them to an address and to a port, or the first free one of a range. Private
 * to connect, listen, happy_eyeballs, portscan and udp_accept; e is never NULL here.
 */
#ifndef NET_BIND_H
#define NET_BIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "net/connect.h"

struct resolved;

/* One socket to make. */
struct bind_spec {
	const struct bind_how *how;
	int family;
	struct sockname name; /* len 0: no bind, the kernel chooses at connect */
	unsigned port_lo, port_hi;
	int v6only;    /* IPV6_V6ONLY, or -1: the kernel's default */
	bool connects; /* a connect follows, which can choose the port */
};

/* Opens the socket (CLOEXEC, non-blocking), sets its options and binds it to
 * the first free port from *port on (0: from port_lo); *port is then the port
 * asked for, 0 where the kernel chooses. No port left: EADDRINUSE. Texts are
 * "bind ADDRESS: reason", hints where a remedy is known. */
int bind_open(const struct bind_spec *b, const struct log *log, unsigned *port, int *ret_fd,
    struct error *e);

/* Sets on fd the options that how asks for before bind(2). */
int bind_set_options(int fd, const struct bind_how *how, int family, struct error *e);

/* Where connections start from: how->source looked up once. family AF_UNSPEC:
 * IPv4 and IPv6. */
struct bind_source {
	const struct bind_how *how;
	const struct log *log;
	struct resolved *names;
	size_t n; /* 0: the kernel chooses the address */
};

int bind_source_open(struct bind_source *s, struct loop *l, const struct bind_how *how, int family,
    struct deadline until, const struct log *log, struct error *e);
void bind_source_close(struct bind_source *s);

/* A socket of this family, bound, that can be connected to peer (NULL: not
 * known yet); *port as for bind_open. Fails where the source has no address
 * of the family. */
int bind_source_socket(const struct bind_source *s, int family, const struct sockname *peer,
    unsigned *port, int *ret_fd, struct error *e);

/* Closes a socket that came to nothing, and removes the unix path it was bound to. */
void bind_discard(int fd);

/* Adds the hint to an EINVAL that comes from a link-local name without zone. */
void bind_explain_zone(const struct sockname *name, struct error *e);

/* As sys_connect, but knows the outcome at once where the peer is on this host. */
int bind_connect(int fd, const struct sockname *peer, struct error *e);

/* True where a socket has connected to itself: TCP lets it when the kernel
 * happens to give it the port that it calls, so that retries for a local server
 * that is down, or a scan, "succeed" (RFC 9293, 3.5: simultaneous open). */
bool bind_is_self_connect(const struct bind_source *s, int fd, const struct sockname *peer);

#endif
