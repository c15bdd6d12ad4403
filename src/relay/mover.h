/*
 * How bytes get from one stream to another: through our memory, or inside the
 * kernel where both ends allow it. Chosen per way from the kinds of its ends;
 * demoted to copying in flight where the kernel refuses, losing nothing.
 */
#ifndef RELAY_MOVER_H
#define RELAY_MOVER_H

#include <stddef.h>

#include "relay/way.h"

struct mover {
	const char *name;
	/* Moves up to max bytes. MOVED counts into way->in and way->out itself;
	 * the end of the source sets the state to DRAINING and is MOVED. */
	enum way_result (*move)(struct way *w, size_t max, struct error *e);
};

extern const struct mover mover_copy;

/* A mover inside the kernel for these ends, or NULL: mover_splice.c, mover_none.c. */
const struct mover *mover_in_kernel(const struct way *w);

/* Enlarges a pipe to 1 MiB, or as far as its owner may. */
void mover_grow_pipe(int fd);

#endif
