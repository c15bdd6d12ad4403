#include "stream/negotiate/proxy/socks_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/negotiate/proxy/socks_datagram.h"
#include "stream/stream.h"

/* The longest datagram of IP with its header. */
enum { ROOM = 64 << 10 };

struct socks_stream {
	struct stream base;
	struct stream *control;
	struct proxy_target target;
	bool connected;
	unsigned char header[SOCKS_DATAGRAM_HEADER_MAX]; /* of the target */
	size_t n_header;
	char *room; /* ROOM bytes; NULL before the first datagram */
};

static struct socks_stream *
socks_stream_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct socks_stream, base);
}

/* ---- the control connection ---- */

/* The proxy says nothing more there: what it says all the same is no data of anybody's. */
static ssize_t
check_control(struct socks_stream *k, struct error *e)
{
	char data[256];
	ssize_t n = 1;

	while (n > 0)
		n = stream_read(k->control, data, sizeof(data), e);
	if (n < -1)
		return STREAM_WANT_READ;
	return error_set(e, ERROR_PROXY, "the proxy has ended the association");
}

/* ---- receiving ---- */

/* A proxy may name a v4-mapped address as one of IPv4, or the other way round. */
static bool
is_wanted(const struct socks_stream *k, const struct proxy_target *from)
{
	struct sockname target = sockname_unmapped(&k->target.address),
			sender = sockname_unmapped(&from->address);

	return !k->connected || target.len == 0 || sockname_equal(&target, &sender);
}

static int
reserve_room(struct socks_stream *k, struct error *e)
{
	if (k->room == NULL)
		k->room = malloc(ROOM);
	return k->room != NULL ? 0 : error_set(e, ERROR_INTERNAL, "out of memory");
}

/* Gets the next datagram of the target into the room. Returns its length with *ret_header, that of
 * its header; or STREAM_WANT_* or -1. */
static ssize_t
next_datagram(struct socks_stream *k, struct proxy_target *ret_from, size_t *ret_header,
    struct error *e)
{
	const char *why;
	ssize_t n;

	for (;;) {
		n = stream_read(k->base.next, k->room, ROOM, e);
		if (n < -1)
			return check_control(k, e);
		if (n == -1)
			return -1;
		*ret_header = socks_datagram_parse(ret_from, k->room, (size_t)n, &why);
		if (*ret_header == 0)
			return error_set(e, ERROR_PROXY, "the proxy has sent %s", why);
		if (is_wanted(k, ret_from))
			return n;
	}
}

ssize_t
socks_stream_receive(struct stream *s, void *data, size_t n, struct sockname *ret_from,
    struct error *e)
{
	struct socks_stream *k = socks_stream_of(s);
	struct proxy_target from;
	size_t header = 0, length;
	ssize_t got;

	if (reserve_room(k, e) < 0)
		return -1;
	got = next_datagram(k, &from, &header, e);
	if (got < 0)
		return got;
	*ret_from = from.address;
	length = (size_t)got - header;
	length = length < n ? length : n;
	if (length > 0)
		memcpy(data, k->room + header, length);
	return (ssize_t)length;
}

static ssize_t
socks_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct sockname from;

	return socks_stream_receive(s, data, n, &from, e);
}

/* ---- sending ---- */

static int
fail_length(const struct socks_stream *k, size_t n, struct error *e)
{
	error_errno(e, ERROR_NETWORK, EMSGSIZE, "datagram of %zu bytes", n);
	return error_hint(e, "the limit is %zu bytes through this proxy",
	    (size_t)65507 - k->n_header);
}

/* One write is one datagram. It would be lost if the association has ended. */
static ssize_t
socks_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct socks_stream *k = socks_stream_of(s);
	struct error why = { 0 };
	ssize_t put;

	if (reserve_room(k, e) < 0)
		return -1;
	if (n > ROOM - k->n_header)
		return fail_length(k, n, e);
	if (check_control(k, e) == -1)
		return -1;
	memcpy(k->room, k->header, k->n_header);
	if (n > 0)
		memcpy(k->room + k->n_header, data, n);
	put = stream_write(k->base.next, k->room, k->n_header + n, &why);
	if (put == -1 && why.origin == ORIGIN_ERRNO && why.number == EMSGSIZE)
		return fail_length(k, n, e);
	if (put == -1 && e != NULL)
		*e = why;
	return put < 0 ? put : (ssize_t)n;
}

/* Datagrams have no half-close. */
static int
socks_shut(struct stream *s, struct error *e)
{
	(void)s, (void)e;
	return 0;
}

/* ---- the stream ---- */

static void
socks_close(struct stream *s)
{
	struct socks_stream *k = socks_stream_of(s);

	stream_close(k->base.next);
	stream_close(k->control);
	free(k->room);
	free(k);
}

static int
socks_raw_fd(const struct stream *s, enum stream_side side)
{
	return stream_raw_fd(s->next, side);
}

static enum stream_kind
socks_kind(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_RECORDS;
}

static const struct stream_ops socks_stream_ops = {
	.read = socks_read,
	.write = socks_write,
	.shut = socks_shut,
	.close = socks_close,
	.raw_fd = socks_raw_fd,
	.kind = socks_kind,
};

int
socks_stream(struct stream **ret_stream, const struct socks_stream_how *how, struct error *e)
{
	struct socks_stream *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	k->base.ops = &socks_stream_ops;
	k->base.next = how->lower;
	k->control = how->control;
	k->target = how->target;
	k->connected = how->connected;
	k->n_header = socks_datagram_put(&k->target, k->header);
	*ret_stream = &k->base;
	return 0;
}

bool
socks_stream_is(const struct stream *s)
{
	return s->ops == &socks_stream_ops;
}

int
socks_stream_control_fd(const struct stream *s)
{
	return stream_raw_fd(socks_stream_of(s)->control, STREAM_IN);
}
