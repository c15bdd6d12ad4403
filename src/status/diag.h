/*
 * The kernel's side of NETLINK_SOCK_DIAG, sock_diag(7): what it answers, read
 * with suspicion. Private to diag_linux.c and its tests.
 */
#ifndef STATUS_DIAG_H
#define STATUS_DIAG_H

#include <stddef.h>

struct error;
struct status_row;

/* Gets each socket; non-zero ends the reading. */
struct diag_sink {
	int (*fn)(void *arg, const struct status_row *row);
	void *arg;
	int stopped; /* what fn returned last */
};

enum diag_end {
	DIAG_MORE,    /* another datagram follows */
	DIAG_DONE,    /* that was all, or fn stopped it */
	DIAG_MISSING, /* there is no such socket */
};

/* Reads the messages of one datagram of len bytes, aligned as malloc does.
 * Never reads behind len, whatever the lengths inside say. Returns enum
 * diag_end, or -1: an error that the kernel reports, or a message too short. */
int diag_parse(const void *data, size_t len, struct diag_sink *sink, struct error *e);

#endif
