/*
 * A relay of two directions of bytes between a local side (stdio, a program, a
 * file) and a stream connection. What each end means is in relay/ending.
 */
#ifndef RELAY_BYTE_RELAY_H
#define RELAY_BYTE_RELAY_H

#include "relay/relay.h"

struct error;

/* Ready for relay_start(). */
int byte_relay_open(struct relay **ret_relay, const struct relay_how *how, struct error *e);

#endif
