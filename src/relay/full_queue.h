/*
 * A queue of the kernel that takes no more datagrams: of a device, or of another
 * socket. If the kernel has no event for room in it, the sender tries again every
 * FULL_QUEUE_PAUSE. A queue that stays full for FULL_QUEUE_PATIENCE is broken.
 */
#ifndef RELAY_FULL_QUEUE_H
#define RELAY_FULL_QUEUE_H

#include <stdbool.h>

#include "base/deadline.h"

#define FULL_QUEUE_PAUSE NSEC_PER_MSEC
#define FULL_QUEUE_PATIENCE NSEC_PER_SEC

struct full_queue {
	struct deadline broken_at; /* never: the queue has room, as far as we know */
};

/* To be called at the start, and whenever the queue has taken a datagram. */
static inline void
full_queue_reset(struct full_queue *q)
{
	q->broken_at = deadline_never();
}

/* To be called when the queue was full. Returns false if it has been full for too long. */
static inline bool
full_queue_may_retry(struct full_queue *q, int64_t now)
{
	if (deadline_is_never(q->broken_at))
		q->broken_at = deadline_after(now, FULL_QUEUE_PATIENCE);
	return !deadline_is_due(q->broken_at, now);
}

#endif
