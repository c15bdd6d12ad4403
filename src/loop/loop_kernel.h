/*
 * What a loop needs of the kernel: which descriptors to wait for, and the
 * wait. loop_epoll.c and loop_poll.c both have it; the build picks one.
 */
#ifndef LOOP_LOOP_KERNEL_H
#define LOOP_LOOP_KERNEL_H

struct loop_kernel;
struct watch;

/* More ready descriptors than this come with the next wait. */
enum { LOOP_BATCH = 128 };

struct loop_ready {
	struct watch *w; /* NULL: forgotten since */
	unsigned events; /* LOOP_READ, LOOP_WRITE; LOOP_HANGUP: an error, or over */
};

/* NULL and errno on failure. */
struct loop_kernel *loop_kernel_open(void);
void loop_kernel_close(struct loop_kernel *k);

/* Wants these LOOP_* events for w->fd; 0: forgets w. All private fields of w but
 * `events` are for this side to use. Returns 0, or an errno with w as it was. */
int loop_kernel_want(struct loop_kernel *k, struct watch *w, unsigned events);

/* Waits until something is ready, timeout_ms have passed (-1: for ever) or a
 * signal came. Puts what is ready into ready[LOOP_BATCH], every descriptor in
 * turn when there are more, and returns their number, or -1 and errno. */
int loop_kernel_wait(struct loop_kernel *k, struct loop_ready *ready, int timeout_ms);

#endif
