/*
 * How a call of a socket object waits, and how it fails where it may not.
 */
#ifndef SOCK_WAIT_H
#define SOCK_WAIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"

struct error;
struct sock;

/* How long one call may wait, fixed when it begins. */
struct wait_limit {
	struct deadline until;
	bool none; /* non-blocking: EAGAIN instead of a wait */
};

struct wait_limit sock_wait_limit(int64_t timeout);

/* Fails with ETIMEDOUT once the time is over. For calls that make progress
 * again and again without ever having to wait. */
int sock_in_time(const struct wait_limit *p, const char *verb, struct error *e);

/* Waits for LOOP_* events. Fails with EAGAIN, ETIMEDOUT, EBADF when a callback
 * closed s meanwhile, EBUSY when another call waits on s. */
int sock_wait(struct sock *s, unsigned events, const struct wait_limit *p, const char *verb,
    struct error *e);

/* True where reading has found nothing at once of late, as it is when two ends talk in
 * turns: to wait first is then a system call less. Now and then false, for a try. */
bool sock_skip_recv(struct sock *s, const struct wait_limit *p);

/* A layer may have kept some of the n bytes that were sent last: the loop sends them from now
 * on, whatever is waited for. A failure of that is reported by the next call that sends, and
 * by sock_close. */
void sock_flush_later(struct sock *s, size_t n);

/* Stops that. */
void sock_stop_flusher(struct sock *s);

/* Ends the wait of the call that waits on s, and forgets the watch: before the
 * descriptor is closed. */
void sock_wake(struct sock *s);

/* Waits a few milliseconds, for what the kernel has no event for. */
int sock_wait_moment(struct sock *s, const struct wait_limit *p, const char *verb, struct error *e);

/* True while another call waits to receive from s. */
bool sock_is_receiving(const struct sock *s);

/* Waits until one of n wants is there, each for the events of its own. The
 * failures of sock_wait. */
struct sock_want {
	struct sock *sock;
	unsigned events;
};
int sock_wait_any(const struct sock_want *wants, size_t n, struct deadline until, const char *verb,
    struct error *e);

/* Hands err on to a caller who may not want it. Returns -1. */
int sock_fail(const struct error *err, struct error *e);

/* EBADF. Returns -1. */
int sock_fail_closed(const char *verb, struct error *e);

#endif
