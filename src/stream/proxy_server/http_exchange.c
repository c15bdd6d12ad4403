#include "stream/proxy_server/http_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "stream/negotiate/http_head.h"
#include "stream/proxy_server/http_fields.h"
#include "stream/stream.h"

/* Fields that say what becomes of the connection. */
static const char *const hidden[] = { "Connection", "Proxy-Connection", "Keep-Alive" };

struct http_exchange {
	struct stream stream;
	struct http_exchange_how how;
	bool answering; /* the final head has come */
	struct http_body response;
	struct buf in;  /* of the target, until its head is complete */
	struct buf out; /* for the client */
};

static struct http_exchange *
exchange_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct http_exchange, stream);
}

/* ---- the request ---- */

static ssize_t
exchange_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct http_exchange *x = exchange_of(s);
	struct http_body after = x->how.request;
	size_t first = n < x->how.first ? n : x->how.first;
	ssize_t body = first > 0 ? 0 : http_body_take(&after, data, n), put;

	if (body < 0)
		return error_set(e, ERROR_PROXY, "the client's body has malformed chunks");
	/* another request, which the client has to send again elsewhere */
	if (first == 0 && body == 0)
		return (ssize_t)n;
	put = stream_write(s->next, data, first > 0 ? first : (size_t)body, e);
	if (put <= 0)
		return put;
	if (first > 0)
		x->how.first -= (size_t)put;
	else
		http_body_take(&x->how.request, data, (size_t)put);
	return put;
}

/* ---- the response ---- */

static int
begin_open_response(struct http_exchange *x)
{
	x->answering = true;
	x->response = (struct http_body){ .state = HTTP_BODY_OPEN };
	return 0;
}

/* Puts the head of n bytes into out. An interim response says nothing about the connection. */
static int
pass_head_on(struct http_exchange *x, size_t n, struct error *e)
{
	struct http_head head;
	unsigned status;

	if (http_head_parse(&head, buf_head(&x->in), n) != NULL ||
	    (status = http_head_status(&head)) == 0 || status == 101 ||
	    http_fields_count(&head) > HTTP_FIELDS_MAX)
		return begin_open_response(x);
	if (status < 200) {
		if (buf_append(&x->out, buf_head(&x->in), n, e) < 0)
			return -1;
	} else {
		if (buf_append(&x->out, head.start.at, head.start.n, e) < 0 ||
		    buf_append(&x->out, "\r\n", 2, e) < 0 ||
		    http_fields_pass_on(&head, hidden, ARRAY_LEN(hidden), &x->out, e) < 0 ||
		    buf_printf(&x->out, e, "Connection: close\r\n\r\n") < 0)
			return -1;
		http_body_of_response(&x->response, &head, x->how.head);
		x->answering = true;
	}
	buf_consume(&x->in, n);
	return 0;
}

/* Returns how many of the n bytes belong to the response. Chunks that are none are for the client to judge. */
static size_t
take_response(struct http_exchange *x, const char *data, size_t n)
{
	ssize_t taken = http_body_take(&x->response, data, n);

	if (taken >= 0)
		return (size_t)taken;
	begin_open_response(x);
	return n;
}

/* Takes what is in `in`, as far as it is complete. */
static int
take_heads(struct http_exchange *x, struct error *e)
{
	size_t n;

	while (!x->answering && x->in.len > 0 &&
	    (n = http_head_length(buf_head(&x->in), x->in.len)) > 0)
		if (pass_head_on(x, n, e) < 0)
			return -1;
	if (!x->answering && x->in.len >= HTTP_HEAD_MAX)
		begin_open_response(x);
	if (!x->answering || x->in.len == 0)
		return 0;
	n = take_response(x, buf_head(&x->in), x->in.len);
	if (buf_append(&x->out, buf_head(&x->in), n, e) < 0)
		return -1;
	buf_consume(&x->in, x->in.len);
	return 0;
}

/* Reads until there are bytes for the client. Returns 1, 0 at the end, STREAM_WANT_* or -1. */
static ssize_t
read_heads(struct http_exchange *x, struct error *e)
{
	enum { CHUNK = 4096 };
	ssize_t got = 1;
	char *end;

	while (got > 0 && !x->answering && x->out.len == 0) {
		if ((end = buf_reserve(&x->in, CHUNK, e)) == NULL)
			return -1;
		got = stream_read(x->stream.next, end, CHUNK, e);
		if (got > 0)
			buf_added(&x->in, (size_t)got);
		/* what there is of a head is all that the client gets */
		else if (got == 0)
			begin_open_response(x);
		if (got >= 0 && take_heads(x, e) < 0)
			return -1;
	}
	return got;
}

static size_t
give_out(struct http_exchange *x, void *data, size_t n)
{
	n = n < x->out.len ? n : x->out.len;
	memcpy(data, buf_head(&x->out), n);
	buf_consume(&x->out, n);
	return n;
}

static ssize_t
exchange_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct http_exchange *x = exchange_of(s);
	ssize_t got = read_heads(x, e);

	if (x->out.len > 0)
		return (ssize_t)give_out(x, data, n);
	if (got <= 0 || x->response.state == HTTP_BODY_ENDED)
		return got < 0 ? got : 0;
	got = stream_read(s->next, data, n, e);
	return got > 0 ? (ssize_t)take_response(x, data, (size_t)got) : got;
}

static size_t
exchange_pending(const struct stream *s)
{
	const struct http_exchange *x = exchange_of(s);
	bool over = x->answering && x->response.state == HTTP_BODY_ENDED;

	return x->out.len > 0 ? x->out.len : over ? 1 : stream_pending(s->next);
}

/* ---- the rest ---- */

static int
exchange_flush(struct stream *s, struct error *e)
{
	return stream_flush(s->next, e);
}

static int
exchange_shut(struct stream *s, struct error *e)
{
	return stream_shut(s->next, e);
}

static void
exchange_stop_reading(struct stream *s)
{
	stream_stop_reading(s->next);
}

static int
exchange_raw_fd(const struct stream *s, enum stream_side side)
{
	return stream_raw_fd(s->next, side);
}

static enum stream_kind
exchange_kind(const struct stream *s, enum stream_side side)
{
	enum stream_kind kind = stream_kind(s->next, side);

	return kind == STREAM_SOCKET ? STREAM_OPAQUE : kind;
}

static void
exchange_close(struct stream *s)
{
	struct http_exchange *x = exchange_of(s);

	buf_fini(&x->in);
	buf_fini(&x->out);
	stream_close(s->next);
	free(x);
}

static const struct stream_ops exchange_ops = {
	.read = exchange_read,
	.write = exchange_write,
	.flush = exchange_flush,
	.shut = exchange_shut,
	.stop_reading = exchange_stop_reading,
	.close = exchange_close,
	.pending = exchange_pending,
	.raw_fd = exchange_raw_fd,
	.kind = exchange_kind,
};

int
http_exchange_stream(struct stream **ret_stream, struct stream *lower,
    const struct http_exchange_how *how, struct error *e)
{
	enum { ROOM = 2 * HTTP_HEAD_MAX };
	struct http_exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	x->stream.ops = &exchange_ops;
	x->stream.next = lower;
	x->how = *how;
	buf_init(&x->in, ROOM);
	buf_init(&x->out, 2 * ROOM);
	*ret_stream = &x->stream;
	return 0;
}
