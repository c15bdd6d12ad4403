#include "base/codec/utf8.h"

#include <stdint.h>
#include <string.h>

/* RFC 3629, 4: the first byte says how many follow, and limits the second. */
static bool
check_first(struct utf8 *u, unsigned char c)
{
	if (c < 0x80)
		return true;
	if (c < 0xc2 || c > 0xf4)
		return false;
	u->left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	u->least = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	u->most = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	return true;
}

static bool
check_byte(struct utf8 *u, unsigned char c)
{
	if (u->left == 0)
		return check_first(u, c);
	if (c < u->least || c > u->most)
		return false;
	u->left--;
	u->least = 0x80;
	u->most = 0xbf;
	return true;
}

/* Returns how many bytes at the beginning are ASCII, in steps of eight. */
static size_t
skip_ascii(const char *data, size_t n)
{
	uint64_t eight;
	size_t at = 0;

	for (; n - at >= sizeof(eight); at += sizeof(eight)) {
		memcpy(&eight, data + at, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return at;
}

bool
utf8_check(struct utf8 *u, const char *data, size_t n)
{
	size_t at = 0;

	while (at < n) {
		if (u->left == 0)
			at += skip_ascii(data + at, n - at);
		if (at < n && !check_byte(u, (unsigned char)data[at++]))
			return false;
	}
	return true;
}

bool
utf8_is_valid(const char *data, size_t n)
{
	struct utf8 u = { 0 };

	return utf8_check(&u, data, n) && u.left == 0;
}

size_t
utf8_decode(const char *p, size_t n, unsigned *ret_code)
{
	struct utf8 u = { 0 };
	unsigned code = 0;
	size_t at = 0;

	do {
		unsigned char c = at < n ? (unsigned char)p[at] : 0;

		if (at == n || !check_byte(&u, c))
			return 0;
		if (at == 0)
			code = u.left == 0 ? c : c & 0x3fu >> u.left;
		else
			code = code << 6 | (c & 0x3fu);
		at++;
	} while (u.left > 0);
	*ret_code = code;
	return at;
}
