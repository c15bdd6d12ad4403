#include "cli/dialogue/transcript.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec/hexdump.h"
#include "base/deadline.h"
#include "base/record.h"
#include "cli/dialogue/conversation.h"
#include "cli/output/style.h"
#include "cli/output/table/units.h"

enum {
	NARROW = 64,     /* terminals below get short times and short hexdumps */
	TEXT_LEAST = 10, /* columns of text, on the narrowest terminal */
	PREFIX_MAX = 64,
	OFFSET_WIDTH = 10,  /* of a line of a hexdump, with the blanks after it */
	HEXDUMP_WIDTH = 78, /* of a whole line with HEXDUMP_BYTES */
	LINE_BYTES = 512 << 10
};

#define SILENCE NSEC_PER_SEC

static bool
is_narrow(const struct transcript *t)
{
	return t->columns != 0 && t->columns < NARROW;
}

int
transcript_header(const struct transcript *t, const struct dialogue_header *header, struct buf *out,
    struct error *e)
{
	char started[DIALOGUE_TIME_SIZE];
	const char *end = is_narrow(t) ? "" : ", times in seconds since then";

	dialogue_format_time(header->started, started);
	/* nobody reads nanoseconds here */
	if (is_narrow(t))
		started[19] = '\0';
	if (buf_printf(out, e, "%s", style_on(t->color, STYLE_TITLE)) == -1)
		return -1;
	return buf_printf(out, e, "# usock %s, %s%s%s\n", header->command, started, end,
	    style_off(t->color, STYLE_TITLE));
}

/* ---- the columns in front ---- */

/* Writes the time and the connection. Returns the width. */
static size_t
format_prefix(const struct transcript *t, const struct dialogue_event *event, char text[PREFIX_MAX])
{
	const double seconds = (double)event->time / (double)NSEC_PER_SEC;

	return (size_t)snprintf(text, PREFIX_MAX, "%*.*f #%" PRIu64 " ", is_narrow(t) ? 7 : 11,
	    is_narrow(t) ? 3 : 6, seconds, event->connection);
}

/* Appends the prefix, or blanks of its width. */
static int
put_prefix(const struct transcript *t, const char *prefix, size_t width, bool first,
    struct buf *out, struct error *e)
{
	if (first)
		return style_append(out, t->color, STYLE_DIM, prefix, width, e);
	return buf_printf(out, e, "%*s", (int)width, "");
}

static int
put_silence(struct transcript *t, const struct dialogue_event *event, struct buf *out,
    struct error *e)
{
	const int64_t gap = event->time - t->last;
	char span[UNITS_TEXT_MAX];
	const bool silent = t->begun && gap >= SILENCE;

	t->begun = true;
	t->last = event->time;
	if (!silent)
		return 0;
	return buf_printf(out, e, "%s%*s %s of silence%s\n", style_on(t->color, STYLE_DIM),
	    is_narrow(t) ? 7 : 11, "...", units_time(gap, span), style_off(t->color, STYLE_DIM));
}

/* ---- bytes ---- */

/* How the lines of an event begin. */
struct margin {
	char prefix[PREFIX_MAX];
	size_t width;
	bool first; /* nothing is printed yet */
	enum style style;
	char mark;
};

static int
show_marked(const struct transcript *t, struct margin *m, const char *text, size_t n,
    struct buf *out, struct error *e)
{
	const char mark[2] = { m->mark, ' ' };

	if (put_prefix(t, m->prefix, m->width, m->first, out, e) == -1 ||
	    buf_printf(out, e, "%s", style_on(t->color, m->style)) == -1 ||
	    buf_append(out, mark, sizeof(mark), e) == -1 || buf_append(out, text, n, e) == -1)
		return -1;
	m->first = false;
	return buf_printf(out, e, "%s\n", style_off(t->color, m->style));
}

/* Returns how many bytes of text fill the columns. */
static size_t
fitting(const char *text, size_t n, size_t columns)
{
	size_t used = 0, i = 0;

	for (; i < n; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && used++ == columns)
			break;
	return i;
}

/* Returns how many bytes of what happened, which are words, fill the columns. */
static size_t
fitting_words(const char *text, size_t n, size_t columns)
{
	const size_t most = fitting(text, n, columns);
	size_t part = most;

	while (most < n && part > 0 && text[part - 1] != ' ')
		part--;
	return part > 0 ? part : most;
}

/* Puts a line of the text, without control characters, into as many lines as it needs. What was sent and
 * received is broken anywhere: each of its blanks is shown. */
static int
put_wrapped(const struct transcript *t, struct margin *m, const char *text, size_t n,
    struct buf *out, struct error *e)
{
	const size_t taken = m->width + 2;
	size_t room = t->columns > taken + TEXT_LEAST ? t->columns - taken : TEXT_LEAST, part;

	do {
		part = t->columns == 0 ? n
		    : m->mark == '-'   ? fitting_words(text, n, room)
				       : fitting(text, n, room);
		if (show_marked(t, m, text, part, out, e) == -1)
			return -1;
		text += part;
		n -= part;
	} while (n > 0);
	return 0;
}

static int
show_text(const struct transcript *t, struct margin *m, const char *text, size_t n, struct buf *out,
    struct error *e)
{
	const char *end = text + n, *stop;
	struct buf line;
	size_t len;
	int rc = 0;

	buf_init(&line, LINE_BYTES);
	do {
		stop = memchr(text, '\n', (size_t)(end - text));
		len = (size_t)((stop != NULL ? stop : end) - text);
		/* the end of a line is CR LF as often as LF */
		if (stop != NULL && len > 0 && text[len - 1] == '\r')
			len--;
		buf_consume(&line, line.len);
		rc = record_escape_text(&line, text, len, e);
		if (rc == 0)
			rc = put_wrapped(t, m, line.len > 0 ? buf_head(&line) : "", line.len, out,
			    e);
		text = stop != NULL ? stop + 1 : end;
	} while (rc == 0 && text < end);
	buf_fini(&line);
	return rc;
}

/* Puts the size on the first line, and leaves the prefix out of the others. */
static int
move_below(const struct transcript *t, struct margin *m, size_t n, struct buf *out, struct error *e)
{
	char size[UNITS_TEXT_MAX];

	units_size((double)n, size);
	if (show_marked(t, m, size, strlen(size), out, e) == -1)
		return -1;
	m->width = 0;
	return 0;
}

/* Where the terminal is too narrow for the prefix, the lines go below it; where it is too narrow for
 * them still, they are half as long and without the offset. */
static int
put_hexdump(const struct transcript *t, struct margin *m, const char *data, size_t n,
    struct buf *out, struct error *e)
{
	const bool half = t->columns != 0 && t->columns < 2 + HEXDUMP_WIDTH;
	const size_t per_line = half ? HEXDUMP_NARROW : HEXDUMP_BYTES;
	const size_t skipped = half ? OFFSET_WIDTH : 0;
	char line[HEXDUMP_LINE_MAX];
	size_t part, len;

	if (t->columns != 0 && m->width + 2 + HEXDUMP_WIDTH > t->columns &&
	    move_below(t, m, n, out, e) == -1)
		return -1;
	for (size_t done = 0; done < n; done += part) {
		part = n - done < per_line ? n - done : per_line;
		len = hexdump_line(line, done, data + done, part, per_line);
		if (show_marked(t, m, line + skipped, len - skipped, out, e) == -1)
			return -1;
	}
	return 0;
}

static int
show_payload(const struct transcript *t, struct margin *m, const struct dialogue_event *event,
    struct buf *out, struct error *e)
{
	if (event->n == 0)
		return show_marked(t, m, "(empty)", 7, out, e);
	if (!t->hex && conversation_is_text(event->data, event->n))
		return show_text(t, m, event->data, event->n, out, e);
	return put_hexdump(t, m, event->data, event->n, out, e);
}

/* ---- events ---- */

static int
append_open(const struct dialogue_event *event, struct buf *line, struct error *e)
{
	const char *local = event->local != NULL ? event->local : "unknown";
	const char *peer = event->peer != NULL ? event->peer : "unknown";
	const bool client = event->role == DIALOGUE_CLIENT;

	return buf_printf(line, e, "%s connects to %s", client ? local : peer,
	    client ? peer : local);
}

static int
append_tls(const struct dialogue_event *event, struct buf *line, struct error *e)
{
	if (buf_printf(line, e, "TLS: %s%s%s", event->version != NULL ? event->version : "",
		event->cipher != NULL ? " " : "", event->cipher != NULL ? event->cipher : "") == -1)
		return -1;
	if (event->alpn != NULL && buf_printf(line, e, " alpn=%s", event->alpn) == -1)
		return -1;
	return event->server_name != NULL ? buf_printf(line, e, " name=%s", event->server_name) : 0;
}

static int
append_other(const struct dialogue_event *event, struct buf *line, struct error *e)
{
	const char *who = event->dir == DIALOGUE_RECEIVED ? "the peer" : "this end";

	return buf_printf(line, e, "%s %s%s%s", who, conversation_word(event->kind),
	    event->text != NULL ? ": " : "", event->text != NULL ? event->text : "");
}

static int
put_event(const struct transcript *t, struct margin *m, const struct dialogue_event *event,
    struct buf *out, struct error *e)
{
	struct buf line;
	int rc;

	buf_init(&line, LINE_BYTES);
	if (event->kind == DIALOGUE_OPEN)
		rc = append_open(event, &line, e);
	else
		rc = event->kind == DIALOGUE_TLS ? append_tls(event, &line, e)
						 : append_other(event, &line, e);
	if (rc == 0)
		rc = show_text(t, m, buf_head(&line), line.len, out, e);
	buf_fini(&line);
	return rc;
}

static enum style
style_of(const struct dialogue_event *event)
{
	if (event->kind == DIALOGUE_DATA)
		return event->dir == DIALOGUE_SENT ? STYLE_SENT : STYLE_RECEIVED;
	return event->kind == DIALOGUE_RESET || event->kind == DIALOGUE_ERROR ? STYLE_BAD
									      : STYLE_NOTE;
}

static char
mark_of(const struct dialogue_event *event)
{
	if (event->kind != DIALOGUE_DATA)
		return '-';
	return event->dir == DIALOGUE_SENT ? '>' : '<';
}

int
transcript_event(struct transcript *t, const struct dialogue_event *event, struct buf *out,
    struct error *e)
{
	struct margin m = { .first = true, .style = style_of(event), .mark = mark_of(event) };

	if (event->kind == DIALOGUE_SECRET)
		return 0;
	m.width = format_prefix(t, event, m.prefix);
	if (put_silence(t, event, out, e) == -1)
		return -1;
	return event->kind == DIALOGUE_DATA ? show_payload(t, &m, event, out, e)
					    : put_event(t, &m, event, out, e);
}
