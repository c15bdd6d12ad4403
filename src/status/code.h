/*
 * State codes of sockets, 0 CLOSED to 10 TIME_WAIT, as the documents number them (QuecPython
 * usocket, getsocketsta), and the names of states, protocols and timers.
 */
#ifndef STATUS_CODE_H
#define STATUS_CODE_H

#include <stddef.h>

struct status_row;

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

/* Returns the code of a Linux TCP state (1 ESTABLISHED ... 12 NEW_SYN_RECV). */
int status_code_of_linux(int state);

/* Returns the code of a name or number. Ignores case, and '-' and '_' between words; accepts the
 * names of ss(8) and netstat(8), too (ESTAB, SYN-RECV, UNCONN ...). Returns -2 when unknown. */
int status_code_of_name(const char *name, size_t len);

/* Returns "TIME_WAIT" for 10 and so on; "RELEASED" for -1. */
const char *status_code_name(int code);

/* Like status_code_name() for a row, but CLOSED is UNCONNECTED for datagram and unix sockets. */
const char *status_state_name(const struct status_row *row);

/* Returns "tcp", "udp" or "unix". */
const char *status_proto_name(enum status_proto proto);

/* Returns "none", "retransmit", "keepalive", "time-wait" or "probe". */
const char *status_timer_name(int timer);

#endif
