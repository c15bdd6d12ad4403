#include <fcntl.h>

#include "base/error.h"
#include "relay/copy/copier.h"
#include "relay/copy/scratch.h"
#include "relay/filter/filter.h"

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
source_ended(struct direction *w, struct error *e)
{
	if (w->filters != NULL && filters_finish(w->filters, &w->buf, e) < 0)
		return DIRECTION_FAILED;
	direction_end_source(w);
	return DIRECTION_ENDED;
}

static enum direction_result
copy_move(struct direction *w, size_t max, struct error *e)
{
	char *data = direction_scratch(w, &max, e);
	ssize_t got;

	if (data == NULL)
		return DIRECTION_FAILED;
	got = stream_read(w->from, data, max, e);
	if (got == -1)
		return DIRECTION_FAILED;
	if (got < 0)
		return direction_block(w, w->from, got);
	if (got == 0)
		return source_ended(w, e);
	w->in += (uint64_t)got;
	direction_note_dry(w, (size_t)got, max);
	/* a full pipe indicates bulk data, which makes enlarging it worth its cost */
	if (got >= COPIER_PIPE_DEFAULT)
		copier_grow_pipe(w->from, STREAM_IN, &w->source_grown);
	if (w->filters != NULL)
		return filters_run(w->filters, data, (size_t)got, &w->buf, e) < 0 ? DIRECTION_FAILED
										  : DIRECTION_MOVED;
	if (direction_give(w, data, (size_t)got, e) < 0)
		return DIRECTION_FAILED;
	if (direction_held(w) > 0)
		copier_grow_pipe(w->to, STREAM_OUT, &w->sink_grown);
	return DIRECTION_MOVED;
}

const struct copier copier_copy = { "copy", copy_move };
