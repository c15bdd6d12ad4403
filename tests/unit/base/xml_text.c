#include "base/codec/xml_text.h"

#include "base/buf.h"
#include "test.h"

static const struct {
	const char *text, *want;
} rows[] = {
	{ "plain", "plain" },
	{ "<a href=\"x\">&'", "&#60;a href=&#34;x&#34;&#62;&#38;'" },
	{ "a\tb\nc\rd", "a&#9;b&#10;c\\x0dd" },
	{ "\x01\x1b\x7f", "\\x01\\x1b\\x7f" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	/* the first and the last of each length */
	{ "\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	    "\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" },
	/* overlong */
	{ "\xc0\x80", "\\xc0\\x80" },
	{ "\xc1\xbf", "\\xc1\\xbf" },
	{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },
	{ "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf" },
	/* surrogates, U+FFFE, U+FFFF, and beyond U+10FFFF */
	{ "\xed\x9f\xbf\xed\xa0\x80", "\xed\x9f\xbf\\xed\\xa0\\x80" },
	{ "\xef\xbf\xbe", "\\xef\\xbf\\xbe" },
	{ "\xef\xbf\xbf", "\\xef\\xbf\\xbf" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	{ "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80" },
	{ "\xff\xfe", "\\xff\\xfe" },
	/* what is cut, or goes on with something else */
	{ "\xc3", "\\xc3" },
	{ "\xe2\x82", "\\xe2\\x82" },
	{ "\xe2\x82"
	  "a",
	    "\\xe2\\x82a" },
	{ "\xf0\x9f\x98", "\\xf0\\x9f\\x98" },
	{ "\x80", "\\x80" },
};

TEST("what has a meaning becomes a reference, and what XML cannot hold is shown")
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].text);
		char *copy = malloc(n);
		struct buf out;

		/* of its exact size, for the sanitizer */
		require(copy != NULL);
		memcpy(copy, rows[i].text, n);
		buf_init(&out, 1000);
		xml_text_append(&out, copy, n);
		check_str(buf_text(&out, NULL), rows[i].want);
		buf_fini(&out);
		free(copy);
	}
}

TEST("a NUL is shown, too")
{
	struct buf out;

	buf_init(&out, 1000);
	xml_text_append(&out, "a\0b", 3);
	check_str(buf_text(&out, NULL), "a\\x00b");
	buf_fini(&out);
}
