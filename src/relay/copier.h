/*
 * How bytes get from one stream to another: through our memory, or inside the
 * kernel where both ends allow it. Chosen per way from the kinds of its ends;
 * demoted to copying in flight where the kernel refuses, losing nothing.
 */
#ifndef RELAY_COPIER_H
#define RELAY_COPIER_H

#include <stddef.h>

#include "relay/direction.h"

struct copier {
	const char *name;
	/* Moves up to max bytes. MOVED counts into way->in and way->out itself;
	 * the end of the source sets the state to DRAINING and is MOVED. */
	enum direction_result (*move)(struct direction *w, size_t max, struct error *e);
};

extern const struct copier copier_copy;

/* A mover inside the kernel for these ends, or NULL: copier_splice.c, copier_none.c. */
const struct copier *copier_in_kernel(const struct direction *w);

/* Enlarges a pipe to 1 MiB, or as far as its owner may. */
void copier_grow_pipe(int fd);

#endif
