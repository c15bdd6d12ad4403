#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "loop/loop.h"
#include "loop/loop_kernel.h"

enum { IO = LOOP_READ | LOOP_WRITE };

/* epoll(7) refuses regular files and devices such as /dev/null. Those that are wanted form a
 * ring, and no wait sleeps while it is not empty. epoll also accepts a descriptor only once, so
 * the watches of one descriptor form a list; its first is called first. */
struct loop_kernel {
	int fd;
	struct watch *ring; /* the next to report */
	struct watch **lists;
	int n_lists;
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
	free(k->lists);
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

/* Such a descriptor has no hang-up, only reading and writing. */
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

/* ---- watches of one descriptor ---- */

static int
lists_reserve(struct loop_kernel *k, int fd)
{
	int n = k->n_lists > 0 ? k->n_lists : 64;
	struct watch **lists;

	if (fd < k->n_lists)
		return 0;
	while (n <= fd)
		n *= 2;
	lists = realloc(k->lists, (size_t)n * sizeof(struct watch *));
	if (lists == NULL)
		return ENOMEM;
	for (int i = k->n_lists; i < n; i++)
		lists[i] = NULL;
	k->lists = lists;
	k->n_lists = n;
	return 0;
}

static void
list_remove(struct loop_kernel *k, struct watch *w)
{
	struct watch **at = &k->lists[w->fd];

	while (*at != NULL && *at != w)
		at = &(*at)->next;
	if (*at == w)
		*at = w->next;
	w->next = NULL;
}

static void
list_append(struct loop_kernel *k, struct watch *w)
{
	struct watch **at = &k->lists[w->fd];

	while (*at != NULL)
		at = &(*at)->next;
	*at = w;
	w->next = NULL;
}

static unsigned
wanted_of(const struct watch *list)
{
	unsigned events = 0;

	for (; list != NULL; list = list->next)
		events |= list->registered;
	return events;
}

/* Tells epoll what all watches of fd want together. before: what they wanted before. */
static int
update_epoll(const struct loop_kernel *k, int fd, unsigned before)
{
	unsigned events = wanted_of(k->lists[fd]);
	struct epoll_event event = { .data.fd = fd };
	int op = before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (events == 0) {
		/* removed from the set, because EPOLLHUP and EPOLLERR cannot be masked */
		if (before != 0)
			epoll_ctl(k->fd, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (before != 0 && ((before ^ events) & IO) == 0)
		return 0;
	if (events & LOOP_READ)
		event.events |= EPOLLIN;
	if (events & LOOP_WRITE)
		event.events |= EPOLLOUT;
	return epoll_ctl(k->fd, op, fd, &event) == -1 ? errno : 0;
}

static int
want_in_list(struct loop_kernel *k, struct watch *w, unsigned events)
{
	unsigned before = wanted_of(k->lists[w->fd]), was = w->registered;
	int errnum;

	if (was == 0 && events != 0)
		list_append(k, w);
	w->registered = events;
	errnum = update_epoll(k, w->fd, before);
	if (errnum != 0)
		w->registered = was;
	if (w->registered == 0)
		list_remove(k, w);
	return errnum;
}

/* The descriptor refers to the parent's set. */
int
loop_kernel_after_fork(struct loop_kernel *k)
{
	int fd = epoll_create1(EPOLL_CLOEXEC), errnum = 0;

	if (fd == -1)
		return errno;
	close(k->fd);
	k->fd = fd;
	for (int i = 0; i < k->n_lists && errnum == 0; i++)
		errnum = update_epoll(k, i, 0);
	return errnum;
}

int
loop_kernel_want(struct loop_kernel *k, struct watch *w, unsigned events)
{
	int errnum;

	if (w->always_ready)
		return want_always_ready(k, w, events);
	if (events == 0 && w->registered == 0)
		return 0;
	if (w->fd < 0)
		return EBADF;
	errnum = lists_reserve(k, w->fd);
	if (errnum == 0)
		errnum = want_in_list(k, w, events);
	return errnum == EPERM ? want_always_ready(k, w, events) : errnum;
}

static unsigned
bits_from_epoll(uint32_t events)
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
report_ring(struct loop_kernel *k, struct loop_ready *ready, int n)
{
	struct watch *first = k->ring, *w = first;

	if (first == NULL || n == LOOP_BATCH)
		return n;
	do {
		ready[n++] = (struct loop_ready){ w, w->registered & IO };
		w = w->next;
	} while (w != first && n < LOOP_BATCH);
	k->ring = w;
	return n;
}

/* Reports all watches of fd that want the events, and moves the first one to the end, so that
 * they take turns when one consumes everything. */
static int
report_list(struct loop_kernel *k, struct loop_ready *ready, int n, int fd, unsigned bits)
{
	struct watch *first = k->lists[fd], *w;

	for (w = first; w != NULL && n < LOOP_BATCH; w = w->next)
		if ((bits & (w->registered | LOOP_HANGUP)) != 0)
			ready[n++] = (struct loop_ready){ w, bits & (w->registered | LOOP_HANGUP) };
	if (first != NULL && first->next != NULL) {
		list_remove(k, first);
		list_append(k, first);
	}
	return n;
}

int
loop_kernel_wait(struct loop_kernel *k, struct loop_ready *ready, int timeout_ms)
{
	struct epoll_event events[LOOP_BATCH];
	/* the ring gets half of the batch, so that neither kind starves the other */
	int max = k->ring != NULL ? LOOP_BATCH / 2 : LOOP_BATCH, n, count = 0;

	n = epoll_wait(k->fd, events, max, k->ring != NULL ? 0 : timeout_ms);
	if (n == -1 && errno != EINTR)
		return -1;
	for (int i = 0; i < n; i++)
		count = report_list(k, ready, count, events[i].data.fd,
		    bits_from_epoll(events[i].events));
	return report_ring(k, ready, count);
}
