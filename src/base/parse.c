#include "base/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"

/* Format of a quoted text in messages; truncated, so that the reason stays visible. */
#define QUOTED "'%.200s'"

/* <ctype.h> depends on the locale; these do not. */
bool
parse_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int
parse_hex_digit(char c)
{
	if (parse_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads digits of the base and returns the first other character; NULL when there is no digit
 * or the value overflows. */
static const char *
read_digits(const char *p, unsigned base, uint64_t *ret_value)
{
	uint64_t value = 0;
	const char *start = p;
	int digit;

	for (; (digit = parse_hex_digit(*p)) >= 0 && (unsigned)digit < base; p++) {
		if (value > (UINT64_MAX - (unsigned)digit) / base)
			return NULL;
		value = value * base + (unsigned)digit;
	}
	if (p == start)
		return NULL;
	*ret_value = value;
	return p;
}

/* Like read_digits() for base 10, but rejects a leading zero: 08 might be meant as octal. */
static const char *
read_decimal_digits(const char *p, uint64_t *ret_value)
{
	if (p[0] == '0' && parse_is_digit(p[1]))
		return NULL;
	return read_digits(p, 10, ret_value);
}

static bool
read_int(const char *text, int64_t *ret_value)
{
	bool negative = text[0] == '-';
	const char *p = text + negative;
	uint64_t value;

	if (p[0] == '0' && p[1] == 'x')
		p = read_digits(p + 2, 16, &value);
	else
		p = read_decimal_digits(p, &value);
	if (p == NULL || *p != '\0' || value > (uint64_t)INT64_MAX + negative)
		return false;
	/* through value - 1, because INT64_MIN has no positive counterpart */
	*ret_value = negative && value > 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value;
	return true;
}

int
parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value, struct error *e)
{
	int64_t value;

	if (read_int(text, &value) && value >= min && value <= max) {
		*ret_value = value;
		return 0;
	}
	if (max == INT64_MAX && min == INT64_MIN)
		return error_set(e, ERROR_USAGE, QUOTED " is not a number", text);
	if (max == INT64_MAX)
		return error_set(e, ERROR_USAGE, QUOTED " is not a number (%lld or more)", text,
		    (long long)min);
	return error_set(e, ERROR_USAGE, QUOTED " is not a number (%lld%s%lld)", text,
	    (long long)min, min < 0 ? " to " : "-", (long long)max);
}

int
parse_bool(const char *text, bool *ret_value, struct error *e)
{
	static const char *const words[][2] = { { "no", "yes" }, { "off", "on" },
		{ "false", "true" }, { "0", "1" } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		for (int value = 0; value <= 1; value++) {
			if (strcmp(text, words[i][value]) == 0) {
				*ret_value = value;
				return 0;
			}
		}
	}
	return error_set(e, ERROR_USAGE, QUOTED " is neither yes nor no", text);
}

static const char *
read_port(const char *p, uint16_t *ret_port)
{
	uint64_t value;

	p = read_decimal_digits(p, &value);
	if (p == NULL || value > UINT16_MAX)
		return NULL;
	*ret_port = (uint16_t)value;
	return p;
}

int
parse_port(const char *text, uint16_t *ret_port, struct error *e)
{
	const char *end;
	uint16_t port;

	end = read_port(text, &port);
	if (end == NULL || *end != '\0')
		return error_set(e, ERROR_USAGE, QUOTED " is not a port number (0-65535)", text);
	*ret_port = port;
	return 0;
}

int
parse_port_range(const char *text, uint16_t *ret_lo, uint16_t *ret_hi, struct error *e)
{
	const char *end;
	uint16_t lo = 0, hi;

	end = read_port(text, &lo);
	hi = lo;
	if (end != NULL && *end == '-')
		end = read_port(end + 1, &hi);
	if (end == NULL || *end != '\0' || lo > hi)
		return error_set(e, ERROR_USAGE,
		    QUOTED " is not a port or a range of ports (LO-HI, 0-65535)", text);
	*ret_lo = lo;
	*ret_hi = hi;
	return 0;
}

/* A decimal fraction as integers; floating point would make 0.1 s inexact. */
struct decimal {
	uint64_t whole;
	uint64_t billionths;
	bool more; /* a digit other than 0 follows the ninth */
};

static const char *
read_billionths(const char *p, struct decimal *d)
{
	uint64_t weight = 100000000;

	if (!parse_is_digit(*p))
		return NULL;
	for (; parse_is_digit(*p); p++, weight /= 10) {
		d->billionths += weight * (uint64_t)(*p - '0');
		d->more |= weight == 0 && *p != '0';
	}
	return p;
}

/* Reads "12", "1.5" or ".5" and returns the first character after it. */
static const char *
read_fraction(const char *p, struct decimal *ret_d)
{
	struct decimal d = { 0 };

	if (*p != '.')
		p = read_decimal_digits(p, &d.whole);
	if (p != NULL && *p == '.')
		p = read_billionths(p + 1, &d);
	*ret_d = d;
	return p;
}

struct unit {
	const char *name;
	uint64_t value;
};

static const struct unit *
find_unit(const struct unit *units, const char *name)
{
	for (; units->name != NULL; units++)
		if (strcmp(units->name, name) == 0)
			return units;
	return NULL;
}

/* In nanoseconds. All are whole microseconds; parse_duration() relies on that. */
static const struct unit duration_units[] = {
	{ "", 1000000000 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", UINT64_C(60) * 1000000000 },
	{ "h", UINT64_C(3600) * 1000000000 },
	{ NULL, 0 },
};

int
parse_duration(const char *text, int64_t *ret_ns, struct error *e)
{
	const struct unit *unit;
	struct decimal d;
	const char *end;
	uint64_t part;

	if (strcmp(text, "none") == 0) {
		*ret_ns = DURATION_NONE;
		return 0;
	}
	end = read_fraction(text, &d);
	if (end == NULL || (unit = find_unit(duration_units, end)) == NULL)
		return error_set(e, ERROR_USAGE,
		    QUOTED " is not a duration (as 1.5, 250ms, 2s, 3m, 1h, none)", text);
	/* billionths * hours overflows in nanoseconds, but not in microseconds */
	part = d.billionths * (unit->value / 1000) / 1000000;
	if (d.whole > ((uint64_t)INT64_MAX - 1 - part) / unit->value)
		return error_set(e, ERROR_USAGE, QUOTED " is too long a duration", text);
	*ret_ns = (int64_t)(d.whole * unit->value + part);
	if (*ret_ns == 0 && (d.billionths > 0 || d.more))
		*ret_ns = 1;
	return 0;
}

static const struct unit size_units[] = {
	{ "", 1 },
	{ "k", UINT64_C(1) << 10 },
	{ "K", UINT64_C(1) << 10 },
	{ "KiB", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ "GiB", UINT64_C(1) << 30 },
	{ "T", UINT64_C(1) << 40 },
	{ "TiB", UINT64_C(1) << 40 },
	{ "kB", 1000 },
	{ "KB", 1000 },
	{ "MB", 1000000 },
	{ "GB", 1000000000 },
	{ "TB", UINT64_C(1000000000000) },
	{ NULL, 0 },
};

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

int
parse_size(const char *text, uint64_t *ret_bytes, struct error *e)
{
	const uint64_t billion = 1000000000;
	uint64_t divisor, part, slice;
	const struct unit *unit;
	struct decimal d;
	const char *end;

	end = read_fraction(text, &d);
	if (end == NULL || (unit = find_unit(size_units, end)) == NULL)
		return error_set(e, ERROR_USAGE,
		    QUOTED " is not a size (as 4096, 64k, 1.5M, 64KiB, 1MB)", text);
	/* In the reduced fraction, the denominator must divide the unit. */
	divisor = common_divisor(d.billionths, billion);
	slice = billion / divisor;
	if (d.more || unit->value % slice != 0)
		return error_set(e, ERROR_USAGE, QUOTED " is not a whole number of bytes", text);
	part = unit->value / slice * (d.billionths / divisor);
	if (d.whole > (UINT64_MAX - part) / unit->value)
		return error_set(e, ERROR_USAGE, QUOTED " is too large a size", text);
	*ret_bytes = d.whole * unit->value + part;
	return 0;
}

static const char *
read_hex_pair(const char *p, unsigned char *ret_byte)
{
	int high = parse_hex_digit(p[0]), low;

	if (high < 0 || (low = parse_hex_digit(p[1])) < 0)
		return NULL;
	*ret_byte = (unsigned char)(high * 16 + low);
	return p + 2;
}

static int
append_hex_pairs(const char *text, struct buf *out, struct error *e)
{
	const char *p = text;
	unsigned char byte;

	while (*p != '\0') {
		if (p != text)
			p += strspn(p, " \t:");
		if ((p = read_hex_pair(p, &byte)) == NULL)
			return error_set(e, ERROR_USAGE,
			    QUOTED " is not pairs of hexadecimal digits", text);
		if (buf_append(out, &byte, 1, e) == -1)
			return -1;
	}
	return 0;
}

int
parse_hex(const char *text, struct buf *out, struct error *e)
{
	size_t before = out->len;

	if (append_hex_pairs(text, out, e) == 0)
		return 0;
	out->len = before;
	return -1;
}

enum { WORD_MAX = 64 };

static unsigned
min_unsigned(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edit distance that counts two swapped neighbours, the most common typing error, as one edit.
 * Both words have at most WORD_MAX characters. */
static unsigned
edit_distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *older = rows[0], *old = rows[1], *row = rows[2], *spare;
	size_t width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		old[j] = (unsigned)j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= width; j++) {
			row[j] = old[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = min_unsigned(row[j], min_unsigned(old[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min_unsigned(row[j], older[j - 2] + 1);
		}
		spare = older;
		older = old;
		old = row;
		row = spare;
	}
	return old[width];
}

const char *
parse_nearest(const char *word, const char *const *words, size_t n)
{
	size_t len = strlen(word);
	unsigned best = (unsigned)(2 + len / 4), d;
	const char *nearest = NULL;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (strlen(words[i]) > WORD_MAX)
			continue;
		/* an abbreviation counts as one edit */
		if (len >= 3 && strncmp(word, words[i], len) == 0)
			d = 1;
		else
			d = edit_distance(word, words[i]);
		if (d < best && d < len) {
			best = d;
			nearest = words[i];
		}
	}
	return nearest;
}
