/*
 * A step of one direction: what is held first, then the source, as far as limit and pace go.
 */
#ifndef RELAY_COPY_DIRECTION_STEP_H
#define RELAY_COPY_DIRECTION_STEP_H

#include <stdint.h>

#include "relay/copy/direction.h"

/* Makes one step and does not block: flushes the sink, writes what is held, or else reads from the
 * source through the copier. now is CLOCK_MONOTONIC in ns. */
enum direction_result direction_step(struct direction *d, int64_t now, struct error *e);

#endif
