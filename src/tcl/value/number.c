#include "tcl/value/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
number_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static unsigned
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

size_t
number_digits(const char *bytes, size_t n, unsigned base, uint64_t *ret_value, bool *ret_big)
{
	uint64_t value = 0;
	size_t i;

	*ret_big = false;
	for (i = 0; i < n && digit_value(bytes[i]) < base; i++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit_value(bytes[i]), &value)) {
			*ret_big = true;
			value = UINT64_MAX;
		}
	}
	*ret_value = value;
	return i;
}

static size_t
skip_digits(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	return i;
}

/* Copies the text, because strtod(3) also reads 0x1p3 and does not stop after n bytes. */
static double
read_decimal(const char *p, size_t n)
{
	char few[64];
	double d;
	char *copy = few;

	if (n >= sizeof(few) && (copy = malloc(n + 1)) == NULL)
		return NAN;
	memcpy(copy, p, n);
	copy[n] = '\0';
	d = strtod(copy, NULL);
	if (copy != few)
		free(copy);
	return d;
}

/* Returns the length of a number with a point or an exponent, else 0. */
static size_t
decimal_length(const char *p, size_t n)
{
	size_t whole = skip_digits(p, n), at = whole, fraction = 0, digits;
	bool real = false;

	if (at < n && p[at] == '.') {
		fraction = skip_digits(p + at + 1, n - at - 1);
		if (whole + fraction == 0)
			return 0;
		at += 1 + fraction;
		real = true;
	}
	if (at == 0)
		return 0;
	if (at < n && (p[at] == 'e' || p[at] == 'E')) {
		size_t sign = at + 1 < n && (p[at + 1] == '+' || p[at + 1] == '-');

		digits = skip_digits(p + at + 1 + sign, n - at - 1 - sign);
		if (digits > 0)
			return at + 1 + sign + digits;
	}
	return real ? at : 0;
}

static bool
matches_word(const char *p, size_t n, const char *word)
{
	return n >= strlen(word) && strncasecmp(p, word, strlen(word)) == 0;
}

/* Returns the length of Inf, Infinity or NaN after the sign; 0: none of these. */
static size_t
special_length(const char *p, size_t n, double *ret_d)
{
	*ret_d = INFINITY;
	if (matches_word(p, n, "infinity"))
		return 8;
	if (matches_word(p, n, "inf"))
		return 3;
	*ret_d = NAN;
	return matches_word(p, n, "nan") ? 3 : 0;
}

static unsigned
prefix_base(const char *p, size_t n)
{
	if (n < 2 || p[0] != '0')
		return 0;
	switch (p[1]) {
	case 'x':
	case 'X':
		return 16;
	case 'b':
	case 'B':
		return 2;
	case 'o':
	case 'O':
		return 8;
	default:
		return 0;
	}
}

/* Returns the approximate value of a too large integer. */
static double
big_value(const char *p, size_t n, unsigned base)
{
	double d = 0;

	if (base == 10)
		return read_decimal(p, n);
	for (size_t i = 0; i < n; i++)
		d = d * base + digit_value(p[i]);
	return d;
}

static void
set_number_int(struct number *r, const char *p, size_t n, unsigned base)
{
	uint64_t value;
	bool big;
	size_t digits = number_digits(p, n, base, &value, &big);

	r->taken += digits;
	if (big || value > (uint64_t)INT64_MAX + r->negative) {
		r->kind = NUMBER_BIG;
		r->d = big_value(p, digits, base);
		r->d = r->negative ? -r->d : r->d;
		return;
	}
	r->kind = NUMBER_INT;
	r->i = r->negative ? (int64_t)-value : (int64_t)value;
}

/* Reads an integer after the sign. */
static void
read_integer(struct number *r, const char *p, size_t n)
{
	unsigned base = prefix_base(p, n);
	size_t digits = skip_digits(p, n);
	uint64_t value;
	bool big;

	if (base != 0 && number_digits(p + 2, n - 2, base, &value, &big) > 0) {
		r->taken += 2;
		set_number_int(r, p + 2, n - 2, base);
		return;
	}
	if (digits == 0) {
		r->taken = 0;
		return;
	}
	if (digits > 1 && p[0] == '0') {
		if (number_digits(p, digits, 8, &value, &big) < digits) {
			r->kind = NUMBER_OCTAL;
			r->taken += digits;
			return;
		}
		set_number_int(r, p, digits, 8);
		return;
	}
	set_number_int(r, p, digits, 10);
}

struct number
number_scan(const char *bytes, size_t n)
{
	struct number r = { .kind = NUMBER_NONE };
	size_t at = n > 0 && (bytes[0] == '+' || bytes[0] == '-'), len;
	double special;

	r.negative = at > 0 && bytes[0] == '-';
	r.taken = at;
	len = decimal_length(bytes + at, n - at);
	if (len > 0) {
		r.kind = NUMBER_DOUBLE;
		r.taken += len;
		r.d = read_decimal(bytes, r.taken);
		return r;
	}
	len = special_length(bytes + at, n - at, &special);
	if (len > 0) {
		r.kind = NUMBER_DOUBLE;
		r.d = r.negative ? -special : special;
		r.taken += len;
		return r;
	}
	read_integer(&r, bytes + at, n - at);
	return r;
}

struct number
number_parse(const char *bytes, size_t n)
{
	struct number r;

	while (n > 0 && number_is_blank(bytes[0])) {
		bytes++;
		n--;
	}
	while (n > 0 && number_is_blank(bytes[n - 1]))
		n--;
	r = number_scan(bytes, n);
	if (r.taken != n || n == 0)
		r.kind = NUMBER_NONE;
	return r;
}

size_t
number_scan_real(const char *bytes, size_t n, double *ret_d)
{
	size_t sign = n > 0 && (bytes[0] == '+' || bytes[0] == '-'), len;
	bool real;

	len = decimal_length(bytes + sign, n - sign);
	real = len > 0;
	if (!real)
		len = skip_digits(bytes + sign, n - sign);
	if (len == 0) {
		len = special_length(bytes + sign, n - sign, ret_d);
		*ret_d = bytes[0] == '-' ? -*ret_d : *ret_d;
		return len == 0 ? 0 : sign + len;
	}
	/* + 0.0, because an integer has no negative zero */
	*ret_d = read_decimal(bytes, sign + len) + (real ? -0.0 : 0.0);
	return sign + len;
}

size_t
number_print_int(int64_t i, char text[32])
{
	char digits[24];
	size_t n = 0, at = 0;
	uint64_t rest = i < 0 ? -(uint64_t)i : (uint64_t)i;

	do {
		digits[n++] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (i < 0)
		text[at++] = '-';
	while (n > 0)
		text[at++] = digits[--n];
	text[at] = '\0';
	return at;
}

/* Writes the fewest digits that read back as d, as "d.ddde+XX". */
static void
shortest(double d, char text[40])
{
	for (int precision = fabs(d) < 1e-300 ? 0 : 14; precision <= 16; precision++) {
		snprintf(text, 40, "%.*e", precision, d);
		if (read_decimal(text, strlen(text)) == d)
			return;
	}
}

/* Copies the digits without trailing zeros, at least one. */
static size_t
significant_digits(const char *text, char digits[24])
{
	size_t n = 0;

	for (; *text != 'e'; text++) {
		if (*text >= '0' && *text <= '9')
			digits[n++] = *text;
	}
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return n;
}

/* Reads the exponent of "d.ddde+XX". */
static int
exponent_of(const char *raw)
{
	const char *e = strchr(raw, 'e');
	uint64_t value;
	bool big;

	number_digits(e + 2, strlen(e + 2), 10, &value, &big);
	return e[1] == '-' ? -(int)value : (int)value;
}

static int
print_plain(char *out, const char *digits, int n, int exponent)
{
	if (exponent < 0)
		return snprintf(out, 30, "0.%.*s%s", -exponent - 1, "000", digits);
	if (n <= exponent + 1)
		return snprintf(out, 30, "%s%.*s.0", digits, exponent + 1 - n, "00000000000000000");
	return snprintf(out, 30, "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
}

size_t
number_print_double(double d, char text[32])
{
	char raw[40], digits[24];
	char *out = text;
	int n, exponent;

	if (isnan(d))
		return (size_t)snprintf(text, 32, signbit(d) ? "-NaN" : "NaN");
	if (isinf(d))
		return (size_t)snprintf(text, 32, d < 0 ? "-Inf" : "Inf");
	shortest(d, raw);
	n = (int)significant_digits(raw, digits);
	exponent = exponent_of(raw);
	if (signbit(d))
		*out++ = '-';
	if (exponent < -4 || exponent > 16)
		out += snprintf(out, 30, n > 1 ? "%c.%se%+d" : "%c%se%+d", digits[0], digits + 1,
		    exponent);
	else
		out += print_plain(out, digits, n, exponent);
	return (size_t)(out - text);
}

int
number_bool_word(const char *bytes, size_t n)
{
	static const struct {
		const char *word;
		size_t least;
		int truth;
	} words[] = { { "yes", 1, 1 }, { "no", 1, 0 }, { "on", 2, 1 }, { "off", 2, 0 },
		{ "true", 1, 1 }, { "false", 1, 0 } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (n >= words[i].least && n <= strlen(words[i].word) &&
		    strncasecmp(bytes, words[i].word, n) == 0)
			return words[i].truth;
	}
	return -1;
}

bool
number_narrow(int64_t *number)
{
	if (*number < -(int64_t)UINT32_MAX || *number > (int64_t)UINT32_MAX)
		return false;
	*number = (int32_t)*number;
	return true;
}
