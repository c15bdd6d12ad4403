/*
 * Storage that all relays of a process share: one large block for what passes
 * through. One block at a time is on loan to a direction whose sink took only part
 * of it; whoever comes next gets a new one.
 */
#ifndef RELAY_COPY_SCRATCH_H
#define RELAY_COPY_SCRATCH_H

#include <stddef.h>

struct error;

struct scratch {
	char *data; /* NULL while on loan */
	size_t size;
};

/* The block, allocated when needed; size is a multiple of 4096. NULL on failure. */
char *scratch_take(struct scratch *s, struct error *e);

/* A block that was on loan comes back. */
void scratch_return(struct scratch *s, char *block);

void scratch_fini(struct scratch *s);

#endif
