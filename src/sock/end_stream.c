#include <errno.h>

#include "base/deadline.h"
#include "base/error.h"
#include "loop/loop.h"
#include "sock/end_stream.h"
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
	return rc == 0 || (rc == -1 && how->unsent == 0) ? 0 : end_failed(how, &why, e);
}
