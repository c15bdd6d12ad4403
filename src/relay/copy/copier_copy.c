#include <fcntl.h>

#include "base/error.h"
#include "relay/capture/recorder.h"
#include "relay/copy/copier.h"
#include "relay/copy/scratch.h"
#include "relay/filter/filter.h"

#define SHARED_MAX (32 << 10)

void
copier_grow_pipe(const struct stream *s, enum stream_side side, bool *grown)
{
	int size = 1 << 20;

	if (*grown || stream_kind(s, side) != STREAM_PIPE)
		return;
	*grown = true;
#ifdef F_SETPIPE_SZ
	while (size > COPIER_PIPE_DEFAULT && fcntl(stream_raw_fd(s, side), F_SETPIPE_SZ, size) < 0)
		size /= 2;
#endif
}

/* At the end of the source the filters give out what they hold back. */
static enum direction_result
end_source(struct direction *d, struct error *e)
{
	if (d->filters != NULL && filters_finish(d->filters, &d->buf, e) < 0)
		return DIRECTION_FAILED;
	direction_end_source(d);
	return DIRECTION_ENDED;
}

/* A sink without a descriptor is shared by many, which may all be held up. So each holds little. */
static size_t
most_for(const struct direction *d, size_t max)
{
	bool shared =
	    stream_kind(d->to, STREAM_OUT) == STREAM_OPAQUE && stream_raw_fd(d->to, STREAM_OUT) < 0;

	return shared && max > SHARED_MAX ? SHARED_MAX : max;
}

static enum direction_result
copy_move(struct direction *d, size_t max, struct error *e)
{
	char *data;
	ssize_t got;

	max = most_for(d, max);
	data = direction_scratch(d, &max, e);
	if (data == NULL)
		return DIRECTION_FAILED;
	got = stream_read(d->from, data, max, e);
	if (got == -1)
		return DIRECTION_FAILED;
	if (got < 0)
		return direction_block(d, d->from, got);
	if (got == 0)
		return end_source(d, e);
	d->in += (uint64_t)got;
	recorded_data(d->recorded_in, DIALOGUE_RECEIVED, data, (size_t)got);
	direction_note_dry(d, (size_t)got, max);
	/* a full pipe indicates bulk data, which makes enlarging it worth its cost */
	if (got >= COPIER_PIPE_DEFAULT)
		copier_grow_pipe(d->from, STREAM_IN, &d->source_grown);
	if (d->filters != NULL)
		return filters_run(d->filters, data, (size_t)got, &d->buf, e) < 0 ? DIRECTION_FAILED
										  : DIRECTION_MOVED;
	if (direction_write(d, data, (size_t)got, e) < 0)
		return DIRECTION_FAILED;
	if (direction_buffered(d) > 0)
		copier_grow_pipe(d->to, STREAM_OUT, &d->sink_grown);
	return DIRECTION_MOVED;
}

const struct copier copier_copy = { "copy", copy_move };
