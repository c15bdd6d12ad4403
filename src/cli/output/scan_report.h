/*
 * `connect --scan`: one record a port on standard output.
 */
#ifndef CLI_OUTPUT_SCAN_REPORT_H
#define CLI_OUTPUT_SCAN_REPORT_H

#include <stdbool.h>

#include "cli/core/command_context.h"
#include "net/scan/portscan.h"

struct scan_goal {
	bool all;         /* every port has to be open, not one */
	uint64_t retries; /* so many scans more where it is not so; UINT64_MAX: for ever */
	int64_t interval; /* between two of them */
};

/* Until rt->until. Where it may be tried again only the last scan is printed. Exit status: 0
 * where it is so, 1 where it is not; -1 on failure, ERROR_TIMEOUT where it was not so in time,
 * and where a port's verdict is PORT_ERROR: e names the first of them. */
int scan_report(struct command_context *rt, const struct endpoint *ep,
    const struct portscan_how *how, const struct scan_goal *goal, struct error *e);

#endif
