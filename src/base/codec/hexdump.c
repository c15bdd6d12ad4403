#include "base/codec/hexdump.h"

#include <stdio.h>

static char
shown_byte(unsigned char c)
{
	return (char)(c >= 0x20 && c < 0x7f ? c : '.');
}

/* Appends " 68", or blanks, with one blank more in the middle of a line. */
static size_t
put_digits(char *at, const unsigned char *byte, size_t i)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	at[n++] = ' ';
	if (i == HEXDUMP_NARROW)
		at[n++] = ' ';
	at[n++] = byte != NULL ? digits[*byte >> 4] : ' ';
	at[n++] = byte != NULL ? digits[*byte & 15] : ' ';
	return n;
}

size_t
hexdump_line(char line[HEXDUMP_LINE_MAX], uint64_t offset, const void *data, size_t n,
    size_t per_line)
{
	const unsigned char *bytes = data;
	size_t len =
	    (size_t)snprintf(line, HEXDUMP_LINE_MAX, "%08llx ", (unsigned long long)offset);

	for (size_t i = 0; i < per_line; i++)
		len += put_digits(line + len, i < n ? &bytes[i] : NULL, i);
	line[len++] = ' ';
	line[len++] = ' ';
	line[len++] = '|';
	for (size_t i = 0; i < n; i++)
		line[len++] = shown_byte(bytes[i]);
	line[len++] = '|';
	line[len] = '\0';
	return len;
}

size_t
hexdump_per_line(size_t columns)
{
	char line[HEXDUMP_LINE_MAX];
	static const char zeros[HEXDUMP_BYTES];
	size_t n = HEXDUMP_BYTES;

	while (n > HEXDUMP_LEAST && hexdump_line(line, 0, zeros, n, n) > columns)
		n /= 2;
	return n;
}
