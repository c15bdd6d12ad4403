/*
 * One large block of memory that all relays of a process share. A direction
 * whose sink took only part of it may keep the block on loan; the next one to
 * need a block gets a new one.
 */
#ifndef RELAY_COPY_SCRATCH_H
#define RELAY_COPY_SCRATCH_H

#include <stddef.h>

struct error;

struct scratch {
	char *data; /* NULL while on loan */
	size_t size;
};

/* Returns the block, allocating it if needed, or NULL with *e. size is a multiple of 4096. */
char *scratch_get(struct scratch *s, struct error *e);

/* Gives back a block that was on loan. */
void scratch_return(struct scratch *s, char *block);

void scratch_fini(struct scratch *s);

#endif
