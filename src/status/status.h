/*
 * The kernel's socket table with the documents' state codes: 0 CLOSED to
 * 10 TIME_WAIT (QuecPython usocket, getsocketsta). diag_linux.c asks
 * NETLINK_SOCK_DIAG; status_none.c is for kernels without it.
 */
#ifndef STATUS_STATUS_H
#define STATUS_STATUS_H

#include <stdint.h>
#include <sys/types.h>

#include "net/addr.h"

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

struct status_row {
	int code; /* enum tcp_code */
	struct sockname local, peer;
	uint32_t rqueue, wqueue; /* bytes; a listener: connections waiting and backlog */
	uint32_t uid;
	uint64_t inode;
	int timer; /* idiag_timer: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 probe */
	int64_t timer_left; /* nanoseconds; 0: none */
};

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

#endif
