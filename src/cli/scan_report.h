/*
 * `connect --scan`: one record a port on standard output.
 */
#ifndef CLI_SCAN_REPORT_H
#define CLI_SCAN_REPORT_H

#include <stdbool.h>

#include "net/scan.h"

/* Exit status: 0 where a port is open, 1 where none is; -1 on failure, and where a
 * port's verdict is PORT_ERROR: e names the first of them. */
int scan_report(struct loop *l, const struct endpoint *ep, const struct scan_how *how,
    struct deadline until, bool json, struct error *e);

#endif
