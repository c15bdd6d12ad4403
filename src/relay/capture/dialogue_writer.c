#include "relay/capture/dialogue_writer.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec/base64.h"
#include "base/error.h"
#include "base/record.h"

#define TEXT_BLOCK 64

/* True for what a line has as text: what a reader of the file can see, and the blanks that have
 * letters. The loop has no branch, so that the compiler can take many bytes at once. */
static bool
is_text(const unsigned char *data, size_t n)
{
	unsigned char strange = 0;

	for (size_t i = 0; i < n; i++) {
		const unsigned char c = data[i];

		strange |= (c < ' ' || c > '~') & (c != '\t') & (c != '\r') & (c != '\n');
	}
	return strange == 0;
}

/* The same of many bytes, in blocks: most data that is no text shows it at once. */
static bool
is_all_text(const unsigned char *data, size_t n)
{
	size_t at = 0;

	while (n - at >= TEXT_BLOCK && is_text(data + at, TEXT_BLOCK))
		at += TEXT_BLOCK;
	return n - at < TEXT_BLOCK && is_text(data + at, n - at);
}

static int
append_text_member(struct buf *out, const char *name, const char *text, struct error *e)
{
	if (text == NULL)
		return 0;
	if (buf_printf(out, e, ",\"%s\":", name) < 0)
		return -1;
	return record_json_string(out, text, strlen(text), e);
}

int
dialogue_write_header(struct buf *out, const struct dialogue_header *header, struct error *e)
{
	char started[DIALOGUE_TIME_SIZE];
	const struct field fields[] = {
		{ .name = "usock", .kind = FIELD_TEXT, .text = "recording" },
		{ .name = "version", .kind = FIELD_INT, .number = 1 },
		{ .name = "started", .kind = FIELD_TEXT, .text = started },
		{ .name = "command", .kind = FIELD_TEXT, .text = header->command },
		{ .kind = FIELD_END },
	};

	dialogue_format_time(header->started, started);
	return record_json(out, fields, e);
}

/* ---- events ---- */

static int
begin_line(struct buf *out, const struct dialogue_event *event, struct error *e)
{
	return buf_printf(out, e, "{\"t\":%" PRId64 ",\"c\":%" PRIu64, event->time,
	    event->connection);
}

static int
end_line(struct buf *out, struct error *e)
{
	return buf_append(out, "}\n", 2, e);
}

static int
write_piece(struct buf *out, const struct dialogue_event *event, struct error *e)
{
	const bool text = is_all_text(event->data, event->n);
	int rc;

	if (begin_line(out, event, e) < 0 ||
	    buf_printf(out, e, ",\"dir\":\"%s\",\"%s\":", dialogue_direction_word(event->dir),
		text ? "text" : "base64") < 0)
		return -1;
	if (text)
		rc = record_json_string(out, event->data, event->n, e);
	else if (buf_append(out, "\"", 1, e) < 0 ||
	    base64_encode(out, event->data, event->n, e) < 0)
		rc = -1;
	else
		rc = buf_append(out, "\"", 1, e);
	if (rc == 0 && event->more)
		rc = buf_printf(out, e, ",\"more\":true");
	return rc == 0 ? end_line(out, e) : -1;
}

static int
write_data(struct buf *out, const struct dialogue_event *event, struct error *e)
{
	struct dialogue_event piece = *event;
	size_t left = event->n;

	do {
		piece.n = left < DIALOGUE_DATA_MAX ? left : DIALOGUE_DATA_MAX;
		left -= piece.n;
		piece.more = event->type != DIALOGUE_STREAM && (left > 0 || event->more);
		if (write_piece(out, &piece, e) < 0)
			return -1;
		piece.data = (const char *)piece.data + piece.n;
	} while (left > 0);
	return 0;
}

static int
write_open(struct buf *out, const struct dialogue_event *event, struct error *e)
{
	if (append_text_member(out, "role", dialogue_role_word(event->role), e) < 0 ||
	    append_text_member(out, "type", dialogue_type_word(event->type), e) < 0 ||
	    append_text_member(out, "local", event->local, e) < 0)
		return -1;
	return append_text_member(out, "peer", event->peer, e);
}

static int
write_tls(struct buf *out, const struct dialogue_event *event, struct error *e)
{
	if (append_text_member(out, "version", event->version, e) < 0 ||
	    append_text_member(out, "cipher", event->cipher, e) < 0 ||
	    append_text_member(out, "alpn", event->alpn, e) < 0)
		return -1;
	return append_text_member(out, "server_name", event->server_name, e);
}

static int
write_end(struct buf *out, const struct dialogue_event *event, struct error *e)
{
	const bool secret = event->kind == DIALOGUE_SECRET;
	const bool has_dir =
	    !secret && event->kind != DIALOGUE_CLOSE && event->dir != DIALOGUE_NO_DIRECTION;

	if (has_dir && append_text_member(out, "dir", dialogue_direction_word(event->dir), e) < 0)
		return -1;
	return append_text_member(out, secret ? "line" : "reason", event->text, e);
}

static int
write_event(struct buf *out, const struct dialogue_event *event, struct error *e)
{
	int rc;

	if (begin_line(out, event, e) < 0 ||
	    append_text_member(out, "event", dialogue_kind_word(event->kind), e) < 0)
		return -1;
	if (event->kind == DIALOGUE_OPEN)
		rc = write_open(out, event, e);
	else if (event->kind == DIALOGUE_TLS)
		rc = write_tls(out, event, e);
	else
		rc = write_end(out, event, e);
	return rc == 0 ? end_line(out, e) : -1;
}

int
dialogue_write(struct buf *out, const struct dialogue_event *event, struct error *e)
{
	size_t before = out->len;
	int rc =
	    event->kind == DIALOGUE_DATA ? write_data(out, event, e) : write_event(out, event, e);

	if (rc < 0)
		out->len = before;
	return rc;
}
