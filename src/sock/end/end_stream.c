#include <errno.h>

#include "base/deadline.h"
#include "base/error.h"
#include "loop/loop.h"
#include "sock/end/end_stream.h"
#include "stream/negotiate/lingering_close.h"
#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"

static int
end_failed(const struct end_stream_how *how, const struct error *why, struct error *e)
{
	if (how->unsent > 0)
		error_set(e, why->code, "close: up to %zu bytes did not reach the peer: %s",
		    how->unsent, why->text);
	else
		error_set(e, why->code, "close: the end did not reach the peer: %s", why->text);
	if (e != NULL) {
		e->origin = why->origin;
		e->number = why->number;
	}
	return -1;
}

static int
wait_to_linger(const struct end_stream_how *how, struct negotiation_chain *c, int want)
{
	const bool never = false;
	struct deadline until = negotiation_wake_at(c);
	struct error unseen;

	if (want == NEGOTIATION_WANT_TIME)
		return loop_run(how->loop, &never, until, &unseen);
	return want == STREAM_WANT_READ
	    ? loop_wait(how->loop, stream_raw_fd(how->stream, STREAM_IN), LOOP_READ, until, &unseen)
	    : loop_wait(how->loop, stream_raw_fd(how->stream, STREAM_OUT), LOOP_WRITE, until,
		  &unseen);
}

/* A TLS 1.3 server sends tickets that nobody reads, and closing with unread input resets the
 * connection and destroys what the peer has not received yet. Returns true if that happened. */
static bool
is_lost_in_close(const struct end_stream_how *how)
{
	struct stream *top = how->stream;
	struct negotiation_chain c = { .top = &top, .until = deadline_never() };
	bool reset = false;
	int rc;

	if (!(how->for_peer || lingering_close_needed(stream_raw_fd(how->stream, STREAM_OUT))) ||
	    lingering_close(&c.at, how->for_peer, &reset, NULL) == -1)
		return false;
	while ((rc = negotiation_step(&c)) < -1 && wait_to_linger(how, &c, rc) != -1)
		continue;
	negotiation_fini(&c);
	return reset;
}

static int
linger(const struct end_stream_how *how, struct error *e)
{
	struct error why;

	if (!is_lost_in_close(how))
		return 0;
	error_errno(&why, ERROR_NETWORK, ECONNRESET, "send");
	return end_failed(how, &why, e);
}

/* The peer must be able to tell the end from a truncation. One that is gone need not, if it has
 * everything. */
int
sock_end_stream(const struct end_stream_how *how, struct error *e)
{
	bool bounded = how->limit != 0 && how->limit != DURATION_NONE;
	struct deadline until = deadline_in(bounded ? how->limit : NSEC_PER_SEC);
	struct error why = { 0 };
	int rc, ready = 1;

	while ((rc = stream_shut(how->stream, &why)) < -1 && ready > 0) {
		enum stream_side side = rc == STREAM_WANT_READ ? STREAM_IN : STREAM_OUT;

		ready = loop_wait(how->loop, stream_raw_fd(how->stream, side),
		    side == STREAM_IN ? LOOP_READ : LOOP_WRITE, until, &why);
		if (ready == 0)
			error_errno(&why, ERROR_TIMEOUT, ETIMEDOUT, "send");
		if (!bounded)
			until = deadline_in(NSEC_PER_SEC);
	}
	if (rc == 0)
		return linger(how, e);
	return rc == -1 && how->unsent == 0 ? 0 : end_failed(how, &why, e);
}
