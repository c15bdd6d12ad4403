/*
 * Operands of a command as an endpoint.
 */
#ifndef CLI_OPTIONS_ADDRESS_ARGS_H
#define CLI_OPTIONS_ADDRESS_ARGS_H

#include <stdbool.h>

#include "cli/options/opt.h"
#include "net/endpoint.h"

struct bind_how;

/* HOST PORT or one word. A lone port is only for listening. ERROR_USAGE. */
int address_args_endpoint(const struct opt_rest *rest, bool listening,
    struct endpoint *ret_endpoint, struct error *e);

/* A port is there where sockets of this kind have ports to connect to. ERROR_USAGE. */
int address_args_check_port(const struct opt_rest *rest, const struct endpoint *ep,
    const struct bind_how *how, struct error *e);

/* ERROR_USAGE where one of the first two words is empty, as an unset variable of the shell leaves
 * it: that must not mean any address. */
int address_args_check_empty(const struct opt_rest *rest, struct error *e);

#endif
