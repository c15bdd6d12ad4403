#include "stream/write_only.h"

ssize_t
write_only_read(struct stream *s, void *data, size_t n, struct error *e)
{
	(void)s;
	(void)data;
	(void)n;
	(void)e;
	return STREAM_WANT_READ;
}

int
write_only_shut(struct stream *s, struct error *e)
{
	(void)s;
	(void)e;
	return 0;
}

int
write_only_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

enum stream_kind
write_only_kind(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return STREAM_OPAQUE;
}
