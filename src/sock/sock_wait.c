#include <errno.h>

#include "base/error.h"
#include "sock/sock_impl.h"

/* The kernel has no event for "the queue of that unix socket has room". */
#define MOMENT (5 * NSEC_PER_MSEC)

struct sock_wait {
	struct loop *loop;
	struct watch watch;
	unsigned events;
	bool done;
};

struct patience
sock_patience(int64_t timeout)
{
	return (struct patience){ .until = deadline_in(timeout), .none = timeout == 0 };
}

int
sock_in_time(const struct patience *p, const char *verb, struct error *e)
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
sock_is_closed(const char *verb, struct error *e)
{
	return error_errno(e, ERROR_NETWORK, EBADF, "%s", verb);
}

bool
sock_is_receiving(const struct sock *s)
{
	return s->wait != NULL && (s->wait->events & LOOP_READ) != 0;
}

/* Unwatched at once: the run may be nested in another, which goes on. */
static void
end_wait(struct sock_wait *wait)
{
	loop_unwatch(wait->loop, &wait->watch);
	wait->done = true;
}

static void
woken(struct watch *w, unsigned ready)
{
	(void)ready;
	end_wait(w->arg);
}

void
sock_wake(struct sock *s)
{
	if (s->wait != NULL)
		end_wait(s->wait);
}

/* loop_wait() would not notice that a callback closes the descriptor. */
static int
wait_for(struct sock *s, unsigned events, struct deadline until, struct error *e)
{
	struct sock_wait wait = { .loop = s->loop, .events = events };
	int rc;

	wait.watch = (struct watch){ .fd = s->fd, .fn = woken, .arg = &wait };
	if (loop_watch(wait.loop, &wait.watch, events, e) == -1)
		return -1;
	s->wait = &wait;
	rc = loop_run(wait.loop, &wait.done, until, e);
	s->wait = NULL;
	loop_unwatch(wait.loop, &wait.watch);
	return rc;
}

int
sock_wait(struct sock *s, unsigned events, const struct patience *p, const char *verb,
    struct error *e)
{
	int rc;

	if (p->none)
		return error_errno(e, ERROR_NETWORK, EAGAIN, "%s", verb);
	if (s->wait != NULL)
		return error_errno(e, ERROR_NETWORK, EBUSY, "%s: another call waits on this socket",
		    verb);
	rc = wait_for(s, events, p->until, e);
	if (rc == -1)
		return error_prefix(e, "%s", verb);
	if (s->fd == -1)
		return sock_is_closed(verb, e);
	return rc == 0 ? error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "%s", verb) : 0;
}

int
sock_wait_moment(struct sock *s, const struct patience *p, const char *verb, struct error *e)
{
	const bool never = false;

	if (p->none)
		return error_errno(e, ERROR_NETWORK, EAGAIN, "%s", verb);
	if (sock_in_time(p, verb, e) == -1)
		return -1;
	if (loop_run(s->loop, &never, deadline_min(p->until, deadline_in(MOMENT)), e) == -1)
		return error_prefix(e, "%s", verb);
	return s->fd == -1 ? sock_is_closed(verb, e) : 0;
}
