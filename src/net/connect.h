/*
 * From a name and options to a connected descriptor: resolves, interleaves the
 * families, starts an attempt every 250 ms or as soon as one fails, keeps the
 * first that succeeds (Happy Eyeballs v2, RFC 8305), binds where told, retries.
 */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "net/endpoint.h"
#include "net/sockopt/sockopt.h"

struct log;
struct loop;

/* How a socket is made and bound, on either role. Zeroed: everything default. */
struct bind_how {
	int family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	int type;   /* 0: SOCK_STREAM */
	int proto;
	const char *source;        /* local address; NULL: the kernel's choice */
	uint16_t port_lo, port_hi; /* local port or range; 0-0: the kernel's choice */
	bool no_reuse_addr;        /* default is SO_REUSEADDR before every bind of a stream */
	bool reuse_port;
	const char *interface; /* SO_BINDTODEVICE */
	/* where a unix datagram client makes the path that answers come back to; NULL: an
	 * abstract name */
	const char *return_dir;
	const struct sockopt_setting *settings;
	size_t n_settings;
	bool mptcp;
	bool joins; /* settings join multicast groups, whose members share the port */
	bool broadcast;
	int ttl; /* hops of packets, multicast too; 0: the kernel's choice */
};

/* True where addresses of these sockets have a port: not for raw ones and ICMP. */
bool bind_how_has_ports(const struct bind_how *how);

struct connect_how {
	struct bind_how bind;
	int64_t connect_timeout; /* for one round over all addresses; DURATION_NONE: the kernel's */
	unsigned retries;        /* further rounds after a failed one; UINT_MAX: for ever */
	int64_t retry_interval;
	bool fastopen;         /* TCP_FASTOPEN_CONNECT */
	int64_t attempt_delay; /* 0: 250 ms */
};

/* Connects to ep. On success *ret_fd is connected and non-blocking, *ret_peer
 * the address that won. Failure: the error of the last address that answered
 * (the first one's when all say the same), text "connect ADDRESS (HOST):
 * reason"; ERROR_TIMEOUT where time ran out; ERROR_USAGE, ERROR_RESOLVE,
 * ERROR_SIGNAL. A failed bind reads "bind ADDRESS: reason" with its errno in
 * e->number; a foreign address and a privileged port carry a hint (who holds a
 * taken port is the sock layer's to say). Options of PHASE_CONNECTED are set
 * too. A round looks the name up anew, and its time-out covers that. Callbacks
 * of l run meanwhile. A unix path that the socket is bound to is the caller's to
 * remove. log gets the life-cycle and, at LOG_TRACE, the race. */
int connect_open(struct loop *l, const struct endpoint *ep, const struct connect_how *how,
    struct deadline until, const struct log *log, int *ret_fd, struct sockname *ret_peer,
    struct error *e);

/* A socket of this family, with options set and bound as how says; peer is the
 * address that will be connected to, or NULL. */
int connect_socket(struct loop *l, const struct bind_how *how, int family,
    const struct sockname *peer, int *ret_fd, struct error *e);

#endif
