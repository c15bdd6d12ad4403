#include "base/codec/base64.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
encode_three(const unsigned char *data, size_t n, char text[4])
{
	uint32_t bits = 0;
	size_t i;

	for (i = 0; i < 3; i++)
		bits = bits << 8 | (i < n ? data[i] : 0u);
	for (i = 0; i < 4; i++)
		text[i] = i <= n ? digits[bits >> (18 - 6 * i) & 0x3f] : '=';
}

int
base64_encode(struct buf *out, const void *data, size_t n, struct error *e)
{
	const unsigned char *bytes = data;
	size_t at, room = (n + 2) / 3 * 4;
	char *text;

	if (n == 0)
		return 0;
	if ((text = buf_reserve(out, room, e)) == NULL)
		return -1;
	for (at = 0; at < n; at += 3, text += 4)
		encode_three(bytes + at, n - at < 3 ? n - at : 3, text);
	buf_added(out, room);
	return 0;
}

/* Returns the number of bytes in a group of four characters, or 0 if it is none. */
static size_t
decode_four(const char *text, unsigned char bytes[3])
{
	size_t n = text[3] != '=' ? 3 : text[2] != '=' ? 2 : 1, i;
	uint32_t bits = 0;

	for (i = 0; i < 4; i++) {
		const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;

		if (i <= n && digit == NULL)
			return 0;
		bits = bits << 6 | (i <= n ? (uint32_t)(digit - digits) : 0);
	}
	for (i = 0; i < 3; i++)
		bytes[i] = (unsigned char)(bits >> (16 - 8 * i));
	return n == 3 || bytes[n] == 0 ? n : 0;
}

int
base64_decode(struct buf *out, const char *text, size_t n, struct error *e)
{
	size_t before = out->len, at, got = n % 4 == 0 ? 3 : 0;
	unsigned char bytes[3];

	for (at = 0; at < n && got == 3; at += 4) {
		got = decode_four(text + at, bytes);
		if (got > 0 && buf_append(out, bytes, got, e) < 0) {
			out->len = before;
			return -1;
		}
	}
	if (got > 0 && at == n)
		return 0;
	out->len = before;
	return error_set(e, ERROR_USAGE, "not base64");
}
