/*
 * NETLINK_SOCK_DIAG, sock_diag(7): filter programs for requests, and the parser of the replies,
 * which trusts no length in them. Private to status/sock_diag_*.c, proc_net_linux.c and their
 * tests.
 */
#ifndef STATUS_SOCK_DIAG_H
#define STATUS_SOCK_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status/table.h"

struct error;

/* Receives each socket; fn returns other than 0 to stop. */
struct sock_diag_sink {
	int (*fn)(void *arg, const struct status_row *row);
	void *arg;
	int stopped;             /* last result of fn */
	enum status_proto proto; /* protocol of the request */
	bool info;               /* TCP_INFO was requested */
	bool inconsistent;       /* the kernel reported that the table changed during the dump */
};

enum sock_diag_end {
	SOCK_DIAG_MORE,    /* another datagram follows */
	SOCK_DIAG_DONE,    /* end of the reply, or fn stopped it */
	SOCK_DIAG_MISSING, /* no such socket */
};

/* Parses the messages of one datagram of len bytes, aligned as malloc(3) aligns. Never reads
 * beyond len, whatever the lengths inside say. Returns enum sock_diag_end, or -1 for an error
 * of the kernel or a truncated message. */
int sock_diag_parse(const void *data, size_t len, struct sock_diag_sink *sink, struct error *e);

/* Size limit of a filter program, the INET_DIAG_REQ_BYTECODE of a dump. The kernel skips
 * sockets that the program rejects; the program may accept more than the filter does. */
#define SOCK_DIAG_PROGRAM_MAX 4096

/* Writes the program for a filter. Returns its size in bytes, 0 when it would reject nothing. */
size_t sock_diag_program(const struct status_filter *f,
    unsigned char program[SOCK_DIAG_PROGRAM_MAX]);

/* Converts a set of codes to the set of Linux states, bits 1 << STATE. */
uint32_t sock_diag_states(uint32_t codes);

/* Parses one line of /proc/net/tcp, tcp6, udp, udp6 or unix (proc(5)), without its newline, and
 * trusts no column. Returns 1 for a row, 0 for a heading or a malformed line. */
int proc_net_parse(const char *line, enum status_proto proto, bool ipv6,
    struct status_row *ret_row);

/* Passes every socket of /proc/net to the sink. Returns what fn returned when it stopped, 0 at
 * the end, -1 on failure. */
int proc_net_each(enum status_proto proto, struct sock_diag_sink *sink, struct error *e);

#endif
