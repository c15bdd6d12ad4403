/*
 * The kernel's side of NETLINK_SOCK_DIAG, sock_diag(7): what it is asked, and
 * what it answers, read with suspicion. Private to status/sock_diag_*.c and their tests.
 */
#ifndef STATUS_SOCK_DIAG_H
#define STATUS_SOCK_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status/table.h"

struct error;

/* Gets each socket; non-zero ends the reading. */
struct sock_diag_sink {
	int (*fn)(void *arg, const struct status_row *row);
	void *arg;
	int stopped;             /* what fn returned last */
	enum status_proto proto; /* of the sockets that were asked for */
	bool info;               /* TCP_INFO is wanted */
	bool inconsistent;       /* the kernel says that the table changed meanwhile */
};

enum sock_diag_end {
	SOCK_DIAG_MORE,    /* another datagram follows */
	SOCK_DIAG_DONE,    /* that was all, or fn stopped it */
	SOCK_DIAG_MISSING, /* there is no such socket */
};

/* Reads the messages of one datagram of len bytes, aligned as malloc does.
 * Never reads behind len, whatever the lengths inside say. Returns enum
 * diag_end, or -1: an error that the kernel reports, or a message too short. */
int sock_diag_parse(const void *data, size_t len, struct sock_diag_sink *sink, struct error *e);

/* A filter program for INET_DIAG_REQ_BYTECODE of a dump: what the kernel need not
 * even send. It may let pass more than the filter does. */
#define SOCK_DIAG_PROGRAM_MAX 4096

/* Writes it for one filter; returns its bytes, 0 where there is nothing to leave out. */
size_t sock_diag_program(const struct status_filter *f,
    unsigned char program[SOCK_DIAG_PROGRAM_MAX]);

/* The bits 1 << STATE that Linux has for these codes. */
uint32_t sock_diag_states(uint32_t codes);

/* Reads one line of /proc/net/tcp, tcp6, udp, udp6 or unix (proc(5)), without its newline.
 * 1 a row, 0 no socket (the headings). It is as suspicious as the parser above. */
int proc_net_parse(const char *line, enum status_proto proto, bool ipv6,
    struct status_row *ret_row);

/* Gives the sink every socket of /proc/net; returns what stopped it, 0, or -1. */
int proc_net_each(enum status_proto proto, struct sock_diag_sink *sink, struct error *e);

#endif
