/*
 * The sockets of this host with the documents' state codes: 0 CLOSED to
 * 10 TIME_WAIT (QuecPython usocket, getsocketsta). sock_diag_linux.c asks
 * NETLINK_SOCK_DIAG, proc_net_linux.c reads /proc/net where there is none;
 * table_none.c is for systems with neither.
 */
#ifndef STATUS_TABLE_H
#define STATUS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/endpoint.h"

struct error;

enum tcp_code {
	TCP_CODE_RELEASED = -1, /* closed by this program */
	TCP_CODE_CLOSED = 0,
	TCP_CODE_LISTEN,
	TCP_CODE_SYN_SENT,
	TCP_CODE_SYN_RCVD,
	TCP_CODE_ESTABLISHED,
	TCP_CODE_FIN_WAIT_1,
	TCP_CODE_FIN_WAIT_2,
	TCP_CODE_CLOSE_WAIT,
	TCP_CODE_CLOSING,
	TCP_CODE_LAST_ACK,
	TCP_CODE_TIME_WAIT
};

#define TCP_CODES (TCP_CODE_TIME_WAIT + 1)
#define STATUS_ALL_STATES ((1U << TCP_CODES) - 1)

enum status_proto { STATUS_TCP, STATUS_UDP, STATUS_UNIX };

#define STATUS_PROTOS 3

struct status_row {
	int code; /* enum tcp_code */
	struct sockname local, peer;
	uint32_t rqueue, wqueue; /* bytes; a listener: connections waiting and backlog */
	uint32_t uid;
	uint64_t inode; /* 0: none, as in TIME_WAIT */
	int timer;      /* idiag_timer: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 probe */
	int64_t timer_left; /* nanoseconds; 0: none */
	enum status_proto proto;
	int type;            /* unix: SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	uint64_t peer_inode; /* unix: the other end; 0: none or not known */
	uint32_t interface;  /* index that the socket is bound to; 0: none */
	uint32_t cookie[2];  /* tells this socket from a later one with the same ends */
	const void *info;    /* struct tcp_info, while the callback runs; NULL: not known */
	size_t info_len;
};

#define STATUS_ADDRESSES 8

struct status_range {
	uint16_t lo, hi;
};

/* What one end has to be: one of the addresses (none: any; their ports do not
 * count), and a port in one of the ranges (none: any). */
struct status_end {
	struct sockname addresses[STATUS_ADDRESSES];
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
	const struct status_range *ports; /* of either end */
	size_t n_ports;
};

/* Where rows come from: netlink, and /proc/net where that is missing. */
enum status_via { STATUS_VIA_AUTO, STATUS_VIA_NETLINK, STATUS_VIA_PROC };

struct status_how {
	struct status_filter filter;
	enum status_via via;
	bool info; /* fill info and info_len; /proc has none */
};

/* Calls fn for each socket that matches until fn returns non-zero, which is
 * returned; 0 after the last. The kernel filters where it can, and one TCP
 * connection with both ends is looked up without reading the table. fn runs
 * while the table is read: nothing is stored. *ret_inconsistent (may be NULL) is set where the
 * table changed under the reader so that rows may be missing or double. Does not
 * block. ERROR_NETWORK. */
int status_each(const struct status_how *how, int (*fn)(void *arg, const struct status_row *row),
    void *arg, bool *ret_inconsistent, struct error *e);

/* True where the row is what the filter wants. */
bool status_match(const struct status_filter *f, const struct status_row *row);

/* True where f is one connection: both addresses, both ports. Then the two ends. */
bool status_get_pair(const struct status_filter *f, struct sockname *ret_local,
    struct sockname *ret_peer);

/* Ends a socket that status_each() gave: the kernel aborts it, its program gets
 * ECONNABORTED. Never another one: the cookie has to fit. -1 with EPERM without
 * CAP_NET_ADMIN, ENOENT where it is gone, EOPNOTSUPP for what cannot be ended. */
int status_kill(const struct status_row *row, struct error *e);

/* A descriptor that becomes readable when TCP sockets end (not: TIME_WAIT runs out),
 * to be closed with close(2). -1 where the kernel cannot tell. */
int status_destroyed_open(struct error *e);

/* Reads what has come; true where one of the ended sockets matches, whatever its
 * state, or where events were lost. */
bool status_destroyed_read(int fd, const struct status_filter *f);

/* One figure of TCP_INFO. Names end in their unit: _us, _ms, _bytes, _bytes_s; without
 * one it is a number of segments or events. */
struct status_metric {
	const char *name;
	uint64_t value;
};

#define STATUS_METRICS 48

/* The figures that this kernel gave; returns how many, 0 without info. */
size_t status_metrics(const struct status_row *row, struct status_metric metrics[STATUS_METRICS]);

/* The same of a TCP socket of ours; 0 for others. */
size_t status_metrics_of(int fd, struct status_metric metrics[STATUS_METRICS]);

/* Who holds which sockets, from one reading of /proc. */
struct status_owner {
	uint64_t inode;
	pid_t pid;
	char command[16]; /* proc(5), comm */
};

struct status_owners;

/* Processes that may not be looked at are left out. */
int status_owners_open(struct status_owners **ret_owners, struct error *e);
void status_owners_close(struct status_owners *o);

/* The owners of one socket, lowest pid first; *ret_n of them, 0 for none. */
const struct status_owner *status_owners_find(const struct status_owners *o, uint64_t inode,
    size_t *ret_n);

/* Moves this process into a network namespace: a name of ip-netns(8) or a path. */
int status_enter_netns(const char *name, struct error *e);

/* Exact look-up of one TCP connection by its two ends. 1 found, 0 no such
 * socket (so its code is CLOSED), -1 the kernel would not say. Does not block. */
int status_lookup(const struct sockname *local, const struct sockname *peer,
    struct status_row *ret_row, struct error *e);

/* Calls fn for each TCP socket bound to this local port (any family; a listener,
 * a connection, TIME_WAIT) until it returns non-zero, which is returned. */
int status_by_port(uint16_t port, int (*fn)(void *arg, const struct status_row *row), void *arg,
    struct error *e);

/* Who holds a socket: fills pid and command from /proc where that may be read.
 * 1 found, 0 not found or not allowed. */
int status_holder(uint64_t inode, pid_t *ret_pid, char *ret_command, size_t size);

/* The code of a Linux TCP state number (1 ESTABLISHED ... 12 NEW_SYN_RECV). */
int status_code_of_linux(int state);

/* Payload bytes that a TCP connection has sent and received so far (TCP_INFO).
 * 0, or -1 where the kernel does not count them. */
int status_bytes(int fd, uint64_t *ret_sent, uint64_t *ret_received);

/* "TIME_WAIT" for 10 ...; "RELEASED" for -1. */
const char *status_code_name(int code);

/* The same of a row: what is CLOSED in TCP is UNCONNECTED for datagrams and unix sockets. */
const char *status_state_name(const struct status_row *row);

/* "tcp", "udp", "unix" */
const char *status_proto_name(enum status_proto proto);

/* "none", "retransmit", "keepalive", "time-wait", "probe" */
const char *status_timer_name(int timer);

/* Code of a name in any case, with - or _ or nothing between words, also as ss(8) and netstat(8)
 * have it (ESTAB, SYN-RECV, UNCONN ...), or of a number; -2: unknown. */
int status_code_of_name(const char *name, size_t len);

#endif
