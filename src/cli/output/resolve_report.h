/*
 * The output of `resolve`: one record a line on standard output, in columns or
 * as JSON.
 */
#ifndef CLI_OUTPUT_RESOLVE_REPORT_H
#define CLI_OUTPUT_RESOLVE_REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/output/output_queue.h"
#include "cli/output/table/text_table.h"
#include "net/resolve/dns_srv.h"
#include "net/resolve/resolve.h"
#include "net/scan/portscan.h"

struct resolve_report_how {
	bool json;
	struct text_table_how table;
};

struct resolve_report {
	bool json;
	const char *host, *service; /* as typed; service is "" where none was given */
	struct output_queue *queue; /* of standard output */
	struct buf out;
	struct text_table table; /* rows that are not in out yet */
};

void resolve_report_init(struct resolve_report *r, struct output_queue *queue,
    const struct resolve_report_how *how, const char *host, const char *service);
void resolve_report_fini(struct resolve_report *r);

/* Sets up the columns, as wide as the list needs them. Call it before the first row. */
void resolve_report_measure(struct resolve_report *r, const struct resolved *list, size_t n,
    bool probed);

/* Appends a row. v is NULL where the address was not probed. */
int resolve_report_answer(struct resolve_report *r, const struct resolved *a,
    const struct portscan_result *v, struct error *e);
int resolve_report_reverse(struct resolve_report *r, const struct sockname *name,
    const struct reversed *answer, struct error *e);
int resolve_report_srv(struct resolve_report *r, const struct dns_srv *srv, struct error *e);

/* Moves the rows to the queue. ERROR_LOCAL_IO. */
int resolve_report_flush(struct resolve_report *r, struct error *e);

/* The same for the last rows, and for the note of columns that a narrow terminal leaves out. */
int resolve_report_finish(struct resolve_report *r, struct error *e);

#endif
