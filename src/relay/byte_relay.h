/*
 * A relay of bytes in both directions between a local side (stdio, a program, a
 * file) and a stream connection. relay/ending decides what each end means.
 */
#ifndef RELAY_BYTE_RELAY_H
#define RELAY_BYTE_RELAY_H

#include "relay/relay.h"

struct error;

/* Makes a relay for relay_start(). Fails with ERROR_INTERNAL, and as the filters do. */
int byte_relay_open(struct relay **ret_relay, const struct relay_how *how, struct error *e);

#endif
