#include <errno.h>

#include "base/error.h"
#include "sock/impl.h"
#include "stream/stream.h"

static int
end_failed(const struct ending *ending, const struct error *why, struct error *e)
{
	if (ending->unsent > 0)
		error_set(e, why->code, "close: up to %zu bytes did not reach the peer: %s",
		    ending->unsent, why->text);
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
sock_end_stream(const struct ending *ending, struct error *e)
{
	bool bounded = ending->limit != 0 && ending->limit != DURATION_NONE;
	struct deadline until = deadline_in(bounded ? ending->limit : NSEC_PER_SEC);
	struct error why = { 0 };
	int rc, ready = 1;

	while ((rc = stream_shut(ending->stream, &why)) < -1 && ready > 0) {
		enum stream_side side = rc == STREAM_WANT_READ ? STREAM_IN : STREAM_OUT;

		ready = loop_wait(ending->loop, stream_raw_fd(ending->stream, side),
		    side == STREAM_IN ? LOOP_READ : LOOP_WRITE, until, &why);
		if (ready == 0)
			error_errno(&why, ERROR_TIMEOUT, ETIMEDOUT, "send");
		if (!bounded)
			until = deadline_in(NSEC_PER_SEC);
	}
	return rc == 0 || (rc == -1 && ending->unsent == 0) ? 0 : end_failed(ending, &why, e);
}
