#include "base/codec/base64.h"
#include "base/buf.h"
#include "base/error.h"
#include "test.h"

static const struct {
	const char *bytes, *text;
} rows[] = { { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfb", "//77" } };

TEST("bytes become text, and text becomes bytes again")
{
	struct buf b;

	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_int(base64_encode(&b, rows[i].bytes, strlen(rows[i].bytes), NULL), 0);
		check_mem(buf_head(&b), b.len, rows[i].text, strlen(rows[i].text));
		buf_consume(&b, b.len);
		check_int(base64_decode(&b, rows[i].text, strlen(rows[i].text), NULL), 0);
		check_mem(buf_head(&b), b.len, rows[i].bytes, strlen(rows[i].bytes));
		buf_consume(&b, b.len);
	}
	buf_fini(&b);
}

TEST("text that is not base64 is refused, and the buffer is as before")
{
	static const char *const wrong[] = { "Z", "Zg", "Zg=", "Zg=a",
		"Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm9-", "Zm9vZ" };
	struct error e;
	struct buf b;

	buf_init(&b, 100);
	require(buf_append(&b, "x", 1, NULL) == 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		check_int(base64_decode(&b, wrong[i], strlen(wrong[i]), &e), -1);
		check_int(b.len, 1);
	}
	check_int(base64_decode(&b, "Zm\0v", 4, &e), -1);
	check_str(e.text, "not base64");
	buf_fini(&b);
}
