#include "base/codec/xml_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

/* True for overlong forms, surrogates, code points above U+10FFFF, and U+FFFE and U+FFFF, which
 * XML excludes. */
static bool
is_bad_sequence(const unsigned char *text)
{
	switch (text[0]) {
	case 0xe0:
		return text[1] < 0xa0;
	case 0xed:
		return text[1] >= 0xa0;
	case 0xef:
		return text[1] == 0xbf && text[2] >= 0xbe;
	case 0xf0:
		return text[1] < 0x90;
	case 0xf4:
		return text[1] >= 0x90;
	default:
		return false;
	}
}

/* Returns the length of the UTF-8 sequence at text; 0: none. */
static size_t
utf8_length(const unsigned char *text, size_t n)
{
	size_t len = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;

	if (text[0] < 0xc2 || text[0] > 0xf4 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return is_bad_sequence(text) ? 0 : len;
}

void
xml_text_append(struct buf *out, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + n;
	size_t len;

	for (; p < end; p += len) {
		len = *p >= 0x80 ? utf8_length(p, (size_t)(end - p)) : 1;
		if (len > 1)
			buf_append(out, p, len, NULL);
		else if (len == 0 || (*p < ' ' && *p != '\n' && *p != '\t') || *p == 0x7f)
			buf_printf(out, NULL, "\\x%02x", *p);
		else if (strchr("<>&\"\n\t", *p) != NULL)
			buf_printf(out, NULL, "&#%d;", *p);
		else
			buf_append(out, p, 1, NULL);
		len += len == 0;
	}
}
