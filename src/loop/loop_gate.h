/*
 * A gate in front of a descriptor: a descriptor that is readable when the gate is open and the
 * other descriptor is readable. Code that waits for the gate need not know when the other must
 * not be read.
 */
#ifndef LOOP_LOOP_GATE_H
#define LOOP_LOOP_GATE_H

#include <stdbool.h>

/* Returns a closed gate, a new descriptor of the caller; -1 with errno set. */
int loop_gate_new(void);

/* Opens or closes the gate for fd. Repeating it is harmless. */
void loop_gate_set(int gate, int fd, bool open);

#endif
