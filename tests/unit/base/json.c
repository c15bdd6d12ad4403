#include "base/codec/json.h"
#include "base/buf.h"
#include "base/error.h"
#include "test.h"

/* Reads a whole object. Returns how many members there are, or -1. */
static int
count_members(const char *text, struct json_member *last, struct error *e)
{
	struct json_object o = { .at = text, .end = text + strlen(text) };
	int n = 0, rc;

	while ((rc = json_object_next(&o, last, e)) > 0)
		n++;
	return rc < 0 ? -1 : n;
}

TEST("an object has members of three kinds, with blanks between them")
{
	struct json_member m = { 0 };

	check_int(count_members("{}", &m, NULL), 0);
	check_int(count_members(" { \"a\" : \"x\\\"y\" } ", &m, NULL), 1);
	check_int(m.kind, JSON_STRING);
	check_mem(m.name, m.name_n, "a", 1);
	check_mem(m.string, m.n, "x\\\"y", 4);
	check_int(count_members("{\"a\":\"\",\"b\":-12}", &m, NULL), 2);
	check_int(m.kind, JSON_INTEGER);
	check_int(m.integer, -12);
	check_int(count_members("{\"a\":1,\"b\":true,\"c\":false}", &m, NULL), 3);
	check_int(m.kind, JSON_BOOL);
	check(!m.is_true);
}

TEST("what is not an object of one level is refused, with the reason")
{
	static const char *const texts[][2] = {
		{ "", "not a JSON object" },
		{ "[1]", "not a JSON object" },
		{ "{\"a\":1", "a comma or the end of the object is missing" },
		{ "{\"a\":1 \"b\":2}", "a comma or the end of the object is missing" },
		{ "{\"a\"}", "a colon is missing" },
		{ "{a:1}", "a quote is missing" },
		{ "{\"a\":1,}", "a quote is missing" },
		{ "{\"a\":\"x}", "a string has no end" },
		{ "{\"a\":\"x\\", "a string has no end" },
		{ "{\"a\":\"x\ny\"}", "a string has a control character" },
		{ "{\"a\":[1]}", "a value is no string, integer, true or false" },
		{ "{\"a\":null}", "a value is no string, integer, true or false" },
		{ "{\"a\":1.5}", "a comma or the end of the object is missing" },
		{ "{\"a\":01}", "'01' is not a number" },
		{ "{\"a\\n\":1}", "a name has an escape" },
		{ "{} {}", "something follows the object" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct json_member m;
		struct error e = { 0 };

		check_int(count_members(texts[i][0], &m, &e), -1);
		check_str(e.text, texts[i][1]);
		check_int(e.code, ERROR_USAGE);
	}
}

TEST("a comma before the first member is refused")
{
	struct json_member m;

	check_int(count_members("{,\"a\":1}", &m, NULL), -1);
}

static void
check_decoded(const char *text, const char *want, size_t n)
{
	struct buf out;

	buf_init(&out, 100);
	check_int(json_string_decode(&out, text, strlen(text), NULL), 0);
	check_mem(n > 0 ? buf_head(&out) : "", out.len, want, n);
	buf_fini(&out);
}

TEST("escapes become characters, in UTF-8")
{
	check_decoded("", "", 0);
	check_decoded("plain", "plain", 5);
	check_decoded("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8);
	check_decoded("a\\u0000b", "a\0b", 3);
	check_decoded("\\u007f\\u00fc\\u20ac", "\x7f\xc3\xbc\xe2\x82\xac", 6);
	check_decoded("\\ud83d\\ude00", "\xf0\x9f\x98\x80", 4);
	check_decoded("\xc3\xbc", "\xc3\xbc", 2);
}

TEST("a string that is none is refused and leaves the buffer as it was")
{
	static const char *const texts[] = { "\\x", "\\u12", "\\u12g4", "\\ud83d", "\\ud83dx",
		"\\ud83d\\u0041", "\\ude00", "\xff", "abc\\" };
	struct buf out;

	buf_init(&out, 100);
	check_int(buf_append(&out, "x", 1, NULL), 0);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		check_int(json_string_decode(&out, texts[i], strlen(texts[i]), NULL), -1);
	check_mem(buf_head(&out), out.len, "x", 1);
	buf_fini(&out);
}
