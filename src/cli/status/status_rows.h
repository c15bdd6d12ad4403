/*
 * Copies of rows of the socket table, for sorting and for destroying their
 * sockets.
 */
#ifndef CLI_STATUS_STATUS_ROWS_H
#define CLI_STATUS_STATUS_ROWS_H

#include <stddef.h>

#include "status/table.h"

struct error;

/* In the order of --sort's words; the first is the kernel's order. */
enum status_key {
	STATUS_BY_NONE,
	STATUS_BY_STATE,
	STATUS_BY_LOCAL,
	STATUS_BY_PEER,
	STATUS_BY_RECV_Q,
	STATUS_BY_SEND_Q,
	STATUS_BY_TIMER,
	STATUS_BY_UID
};

#define STATUS_KEYS "none state local peer recv-q send-q timer uid"

struct status_rows {
	struct status_row *list;
	size_t n, size;
};

/* Adds a copy of row and its info. The copy is malloc'ed. ERROR_INTERNAL. */
int status_rows_add(struct status_rows *rows, const struct status_row *row, struct error *e);

/* Sorts queues with the longest first, all other keys ascending. Equal rows are sorted by their
 * addresses. */
void status_rows_sort(struct status_rows *rows, enum status_key key);

void status_rows_fini(struct status_rows *rows);

#endif
