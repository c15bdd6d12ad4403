#include "relay/pacer.h"

/* How much time a rate may catch up after a pause. */
#define BURST (50 * NSEC_PER_MSEC)
/* The least time between two pieces, so that a high rate is not sent byte by byte. */
#define PIECE (10 * NSEC_PER_MSEC)

void
pacer_init(struct pacer *p, uint64_t rate, int64_t delay)
{
	*p = (struct pacer){ .rate = rate, .delay = delay, .due = INT64_MIN, .after = INT64_MIN };
}

bool
pacer_limits(const struct pacer *p)
{
	return p->rate > 0 || p->delay > 0;
}

bool
pacer_is_paused(const struct pacer *p, int64_t now)
{
	return p->after > now;
}

static int64_t
time_of(const struct pacer *p, size_t n)
{
	double nsec = (double)n * (double)NSEC_PER_SEC / (double)p->rate;

	return nsec < (double)(INT64_MAX / 4) ? (int64_t)nsec : INT64_MAX / 4;
}

/* Returns the bytes for nsec, at least one. */
static size_t
bytes_of(const struct pacer *p, int64_t nsec)
{
	double n = (double)p->rate * (double)nsec / (double)NSEC_PER_SEC;

	if (n < 1)
		return 1;
	return n < (double)(SIZE_MAX / 2) ? (size_t)n : SIZE_MAX / 2;
}

size_t
pacer_allows(const struct pacer *p, size_t max, int64_t now)
{
	size_t n;

	if (p->after > now)
		return 0;
	if (p->rate == 0)
		return max;
	if (p->due > now)
		return 0;
	n = bytes_of(p, p->due < now - BURST ? BURST : now - p->due + PIECE);
	return n < max ? n : max;
}

struct deadline
pacer_until(const struct pacer *p)
{
	int64_t at = p->after > p->due || p->rate == 0 ? p->after : p->due;

	return (struct deadline){ at > 0 ? at : 0 };
}

void
pacer_spend(struct pacer *p, size_t n, int64_t now)
{
	if (p->rate == 0)
		return;
	if (p->due < now - BURST)
		p->due = now - BURST;
	p->due += time_of(p, n);
}

void
pacer_pause(struct pacer *p, int64_t now)
{
	if (p->delay > 0)
		p->after = deadline_after(now, p->delay).at;
}
