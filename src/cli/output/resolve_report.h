/*
 * The output of `resolve`: one record a line on standard output, in columns or
 * as JSON.
 */
#ifndef CLI_OUTPUT_RESOLVE_REPORT_H
#define CLI_OUTPUT_RESOLVE_REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/output/output_queue.h"
#include "net/resolve/dns_srv.h"
#include "net/resolve/resolve.h"
#include "net/scan/portscan.h"

struct resolve_report {
	bool json;
	const char *host, *service; /* as typed; service is "" where none was given */
	struct output_queue *queue; /* of standard output */
	struct buf out;
	int name_width, addr_width; /* of the columns */
};

void resolve_report_init(struct resolve_report *r, struct output_queue *queue, bool json,
    const char *host, const char *service);
void resolve_report_fini(struct resolve_report *r);

/* Sets the widths of the columns from the list. Call it before the first row. */
void resolve_report_measure(struct resolve_report *r, const struct resolved *list, size_t n);

/* Appends a row. v is NULL where the address was not probed. */
int resolve_report_answer(struct resolve_report *r, const struct resolved *a,
    const struct portscan_result *v, struct error *e);
int resolve_report_reverse(struct resolve_report *r, const struct sockname *name,
    const struct reversed *answer, struct error *e);
int resolve_report_srv(struct resolve_report *r, const struct dns_srv *srv, struct error *e);

/* Moves the rows to the queue. ERROR_LOCAL_IO. */
int resolve_report_flush(struct resolve_report *r, struct error *e);

#endif
