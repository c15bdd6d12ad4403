/*
 * Operands of a command as an endpoint.
 */
#ifndef CLI_OPERANDS_H
#define CLI_OPERANDS_H

#include <stdbool.h>

#include "cli/opt.h"
#include "net/addr.h"

/* HOST PORT or one word. A lone port is only for listening. ERROR_USAGE. */
int operands_endpoint(const struct opt_rest *rest, bool listening, struct endpoint *ret_endpoint,
    struct error *e);

/* Transports and address families that stream commands cannot do (yet). */
int operands_check_stream(const struct endpoint *ep, struct error *e);

#endif
