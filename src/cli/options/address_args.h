/*
 * Turns the operands of a command into an endpoint.
 */
#ifndef CLI_OPTIONS_ADDRESS_ARGS_H
#define CLI_OPTIONS_ADDRESS_ARGS_H

#include <stdbool.h>

#include "cli/options/opt.h"
#include "net/endpoint.h"

struct bind_how;

/* Reads HOST PORT, or one word. A port alone is accepted for listening only. ERROR_USAGE. */
int address_args_endpoint(const struct opt_rest *rest, bool listening,
    struct endpoint *ret_endpoint, struct error *e);

/* ERROR_USAGE where ep has no port and sockets of this type need one to connect. */
int address_args_check_port(const struct opt_rest *rest, const struct endpoint *ep,
    const struct bind_how *how, struct error *e);

/* ERROR_USAGE where one of the first two words is empty. An unset variable of the shell leaves
 * an empty word, which must not mean any address. */
int address_args_check_empty(const struct opt_rest *rest, struct error *e);

#endif
