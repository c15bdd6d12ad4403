#include "stream/websocket/websocket_reader.h"

#include <stdio.h>

#include "base/error.h"

/* Not an event: no event yet, go on. */
#define CONTINUES (-2)

void
websocket_reader_init(struct websocket_reader *r, bool server, size_t max)
{
	*r = (struct websocket_reader){ .server = server, .max = max };
	buf_init(&r->in, SIZE_MAX / 2);
	buf_init(&r->message, SIZE_MAX / 2);
}

void
websocket_reader_fini(struct websocket_reader *r)
{
	buf_fini(&r->in);
	buf_fini(&r->message);
}

/* ---- failures ---- */

static int
fail(struct websocket_reader *r, enum websocket_code code, const char *why, struct error *e)
{
	r->code = code;
	error_set(e, ERROR_NETWORK, "not WebSocket: %s", why);
	if (e != NULL) {
		e->origin = ORIGIN_WEBSOCKET;
		e->number = (int)code;
	}
	return -1;
}

static int
fail_too_big(struct websocket_reader *r, struct error *e)
{
	fail(r, WEBSOCKET_TOO_BIG, "", e);
	if (e == NULL)
		return -1;
	snprintf(e->text, sizeof(e->text), "a message of more than %zu bytes", r->max);
	return error_hint(e, "--max-message sets the limit");
}

/* ---- heads ---- */

static bool
is_control_frame(const struct websocket_frame *f)
{
	return f->opcode >= WEBSOCKET_CLOSE;
}

/* Returns what the peer must not do here, or NULL. */
static const char *
find_misplaced(const struct websocket_reader *r)
{
	const struct websocket_frame *f = &r->frame;

	if (f->masked != r->server)
		return r->server ? "a client's frame is not masked" : "a server's frame is masked";
	if (is_control_frame(f))
		return NULL;
	if (f->opcode == WEBSOCKET_CONTINUATION)
		return r->in_message ? NULL : "a fragment continues no message";
	return r->in_message ? "a message begins inside another one" : NULL;
}

static void
begin_data(struct websocket_reader *r)
{
	if (r->frame.opcode == WEBSOCKET_CONTINUATION)
		return;
	r->binary = r->frame.opcode == WEBSOCKET_BINARY;
	r->utf8 = (struct utf8){ 0 };
	r->in_message = true;
}

static int
read_head(struct websocket_reader *r, struct error *e)
{
	const char *why = NULL;
	int head = websocket_frame_parse(&r->frame, (const unsigned char *)buf_head(&r->in),
	    r->in.len, &why);

	if (head == 0)
		return WEBSOCKET_NEEDS_MORE;
	if (head > 0)
		why = find_misplaced(r);
	if (why != NULL)
		return fail(r, WEBSOCKET_PROTOCOL_ERROR, why, e);
	if (!is_control_frame(&r->frame) && r->frame.length > r->max - r->message.len)
		return fail_too_big(r, e);
	buf_consume(&r->in, (size_t)head);
	r->in_frame = true;
	r->at = 0;
	if (!is_control_frame(&r->frame))
		begin_data(r);
	return CONTINUES;
}

/* ---- payload ---- */

static void
unmask(struct websocket_reader *r, char *data, size_t n)
{
	if (r->frame.masked)
		websocket_frame_mask(data, n, r->frame.mask, r->at);
}

/* Lends the whole payload of the frame, which is in the buffer. */
static void
lend_frame(struct websocket_reader *r)
{
	r->lent = r->len = (size_t)r->frame.length;
	r->data = r->len > 0 ? buf_head(&r->in) : "";
	if (r->len > 0)
		unmask(r, buf_head(&r->in), r->len);
	r->in_frame = false;
}

static int
check_close(struct websocket_reader *r, struct error *e)
{
	const unsigned char *data = (const unsigned char *)r->data;

	r->code = WEBSOCKET_NO_CODE;
	if (r->len == 0)
		return WEBSOCKET_GOT_CLOSE;
	if (r->len == 1)
		return fail(r, WEBSOCKET_PROTOCOL_ERROR, "a close frame has half a code", e);
	r->code = (unsigned)data[0] << 8 | data[1];
	if (!websocket_code_is_valid(r->code))
		return fail(r, WEBSOCKET_PROTOCOL_ERROR, "a close frame has a reserved code", e);
	r->data += 2;
	r->len -= 2;
	if (!utf8_is_valid(r->data, r->len))
		return fail(r, WEBSOCKET_NOT_UTF8, "the reason of a close frame is not UTF-8", e);
	return WEBSOCKET_GOT_CLOSE;
}

static int
read_control(struct websocket_reader *r, struct error *e)
{
	if (r->in.len < r->frame.length)
		return WEBSOCKET_NEEDS_MORE;
	lend_frame(r);
	if (r->frame.opcode == WEBSOCKET_CLOSE)
		return check_close(r, e);
	return r->frame.opcode == WEBSOCKET_PING ? WEBSOCKET_GOT_PING : WEBSOCKET_GOT_PONG;
}

/* last: the message ends with these bytes. */
static int
check_text(struct websocket_reader *r, const char *data, size_t n, bool last, struct error *e)
{
	if (r->binary || (utf8_check(&r->utf8, data, n) && !(last && r->utf8.left > 0)))
		return 0;
	return fail(r, WEBSOCKET_NOT_UTF8, "a text message is not UTF-8", e);
}

/* A message of one frame, all of which is here, is not copied. */
static int
read_whole(struct websocket_reader *r, struct error *e)
{
	lend_frame(r);
	r->in_message = false;
	return check_text(r, r->data, r->len, true, e) < 0 ? -1 : WEBSOCKET_GOT_MESSAGE;
}

/* Moves what has come of the payload to the message. */
static int
move_payload(struct websocket_reader *r, struct error *e)
{
	uint64_t left = r->frame.length - r->at;
	size_t n = left < r->in.len ? (size_t)left : r->in.len;
	bool last = r->frame.final && n == left;

	if (n > 0)
		unmask(r, buf_head(&r->in), n);
	if (check_text(r, buf_head(&r->in), n, last, e) < 0 ||
	    buf_append(&r->message, buf_head(&r->in), n, e) < 0)
		return -1;
	buf_consume(&r->in, n);
	r->at += n;
	if (n < left)
		return WEBSOCKET_NEEDS_MORE;
	r->in_frame = false;
	if (!last)
		return CONTINUES;
	r->in_message = false;
	r->len = r->message.len;
	r->data = r->len > 0 ? buf_head(&r->message) : "";
	return WEBSOCKET_GOT_MESSAGE;
}

static int
read_data(struct websocket_reader *r, struct error *e)
{
	const struct websocket_frame *f = &r->frame;

	if (f->final && f->opcode != WEBSOCKET_CONTINUATION && r->at == 0 && r->in.len >= f->length)
		return read_whole(r, e);
	return move_payload(r, e);
}

static void
take_back(struct websocket_reader *r)
{
	buf_consume(&r->in, r->lent);
	r->lent = 0;
	if (!r->in_message)
		buf_consume(&r->message, r->message.len);
}

int
websocket_reader_next(struct websocket_reader *r, struct error *e)
{
	int rc = CONTINUES;

	take_back(r);
	while (rc == CONTINUES) {
		if (!r->in_frame)
			rc = read_head(r, e);
		else
			rc = is_control_frame(&r->frame) ? read_control(r, e) : read_data(r, e);
	}
	return rc;
}
