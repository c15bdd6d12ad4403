/*
 * How a call of a socket object waits, and how it fails if it may not.
 */
#ifndef SOCK_WAIT_H
#define SOCK_WAIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"

struct error;
struct sock;

/* How long one call may wait. Fixed when the call begins. */
struct wait_limit {
	struct deadline until;
	bool none; /* non-blocking: fail with EAGAIN instead of waiting */
};

struct wait_limit sock_wait_limit(int64_t timeout);

/* Fails with ETIMEDOUT when the time is over. For calls that make progress repeatedly without
 * having to wait. */
int sock_in_time(const struct wait_limit *p, const char *verb, struct error *e);

/* Waits for LOOP_* events. Fails with EAGAIN, ETIMEDOUT, EBADF if a callback closed s, or EBUSY
 * if another call waits on s. */
int sock_wait(struct sock *s, unsigned events, const struct wait_limit *p, const char *verb,
    struct error *e);

/* Returns true if recent receives found nothing at once, as when two ends take turns: to wait
 * first saves a system call. Returns false now and then, to try again. */
bool sock_skip_recv(struct sock *s, const struct wait_limit *p);

/* Lets the loop send what a layer kept of the last n bytes, during any later wait. The next call
 * that sends reports a failure, and so does sock_close(). */
void sock_flush_later(struct sock *s, size_t n);

/* Stops sending in the background. */
void sock_stop_flusher(struct sock *s);

/* Ends the wait of the call that waits on s, and frees the watch. Called before the descriptor is
 * closed. */
void sock_wake(struct sock *s);

/* Waits a few milliseconds for something without an event. */
int sock_wait_moment(struct sock *s, const struct wait_limit *p, const char *verb, struct error *e);

/* Returns true while another call waits to receive from s. */
bool sock_is_receiving(const struct sock *s);

/* Waits until one of n sockets is ready, each for its own events. Fails as sock_wait(). */
struct sock_want {
	struct sock *sock;
	unsigned events;
};
int sock_wait_any(const struct sock_want *wants, size_t n, struct deadline until, const char *verb,
    struct error *e);

/* Copies err to e, which may be NULL. Returns -1. */
int sock_fail(const struct error *err, struct error *e);

/* Fails with EBADF. Returns -1. */
int sock_fail_closed(const char *verb, struct error *e);

#endif
