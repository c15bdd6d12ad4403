/*
 * A gate in front of a descriptor: it is readable when that is, but only while it is open. Who waits
 * for it need not know that the descriptor may not be read for the time being.
 */
#ifndef LOOP_LOOP_GATE_H
#define LOOP_LOOP_GATE_H

#include <stdbool.h>

/* A closed gate, a descriptor of its own; -1 with errno. */
int loop_gate_new(void);

/* Opens or closes it. Twice is fine. */
void loop_gate_set(int gate, int fd, bool open);

#endif
