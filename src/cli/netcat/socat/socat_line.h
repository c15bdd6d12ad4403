/*
 * The line of usock for two addresses of socat.
 */
#ifndef CLI_NETCAT_SOCAT_SOCAT_LINE_H
#define CLI_NETCAT_SOCAT_SOCAT_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/netcat/socat/socat_address.h"
#include "cli/netcat/usock_line.h"

struct error;
struct foreign_args;

enum { SOCAT_NOTES_MAX = 10 };

struct socat_line {
	/* set by the caller */
	const struct foreign_args *args; /* of socat itself */
	struct socat_address addresses[2];
	/* made */
	struct usock_line line;
	const char *notes[SOCAT_NOTES_MAX]; /* what is not the same */
	size_t n_notes;
};

/* Makes the line. Fails with ERROR_USAGE where neither address is a socket, or usock does not connect
 * the two. socat_line_fini() is called in any case. */
int socat_line_make(struct socat_line *l, struct error *e);
void socat_line_fini(struct socat_line *l);

#endif
