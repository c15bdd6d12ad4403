#include "cli/dialogue/diagram.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec/hexdump.h"
#include "base/codec/xml_text.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/dialogue/conversation.h"
#include "cli/dialogue/lanes.h"
#include "cli/output/table/units.h"

/* In pixels, unless the name says something else. */
enum {
	LEFT = 88,      /* of the times */
	SIDE = 130,     /* from the outer lanes to the edges */
	TOP = 72,       /* of the first arrow */
	ROW = 34,       /* from one arrow to the next */
	ROW_LEAST = 24, /* with the time to scale */
	SILENCE_ROW = 26,
	SCALE_LEAST = 240, /* height of the arrows with the time to scale */
	HEAD = 9,          /* length of an arrowhead */
	LOOP = 60,         /* length of an arrow to the same lane */
	NAME_MAX_CHARS = 32,
	LABEL_LEAST_CHARS = 12,
	LABEL_MARGIN_CHARS = 9, /* of the arrowhead and of what stands between */
	TITLE_WIDTH = 244,
	SUBTEXT_MAX = 256 << 10
};

#define CHAR_WIDTH 7.3 /* of the font of labels */
#define LONG_SILENCE NSEC_PER_SEC

static const char style[] =
    ".usock{--bg:#fff;--fg:#1b1f24;--dim:#59636e;--lane:#b6bec8;--box:#f3f5f7;--req:#0550ae;"
    "--res:#1a7f37;--bad:#cf222e;background:var(--bg);color:var(--fg);"
    "font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
    "@media screen and (prefers-color-scheme:dark){.usock{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;"
    "--lane:#4b5560;--box:#1c232b;--req:#79c0ff;--res:#7ee787;--bad:#ff8a80}}\n"
    ".usock text{fill:var(--fg)}.usock .dim{fill:var(--dim)}\n"
    ".usock .lane{stroke:var(--lane)}.usock .box{fill:var(--box);stroke:var(--lane)}\n"
    ".usock .m line{stroke:var(--c);stroke-width:1.6}.usock .m path{fill:var(--c)}\n"
    ".usock .m text{paint-order:stroke;stroke:var(--bg);stroke-width:4px}\n"
    ".usock .req{--c:var(--req)}.usock .res{--c:var(--res)}\n"
    ".usock .event{--c:var(--dim)}.usock .event line{stroke-dasharray:5 4}\n"
    ".usock .bad{--c:var(--bad)}.usock .bad text{fill:var(--bad)}\n"
    ".usock .hit{fill:transparent}.usock .m:hover .hit{fill:var(--box)}\n";

struct picture {
	const struct conversation *c;
	const struct diagram_how *how;
	struct lanes lanes;
	long *ys; /* by message */
	long width, height, spacing;
	struct buf *out;
	struct error *e;
};

int
diagram_style(struct buf *out, struct error *e)
{
	return buf_append(out, style, sizeof(style) - 1, e);
}

/* ---- text ---- */

/* Appends text as XML, with its middle left out where it is longer than most characters. */
static void
put_short(struct buf *out, const char *text, size_t most)
{
	const size_t n = strlen(text), head = (most - 1) / 2, tail = most - 1 - head;

	if (n <= most) {
		xml_text_append(out, text, n);
		return;
	}
	xml_text_append(out, text, head);
	buf_printf(out, NULL, "\xe2\x80\xa6");
	xml_text_append(out, text + n - tail, tail);
}

/* Returns how many of n bytes are at most `columns` characters. */
static size_t
clip_text(const char *text, size_t n, size_t columns)
{
	size_t used = 0, i = 0;

	for (; i < n; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && used++ >= columns)
			break;
	return i;
}

static int
escape_preview(const struct conversation_message *m, struct buf *line, struct error *e)
{
	const char *stop = m->n > 0 ? memchr(m->data, '\n', m->n) : NULL;
	size_t n = stop != NULL ? (size_t)(stop - m->data) : m->n;

	if (!conversation_is_text(m->data, m->n)) {
		for (size_t i = 0; i < m->n && i < 64; i++)
			if (buf_printf(line, e, "%s%02x", i > 0 ? " " : "",
				(unsigned char)m->data[i]) == -1)
				return -1;
		return 0;
	}
	n -= n > 0 && m->data[n - 1] == '\r';
	return record_escape_text(line, m->data, n < 1024 ? n : 1024, e);
}

/* True where the preview cannot show the whole message. */
static bool
has_more_lines(const struct conversation_message *m)
{
	const char *stop = m->n > 0 ? memchr(m->data, '\n', m->n) : NULL;

	return m->bytes > m->n || (stop != NULL && stop + 1 < m->data + m->n);
}

int
diagram_preview(const struct conversation_message *m, size_t columns, struct buf *out,
    struct error *e)
{
	struct buf line;
	size_t n;
	int rc;

	buf_init(&line, SUBTEXT_MAX);
	rc = escape_preview(m, &line, e);
	n = line.len > 0 ? clip_text(buf_head(&line), line.len, columns) : 0;
	if (rc == 0 && n > 0)
		xml_text_append(out, buf_head(&line), n);
	if (rc == 0 && (n < line.len || has_more_lines(m)))
		rc = buf_printf(out, e, "\xe2\x80\xa6");
	buf_fini(&line);
	return rc;
}

/* The end of a line is CR LF as often as LF. */
static void
put_text_lines(const struct conversation_message *m, struct buf *out)
{
	const char *from = m->data, *end = m->data + m->n, *cr;

	while ((cr = memmem(from, (size_t)(end - from), "\r\n", 2)) != NULL) {
		xml_text_append(out, from, (size_t)(cr - from));
		from = cr + 1;
	}
	xml_text_append(out, from, (size_t)(end - from));
}

static int
put_hex_lines(const struct conversation_message *m, struct buf *out, struct error *e)
{
	char line[HEXDUMP_LINE_MAX];
	size_t part, len;

	for (size_t done = 0; done < m->n; done += part) {
		part = m->n - done < HEXDUMP_BYTES ? m->n - done : HEXDUMP_BYTES;
		len = hexdump_line(line, done, m->data + done, part, HEXDUMP_BYTES);
		xml_text_append(out, line, len);
		if (buf_append(out, "\n", 1, e) == -1)
			return -1;
	}
	return 0;
}

int
diagram_payload(const struct conversation_message *m, struct buf *out, struct error *e)
{
	char size[UNITS_TEXT_MAX];

	if (m->n > 0 && conversation_is_text(m->data, m->n))
		put_text_lines(m, out);
	else if (put_hex_lines(m, out, e) == -1)
		return -1;
	if (m->bytes == m->n)
		return 0;
	return buf_printf(out, e, "\n(%s more)", units_size((double)(m->bytes - m->n), size));
}

/* ---- where things are ---- */

static long
lane_x(const struct picture *p, size_t lane)
{
	return LEFT + SIDE + (long)lane * p->spacing;
}

static size_t
lane_of_end(const struct picture *p, const struct conversation_message *m, bool from)
{
	const struct conversation_connection *k = &p->c->connections[m->connection];
	const struct lane_pair *pair = &p->lanes.of[m->connection];

	return conversation_end(p->c, m, from) == k->local ? pair->local : pair->peer;
}

static int64_t
silence_before(const struct conversation *c, size_t i)
{
	int64_t last = i > 0 ? c->messages[i - 1].last : c->messages[i].time;

	return c->messages[i].time - last;
}

static void
place_rows(struct picture *p)
{
	long y = TOP;

	for (size_t i = 0; i < p->c->n_messages; i++) {
		if (silence_before(p->c, i) >= LONG_SILENCE)
			y += SILENCE_ROW;
		p->ys[i] = y;
		y += ROW;
	}
	p->height = y + ROW / 2;
}

static void
place_to_scale(struct picture *p)
{
	const size_t n = p->c->n_messages;
	const int64_t first = n > 0 ? p->c->messages[0].time : 0;
	const int64_t span = n > 0 ? p->c->messages[n - 1].time - first : 0;
	const double pixels = (double)(n * ROW > SCALE_LEAST ? n * ROW : SCALE_LEAST);
	long y, next = TOP;

	for (size_t i = 0; i < n; i++) {
		const double passed = (double)(p->c->messages[i].time - first);

		y = TOP + (span > 0 ? (long)(passed / (double)span * pixels) : 0);
		p->ys[i] = y > next ? y : next;
		next = p->ys[i] + ROW_LEAST;
	}
	p->height = next + ROW / 2;
}

static int
place_all(struct picture *p)
{
	p->ys = calloc(p->c->n_messages + 1, sizeof(*p->ys));
	if (p->ys == NULL)
		return error_set(p->e, ERROR_INTERNAL, "out of memory");
	p->spacing = p->lanes.n <= 2 ? 480 : p->lanes.n == 3 ? 380 : 268;
	p->width = LEFT + 2 * SIDE + (p->lanes.n > 1 ? (long)(p->lanes.n - 1) * p->spacing : 0);
	if (p->how->scale)
		place_to_scale(p);
	else
		place_rows(p);
	return 0;
}

/* ---- drawing ---- */

static void
draw_lanes(const struct picture *p)
{
	for (size_t i = 0; i < p->lanes.n; i++) {
		const long x = lane_x(p, i);

		buf_printf(p->out, NULL,
		    "<line class=\"lane\" x1=\"%ld\" y1=\"36\" x2=\"%ld\" y2=\"%ld\"/>\n"
		    "<rect class=\"box\" x=\"%ld\" y=\"10\" width=\"%d\" height=\"26\" rx=\"5\"/>\n"
		    "<text x=\"%ld\" y=\"27\" text-anchor=\"middle\">",
		    x, x, p->height - 6, x - TITLE_WIDTH / 2, TITLE_WIDTH, x);
		put_short(p->out, p->lanes.names[i][0] != '\0' ? p->lanes.names[i] : "unknown",
		    NAME_MAX_CHARS);
		buf_printf(p->out, NULL, "</text>\n");
	}
}

static void
draw_time(const struct picture *p, size_t i)
{
	char span[UNITS_TEXT_MAX];

	if (!p->how->scale && silence_before(p->c, i) >= LONG_SILENCE)
		buf_printf(p->out, NULL,
		    "<text class=\"dim\" x=\"%d\" y=\"%ld\" text-anchor=\"end\">\xe2\x8b\xae "
		    "%s</text>\n",
		    LEFT - 8, p->ys[i] - ROW / 2 - 6, units_time(silence_before(p->c, i), span));
	buf_printf(p->out, NULL,
	    "<text class=\"dim\" x=\"%d\" y=\"%ld\" text-anchor=\"end\">%.6f</text>\n", LEFT - 8,
	    p->ys[i] + 4, (double)p->c->messages[i].time / (double)NSEC_PER_SEC);
}

static const char *
class_of(const struct conversation *c, const struct conversation_message *m)
{
	if (m->kind == DIALOGUE_RESET || m->kind == DIALOGUE_ERROR)
		return "event bad";
	if (m->kind != DIALOGUE_DATA)
		return "event";
	return conversation_is_request(c, m) ? "req" : "res";
}

/* The line from x1 to x2, and its head: a triangle, or a cross where the connection is cut. */
static void
draw_arrow(const struct picture *p, const struct conversation_message *m, long x1, long x2, long y)
{
	const int back = x2 > x1 ? -HEAD : HEAD;

	buf_printf(p->out, NULL, "<line x1=\"%ld\" y1=\"%ld\" x2=\"%ld\" y2=\"%ld\"/>", x1, y,
	    x2 + back / 2, y);
	if (m->kind == DIALOGUE_RESET || m->kind == DIALOGUE_ERROR)
		buf_printf(p->out, NULL,
		    "<line style=\"stroke-dasharray:none\" x1=\"%ld\" y1=\"%ld\" x2=\"%ld\" "
		    "y2=\"%ld\"/>"
		    "<line style=\"stroke-dasharray:none\" x1=\"%ld\" y1=\"%ld\" x2=\"%ld\" "
		    "y2=\"%ld\"/>",
		    x2 + back - 4, y - 5, x2 + back + 4, y + 5, x2 + back - 4, y + 5, x2 + back + 4,
		    y - 5);
	else
		buf_printf(p->out, NULL, "<path d=\"M%ld %ldl%d -5v10z\"/>", x2, y, back);
}

/* "512 B in 2". Returns its length. */
static size_t
format_size_of(const struct conversation_message *m, char text[2 * UNITS_TEXT_MAX])
{
	char size[UNITS_TEXT_MAX];
	int n = snprintf(text, 2 * UNITS_TEXT_MAX, "%s", units_size((double)m->bytes, size));

	if (m->pieces > 1)
		n += snprintf(text + n, UNITS_TEXT_MAX, " in %lu", m->pieces);
	return (size_t)n;
}

static void
draw_label(const struct picture *p, const struct conversation_message *m, long length, long x,
    long y)
{
	char size[2 * UNITS_TEXT_MAX] = "";
	const size_t taken =
	    m->kind == DIALOGUE_DATA ? format_size_of(m, size) : strlen(conversation_word(m->kind));
	const double room = (double)length / CHAR_WIDTH - (double)taken - LABEL_MARGIN_CHARS;
	const size_t chars = room > LABEL_LEAST_CHARS ? (size_t)room : LABEL_LEAST_CHARS;

	buf_printf(p->out, NULL, "<text x=\"%ld\" y=\"%ld\" text-anchor=\"middle\">", x, y - 7);
	if (m->kind == DIALOGUE_DATA) {
		(void)diagram_preview(m, chars, p->out, NULL);
		buf_printf(p->out, NULL, "<tspan class=\"dim\"> \xc2\xb7 %s</tspan>", size);
	} else {
		buf_printf(p->out, NULL, "%s%s", conversation_word(m->kind),
		    m->text != NULL ? ": " : "");
		if (m->text != NULL)
			put_short(p->out, m->text, chars);
	}
	buf_printf(p->out, NULL, "</text>");
}

/* What a pointer that rests on the arrow shows. */
static int
put_title(const struct picture *p, const struct conversation_message *m)
{
	buf_printf(p->out, NULL, "<title>");
	xml_text_append(p->out, conversation_end(p->c, m, true),
	    strlen(conversation_end(p->c, m, true)));
	buf_printf(p->out, NULL, " %s", conversation_word(m->kind));
	if (m->kind == DIALOGUE_DATA) {
		buf_printf(p->out, NULL, " %llu bytes\n\n", (unsigned long long)m->bytes);
		if (diagram_payload(m, p->out, p->e) == -1)
			return -1;
	} else if (m->text != NULL) {
		buf_printf(p->out, NULL, ": ");
		xml_text_append(p->out, m->text, strlen(m->text));
	}
	return buf_printf(p->out, p->e, "</title>");
}

static int
draw_message(const struct picture *p, size_t i)
{
	const struct conversation_message *m = &p->c->messages[i];
	const size_t from = lane_of_end(p, m, true), to = lane_of_end(p, m, false);
	const long x1 = lane_x(p, from), y = p->ys[i];
	const long x2 = from == to ? x1 + LOOP : lane_x(p, to), left = x1 < x2 ? x1 : x2;
	const long length = labs(x2 - x1);

	draw_time(p, i);
	if (p->how->anchor != NULL)
		buf_printf(p->out, NULL, "<a href=\"#%s%zu\">", p->how->anchor, i + 1);
	buf_printf(p->out, NULL, "<g class=\"m %s\">", class_of(p->c, m));
	if (put_title(p, m) == -1)
		return -1;
	buf_printf(p->out, NULL,
	    "<rect class=\"hit\" x=\"%ld\" y=\"%ld\" width=\"%ld\" height=\"24\"/>", left, y - 18,
	    length);
	draw_arrow(p, m, x1, x2, y);
	draw_label(p, m, length, (x1 + x2) / 2, y);
	return buf_printf(p->out, p->e, "</g>%s\n", p->how->anchor != NULL ? "</a>" : "");
}

static int
draw_picture(struct picture *p)
{
	if (lanes_init(&p->lanes, p->c, p->e) == -1 || place_all(p) == -1)
		return -1;
	buf_printf(p->out, NULL,
	    "<svg class=\"usock\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
	    "viewBox=\"0 0 %ld %ld\" width=\"%ld\" height=\"%ld\"",
	    p->width, p->height, p->width, p->height);
	/* a narrow window shrinks it as long as it can be read, and then scrolls */
	if (p->how->inside)
		buf_printf(p->out, NULL, " style=\"min-width:%ldpx\"", p->width * 2 / 3);
	buf_printf(p->out, NULL, ">\n<title>Sequence diagram</title>\n");
	if (!p->how->inside) {
		buf_printf(p->out, NULL, "<style>");
		diagram_style(p->out, NULL);
		buf_printf(p->out, NULL,
		    "</style>\n<rect width=\"100%%\" height=\"100%%\" "
		    "style=\"fill:var(--bg)\"/>\n");
	}
	draw_lanes(p);
	for (size_t i = 0; i < p->c->n_messages; i++)
		if (draw_message(p, i) == -1)
			return -1;
	return buf_printf(p->out, p->e, "</svg>\n");
}

int
diagram_draw(const struct conversation *c, const struct diagram_how *how, struct buf *out,
    struct error *e)
{
	struct picture p = { .c = c, .how = how, .out = out, .e = e };
	int rc = draw_picture(&p);

	lanes_fini(&p.lanes);
	free(p.ys);
	return rc;
}
