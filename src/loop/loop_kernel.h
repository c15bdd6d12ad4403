/*
 * The kernel interface of a loop: the set of watched descriptors, and the wait. Either
 * loop_epoll.c or loop_poll.c implements it; the build chooses.
 */
#ifndef LOOP_LOOP_KERNEL_H
#define LOOP_LOOP_KERNEL_H

struct loop_kernel;
struct watch;

/* The most descriptors that one wait reports; the next wait reports the others. */
enum { LOOP_BATCH = 128 };

struct loop_ready {
	struct watch *w; /* NULL: removed meanwhile */
	unsigned events; /* LOOP_READ, LOOP_WRITE; LOOP_HANGUP for an error or the end */
};

/* Returns NULL with errno set on failure. */
struct loop_kernel *loop_kernel_open(void);
void loop_kernel_close(struct loop_kernel *k);

/* In a forked child: separates k from that of the parent. Returns 0 or an errno. */
int loop_kernel_after_fork(struct loop_kernel *k);

/* Watches w->fd for these LOOP_* events; 0 removes w. Uses all private fields of w except
 * `events`. Returns 0, or an errno with w unchanged. */
int loop_kernel_want(struct loop_kernel *k, struct watch *w, unsigned events);

/* Waits until a descriptor is ready, timeout_ms have passed (-1: no limit) or a signal arrived.
 * Stores what is ready in ready[LOOP_BATCH], and rotates among the descriptors when there are
 * more. Returns their number, or -1 with errno set. */
int loop_kernel_wait(struct loop_kernel *k, struct loop_ready *ready, int timeout_ms);

#endif
