/*
 * The socket table of this host. sock_diag_linux.c queries NETLINK_SOCK_DIAG, proc_net_linux.c
 * reads /proc/net when netlink is missing; table_none.c is for systems with neither.
 */
#ifndef STATUS_TABLE_H
#define STATUS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/endpoint.h"
#include "status/code.h"

struct error;

struct status_row {
	int code; /* enum tcp_code */
	struct sockname local, peer;
	uint32_t rqueue, wqueue; /* bytes; of a listener: waiting connections and backlog */
	uint32_t uid;
	uint64_t inode; /* 0: none, as in TIME_WAIT */
	int timer;      /* idiag_timer: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 probe */
	int64_t timer_left; /* nanoseconds; 0: none */
	enum status_proto proto;
	int type;            /* unix: SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	uint64_t peer_inode; /* unix: the peer; 0: none or unknown */
	uint32_t interface;  /* index that the socket is bound to; 0: none */
	uint32_t cookie[2];  /* distinguishes the socket from a later one with the same addresses */
	const void *info;    /* struct tcp_info, during the callback; NULL: unknown */
	size_t info_len;
};

struct status_range {
	uint16_t lo, hi;
};

/* Conditions on the local or the peer address: one of the addresses (none: any; their ports are
 * ignored), and a port in one of the ranges (none: any). Both lists are the caller's. */
struct status_end {
	struct sockname *addresses;
	size_t n_addresses;
	const struct status_range *ports;
	size_t n_ports;
	struct sockname path; /* unix; len 0: any */
};

struct status_filter {
	unsigned protos; /* bits 1 << enum status_proto */
	int family;      /* AF_INET, AF_INET6; AF_UNSPEC: both */
	uint32_t states; /* bits 1 << enum tcp_code */
	struct status_end local, peer;
	const struct status_range *ports; /* local or peer port */
	size_t n_ports;
};

/* The source of rows; AUTO: netlink, or /proc/net when netlink is missing. */
enum status_via { STATUS_VIA_AUTO, STATUS_VIA_NETLINK, STATUS_VIA_PROC };

struct status_how {
	struct status_filter filter;
	enum status_via via;
	bool info; /* set info and info_len of rows; /proc has none */
};

/* Calls fn for each matching socket, while it reads the table. Stops when fn returns other than 0,
 * and returns that; returns 0 after the last row, -1 with ERROR_NETWORK. The kernel filters as far
 * as it can, and finds a single TCP connection without reading the table. Sets *ret_inconsistent
 * (may be NULL) when the table changed meanwhile, so that rows may be missing or duplicate. Never
 * waits. */
int status_each(const struct status_how *how, int (*fn)(void *arg, const struct status_row *row),
    void *arg, bool *ret_inconsistent, struct error *e);

/* Calls fn like status_each(), for each TCP socket bound to this local port, of any family and
 * state: a listener, a connection, TIME_WAIT. */
int status_by_port(uint16_t port, int (*fn)(void *arg, const struct status_row *row), void *arg,
    struct error *e);

/* Looks up one TCP connection by both addresses. Returns 1 when found, 0 when there is no such
 * socket (its code is CLOSED), -1 when the kernel refuses. Never waits. */
int status_lookup(const struct sockname *local, const struct sockname *peer,
    struct status_row *ret_row, struct error *e);

/* Returns true when the row matches the filter. */
bool status_match(const struct status_filter *f, const struct status_row *row);

/* Returns true when f matches one connection only, with both addresses and ports, and sets them. */
bool status_get_pair(const struct status_filter *f, struct sockname *ret_local,
    struct sockname *ret_peer);

/* Destroys a socket that status_each() reported: the kernel aborts it, and its program gets
 * ECONNABORTED. The cookie must match, so it is never another socket. Returns -1 with EPERM without
 * CAP_NET_ADMIN, ENOENT when it is gone, EOPNOTSUPP when its kind cannot be destroyed. */
int status_kill(const struct status_row *row, struct error *e);

/* Returns a descriptor that becomes readable when TCP sockets are destroyed, but not when TIME_WAIT
 * expires. The caller closes it with close(2). Returns -1 when the kernel has no such events. */
int status_destroyed_open(struct error *e);

/* Reads the pending events. Returns true when a destroyed socket matches, in any state, or when
 * events were lost. */
bool status_destroyed_read(int fd, const struct status_filter *f);

#endif
