/*
 * Prints rows of the socket table as columns, as JSON, or as the code of their
 * state.
 */
#ifndef CLI_STATUS_STATUS_PRINT_H
#define CLI_STATUS_STATUS_PRINT_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/output/table/text_table.h"
#include "status/owners.h"
#include "status/table.h"

struct error;

struct status_print {
	bool json, code;                    /* both false: columns */
	bool info;                          /* with values of TCP_INFO */
	const struct status_owners *owners; /* NULL: without processes */
	struct buf out;
	struct text_table
	    table; /* the columns; rows are held until the end, as all decide the widths */
};

void status_print_init(struct status_print *p);
void status_print_fini(struct status_print *p);

/* Sets up the columns. Call it after the members are set, and before the first row. */
void status_print_begin(struct status_print *p, const struct text_table_how *how);

/* Appends a row. */
int status_print_row(struct status_print *p, const struct status_row *row, struct error *e);

/* Appends the columns to out. */
int status_print_finish(struct status_print *p, struct error *e);

/* Finishes where all is true. Writes the collected output to standard output, once it is large or where all is true.
 * ERROR_LOCAL_IO. */
int status_print_flush(struct status_print *p, bool all, struct error *e);

enum { STATUS_NAME_MAX = SOCKNAME_TEXT_MAX + 24 };

/* Formats "127.0.0.1:80" or "unix:/path". A wildcard is "*"; the peer of a unix socket is its inode,
 * "#7012", and one that has a peer or no path has its own inode in LOCAL, too: "unix:/path #7011".
 * Returns the number of bytes written to text. */
size_t status_print_local(const struct status_row *row, char text[STATUS_NAME_MAX]);
size_t status_print_peer(const struct status_row *row, char text[STATUS_NAME_MAX]);

#endif
