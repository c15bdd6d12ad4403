#include "relay/server/broadcast/broadcast_output.h"

#include "base/error.h"
#include "stream/fd.h"

enum { READ_MAX = 32 << 10, TURNS = 8 };

static void
stop_output(struct broadcast_output *o)
{
	loop_unwatch(o->b->loop, &o->watch);
	stream_close(o->reader);
	o->reader = NULL;
	buf_fini(&o->rest);
}

static void
fail_output(struct broadcast_output *o, const struct error *e)
{
	stop_output(o);
	o->failed(o->arg, e);
}

/* Returns true if the rest is not empty any more. */
static bool
read_spoken(struct broadcast_output *o, struct error *e)
{
	char *to = buf_reserve(&o->rest, READ_MAX, e);
	ssize_t n = to != NULL ? stream_read(o->reader, to, READ_MAX, e) : -1;

	if (n == -1)
		fail_output(o, e);
	if (n > 0)
		buf_added(&o->rest, (size_t)n);
	return n > 0;
}

/* Returns true if some was written. */
static bool
write_rest(struct broadcast_output *o, struct error *e)
{
	ssize_t n = stream_write(o->out, buf_head(&o->rest), o->rest.len, e);

	if (n == -1)
		fail_output(o, e);
	if (n > 0)
		buf_consume(&o->rest, (size_t)n);
	return n > 0;
}

/* Returns true if there is more to do at once. */
static bool
move_output(struct broadcast_output *o)
{
	struct error e = { 0 };

	if (o->reader == NULL || (o->rest.len == 0 && !read_spoken(o, &e)))
		return false;
	return write_rest(o, &e);
}

size_t
broadcast_output_left(const struct broadcast_output *o)
{
	return o->reader == NULL ? 0 : o->rest.len + stream_pending(o->reader);
}

void
broadcast_output_run(struct broadcast_output *o)
{
	int turns = 0;

	while (turns++ < TURNS && move_output(o))
		continue;
	if (o->reader == NULL)
		return;
	if (broadcast_output_left(o) > 0) {
		(void)loop_watch(o->b->loop, &o->watch, LOOP_WRITE, NULL);
		return;
	}
	loop_unwatch(o->b->loop, &o->watch);
	o->emptied(o->arg);
}

static void
on_writable(struct watch *w, unsigned events)
{
	(void)events;
	broadcast_output_run(w->arg);
}

int
broadcast_output_open(struct broadcast_output *o, struct error *e)
{
	struct stream *nothing;

	buf_init(&o->rest, READ_MAX);
	o->watch = (struct watch){
		.fd = stream_raw_fd(o->out, STREAM_OUT),
		.fn = on_writable,
		.arg = o,
	};
	if (fd_stream_null(&nothing, e) < 0 ||
	    broadcast_stream(&o->reader, o->b, o, nothing, e) < 0)
		return -1;
	broadcast_stream_keep(o->reader);
	/* from now on it waits */
	broadcast_output_run(o);
	return 0;
}

void
broadcast_output_close(struct broadcast_output *o)
{
	if (o->reader == NULL)
		return;
	while (move_output(o))
		continue;
	if (o->reader != NULL)
		stop_output(o);
}
