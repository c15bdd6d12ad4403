#include "relay/records.h"

#include <sys/types.h>

#include "base/error.h"
#include "net/sys.h"
#include "stream/stream.h"

static void
read_one_packet(struct packet *p, ssize_t got)
{
	p->len = p->true_len = got > 0 ? (size_t)got : 0;
	p->truncated = false;
	p->end = got == STREAM_END;
	p->name.len = p->local.len = 0;
}

static int
batch_result(unsigned n, ssize_t last, const struct error *failure, struct error *e)
{
	if (n > 0)
		return (int)n;
	if (last != -1)
		return SYS_AGAIN;
	if (e != NULL)
		*e = *failure;
	return -1;
}

/* A failure after received records is left to the next call, since a stream repeats it. */
int
records_recv(struct stream *s, struct packet *packets, unsigned n, struct error *e)
{
	struct error failure = { 0 };
	ssize_t got = 0;
	unsigned i = 0;

	while (i < n && got >= 0) {
		got = stream_read(s, packets[i].data, packets[i].room, &failure);
		if (got >= 0 || got == STREAM_END)
			read_one_packet(&packets[i++], got);
	}
	return batch_result(i, got, &failure, e);
}

int
records_send(struct stream *s, const struct packet *packets, unsigned n, struct error *e)
{
	struct error failure = { 0 };
	ssize_t put = 0;
	unsigned i = 0;

	while (i < n && put >= 0) {
		put = stream_write(s, packets[i].data, packets[i].len, &failure);
		i += put >= 0;
	}
	return batch_result(i, put, &failure, e);
}
