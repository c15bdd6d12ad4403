#include "relay/filter/framing.h"

#include <stdio.h>
#include <string.h>

#include <linux/can.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "net/can/can_text.h"
/* A hexadecimal line may have spaces between digits, but is not endless. */
#define HEX_PER_BYTE 8
/* The longest text of a CAN frame, with dots between its bytes, and the shortest: `123#`. */
#define CAN_LINE_MAX 256
#define CAN_LINE_MIN 5
/* Digits of a decimal length; FRAMING_MAX has fewer. */
#define OCTETS_DIGITS 10

/* "WORD=SIZE"; n is the length of the word. */
static int
parse_sized(const char *text, size_t n, enum framing_kind kind, struct framing *ret_framing,
    struct error *e)
{
	const char *size_text = text + n + 1;
	uint64_t size;

	if (parse_size(size_text, &size, e) < 0)
		return error_prefix(e, "%.*s", (int)n, text);
	if (size == 0 || size > FRAMING_MAX)
		return error_set(e, ERROR_USAGE, "%.*s: '%s' is not in 1-%u", (int)n, text,
		    size_text, FRAMING_MAX);
	*ret_framing = (struct framing){ .kind = kind, .chunk = (size_t)size };
	return 0;
}

int
framing_parse(const char *text, struct framing *ret_framing, struct error *e)
{
	static const struct {
		const char *word;
		enum framing_kind kind;
	} kinds[] = {
		{ "line", FRAMING_LINE },
		{ "nul", FRAMING_NUL },
		{ "hex", FRAMING_HEX },
		{ "whole", FRAMING_WHOLE },
		{ "len16", FRAMING_LEN16 },
		{ "len32", FRAMING_LEN32 },
		{ "octets", FRAMING_OCTETS },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(text, kinds[i].word) == 0) {
			*ret_framing = (struct framing){ .kind = kinds[i].kind };
			return 0;
		}
	if (strncmp(text, "chunk=", 6) == 0)
		return parse_sized(text, 5, FRAMING_CHUNK, ret_framing, e);
	if (strncmp(text, "read=", 5) == 0)
		return parse_sized(text, 4, FRAMING_READ, ret_framing, e);
	return error_set(e, ERROR_USAGE, "'%s' is not " FRAMING_LIST, text);
}

/* ---- records to a stream ---- */

static int
put_hex(const char *record, size_t n, struct buf *out, struct error *e)
{
	static const char digits[] = "0123456789abcdef";
	char *to = buf_reserve(out, 2 * n + 1, e);
	size_t i;

	if (to == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		*to++ = digits[(unsigned char)record[i] >> 4];
		*to++ = digits[(unsigned char)record[i] & 15];
	}
	*to = '\n';
	buf_added(out, 2 * n + 1);
	return 0;
}

static int
put_can(const char *record, size_t n, struct buf *out, struct error *e)
{
	struct canfd_frame frame = { .can_id = 0 };
	char text[CAN_TEXT_MAX];

	memcpy(&frame, record, n < sizeof frame ? n : sizeof frame);
	if (can_text_format(&frame, n, text, e) < 0)
		return -1;
	return buf_printf(out, e, "%s\n", text);
}

static int
put_between(const char *before, size_t n_before, const char *record, size_t n, const char *after,
    size_t n_after, struct buf *out, struct error *e)
{
	char *to = buf_reserve(out, n_before + n + n_after, e);

	if (to == NULL)
		return -1;
	memcpy(to, before, n_before);
	if (n > 0)
		memcpy(to + n_before, record, n);
	memcpy(to + n_before + n, after, n_after);
	buf_added(out, n_before + n + n_after);
	return 0;
}

/* Puts the lowest `size` bytes of the length in front. */
static int
put_counted(size_t size, const char *record, size_t n, struct buf *out, struct error *e)
{
	const char length[4] = { (char)(n >> 24 & 255), (char)(n >> 16 & 255), (char)(n >> 8 & 255),
		(char)(n & 255) };

	if ((uint64_t)n >> 8 * size != 0)
		return error_set(e, ERROR_NETWORK, "a record of %zu bytes, but len%zu counts to %u",
		    n, 8 * size, size == 2 ? UINT16_MAX : UINT32_MAX);
	return put_between(length + 4 - size, size, record, n, "", 0, out, e);
}

static int
put_octets(const char *record, size_t n, struct buf *out, struct error *e)
{
	char length[24];
	int size = snprintf(length, sizeof length, "%zu ", n);

	return put_between(length, (size_t)size, record, n, "", 0, out, e);
}

int
framing_put(const struct framing *framing, const char *record, size_t n, struct buf *out,
    struct error *e)
{
	switch (framing->kind) {
	case FRAMING_LINE:
		return put_between("", 0, record, n, "\n",
		    framing->bare || n == 0 || record[n - 1] != '\n', out, e);
	case FRAMING_NUL:
		return put_between("", 0, record, n, "", 1, out, e);
	case FRAMING_HEX:
		return put_hex(record, n, out, e);
	case FRAMING_LEN16:
		return put_counted(2, record, n, out, e);
	case FRAMING_LEN32:
		return put_counted(4, record, n, out, e);
	case FRAMING_OCTETS:
		return put_octets(record, n, out, e);
	case FRAMING_CAN:
		return put_can(record, n, out, e);
	case FRAMING_RAW:
	case FRAMING_WHOLE:
	case FRAMING_CHUNK:
	case FRAMING_READ:
		break;
	}
	return buf_append(out, record, n, e);
}

/* ---- a stream to records ---- */

void
framer_init(struct framer *f, const struct framing *framing, size_t max)
{
	*f = (struct framer){ .framing = *framing, .max = max };
	buf_init(&f->in, SIZE_MAX / 2);
	buf_init(&f->frames, SIZE_MAX / 2);
}

void
framer_fini(struct framer *f)
{
	buf_fini(&f->in);
	buf_fini(&f->frames);
}

size_t
framer_buffered(const struct framer *f)
{
	return f->in.len - f->at;
}

char *
framer_room(struct framer *f, size_t n, struct error *e)
{
	buf_consume(&f->in, f->at);
	f->at = 0;
	buf_consume(&f->frames, f->frames.len);
	return buf_reserve(&f->in, n, e);
}

void
framer_added(struct framer *f, size_t n)
{
	buf_added(&f->in, n);
}

int
framer_feed(struct framer *f, const char *data, size_t n, struct error *e)
{
	char *to = framer_room(f, n, e);

	if (to == NULL)
		return -1;
	if (n > 0)
		memcpy(to, data, n);
	framer_added(f, n);
	return 0;
}

void
framer_end(struct framer *f)
{
	f->ended = true;
}

static int
record_too_long(const struct framer *f, size_t reached, struct error *e)
{
	error_set(e, ERROR_LOCAL_IO, "record %llu: %zu bytes and more, the limit is %zu",
	    (unsigned long long)f->number + 1, reached, f->max);
	return error_hint(e, "--framing chunk=N makes a record of every N bytes");
}

/* Returns a record of n bytes, after skipping `skip` bytes, and drops `tail` bytes behind it. */
static int
return_record(struct framer *f, size_t skip, size_t n, size_t tail, char **ret_record,
    size_t *ret_n)
{
	static char none[1];

	*ret_record = f->in.data == NULL ? none : buf_head(&f->in) + f->at + skip;
	*ret_n = n;
	f->at += skip + n + tail;
	f->scanned = 0;
	f->number++;
	return 1;
}

/* Finds the end of the next piece. Returns 1 with its length, `end` included, or without `end` at
 * the end of the stream; 0 if it is incomplete; -1 if it is too long. */
static int
find_end(struct framer *f, char end, size_t max, size_t *ret_n, bool *ret_found)
{
	size_t held = framer_buffered(f);
	long hit = buf_find(&f->in, end, f->at + f->scanned);

	*ret_found = hit >= 0;
	*ret_n = hit >= 0 ? (size_t)hit - f->at + 1 : held;
	if (hit >= 0 || (f->ended && held > 0) || held > max)
		return 1;
	f->scanned = held;
	return 0;
}

static int
next_whole(struct framer *f, char **ret_record, size_t *ret_n, struct error *e)
{
	size_t held = framer_buffered(f);

	if (held > f->max)
		return record_too_long(f, held, e);
	if (!f->ended || f->whole_given)
		return 0;
	f->whole_given = true;
	return return_record(f, 0, held, 0, ret_record, ret_n);
}

static bool
has_nul(const struct framer *f)
{
	return f->framing.nul_is_whole && f->number == 0 && framer_buffered(f) > 0 &&
	    memchr(buf_head(&f->in) + f->at, '\0', framer_buffered(f)) != NULL;
}

static int
next_line(struct framer *f, char **ret_record, size_t *ret_n, struct error *e)
{
	bool found;
	size_t n;

	if (has_nul(f)) {
		f->framing.kind = FRAMING_WHOLE;
		return next_whole(f, ret_record, ret_n, e);
	}
	if (find_end(f, '\n', f->max, &n, &found) == 0)
		return 0;
	found = found && f->framing.bare;
	if (n - found > f->max)
		return record_too_long(f, n - found, e);
	return return_record(f, 0, n - found, found, ret_record, ret_n);
}

static int
next_nul(struct framer *f, char **ret_record, size_t *ret_n, struct error *e)
{
	bool found;
	size_t n;

	if (find_end(f, '\0', f->max, &n, &found) == 0)
		return 0;
	if (n - found > f->max)
		return record_too_long(f, n - found, e);
	return return_record(f, 0, n - found, found, ret_record, ret_n);
}

/* Decodes in place: the bytes need less room than the digits. */
static int
decode_hex_line(const struct framer *f, char *line, size_t n, size_t *ret_n, struct error *e)
{
	size_t i, out = 0;

	for (i = 0; i < n; i++) {
		int high = parse_hex_digit(line[i]),
		    low = i + 1 < n ? parse_hex_digit(line[i + 1]) : -1;

		if (line[i] == ' ' || line[i] == '\t' || line[i] == '\r')
			continue;
		if (high < 0 || low < 0)
			return error_set(e, ERROR_LOCAL_IO,
			    "record %llu: not pairs of hexadecimal digits from byte %zu on",
			    (unsigned long long)f->number + 1, i + 1);
		line[out++] = (char)(high << 4 | low);
		i++;
	}
	*ret_n = out;
	return 0;
}

static int
next_hex(struct framer *f, char **ret_record, size_t *ret_n, struct error *e)
{
	size_t line, n, line_max = f->max * HEX_PER_BYTE;
	bool found;

	if (find_end(f, '\n', line_max, &line, &found) == 0)
		return 0;
	if (line - found > line_max)
		return record_too_long(f, line / HEX_PER_BYTE, e);
	if (decode_hex_line(f, buf_head(&f->in) + f->at, line - found, &n, e) < 0)
		return -1;
	if (n > f->max)
		return record_too_long(f, n, e);
	return return_record(f, 0, n, line - n, ret_record, ret_n);
}

/* Parses the length in front of a record. Returns the length of that prefix, 0 if it is
 * incomplete, -1 if it is malformed. */
static int
parse_length(const struct framer *f, size_t *ret_n, struct error *e)
{
	size_t size = f->framing.kind == FRAMING_LEN16 ? 2 : 4, held = framer_buffered(f), i;
	const unsigned char *head = (const unsigned char *)buf_head(&f->in) + f->at;

	*ret_n = 0;
	if (f->framing.kind != FRAMING_OCTETS) {
		for (i = 0; i < size && held >= size; i++)
			*ret_n = *ret_n << 8 | head[i];
		return held >= size ? (int)size : 0;
	}
	for (i = 0; i < held && head[i] >= '0' && head[i] <= '9' && i < OCTETS_DIGITS; i++)
		*ret_n = *ret_n * 10 + (head[i] - '0');
	if (i == held)
		return 0;
	if (i == 0 || head[i] != ' ' || (i > 1 && head[0] == '0'))
		return error_set(e, ERROR_LOCAL_IO,
		    "record %llu: no number and a blank in front of it",
		    (unsigned long long)f->number + 1);
	return (int)i + 1;
}

static int
next_counted(struct framer *f, char **ret_record, size_t *ret_n, struct error *e)
{
	size_t held = framer_buffered(f), n;
	int before = held > 0 ? parse_length(f, &n, e) : 0;

	if (before < 0)
		return -1;
	if (before > 0 && n > f->max)
		return record_too_long(f, n, e);
	if (before > 0 && held - (size_t)before >= n)
		return return_record(f, (size_t)before, n, 0, ret_record, ret_n);
	if (!f->ended || held == 0)
		return 0;
	if (before == 0)
		return error_set(e, ERROR_LOCAL_IO, "record %llu: ends within its length",
		    (unsigned long long)f->number + 1);
	return error_set(e, ERROR_LOCAL_IO, "record %llu: ends after %zu of %zu bytes",
	    (unsigned long long)f->number + 1, held - (size_t)before, n);
}

static int
next_chunk(struct framer *f, char **ret_record, size_t *ret_n, struct error *e)
{
	size_t held = framer_buffered(f), n = f->framing.chunk;
	bool partial = f->ended || f->framing.kind == FRAMING_READ;

	if (n > f->max)
		return record_too_long(f, n, e);
	if (held < n && !(partial && held > 0))
		return 0;
	return return_record(f, 0, held < n ? held : n, 0, ret_record, ret_n);
}

/* Frames are longer than their text. Reserves room for all that are left, so that no returned frame
 * moves. */
static int
store_frame(struct framer *f, const struct canfd_frame *frame, size_t size, char **ret_record,
    struct error *e)
{
	size_t room = f->frames.len == 0 ? framer_buffered(f) / CAN_LINE_MIN + 1 : 1;

	*ret_record = buf_reserve(&f->frames, room * sizeof *frame, e);
	if (*ret_record == NULL)
		return -1;
	memcpy(*ret_record, frame, size);
	buf_added(&f->frames, size);
	return 0;
}

static int
next_can(struct framer *f, char **ret_record, size_t *ret_n, struct error *e)
{
	struct canfd_frame frame;
	size_t line, n, size;
	const char *text;
	bool found;

	if (find_end(f, '\n', CAN_LINE_MAX, &line, &found) == 0)
		return 0;
	text = buf_head(&f->in) + f->at;
	n = line - found;
	n -= n > 0 && text[n - 1] == '\r';
	if (can_text_parse(text, n, &frame, &size, e) < 0) {
		e->code = ERROR_LOCAL_IO;
		return error_prefix(e, "record %llu", (unsigned long long)f->number + 1);
	}
	if (store_frame(f, &frame, size, ret_record, e) < 0)
		return -1;
	*ret_n = size;
	f->at += line;
	f->scanned = 0;
	f->number++;
	return 1;
}

int
framer_next(struct framer *f, char **ret_record, size_t *ret_n, struct error *e)
{
	switch (f->framing.kind) {
	case FRAMING_NUL:
		return next_nul(f, ret_record, ret_n, e);
	case FRAMING_HEX:
		return next_hex(f, ret_record, ret_n, e);
	case FRAMING_WHOLE:
	case FRAMING_RAW:
		return next_whole(f, ret_record, ret_n, e);
	case FRAMING_LEN16:
	case FRAMING_LEN32:
	case FRAMING_OCTETS:
		return next_counted(f, ret_record, ret_n, e);
	case FRAMING_CHUNK:
	case FRAMING_READ:
		return next_chunk(f, ret_record, ret_n, e);
	case FRAMING_CAN:
		return next_can(f, ret_record, ret_n, e);
	case FRAMING_LINE:
		break;
	}
	return next_line(f, ret_record, ret_n, e);
}
