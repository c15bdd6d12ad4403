#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/wait.h"
#include "stream/stream.h"

/* A poll interval: there is no event for room in the queue of another unix socket. */
#define MOMENT (5 * NSEC_PER_MSEC)

/* How many waits until the next try without one. */
#define HINT_ROUNDS 16

struct sock_wait {
	unsigned events;
	bool *done;
};

struct wait_limit
sock_wait_limit(int64_t timeout)
{
	return (struct wait_limit){ .until = deadline_in(timeout), .none = timeout == 0 };
}

int
sock_in_time(const struct wait_limit *p, const char *verb, struct error *e)
{
	if (p->none || !deadline_passed(p->until))
		return 0;
	return error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "%s", verb);
}

int
sock_fail(const struct error *err, struct error *e)
{
	if (e != NULL)
		*e = *err;
	return -1;
}

int
sock_fail_closed(const char *verb, struct error *e)
{
	return error_errno(e, ERROR_NETWORK, EBADF, "%s", verb);
}

bool
sock_is_receiving(const struct sock *s)
{
	return s->wait != NULL && (s->wait->events & LOOP_READ) != 0;
}

/* Ends the watch at once, since this loop_run() may be nested in another that continues. The watch
 * is kept, since the next wait is likely the same. */
static void
end_wait(struct sock *s)
{
	loop_suspend(s->loop, s->watch);
	*s->wait->done = true;
}

static void
on_ready(struct watch *w, unsigned ready)
{
	(void)ready;
	end_wait(w->arg);
}

void
sock_wake(struct sock *s)
{
	if (s->wait != NULL)
		end_wait(s);
	if (s->watch != NULL)
		loop_unwatch(s->loop, s->watch);
	free(s->watch);
	s->watch = NULL;
}

/* ---- the flusher: sends what a layer has kept ---- */

static void on_flusher_ready(struct watch *w, unsigned ready);

static int
watch_flusher(struct sock *s, int want)
{
	if (s->flusher == NULL)
		s->flusher = calloc(1, sizeof(*s->flusher));
	if (s->flusher == NULL)
		return -1;
	s->flusher->fd = s->fd;
	s->flusher->fn = on_flusher_ready;
	s->flusher->arg = s;
	return loop_watch(s->loop, s->flusher, want == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE,
	    NULL);
}

static void
on_flusher_ready(struct watch *w, unsigned ready)
{
	struct sock *s = w->arg;
	int rc = stream_flush(s->stream, NULL);

	(void)ready;
	if (rc == 0)
		s->unsent = 0;
	if (rc >= -1 || watch_flusher(s, rc) == -1)
		sock_stop_flusher(s);
}

void
sock_flush_later(struct sock *s, size_t n)
{
	s->unsent = n;
	watch_flusher(s, STREAM_WANT_WRITE);
}

void
sock_stop_flusher(struct sock *s)
{
	if (s->flusher == NULL)
		return;
	loop_unwatch(s->loop, s->flusher);
	free(s->flusher);
	s->flusher = NULL;
}

/* ---- waits ---- */

static int
start_wait(struct sock_wait *wait, const struct sock_want *want, bool *done, struct error *e)
{
	struct sock *s = want->sock;

	*wait = (struct sock_wait){ .events = want->events, .done = done };
	if (s->watch == NULL)
		s->watch = calloc(1, sizeof(*s->watch));
	if (s->watch == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	s->watch->fd = s->fd;
	s->watch->fn = on_ready;
	s->watch->arg = s;
	if (loop_watch(s->loop, s->watch, want->events, e) == -1)
		return -1;
	s->wait = wait;
	return 0;
}

static void
stop_wait(struct sock *s)
{
	s->wait = NULL;
	if (s->watch != NULL)
		loop_suspend(s->loop, s->watch);
}

/* loop_run() is used instead of loop_wait(), which would miss that a callback closes the
 * descriptor. */
static int
wait_for_one(struct sock *s, unsigned events, struct deadline until, struct error *e)
{
	const struct sock_want want = { .sock = s, .events = events };
	struct sock_wait wait;
	bool done = false;
	int rc;

	if (start_wait(&wait, &want, &done, e) == -1)
		return -1;
	rc = loop_run(s->loop, &done, until, e);
	stop_wait(s);
	return rc;
}

static int
fail_busy(const char *verb, struct error *e)
{
	return error_errno(e, ERROR_NETWORK, EBUSY, "%s: another call waits on this socket", verb);
}

bool
sock_skip_recv(struct sock *s, const struct wait_limit *p)
{
	if (s->recv_would_block_hint == 0 || p->none || sock_is_layered(s) || sock_is_record(s))
		return false;
	s->recv_would_block_hint = (unsigned char)((s->recv_would_block_hint + 1) % HINT_ROUNDS);
	return s->recv_would_block_hint != 0 && !deadline_passed(p->until);
}

int
sock_wait(struct sock *s, unsigned events, const struct wait_limit *p, const char *verb,
    struct error *e)
{
	int rc;

	if (p->none)
		return error_errno(e, ERROR_NETWORK, EAGAIN, "%s", verb);
	if (s->wait != NULL)
		return fail_busy(verb, e);
	rc = wait_for_one(s, events, p->until, e);
	if (rc == -1)
		return error_prefix(e, "%s", verb);
	if (s->fd == -1)
		return sock_fail_closed(verb, e);
	return rc == 0 ? error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "%s", verb) : 0;
}

int
sock_wait_any(const struct sock_want *wants, size_t n, struct deadline until, const char *verb,
    struct error *e)
{
	struct sock_wait *waits = calloc(n, sizeof(*waits));
	bool done = false;
	size_t started;
	int rc = 0;

	if (waits == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (started = 0; started < n && rc == 0; started += rc == 0) {
		rc = wants[started].sock->wait != NULL
		    ? fail_busy(verb, e)
		    : start_wait(&waits[started], &wants[started], &done, e);
	}
	if (rc == 0) {
		rc = loop_run(wants[0].sock->loop, &done, until, e);
		if (rc == 0)
			rc = error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "%s", verb);
		else if (rc == -1)
			error_prefix(e, "%s", verb);
	}
	while (started > 0) {
		started--;
		stop_wait(wants[started].sock);
	}
	free(waits);
	return rc == -1 ? -1 : 0;
}

int
sock_wait_moment(struct sock *s, const struct wait_limit *p, const char *verb, struct error *e)
{
	const bool never = false;

	if (p->none)
		return error_errno(e, ERROR_NETWORK, EAGAIN, "%s", verb);
	if (sock_in_time(p, verb, e) == -1)
		return -1;
	if (loop_run(s->loop, &never, deadline_min(p->until, deadline_in(MOMENT)), e) == -1)
		return error_prefix(e, "%s", verb);
	return s->fd == -1 ? sock_fail_closed(verb, e) : 0;
}
