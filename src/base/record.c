#include "base/record.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/codec/utf8.h"
#include "base/codec/word.h"
#include "base/error.h"

/* How text is escaped in one output format. */
struct escape_style {
	const char *specials; /* bytes with a letter of their own after the backslash */
	const char *letters;
	bool code_points; /* others as \uXXXX of the character, else \xXX of each byte */
	bool ascii_only;
};

static const struct escape_style json = { "\"\\\n\r\t\b\f", "\"\\nrtbf", true, false };
static const struct escape_style columns = { "\n\r\t\033", "nrte", false, false };
static const struct escape_style ascii = { "\n\r\t\033", "nrte", false, true };

static unsigned
byte_at(const char *p)
{
	return (unsigned char)*p;
}

static const char *
find_special(const struct escape_style *d, unsigned code)
{
	return code < 0x80 ? memchr(d->specials, (int)code, strlen(d->specials)) : NULL;
}

static bool
is_plain(const struct escape_style *d, unsigned code)
{
	if (code < ' ' || (code >= 0x7f && code <= 0x9f))
		return false;
	return !(code >= 0x80 && d->ascii_only) && find_special(d, code) == NULL;
}

/* Returns the number of bytes at p that no style escapes, eight at a time while there are so many. */
static size_t
usual_length(const char *p, size_t n)
{
	size_t at = 0;
	uint64_t word, unusual;

	for (; n - at >= 8; at += 8) {
		word = word_load(p + at);
		unusual =
		    word_find_unprintable(word) | word_find(word, '"') | word_find(word, '\\');
		if (unusual != 0)
			return at + (size_t)__builtin_ctzll(unusual) / 8;
	}
	return at;
}

/* Returns the number of bytes at p that need no escape. */
static size_t
plain_length(const struct escape_style *d, const char *p, size_t n)
{
	size_t at = usual_length(p, n), len;
	unsigned code;

	while (at < n && (len = utf8_decode(p + at, n - at, &code)) > 0 && is_plain(d, code)) {
		at += len;
		at += usual_length(p + at, n - at);
	}
	return at;
}

/* Appends the escape of the character at p, or of one byte when it is not UTF-8. Returns the
 * number of bytes consumed, 0 on failure. */
static size_t
append_escape(struct buf *out, const struct escape_style *d, const char *p, size_t n,
    struct error *e)
{
	unsigned code;
	size_t len = utf8_decode(p, n, &code);
	const char *special;
	int rc;

	if (len == 0 || !d->code_points) {
		len = 1;
		code = byte_at(p);
	}
	if ((special = find_special(d, code)) != NULL)
		rc = buf_append(out, (char[2]){ '\\', d->letters[special - d->specials] }, 2, e);
	else if (d->code_points)
		rc = buf_printf(out, e, "\\u%04x", code);
	else
		rc = buf_printf(out, e, "\\x%02x", code);
	return rc == -1 ? 0 : len;
}

/* Those of JSON, by their bytes. */
static const char json_letters[256] = { ['"'] = '"',
	['\\'] = '\\',
	['\n'] = 'n',
	['\r'] = 'r',
	['\t'] = 't',
	['\b'] = 'b',
	['\f'] = 'f' };

/* Appends text of a JSON string up to the first byte that needs another escape than a letter, in one
 * pass, while eight bytes can be read and the buffer can hold the longest result. Returns how many it took. */
static size_t
append_usual(struct buf *out, const char *p, size_t n)
{
	const size_t longest = 2 * n + 8;
	char *to = longest <= out->max - out->len ? buf_reserve(out, longest, NULL) : NULL;
	size_t at = 0, plain;
	const char *begin = to;
	char letter = ' ';

	if (to == NULL)
		return 0;
	while (n - at >= 8 && letter != '\0') {
		memcpy(to, p + at, 8);
		plain = usual_length(p + at, 8);
		at += plain;
		to += plain;
		letter = plain < 8 ? json_letters[byte_at(p + at)] : ' ';
		if (plain == 8 || letter == '\0')
			continue;
		*to++ = '\\';
		*to++ = letter;
		at++;
	}
	buf_added(out, (size_t)(to - begin));
	return at;
}

static int
append_unprintable(struct buf *out, const struct escape_style *d, const char *p, size_t n,
    struct error *e)
{
	size_t before = out->len, len;

	for (const char *end = p + n; p < end; p += len) {
		len = d == &json ? append_usual(out, p, (size_t)(end - p)) : 0;
		if (len > 0)
			continue;
		len = plain_length(d, p, (size_t)(end - p));
		if (len > 0) {
			if (buf_append(out, p, len, e) == -1)
				goto out;
			continue;
		}
		len = append_escape(out, d, p, (size_t)(end - p), e);
		if (len == 0)
			goto out;
	}
	return 0;
out:
	out->len = before;
	return -1;
}

/* printf() would use the locale's decimal point. */
static int
append_real(struct buf *out, double real, struct error *e)
{
	double size = real < 0 ? -real : real;
	unsigned long long millionths;

	/* the millionths of a larger number could overflow; its fraction is dropped */
	if (size >= 1e12)
		return buf_printf(out, e, "%.0f.0", real);
	millionths = (unsigned long long)(size * 1e6 + 0.5);
	if (buf_printf(out, e, "%s%llu.%06llu", real < 0 && millionths > 0 ? "-" : "",
		millionths / 1000000, millionths % 1000000) == -1)
		return -1;
	/* strip trailing zeros, but keep 2.0, so that it reads as a real */
	for (const char *head = buf_head(out);
	     head[out->len - 1] == '0' && head[out->len - 2] != '.';)
		out->len--;
	return 0;
}

static bool
has_no_value(const struct field *f)
{
	if (f->kind == FIELD_TEXT)
		return f->text == NULL;
	return f->kind == FIELD_REAL && !isfinite(f->real);
}

static int
append_field(struct buf *out, const struct field *f, const struct escape_style *d, struct error *e)
{
	switch (f->kind) {
	case FIELD_TEXT:
		if (d == &json)
			return record_json_string(out, f->text, strlen(f->text), e);
		return append_unprintable(out, d, f->text, strlen(f->text), e);
	case FIELD_INT:
		return buf_printf(out, e, "%lld", (long long)f->number);
	case FIELD_REAL:
		return append_real(out, f->real, e);
	case FIELD_BOOL:
		return buf_printf(out, e, f->number ? "true" : "false");
	case FIELD_END:
		break;
	}
	return 0;
}

static int
append_member(struct buf *out, const struct field *f, const char *before, struct error *e)
{
	if (buf_printf(out, e, "%s", before) == -1 ||
	    record_json_string(out, f->name, strlen(f->name), e) == -1 ||
	    buf_append(out, ":", 1, e) == -1)
		return -1;
	return append_field(out, f, &json, e);
}

int
record_json(struct buf *out, const struct field *fields, struct error *e)
{
	size_t start = out->len;
	const char *before = "";

	if (buf_append(out, "{", 1, e) == -1)
		return -1;
	for (const struct field *f = fields; f->kind != FIELD_END; f++) {
		if (has_no_value(f))
			continue;
		if (append_member(out, f, before, e) == -1)
			goto out;
		before = ",";
	}
	if (buf_append(out, "}\n", 2, e) == 0)
		return 0;
out:
	out->len = start;
	return -1;
}

/* Counts the characters of UTF-8 text: the bytes that are not continuation bytes. */
static size_t
count_characters(const char *p, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (byte_at(p + i) & 0xc0) != 0x80;
	return count;
}

static int
append_cell(struct buf *out, const struct field *f, struct error *e)
{
	size_t width = (size_t)(f->width < 0 ? -(long)f->width : f->width), start = out->len;
	size_t shown, gap;
	char *cell;

	if (buf_reserve(out, width, e) == NULL)
		return -1;
	if (has_no_value(f) ? buf_append(out, "-", 1, e) == -1
			    : append_field(out, f, &columns, e) == -1)
		return -1;
	shown = count_characters(buf_head(out) + start, out->len - start);
	if (shown >= width)
		return 0;
	gap = width - shown;
	if (buf_reserve(out, gap, e) == NULL)
		return -1;
	cell = buf_head(out) + start;
	if (f->width > 0)
		memmove(cell + gap, cell, out->len - start);
	memset(f->width > 0 ? cell : cell + (out->len - start), ' ', gap);
	buf_added(out, gap);
	return 0;
}

int
record_text(struct buf *out, const struct field *fields, struct error *e)
{
	size_t start = out->len;

	for (const struct field *f = fields; f->kind != FIELD_END; f++) {
		if (f != fields && buf_append(out, " ", 1, e) == -1)
			goto out;
		if (append_cell(out, f, e) == -1)
			goto out;
	}
	while (out->len > start && buf_head(out)[out->len - 1] == ' ')
		out->len--;
	if (buf_append(out, "\n", 1, e) == 0)
		return 0;
out:
	out->len = start;
	return -1;
}

int
record_json_string(struct buf *out, const char *text, size_t n, struct error *e)
{
	size_t start = out->len;

	if (buf_append(out, "\"", 1, e) == 0 && append_unprintable(out, &json, text, n, e) == 0 &&
	    buf_append(out, "\"", 1, e) == 0)
		return 0;
	out->len = start;
	return -1;
}

int
record_escape(struct buf *out, const char *data, size_t n, struct error *e)
{
	return append_unprintable(out, &ascii, data, n, e);
}

int
record_escape_text(struct buf *out, const char *data, size_t n, struct error *e)
{
	return append_unprintable(out, &columns, data, n, e);
}
