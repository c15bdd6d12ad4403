#include "tcl/value/escape.h"

#include <stdint.h>
#include <string.h>

#include "tcl/value/number.h"

static size_t
escape_number(const char *p, size_t most, unsigned base, char *ret_c)
{
	uint64_t value;
	bool big;
	size_t n = number_digits(p, most, base, &value, &big);

	*ret_c = (char)value;
	return n;
}

static size_t
escape_octal(const char *p, size_t n, char *ret_c)
{
	size_t most = n > 2 && p[0] > '3' ? 2 : 3;

	return escape_number(p, most < n ? most : n, 8, ret_c);
}

static size_t
escape_line(const char *p, size_t n)
{
	size_t i = 2;

	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	return i;
}

static size_t
escape_hex(const char *p, size_t n, char *ret_c)
{
	size_t most = p[1] == 'x' ? 2 : p[1] == 'u' ? 4 : 8, digits;

	digits = escape_number(p + 2, most < n - 2 ? most : n - 2, 16, ret_c);
	if (digits == 0)
		*ret_c = p[1];
	return 2 + digits;
}

const char escape_too_large[] =
    "a character above \\u00ff is no byte: write its UTF-8, as \\xe2\\x82\\xac for \\u20ac";

bool
escape_fits(const char *p, size_t n)
{
	uint64_t value = 0;
	bool big;

	if (n > 2 && (p[1] == 'u' || p[1] == 'U'))
		number_digits(p + 2,
		    n - 2 < (p[1] == 'u' ? 4u : 8u) ? n - 2
			: p[1] == 'u'               ? 4
						    : 8,
		    16, &value, &big);
	return value <= 0xff;
}

size_t
escape_read(const char *p, size_t n, char *ret_c)
{
	static const char letters[] = "abfnrtv", bytes[] = "\a\b\f\n\r\t\v";
	const char *letter;

	*ret_c = '\\';
	if (n < 2)
		return 1;
	*ret_c = p[1];
	if (p[1] == '\n') {
		*ret_c = ' ';
		return escape_line(p, n);
	}
	if (p[1] == 'x' || p[1] == 'u' || p[1] == 'U')
		return escape_hex(p, n, ret_c);
	if (p[1] >= '0' && p[1] <= '7')
		return 1 + escape_octal(p + 1, n - 1, ret_c);
	letter = p[1] == '\0' ? NULL : strchr(letters, p[1]);
	if (letter != NULL)
		*ret_c = bytes[letter - letters];
	return 2;
}
