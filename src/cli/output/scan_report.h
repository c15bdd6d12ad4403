/*
 * The output of `connect --scan`: one record for each port on standard output.
 */
#ifndef CLI_OUTPUT_SCAN_REPORT_H
#define CLI_OUTPUT_SCAN_REPORT_H

#include <stdbool.h>

#include "cli/core/command_context.h"
#include "net/scan/portscan.h"

struct scan_goal {
	bool all;        /* all ports must be open, not only one */
	bool open_alone; /* ports that are closed or filtered are counted, and not printed */
	/* further scans while the goal is not reached; UINT64_MAX: no limit */
	uint64_t retries;
	int64_t interval; /* between two scans */
};

/* Scans until the goal is reached or rt->until passes. Where retries are allowed, prints only
 * the last scan. Returns the exit status: 0 where the goal is reached, 1 where it is not; -1 on
 * failure: ERROR_TIMEOUT where it was not reached in time, and the first error where the verdict
 * of a port is PORT_ERROR. */
int scan_report(struct command_context *rt, const struct endpoint *ep,
    const struct portscan_how *how, const struct scan_goal *goal, struct error *e);

#endif
