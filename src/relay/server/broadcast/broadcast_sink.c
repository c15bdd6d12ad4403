#include "relay/server/broadcast/broadcast_sink.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/write_only.h"

struct broadcast_sink {
	struct stream base;
	struct broadcast *b;
	struct broadcast_waiter waiter;
	bool whole;
};

static struct broadcast_sink *
sink_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct broadcast_sink, base);
}

static ssize_t
sink_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct broadcast_sink *sink = sink_of(s);
	const struct broadcast_route others = { sink->waiter.who, NULL };

	if (!broadcast_has_room(sink->b, &sink->waiter))
		return STREAM_WANT_WRITE;
	if (!sink->whole && n > BROADCAST_PIECE_MAX)
		n = BROADCAST_PIECE_MAX;
	return broadcast_put(sink->b, &others, data, n, e) < 0 ? -1 : (ssize_t)n;
}

static void
sink_close(struct stream *s)
{
	struct broadcast_sink *sink = sink_of(s);

	broadcast_stop_waiting(sink->b, &sink->waiter);
	free(sink);
}

static const struct stream_ops sink_ops = {
	.read = write_only_read,
	.write = sink_write,
	.shut = write_only_shut,
	.close = sink_close,
	.raw_fd = write_only_raw_fd,
	.kind = write_only_kind,
};

int
broadcast_sink(struct stream **ret_stream, struct broadcast *b, void *who, bool whole,
    struct error *e)
{
	struct broadcast_sink *sink = calloc(1, sizeof *sink);

	if (sink == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	sink->base.ops = &sink_ops;
	sink->b = b;
	sink->waiter.who = who;
	sink->whole = whole;
	*ret_stream = &sink->base;
	return 0;
}
