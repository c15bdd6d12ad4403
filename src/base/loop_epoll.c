#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/loop_kernel.h"

enum { IO = LOOP_READ | LOOP_WRITE };

/* epoll refuses regular files and such devices as /dev/null. Those wanted are
 * in a ring of their own, and while it is not empty no wait lasts. */
struct loop_kernel {
	int fd;
	struct watch *ring; /* whose turn is next */
};

struct loop_kernel *
loop_kernel_open(void)
{
	struct loop_kernel *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->fd = epoll_create1(EPOLL_CLOEXEC);
	if (k->fd == -1) {
		free(k);
		return NULL;
	}
	return k;
}

void
loop_kernel_close(struct loop_kernel *k)
{
	close(k->fd);
	free(k);
}

static void
ring_add(struct loop_kernel *k, struct watch *w)
{
	if (k->ring == NULL) {
		w->next = w->prev = w;
		k->ring = w;
		return;
	}
	w->next = k->ring;
	w->prev = k->ring->prev;
	w->prev->next = w;
	w->next->prev = w;
}

static void
ring_remove(struct loop_kernel *k, struct watch *w)
{
	w->prev->next = w->next;
	w->next->prev = w->prev;
	if (k->ring == w)
		k->ring = w->next == w ? NULL : w->next;
}

/* Such a descriptor has no hang-up to wait for, only reading and writing. */
static int
want_always_ready(struct loop_kernel *k, struct watch *w, unsigned events)
{
	bool in_ring = (w->registered & IO) != 0, wanted = (events & IO) != 0;

	if (wanted && !in_ring)
		ring_add(k, w);
	else if (in_ring && !wanted)
		ring_remove(k, w);
	w->registered = events;
	w->always_ready = events != 0;
	return 0;
}

static int
add_or_modify(struct loop_kernel *k, struct watch *w, unsigned events)
{
	struct epoll_event event = { .data.ptr = w };

	if (events & LOOP_READ)
		event.events |= EPOLLIN;
	if (events & LOOP_WRITE)
		event.events |= EPOLLOUT;
	if (epoll_ctl(k->fd, w->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd, &event) == -1)
		return errno;
	w->registered = events;
	return 0;
}

int
loop_kernel_want(struct loop_kernel *k, struct watch *w, unsigned events)
{
	int errnum;

	if (w->always_ready)
		return want_always_ready(k, w, events);
	if (events == 0) {
		/* out of the set: EPOLLHUP and EPOLLERR cannot be masked */
		if (w->registered)
			epoll_ctl(k->fd, EPOLL_CTL_DEL, w->fd, NULL);
		w->registered = 0;
		return 0;
	}
	if (w->registered && ((w->registered ^ events) & IO) == 0)
		return 0;
	errnum = add_or_modify(k, w, events);
	return errnum == EPERM ? want_always_ready(k, w, events) : errnum;
}

static unsigned
loop_bits(uint32_t events)
{
	unsigned bits = 0;

	if (events & EPOLLIN)
		bits |= LOOP_READ;
	if (events & EPOLLOUT)
		bits |= LOOP_WRITE;
	if (events & (EPOLLERR | EPOLLHUP))
		bits |= LOOP_HANGUP;
	return bits;
}

static int
fill_from_ring(struct loop_kernel *k, struct loop_ready *ready, int n)
{
	struct watch *first = k->ring, *w = first;

	if (first == NULL)
		return n;
	do {
		ready[n++] = (struct loop_ready){ w, w->registered & IO };
		w = w->next;
	} while (w != first && n < LOOP_BATCH);
	k->ring = w;
	return n;
}

int
loop_kernel_wait(struct loop_kernel *k, struct loop_ready *ready, int timeout_ms)
{
	struct epoll_event events[LOOP_BATCH];
	/* the ring gets the other half, so that neither kind keeps the other out */
	int max = k->ring != NULL ? LOOP_BATCH / 2 : LOOP_BATCH, n;

	n = epoll_wait(k->fd, events, max, k->ring != NULL ? 0 : timeout_ms);
	if (n == -1 && errno != EINTR)
		return -1;
	for (int i = 0; i < n; i++)
		ready[i] = (struct loop_ready){ events[i].data.ptr, loop_bits(events[i].events) };
	return fill_from_ring(k, ready, n > 0 ? n : 0);
}
