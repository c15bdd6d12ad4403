#include <locale.h>
#include <math.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/record.h"
#include "test.h"

typedef int writer(struct buf *, const struct field *, struct error *);

#define check_row(fn, fields, want)                                                                \
	do {                                                                                       \
		struct buf b_;                                                                     \
		buf_init(&b_, 4096);                                                               \
		check_int((fn)(&b_, (fields), NULL), 0);                                           \
		check_str(buf_text(&b_, NULL), (want));                                            \
		buf_fini(&b_);                                                                     \
	} while (0)

#define check_written(fn, text, want)                                                              \
	do {                                                                                       \
		struct buf b_;                                                                     \
		buf_init(&b_, 4096);                                                               \
		check_int((fn)(&b_, (text), sizeof(text) - 1, NULL), 0);                           \
		check_str(buf_text(&b_, NULL), (want));                                            \
		buf_fini(&b_);                                                                     \
	} while (0)

static const struct field all_kinds[] = {
	{ .name = "name", .kind = FIELD_TEXT, .text = "a\tb\\", .width = -8 },
	{ .name = "gone", .kind = FIELD_TEXT, .width = 4 },
	{ .name = "port", .kind = FIELD_INT, .number = -80, .width = 5 },
	{ .name = "seconds", .kind = FIELD_REAL, .real = 0.25 },
	{ .name = "open", .kind = FIELD_BOOL, .number = 1 },
	{ .kind = FIELD_END },
};

static const struct field no_fields[] = { { .kind = FIELD_END } };

TEST("a JSON record is an object on one line without absent fields")
{
	check_row(record_json, all_kinds,
	    "{\"name\":\"a\\tb\\\\\",\"port\":-80,\"seconds\":0.25,\"open\":true}\n");
	check_row(record_json, no_fields, "{}\n");
	check_row(record_json, ((struct field[]){ { .name = "x", .kind = FIELD_TEXT }, { 0 } }),
	    "{}\n");
}

TEST("a record in columns is aligned, with a hyphen for absent fields")
{
	check_row(record_text, all_kinds, "a\\tb\\       -   -80 0.25 true\n");
	check_row(record_text, no_fields, "\n");
}

TEST("columns have no trailing blanks and may overflow")
{
	const struct field row[] = {
		{ .name = "a", .kind = FIELD_TEXT, .text = "longer", .width = -3 },
		{ .name = "b", .kind = FIELD_TEXT, .text = "x", .width = -10 },
		{ .name = "c", .kind = FIELD_TEXT, .text = "", .width = -3 },
		{ .kind = FIELD_END },
	};

	check_row(record_text, row, "longer x\n");
	check_row(record_text, row + 2, "\n");
}

TEST("columns count characters, not bytes")
{
	const struct field row[] = {
		{ .name = "a", .kind = FIELD_TEXT, .text = "\xc3\xa4\xe2\x82\xac", .width = -4 },
		{ .name = "b", .kind = FIELD_TEXT, .text = "\xc3\xa4", .width = 3 },
		{ .kind = FIELD_END },
	};

	check_row(record_text, row, "\xc3\xa4\xe2\x82\xac     \xc3\xa4\n");
}

TEST("control characters of a peer do not reach the terminal through columns")
{
	const struct field row[] = {
		{ .name = "a", .kind = FIELD_TEXT, .text = "\033[2J\n\x7f\xc2\x9b\xff" },
		{ .kind = FIELD_END },
	};

	check_row(record_text, row, "\\e[2J\\n\\x7f\\xc2\\x9b\\xff\n");
}

TEST("strings in JSON are escaped, and stay UTF-8")
{
	check_written(record_json_string, "", "\"\"");
	check_written(record_json_string, "a\"b\\c/", "\"a\\\"b\\\\c/\"");
	check_written(record_json_string, "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
	check_written(record_json_string, "\0\x01\x1f\x7f", "\"\\u0000\\u0001\\u001f\\u007f\"");
	check_written(record_json_string, "\xc2\x85", "\"\\u0085\"");
	check_written(record_json_string, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	    "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

/* Alone it is looked at by itself, among others with them. */
TEST("a byte is escaped in the same way wherever it stands")
{
	char text[24];
	struct buf alone, among, want;

	buf_init(&alone, 64);
	buf_init(&among, 64);
	buf_init(&want, 64);
	for (size_t i = 0; i < 256 * sizeof(text); i++) {
		const size_t at = i % sizeof(text);
		const char c = (char)(i / sizeof(text));

		memset(text, 'x', sizeof(text));
		text[at] = c;
		check_int(record_json_string(&alone, &c, 1, NULL), 0);
		check_int(record_json_string(&among, text, sizeof(text), NULL), 0);
		check_int(buf_printf(&want, NULL, "\"%.*s%.*s%.*s\"", (int)at,
			      "xxxxxxxxxxxxxxxxxxxxxxxx", (int)alone.len - 2, buf_head(&alone) + 1,
			      (int)(sizeof(text) - 1 - at), "xxxxxxxxxxxxxxxxxxxxxxxx"),
		    0);
		check_mem(buf_head(&among), among.len, buf_head(&want), want.len);
		buf_consume(&alone, alone.len);
		buf_consume(&among, among.len);
		buf_consume(&want, want.len);
	}
	buf_fini(&alone);
	buf_fini(&among);
	buf_fini(&want);
}

TEST("bytes that are not UTF-8 are escaped one by one")
{
	check_written(record_json_string, "a\xff!", "\"a\\u00ff!\"");
	check_written(record_json_string, "\x80", "\"\\u0080\"");
	check_written(record_json_string, "\xc3", "\"\\u00c3\"");
	check_written(record_json_string, "\xe2\x82", "\"\\u00e2\\u0082\"");
	check_written(record_json_string, "\xe2\x82z", "\"\\u00e2\\u0082z\"");
	/* overlong, surrogate, above U+10FFFF, bytes that never begin a character */
	check_written(record_json_string, "\xc0\xaf", "\"\\u00c0\\u00af\"");
	check_written(record_json_string, "\xe0\x80\xaf", "\"\\u00e0\\u0080\\u00af\"");
	check_written(record_json_string, "\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\"");
	check_written(record_json_string, "\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\"");
	check_written(record_json_string, "\xf8\xfe", "\"\\u00f8\\u00fe\"");
}

TEST("escaped data is printable ASCII")
{
	check_written(record_escape, "GET / \\ ~", "GET / \\ ~");
	check_written(record_escape, "\n\r\t\033", "\\n\\r\\t\\e");
	check_written(record_escape, "\0\x07\x7f\x80\xff", "\\x00\\x07\\x7f\\x80\\xff");
	check_written(record_escape, "\xc3\xa4", "\\xc3\\xa4");
	check_written(record_escape, "", "");
}

static const char *
real_as_text(double real)
{
	static char text[512];
	const struct field row[] = {
		{ .name = "r", .kind = FIELD_REAL, .real = real },
		{ .kind = FIELD_END },
	};
	struct buf b;

	buf_init(&b, sizeof(text));
	if (record_text(&b, row, NULL) == -1)
		return "failed";
	snprintf(text, sizeof(text), "%.*s", (int)b.len - 1, buf_head(&b));
	buf_fini(&b);
	return text;
}

TEST("reals have one to six decimals and no exponent")
{
	check_str(real_as_text(0), "0.0");
	check_str(real_as_text(2), "2.0");
	check_str(real_as_text(0.002), "0.002");
	check_str(real_as_text(-1.5), "-1.5");
	check_str(real_as_text(10), "10.0");
	check_str(real_as_text(0.0000004), "0.0");
	check_str(real_as_text(-0.0000004), "0.0");
	check_str(real_as_text(0.9999999), "1.0");
	check_str(real_as_text(123456.789012), "123456.789012");
	check_str(real_as_text(1e20), "100000000000000000000.0");
	check_int(strlen(real_as_text(-1e300)), 304);
}

TEST("a real that is not finite is absent")
{
	const struct field row[] = {
		{ .name = "r", .kind = FIELD_REAL, .real = NAN },
		{ .name = "s", .kind = FIELD_REAL, .real = INFINITY },
		{ .kind = FIELD_END },
	};

	check_row(record_json, row, "{}\n");
	check_row(record_text, row, "- -\n");
}

TEST("numbers do not depend on the locale")
{
	if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
		skip("no locale with a decimal comma");
	check_str(real_as_text(1234.5), "1234.5");
	check_str(real_as_text(1e15), "1000000000000000.0");
	setlocale(LC_ALL, "C");
}

TEST("a record that does not fit leaves the buffer unchanged")
{
	static writer *const writers[] = { record_json, record_text };

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		for (size_t max = 4; max < 24; max++) {
			struct error e;
			struct buf b;

			buf_init(&b, max);
			buf_append(&b, "kept", 4, NULL);
			check_int(writers[i](&b, all_kinds, &e), -1);
			check_str(buf_text(&b, NULL), "kept");
			buf_fini(&b);
		}
	}
}
