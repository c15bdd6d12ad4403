/*
 * How bytes get from one stream to another: through our memory, or inside the
 * kernel where both ends allow it. Chosen per direction from the kinds of its ends;
 * demoted to copying in flight where the kernel refuses, losing nothing.
 */
#ifndef RELAY_COPY_COPIER_H
#define RELAY_COPY_COPIER_H

#include <stddef.h>

#include "relay/copy/direction.h"

struct copier {
	const char *name;
	/* Moves up to max bytes, and counts them into in and out. ENDED, with
	 * direction_end_source(), at the end of the source. */
	enum direction_result (*move)(struct direction *w, size_t max, struct error *e);
};

extern const struct copier copier_copy;

/* Sets w->copier from the kinds of both ends: before the first move, and again after filters, a pace or
 * discards were set. */
void copier_choose(struct direction *w);

/* Returns the copier inside the kernel for these ends, or NULL: copier_splice.c, copier_none.c. */
const struct copier *copier_in_kernel(const struct direction *w);

/* As much as a pipe holds when nobody has enlarged it. */
#define COPIER_PIPE_DEFAULT 65536

/* Enlarges a side that is a pipe to 1 MiB, or as far as its owner may; once. */
void copier_grow_pipe(const struct stream *s, enum stream_side side, bool *grown);

#endif
