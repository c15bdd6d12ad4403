#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>

#include "loop/loop.h"
#include "loop/loop_kernel.h"

/* Parallel arrays without gaps; w->slot is the index of w plus 1. */
struct loop_kernel {
	struct pollfd *fds;
	struct watch **watches;
	int count, size;
	int next; /* index where the next batch begins */
};

struct loop_kernel *
loop_kernel_open(void)
{
	return calloc(1, sizeof(struct loop_kernel));
}

void
loop_kernel_close(struct loop_kernel *k)
{
	free(k->fds);
	free(k->watches);
	free(k);
}

/* The kernel keeps nothing between two calls of poll(2). */
int
loop_kernel_after_fork(struct loop_kernel *k)
{
	(void)k;
	return 0;
}

static int
grow_arrays(struct loop_kernel *k)
{
	int size = k->size > 0 ? 2 * k->size : 16;
	struct watch **watches;
	struct pollfd *fds;

	fds = realloc(k->fds, (size_t)size * sizeof(*fds));
	if (fds == NULL)
		return ENOMEM;
	k->fds = fds;
	watches = realloc(k->watches, (size_t)size * sizeof(struct watch *));
	if (watches == NULL)
		return ENOMEM;
	k->watches = watches;
	k->size = size;
	return 0;
}

/* poll(2) would report a bad descriptor only during the wait. */
static int
add_watch(struct loop_kernel *k, struct watch *w)
{
	int errnum;

	if (fcntl(w->fd, F_GETFD) == -1)
		return errno;
	if (k->count == k->size && (errnum = grow_arrays(k)) != 0)
		return errnum;
	k->fds[k->count] = (struct pollfd){ .fd = w->fd };
	k->watches[k->count++] = w;
	w->slot = k->count;
	return 0;
}

static void
remove_watch(struct loop_kernel *k, struct watch *w)
{
	int hole = w->slot - 1, last = --k->count;

	k->fds[hole] = k->fds[last];
	k->watches[hole] = k->watches[last];
	k->watches[hole]->slot = hole + 1;
	w->slot = 0;
}

int
loop_kernel_want(struct loop_kernel *k, struct watch *w, unsigned events)
{
	struct pollfd *p;
	int errnum;

	if (events == 0) {
		/* removed from the array, because POLLHUP and POLLERR cannot be masked */
		if (w->slot != 0)
			remove_watch(k, w);
		w->registered = 0;
		return 0;
	}
	if (w->slot == 0 && (errnum = add_watch(k, w)) != 0)
		return errnum;
	p = &k->fds[w->slot - 1];
	p->events = 0;
	if (events & LOOP_READ)
		p->events |= POLLIN;
	if (events & LOOP_WRITE)
		p->events |= POLLOUT;
	w->registered = events;
	return 0;
}

static unsigned
bits_from_poll(short revents)
{
	unsigned bits = 0;

	if (revents & POLLIN)
		bits |= LOOP_READ;
	if (revents & POLLOUT)
		bits |= LOOP_WRITE;
	if (revents & (POLLERR | POLLHUP | POLLNVAL))
		bits |= LOOP_HANGUP;
	return bits;
}

static int
slot_after(const struct loop_kernel *k, int i)
{
	return i + 1 < k->count ? i + 1 : 0;
}

int
loop_kernel_wait(struct loop_kernel *k, struct loop_ready *ready, int timeout_ms)
{
	int left = poll(k->fds, (nfds_t)k->count, timeout_ms), n = 0, first = 0;

	if (left == -1)
		return errno == EINTR ? 0 : -1;
	if (k->next >= k->count)
		k->next = 0;
	for (int i = k->next; left > 0 && n < LOOP_BATCH; left--) {
		while (k->fds[i].revents == 0)
			i = slot_after(k, i);
		if (n == 0)
			first = i;
		ready[n++] =
		    (struct loop_ready){ k->watches[i], bits_from_poll(k->fds[i].revents) };
		i = slot_after(k, i);
		k->next = i;
	}
	/* All were reported, so the next batch begins with the second of this one: watches of one
	 * descriptor take turns when one consumes everything. */
	if (n > 0 && left == 0)
		k->next = slot_after(k, first);
	return n;
}
