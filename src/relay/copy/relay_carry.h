/*
 * What one relay of bytes leaves to the next, when another connection follows:
 * input that was read and not sent.
 */
#ifndef RELAY_COPY_RELAY_CARRY_H
#define RELAY_COPY_RELAY_CARRY_H

#include <stdbool.h>

#include "base/buf.h"

/* buf_init() it, and buf_fini() it after the last relay. A relay begins with the unsent bytes of the
 * one before. */
struct relay_carry {
	struct buf unsent; /* as it is to be written: filters have run */
	bool input_over;   /* the input has ended: there is nothing more to read */
	bool half_closed;  /* our end was sent on the last connection */
};

#endif
