#include <time.h>

#include "base/deadline.h"

/* This is a file of its own so that a simulation can link another clock. */
int64_t
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}
