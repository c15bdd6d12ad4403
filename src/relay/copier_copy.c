#include <fcntl.h>

#include "base/error.h"
#include "relay/copier.h"
#include "relay/scratch.h"
#include "relay/tap.h"

/* As much as a pipe holds when nobody has enlarged it. */
#define PIPE_DEFAULT 65536

void
copier_grow_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
	int size;

	for (size = 1 << 20; size > PIPE_DEFAULT && fcntl(fd, F_SETPIPE_SZ, size) < 0; size /= 2)
		;
#else
	(void)fd;
#endif
}

/* Bulk shows by a pipe that was full: only then is a larger one worth its price. */
static void
grow_source(struct direction *w, size_t got)
{
	if (w->source_grown || got < PIPE_DEFAULT || stream_kind(w->from, STREAM_IN) != STREAM_PIPE)
		return;
	w->source_grown = true;
	copier_grow_pipe(stream_raw_fd(w->from, STREAM_IN));
}

static void
grow_sink(struct direction *w)
{
	if (w->sink_grown || direction_held(w) == 0 ||
	    stream_kind(w->to, STREAM_OUT) != STREAM_PIPE)
		return;
	w->sink_grown = true;
	copier_grow_pipe(stream_raw_fd(w->to, STREAM_OUT));
}

/* The end of the source: what taps still hold back goes out first. */
static enum direction_result
source_ended(struct direction *w, struct error *e)
{
	if (w->taps != NULL && taps_finish(w->taps, &w->buf, e) < 0)
		return DIRECTION_FAILED;
	direction_end_source(w);
	return DIRECTION_ENDED;
}

static enum direction_result
copy_move(struct direction *w, size_t max, struct error *e)
{
	char *data = scratch_take(w->scratch, e);
	ssize_t got;

	if (data == NULL)
		return DIRECTION_FAILED;
	if (max > w->scratch->size)
		max = w->scratch->size;
	got = stream_read(w->from, data, max, e);
	if (got == -1)
		return DIRECTION_FAILED;
	if (got < 0)
		return direction_block(w, w->from, got);
	if (got == 0)
		return source_ended(w, e);
	w->in += (uint64_t)got;
	direction_note_dry(w, (size_t)got, max);
	grow_source(w, (size_t)got);
	if (w->taps != NULL)
		return taps_run(w->taps, data, (size_t)got, &w->buf, e) < 0 ? DIRECTION_FAILED
									    : DIRECTION_MOVED;
	if (direction_give(w, data, (size_t)got, e) < 0)
		return DIRECTION_FAILED;
	grow_sink(w);
	return DIRECTION_MOVED;
}

const struct copier copier_copy = { "copy", copy_move };
