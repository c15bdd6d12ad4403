/*
 * `connect --scan`: one record a port on standard output.
 */
#ifndef CLI_SCAN_REPORT_H
#define CLI_SCAN_REPORT_H

#include <stdbool.h>

#include "cli/runtime.h"
#include "net/scan.h"

/* Until rt->until. Exit status: 0 where a port is open, 1 where none is; -1 on failure, and
 * where a port's verdict is PORT_ERROR: e names the first of them. */
int scan_report(struct runtime *rt, const struct endpoint *ep, const struct scan_how *how,
    bool json, struct error *e);

#endif
