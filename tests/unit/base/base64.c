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

/* Bytes of every value, and every length of what words take at once, and its rest. */
TEST("every length becomes text and bytes again, in groups of four")
{
	unsigned char bytes[300];
	struct buf text, again;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + i / 7);
	buf_init(&text, 1000);
	buf_init(&again, 1000);
	for (size_t n = 1; n <= sizeof(bytes); n++) {
		check_int(base64_encode(&text, bytes, n, NULL), 0);
		check_int(text.len, (n + 2) / 3 * 4);
		check_int(base64_decode(&again, buf_head(&text), text.len, NULL), 0);
		check_mem(buf_head(&again), again.len, bytes, n);
		buf_consume(&text, text.len);
		buf_consume(&again, again.len);
	}
	buf_fini(&text);
	buf_fini(&again);
}

TEST("each of the 64 digits comes out of the words, and goes in again")
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf bytes, text;

	buf_init(&bytes, 100);
	buf_init(&text, 100);
	check_int(base64_decode(&bytes, alphabet, 64, NULL), 0);
	check_int(bytes.len, 48);
	check_int(base64_encode(&text, buf_head(&bytes), bytes.len, NULL), 0);
	check_mem(buf_head(&text), text.len, alphabet, 64);
	/* a digit that is none is found at each place */
	for (size_t i = 0; i < 64; i++) {
		buf_head(&text)[i] ^= (char)0x80;
		check_int(base64_decode(&bytes, buf_head(&text), 64, NULL), -1);
		check_int(bytes.len, 48);
		buf_head(&text)[i] ^= (char)0x80;
	}
	buf_fini(&bytes);
	buf_fini(&text);
}

TEST("more bytes than the buffer may hold are refused, and as many as it may hold are not")
{
	struct buf b;

	buf_init(&b, 4);
	check_int(base64_decode(&b, "Zm9vYg==", 8, NULL), 0);
	check_mem(buf_head(&b), b.len, "foob", 4);
	buf_consume(&b, b.len);
	check_int(base64_decode(&b, "Zm9vYmE=", 8, NULL), -1);
	check_int(b.len, 0);
	buf_fini(&b);
}
