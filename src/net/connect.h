/*
 * Connects to an endpoint: resolves the name, alternates the address families, starts an
 * attempt every 250 ms or as soon as one fails, and keeps the first that succeeds (Happy
 * Eyeballs v2, RFC 8305). Binds the local address if requested, and retries.
 */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "net/endpoint.h"
#include "net/sockopt/sockopt.h"

struct error;
struct log;
struct loop;

/* How to create and bind a socket, for clients and servers. All zero is the default. */
struct bind_how {
	int family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	int type;   /* 0: SOCK_STREAM */
	int proto;
	const char *source;        /* local address; NULL: the kernel chooses */
	uint16_t port_lo, port_hi; /* local port or range; 0-0: the kernel chooses */
	/* by default SO_REUSEADDR is set before every bind of a stream */
	bool no_reuse_addr;
	bool reuse_port;
	const char *interface; /* SO_BINDTODEVICE */
	/* folder for the path that answers to a unix datagram client are sent to; NULL: an
	 * abstract name */
	const char *return_dir;
	const struct sockopt_setting *settings;
	size_t n_settings;
	bool mptcp;
	bool joins; /* the settings join multicast groups, whose members share the port */
	bool broadcast;
	/* as in net/sockopt/ip_header.h */
	int ttl, min_ttl, tos;
	const struct tcp_md5_key *md5;
};

/* Returns true when the addresses of these sockets have a port; raw sockets and ICMP have none. */
bool bind_how_has_ports(const struct bind_how *how);

struct connect_how {
	struct bind_how bind;
	int64_t connect_timeout; /* for one round over all addresses; DURATION_NONE: the kernel's */
	unsigned retries;        /* rounds after the first one failed; UINT_MAX: no limit */
	int64_t retry_interval;
	bool fastopen;         /* TCP_FASTOPEN_CONNECT */
	int64_t attempt_delay; /* 0: 250 ms */
	/* Returns true for an address that may be connected to; the others are left out. NULL: all
	 * may. If none may, connecting fails with ERROR_PROXY. */
	bool (*may_connect)(void *arg, const struct sockname *peer);
	void *may_connect_arg;
	/* Called for each address that could not be connected to. NULL: not called. */
	void (*failed)(void *arg, const struct sockname *peer, const struct error *e);
	void *failed_arg;
};

/*
 * Connects to ep, and runs the callbacks of l meanwhile. On success *ret_fd is connected and
 * non-blocking, with the options of PHASE_CONNECTED set, and *ret_peer is the address that
 * succeeded. The caller removes the unix path that the socket is bound to.
 *
 * Returns -1 with "connect ADDRESS (HOST): reason" of the last address that answered, or of the
 * first when all gave the same reason; with "bind ADDRESS: reason" and errno in e->number when
 * the bind failed (a foreign address and a privileged port get a hint; the sock layer names the
 * owner of a taken port); with ERROR_TIMEOUT, ERROR_USAGE, ERROR_RESOLVE or ERROR_SIGNAL.
 *
 * Each round resolves the name again, within its time-out. log gets the life cycle and, at
 * LOG_TRACE, the race.
 */
int connect_open(struct loop *l, const struct endpoint *ep, const struct connect_how *how,
    struct deadline until, const struct log *log, int *ret_fd, struct sockname *ret_peer,
    struct error *e);

/* Creates a socket of this family, with the options set and bound as how describes. peer is the
 * address to connect to, or NULL. */
int connect_socket(struct loop *l, const struct bind_how *how, int family,
    const struct sockname *peer, int *ret_fd, struct error *e);

#endif
