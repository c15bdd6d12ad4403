/*
 * How bytes get from one stream to another: through our memory, or inside the
 * kernel if both ends allow it. Each direction chooses its copier by the
 * kinds of its ends. If the kernel refuses, the direction falls back to
 * copying without losing a byte.
 */
#ifndef RELAY_COPY_COPIER_H
#define RELAY_COPY_COPIER_H

#include <stddef.h>

#include "relay/copy/direction.h"

struct copier {
	const char *name;
	/* Moves up to max bytes and adds them to in and out. At the end of the source, calls
	 * direction_end_source() and returns DIRECTION_ENDED. */
	enum direction_result (*move)(struct direction *d, size_t max, struct error *e);
};

extern const struct copier copier_copy;

/* Sets w->copier by the kinds of both ends. Call it before the first step, and after changes of
 * filters, pace or discards. */
void copier_choose(struct direction *d);

/* Returns the kernel's copier for these ends, or NULL. In copier_splice.c or copier_none.c. */
const struct copier *copier_in_kernel(const struct direction *d);

/* The default capacity of a pipe. */
#define COPIER_PIPE_DEFAULT 65536

/* Enlarges the pipe on this side to 1 MiB, or as far as allowed, once. Does nothing if the side
 * is no pipe. */
void copier_grow_pipe(const struct stream *s, enum stream_side side, bool *grown);

#endif
