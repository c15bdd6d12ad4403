#include "base/codec/json.h"

#include <string.h>

#include "base/buf.h"
#include "base/codec/utf8.h"
#include "base/error.h"
#include "base/parse.h"

/* ---- tokens ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_blanks(struct json_object *o)
{
	while (o->at < o->end && is_blank(*o->at))
		o->at++;
}

/* Reads the character c after blanks. */
static bool
take_char(struct json_object *o, char c)
{
	skip_blanks(o);
	if (o->at == o->end || *o->at != c)
		return false;
	o->at++;
	return true;
}

static bool
take_json_word(struct json_object *o, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(o->end - o->at) < n || memcmp(o->at, word, n) != 0)
		return false;
	o->at += n;
	return true;
}

/* Finds the quote that ends a string. */
static int
take_string(struct json_object *o, const char **ret_string, size_t *ret_n, struct error *e)
{
	const char *p;

	if (!take_char(o, '"'))
		return error_set(e, ERROR_USAGE, "a quote is missing");
	for (p = o->at; p < o->end && *p != '"'; p++) {
		if ((unsigned char)*p < ' ')
			return error_set(e, ERROR_USAGE, "a string has a control character");
		if (*p == '\\' && ++p == o->end)
			break;
	}
	if (p == o->end)
		return error_set(e, ERROR_USAGE, "a string has no end");
	*ret_string = o->at;
	*ret_n = (size_t)(p - o->at);
	o->at = p + 1;
	return 0;
}

static int
take_integer(struct json_object *o, int64_t *ret_value, struct error *e)
{
	char digits[24];
	size_t n = 0;

	while (o->at < o->end && n < sizeof digits - 1 && (*o->at == '-' || parse_is_digit(*o->at)))
		digits[n++] = *o->at++;
	digits[n] = '\0';
	if (n == 0)
		return error_set(e, ERROR_USAGE, "a value is no string, integer, true or false");
	return parse_int(digits, INT64_MIN, INT64_MAX, ret_value, e);
}

/* ---- members ---- */

static int
read_member_value(struct json_object *o, struct json_member *m, struct error *e)
{
	skip_blanks(o);
	if (o->at < o->end && *o->at == '"') {
		m->kind = JSON_STRING;
		return take_string(o, &m->string, &m->n, e);
	}
	m->is_true = take_json_word(o, "true");
	if (m->is_true || take_json_word(o, "false")) {
		m->kind = JSON_BOOL;
		return 0;
	}
	m->kind = JSON_INTEGER;
	return take_integer(o, &m->integer, e);
}

static int
end_object(struct json_object *o, struct error *e)
{
	skip_blanks(o);
	return o->at == o->end ? 0 : error_set(e, ERROR_USAGE, "something follows the object");
}

int
json_object_next(struct json_object *o, struct json_member *ret_member, struct error *e)
{
	struct json_member m = { 0 };

	if (!o->begun && !take_char(o, '{'))
		return error_set(e, ERROR_USAGE, "not a JSON object");
	if (take_char(o, '}'))
		return end_object(o, e);
	if (o->begun && !take_char(o, ','))
		return error_set(e, ERROR_USAGE, "a comma or the end of the object is missing");
	o->begun = true;
	if (take_string(o, &m.name, &m.name_n, e) < 0)
		return -1;
	if (memchr(m.name, '\\', m.name_n) != NULL)
		return error_set(e, ERROR_USAGE, "a name has an escape");
	if (!take_char(o, ':'))
		return error_set(e, ERROR_USAGE, "a colon is missing");
	if (read_member_value(o, &m, e) < 0)
		return -1;
	*ret_member = m;
	return 1;
}

/* ---- strings ---- */

static int
hex_value(const char *p, const char *end, unsigned *ret_code)
{
	unsigned code = 0;
	int i, digit;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = parse_hex_digit(p[i]);
		if (digit < 0)
			return -1;
		code = code << 4 | (unsigned)digit;
	}
	*ret_code = code;
	return 0;
}

static int
append_code(struct buf *out, unsigned code, struct error *e)
{
	char utf8[4];
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4, i;

	utf8[0] = (char)(n == 1 ? code : (0xf00u >> n | code >> (6 * (n - 1))));
	for (i = 1; i < n; i++)
		utf8[i] = (char)(0x80 | (code >> (6 * (n - 1 - i)) & 0x3f));
	return buf_append(out, utf8, n, e);
}

/* Decodes \uXXXX or a pair of them; p is after the u. Returns where it ends, or NULL. */
static const char *
decode_code(struct buf *out, const char *p, const char *end, struct error *e)
{
	unsigned code, low;

	if (hex_value(p, end, &code) < 0) {
		error_set(e, ERROR_USAGE, "\\u wants four hexadecimal digits");
		return NULL;
	}
	p += 4;
	if (code >= 0xd800 && code < 0xe000) {
		if (code >= 0xdc00 || end - p < 6 || p[0] != '\\' || p[1] != 'u' ||
		    hex_value(p + 2, end, &low) < 0 || low < 0xdc00 || low > 0xdfff) {
			error_set(e, ERROR_USAGE, "half a surrogate pair");
			return NULL;
		}
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	return append_code(out, code, e) == 0 ? p : NULL;
}

/* Decodes the escape at p, after the backslash. Returns where it ends, or NULL. */
static const char *
decode_escape(struct buf *out, const char *p, const char *end, struct error *e)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter = p < end && *p != '\0' ? strchr(letters, *p) : NULL;

	if (p < end && *p == 'u')
		return decode_code(out, p + 1, end, e);
	if (letter == NULL) {
		error_set(e, ERROR_USAGE, "an escape that JSON does not have");
		return NULL;
	}
	return buf_append(out, &meant[letter - letters], 1, e) == 0 ? p + 1 : NULL;
}

int
json_string_decode(struct buf *out, const char *string, size_t n, struct error *e)
{
	const char *p = string, *end = string + n, *escape;
	size_t before = out->len;

	if (!utf8_is_valid(string, n))
		return error_set(e, ERROR_USAGE, "a string is not UTF-8");
	while (p != NULL && p < end) {
		escape = memchr(p, '\\', (size_t)(end - p));
		if (escape == NULL)
			escape = end;
		if (buf_append(out, p, (size_t)(escape - p), e) < 0)
			p = NULL;
		else
			p = escape < end ? decode_escape(out, escape + 1, end, e) : end;
	}
	if (p != NULL)
		return 0;
	out->len = before;
	return -1;
}
