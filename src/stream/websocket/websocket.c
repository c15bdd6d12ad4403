#include "stream/websocket/websocket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "base/error.h"
#include "net/sys.h"
#include "stream/stream.h"
#include "stream/websocket/websocket_reader.h"

enum {
	READ_SIZE = 64 << 10,
	OUT_HIGH = 64 << 10, /* with so many unsent bytes, no message is taken */
	MASKS = 64           /* keys that are drawn at a time */
};

/* Our side of the closing handshake. */
enum closing { CLOSE_OPEN, CLOSE_SENT };

struct websocket {
	struct stream stream; /* first */
	struct websocket_reader reader;
	bool server, binary;
	bool starved; /* `in` of the reader has no complete frame */
	bool ended;   /* the peer's close frame has come */
	bool pong_is_due;
	enum closing closing;
	struct websocket_end end;
	struct error *failure; /* of the peer; every later read reports it */
	struct buf out;        /* frames to send */
	char pong[WEBSOCKET_CONTROL_MAX];
	size_t n_pong;
	char subprotocol[WEBSOCKET_SUBPROTOCOL_MAX];
	unsigned n_masks; /* keys left */
	unsigned char masks[MASKS][4];
};

static struct websocket *
websocket_of(struct stream *s)
{
	return CONTAINER_OF(s, struct websocket, stream);
}

static const struct websocket *
const_websocket_of(const struct stream *s)
{
	return (const struct websocket *)(const void *)s;
}

/* ---- frames to send ---- */

/* A key must not be predictable (RFC 6455, 5.3). */
static int
draw_mask(struct websocket *w, unsigned char ret_mask[4], struct error *e)
{
	if (w->n_masks == 0) {
		if (getrandom(w->masks, sizeof(w->masks), 0) != (ssize_t)sizeof(w->masks))
			return error_errno(e, ERROR_INTERNAL, errno, "getrandom");
		w->n_masks = MASKS;
	}
	memcpy(ret_mask, w->masks[--w->n_masks], 4);
	return 0;
}

static int
add_frame(struct websocket *w, enum websocket_opcode opcode, const void *data, size_t n,
    struct error *e)
{
	struct websocket_frame f = { .final = true,
		.opcode = opcode,
		.masked = !w->server,
		.length = n };
	unsigned char head[WEBSOCKET_HEAD_MAX];
	size_t n_head;
	char *room;

	if (f.masked && draw_mask(w, f.mask, e) < 0)
		return -1;
	n_head = websocket_frame_put(&f, head);
	if ((room = buf_reserve(&w->out, n_head + n, e)) == NULL)
		return -1;
	memcpy(room, head, n_head);
	if (n > 0)
		memcpy(room + n_head, data, n);
	if (f.masked)
		websocket_frame_mask(room + n_head, n, f.mask, 0);
	buf_added(&w->out, n_head + n);
	return 0;
}

/* Only the last ping is answered if several come before a pong can be sent (RFC 6455, 5.5.3). */
static int
add_pong(struct websocket *w, struct error *e)
{
	if (!w->pong_is_due || w->closing != CLOSE_OPEN)
		return 0;
	w->pong_is_due = false;
	return add_frame(w, WEBSOCKET_PONG, w->pong, w->n_pong, e);
}

static int
send_out(struct websocket *w, struct error *e)
{
	ssize_t n;

	while (w->out.len > 0) {
		n = stream_write(w->stream.next, buf_head(&w->out), w->out.len, e);
		if (n < 0)
			return (int)n;
		buf_consume(&w->out, (size_t)n);
	}
	return 0;
}

static int
ws_flush(struct stream *s, struct error *e)
{
	struct websocket *w = websocket_of(s);
	int rc = send_out(w, e);

	if (rc == 0 && w->pong_is_due && (rc = add_pong(w, e)) == 0)
		rc = send_out(w, e);
	if (rc == 0)
		buf_fini(&w->out); /* frees the memory while the connection is idle */
	return rc == 0 ? stream_flush(s->next, e) : rc;
}

/* ---- closing ---- */

/* The first close frame of either side counts. */
static void
note_end(struct websocket *w, unsigned code, bool from_peer)
{
	if (w->end.code != 0)
		return;
	w->end.code = code;
	w->end.from_peer = from_peer;
}

/* A reset can then destroy nothing but what follows. */
static bool
has_arrived(const struct websocket *w)
{
	struct stream *next = w->stream.next;

	return w->out.len == 0 && stream_flush(next, NULL) == 0 &&
	    sys_unacknowledged(stream_raw_fd(next, STREAM_OUT)) == 0;
}

/* A close frame without a code is answered by one. */
static int
add_close(struct websocket *w, unsigned code, const char *reason, struct error *e)
{
	size_t n = reason != NULL ? strnlen(reason, WEBSOCKET_REASON_MAX) : 0;
	char bytes[WEBSOCKET_CONTROL_MAX] = { (char)(code >> 8), (char)code };

	if (w->closing != CLOSE_OPEN)
		return 0;
	w->end.arrived = has_arrived(w);
	if (n > 0)
		memcpy(bytes + 2, reason, n);
	if (add_frame(w, WEBSOCKET_CLOSE, bytes, code == WEBSOCKET_NO_CODE ? 0 : 2 + n, e) < 0)
		return -1;
	w->closing = CLOSE_SENT;
	note_end(w, code, false);
	return 0;
}

int
websocket_close(struct stream *s, enum websocket_code code, const char *reason, struct error *e)
{
	return add_close(websocket_of(s), code, reason, e) < 0 ? -1 : ws_flush(s, e);
}

static bool
is_gone(const struct error *e)
{
	return e->origin == ORIGIN_ERRNO && (e->number == EPIPE || e->number == ECONNRESET);
}

/* Answers the peer's close frame with its code (RFC 6455, 5.5.1), then ends the lower stream, too. A
 * peer that does not wait for the answer is gone, which is no failure if it got everything else. */
static int
answer_close(struct websocket *w, struct error *e)
{
	bool loses = w->out.len > 0 && w->closing == CLOSE_OPEN;
	struct error why = { 0 };
	int rc = websocket_close(&w->stream, (enum websocket_code)w->end.code, NULL, &why);

	if (rc == 0)
		rc = stream_shut(w->stream.next, &why);
	if (rc == -1 && is_gone(&why) && !loses)
		return 0;
	if (rc == -1 && e != NULL)
		*e = why;
	return rc;
}

static int
ws_shut(struct stream *s, struct error *e)
{
	struct websocket *w = websocket_of(s);

	return w->ended ? answer_close(w, e) : websocket_close(s, WEBSOCKET_NORMAL, NULL, e);
}

/* ---- reading ---- */

static int
keep_failure(struct websocket *w, const struct error *why, struct error *e)
{
	if (w->failure == NULL && (w->failure = malloc(sizeof(*w->failure))) != NULL)
		*w->failure = *why;
	if (e != NULL)
		*e = *why;
	return -1;
}

/* Tells a peer that violates the protocol (RFC 6455, 7.1.7). */
static int
fail_peer(struct websocket *w, const struct error *why, struct error *e)
{
	if (why->origin == ORIGIN_WEBSOCKET && add_close(w, (unsigned)why->number, NULL, NULL) == 0)
		(void)ws_flush(&w->stream, NULL);
	return keep_failure(w, why, e);
}

static int
fail_without_close(struct websocket *w, struct error *e)
{
	struct error why = { 0 };

	error_set(&why, ERROR_PEER_ENDED, "the peer ended without a close frame");
	why.origin = ORIGIN_WEBSOCKET;
	why.number = WEBSOCKET_NO_CLOSE;
	note_end(w, WEBSOCKET_NO_CLOSE, true);
	return keep_failure(w, &why, e);
}

/* Returns 1 if bytes have come, STREAM_WANT_* or -1. */
static int
fill_reader(struct websocket *w, struct error *e)
{
	struct buf *in = &w->reader.in;
	char *room = buf_reserve(in, READ_SIZE, e);
	ssize_t got = room != NULL ? stream_read(w->stream.next, room, READ_SIZE, e) : -1;

	if (got > 0) {
		buf_added(in, (size_t)got);
		w->starved = false;
		return 1;
	}
	if (got == 0)
		return fail_without_close(w, e);
	if (in->len == 0)
		buf_fini(in); /* frees the memory while the connection is idle */
	return (int)got;
}

static void
on_ping(struct websocket *w)
{
	const struct websocket_reader *r = &w->reader;

	memcpy(w->pong, r->data, r->len);
	w->n_pong = r->len;
	w->pong_is_due = true;
	(void)ws_flush(&w->stream, NULL);
}

static int
on_close(struct websocket *w)
{
	const struct websocket_reader *r = &w->reader;

	w->ended = w->end.heard = true;
	if (w->end.code == 0)
		memcpy(w->end.reason, r->data, r->len);
	note_end(w, r->code, true);
	return STREAM_END;
}

static int
lend_message(struct websocket *w, struct websocket_message *ret_message)
{
	const struct websocket_reader *r = &w->reader;

	*ret_message = (struct websocket_message){ r->data, r->len, r->binary };
	w->end.n_received++;
	return 0;
}

/* Returns 0, STREAM_END, -1, or 1 to go on. */
static int
read_event(struct websocket *w, struct websocket_message *ret_message, struct error *e)
{
	struct error why = { 0 };

	switch (websocket_reader_next(&w->reader, &why)) {
	case WEBSOCKET_GOT_MESSAGE:
		return lend_message(w, ret_message);
	case WEBSOCKET_GOT_CLOSE:
		return on_close(w);
	case WEBSOCKET_GOT_PING:
		on_ping(w);
		return 1;
	case WEBSOCKET_GOT_PONG:
		return 1;
	case WEBSOCKET_NEEDS_MORE:
		w->starved = true;
		return 1;
	default:
		return fail_peer(w, &why, e);
	}
}

int
websocket_receive(struct stream *s, struct websocket_message *ret_message, struct error *e)
{
	struct websocket *w = websocket_of(s);
	int rc = 1;

	if (w->failure != NULL)
		return keep_failure(w, w->failure, e);
	if (w->ended)
		return STREAM_END;
	while (rc == 1)
		rc = w->starved ? fill_reader(w, e) : read_event(w, ret_message, e);
	return rc;
}

static ssize_t
ws_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct websocket_message m;
	int rc = websocket_receive(s, &m, e);

	if (rc != 0)
		return rc;
	if (n > m.len)
		n = m.len;
	if (n > 0)
		memcpy(data, m.data, n);
	return (ssize_t)n;
}

/* ---- writing ---- */

static int
check_message(const struct websocket *w, const struct websocket_message *m, struct error *e)
{
	if (w->closing != CLOSE_OPEN)
		return error_errno(e, ERROR_NETWORK, EPIPE, "send");
	if (m->binary || utf8_is_valid(m->data, m->len))
		return 0;
	error_set(e, ERROR_LOCAL_IO, "a message of %zu bytes is not UTF-8, as text has to be",
	    m->len);
	return error_hint(e, "--binary sends binary messages");
}

ssize_t
websocket_send(struct stream *s, const struct websocket_message *message, struct error *e)
{
	struct websocket *w = websocket_of(s);
	int rc = w->out.len >= OUT_HIGH ? ws_flush(s, e) : 0;

	if (rc != 0)
		return rc;
	if (check_message(w, message, e) < 0 ||
	    add_frame(w, message->binary ? WEBSOCKET_BINARY : WEBSOCKET_TEXT, message->data,
		message->len, e) < 0)
		return -1;
	w->end.n_sent++;
	return (ssize_t)message->len;
}

static ssize_t
ws_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	const struct websocket_message m = { data, n, websocket_of(s)->binary };

	return websocket_send(s, &m, e);
}

/* ---- the rest ---- */

static size_t
ws_pending(const struct stream *s)
{
	const struct websocket *w = const_websocket_of(s);

	return w->failure != NULL || w->ended || !w->starved ? 1 : stream_pending(s->next);
}

static int
ws_raw_fd(const struct stream *s, enum stream_side side)
{
	return stream_raw_fd(s->next, side);
}

static enum stream_kind
ws_kind(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return STREAM_RECORDS;
}

static void
ws_free(struct stream *s)
{
	struct websocket *w = websocket_of(s);
	int number = errno;

	stream_close(s->next);
	websocket_reader_fini(&w->reader);
	buf_fini(&w->out);
	free(w->failure);
	free(w);
	errno = number;
}

static const struct stream_ops websocket_ops = {
	.read = ws_read,
	.write = ws_write,
	.flush = ws_flush,
	.shut = ws_shut,
	.close = ws_free,
	.pending = ws_pending,
	.raw_fd = ws_raw_fd,
	.kind = ws_kind,
};

bool
websocket_is(const struct stream *s)
{
	return s->ops == &websocket_ops;
}

const char *
websocket_subprotocol(const struct stream *s)
{
	return const_websocket_of(s)->subprotocol;
}

void
websocket_get_end(const struct stream *s, struct websocket_end *ret_end)
{
	*ret_end = const_websocket_of(s)->end;
}

int
websocket_stream(struct stream **ret_stream, struct stream *lower, const struct websocket_how *how,
    struct error *e)
{
	struct websocket *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	websocket_reader_init(&w->reader, how->server, how->max_message);
	buf_init(&w->out, SIZE_MAX / 2);
	if (buf_append(&w->reader.in, how->held, how->n_held, e) < 0) {
		free(w);
		return -1;
	}
	w->stream = (struct stream){ .ops = &websocket_ops, .next = lower };
	w->server = how->server;
	w->binary = how->binary;
	w->starved = how->n_held == 0;
	snprintf(w->subprotocol, sizeof(w->subprotocol), "%s", how->subprotocol);
	*ret_stream = &w->stream;
	return 0;
}
