#include "cli/output/datagram_format.h"

#include <string.h>

#include "base/buf.h"
#include "base/codec/utf8.h"
#include "base/error.h"
#include "base/record.h"

/* Appends the datagram as a JSON string: framing_put() writes it as one line, whose newline is
 * removed. */
static int
put_line(enum framing_kind kind, const char *key, const struct packet *p, struct buf *out,
    struct error *e)
{
	const struct framing framing = { .kind = kind };

	if (buf_printf(out, e, ",\"%s\":\"", key) < 0 ||
	    framing_put(&framing, p->data, p->len, out, e) < 0)
		return -1;
	out->len--;
	return buf_append(out, "\"", 1, e);
}

static int
put_data(const struct packet *p, bool can, struct buf *out, struct error *e)
{
	if (can)
		return put_line(FRAMING_CAN, "data", p, out, e);
	if (!utf8_is_valid(p->data, p->len))
		return put_line(FRAMING_HEX, "hex", p, out, e);
	if (buf_append(out, ",\"data\":", 8, e) < 0)
		return -1;
	return record_json_string(out, p->data, p->len, e);
}

int
datagram_format_json(const struct packet *p, const char *from, bool can, struct buf *out,
    struct error *e)
{
	if (buf_append(out, "{\"from\":", 8, e) < 0 ||
	    record_json_string(out, from, strlen(from), e) < 0 ||
	    buf_printf(out, e, ",\"bytes\":%zu%s", p->true_len,
		p->truncated ? ",\"cut\":true" : "") < 0 ||
	    put_data(p, can, out, e) < 0)
		return -1;
	return buf_append(out, "}\n", 2, e);
}

int
datagram_format_show(void *arg, const struct packet *p, struct buf *out, struct error *e)
{
	const struct datagram_format *view = arg;
	char from[SOCKNAME_TEXT_MAX];

	if (view->sender || view->json)
		sockname_format_short(&p->name, from, sizeof from);
	if (view->json)
		return datagram_format_json(p, from, view->framing.kind == FRAMING_CAN, out, e);
	if (view->sender && buf_printf(out, e, "%s: ", from) < 0)
		return -1;
	return framing_put(&view->framing, p->data, p->len, out, e);
}
