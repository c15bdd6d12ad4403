#include "base/codec/utf8.h"
#include "test.h"

struct row {
	const char *text;
	size_t n;
	bool valid;
};

#define ROW(text, valid)                                                                           \
	{                                                                                          \
		text, sizeof(text) - 1, valid                                                      \
	}

static const struct row rows[] = {
	ROW("", true),
	ROW("a\0b", true),
	ROW("0123456789abcdef\x7f", true),
	ROW("\xc2\x80\xdf\xbf", true),
	ROW("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", true),
	ROW("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true),
	ROW("12345678\xce\xba\xe1\xbd\xb9", true),
	ROW("\x80", false),
	ROW("\xc0\x80", false),
	ROW("\xc1\xbf", false),
	ROW("\xc2", false),
	ROW("\xc2\x41", false),
	ROW("\xe0\x9f\xbf", false),
	ROW("\xed\xa0\x80", false),
	ROW("\xe2\x82", false),
	ROW("\xf0\x8f\xbf\xbf", false),
	ROW("\xf4\x90\x80\x80", false),
	ROW("\xf5\x80\x80\x80", false),
	ROW("\xf0\x9f\x98", false),
	ROW("0123456\xff", false),
};

static bool
is_valid_split(const struct row *row, size_t at)
{
	struct utf8 u = { 0 };

	return utf8_check(&u, row->text, at) && utf8_check(&u, row->text + at, row->n - at) &&
	    u.left == 0;
}

TEST("text is valid or not, however it is split")
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(utf8_is_valid(rows[i].text, rows[i].n) == rows[i].valid);
		for (size_t at = 0; at <= rows[i].n; at++)
			check(is_valid_split(&rows[i], at) == rows[i].valid);
	}
}

TEST("a byte that cannot be right is known at once")
{
	struct utf8 u = { 0 };

	check(utf8_check(&u, "\xf4", 1));
	check(!utf8_check(&u, "\x90", 1));
}

static unsigned
decode(const char *text)
{
	unsigned code = 0;

	return utf8_decode(text, strlen(text), &code) == strlen(text) ? code : 0;
}

TEST("characters of each length are decoded")
{
	unsigned code = 7;

	check_int(decode("A"), 'A');
	check_int(decode("\xc3\xa9"), 0xe9);
	check_int(decode("\xe2\x82\xac"), 0x20ac);
	check_int(decode("\xf0\x9f\x98\x80"), 0x1f600);
	check_int(utf8_decode("\xe2\x82", 2, &code), 0);
	check_int(utf8_decode("", 0, &code), 0);
	check_int(code, 7);
}
