#include "stream/shared_out.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "stream/fd.h"
#include "stream/write_only.h"

struct shared_stream {
	struct stream base;
	struct shared_out *o;
};

static struct shared_out *
out_of(const struct stream *s)
{
	return ((const struct shared_stream *)s)->o;
}

/* ---- the output ---- */

int
shared_out_open(struct shared_out *o, int fd, struct error *e)
{
	buf_init(&o->rest, SIZE_MAX / 2);
	return fd_stream_stdio(&o->out, -1, fd, false, e);
}

int
shared_out_flush(struct shared_out *o, struct error *e)
{
	ssize_t put;

	while (o->rest.len > 0) {
		put = stream_write(o->out, buf_head(&o->rest), o->rest.len, e);
		if (put < 0)
			return (int)put;
		buf_consume(&o->rest, (size_t)put);
	}
	return 0;
}

size_t
shared_out_held(const struct shared_out *o)
{
	return o->rest.len;
}

void
shared_out_close(struct shared_out *o)
{
	if (o->out == NULL)
		return;
	stream_close(o->out);
	buf_fini(&o->rest);
	o->out = NULL;
}

/* ---- a stream on it ---- */

static ssize_t
shared_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct shared_out *o = out_of(s);
	int rc = shared_out_flush(o, e);
	ssize_t put;

	if (rc < 0)
		return rc;
	put = stream_write(o->out, data, n, e);
	if (put < 0 || (size_t)put == n)
		return put;
	if (buf_append(&o->rest, (const char *)data + put, n - (size_t)put, e) < 0)
		return -1;
	return (ssize_t)n;
}

static int
shared_flush(struct stream *s, struct error *e)
{
	return shared_out_flush(out_of(s), e);
}

static void
shared_close(struct stream *s)
{
	free(s);
}

static int
shared_raw_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? -1 : stream_raw_fd(out_of(s)->out, STREAM_OUT);
}

static enum stream_kind
shared_kind(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? STREAM_NULL : stream_kind(out_of(s)->out, STREAM_OUT);
}

static const struct stream_ops shared_ops = {
	.read = write_only_read,
	.write = shared_write,
	.flush = shared_flush,
	.shut = write_only_shut,
	.close = shared_close,
	.raw_fd = shared_raw_fd,
	.kind = shared_kind,
};

int
shared_out_stream(struct stream **ret_stream, struct shared_out *o, struct error *e)
{
	struct shared_stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	s->base.ops = &shared_ops;
	s->o = o;
	*ret_stream = &s->base;
	return 0;
}
