#include "base/buf.h"
#include "base/error.h"
#include "test.h"

TEST("a new buffer holds nothing and has allocated nothing")
{
	struct buf b;
	struct error e;

	buf_init(&b, 16);
	check(b.data == NULL && b.len == 0 && b.size == 0);
	check_int(buf_append(&b, "", 0, &e), 0);
	check(b.data == NULL);
	check(buf_head(&b) == NULL);
	check_int(buf_find(&b, 'x', 0), -1);
	buf_consume(&b, 0);
	buf_fini(&b);
}

TEST("appended bytes are consumed from the front")
{
	struct buf b;
	struct error e;

	buf_init(&b, 64);
	require(buf_append(&b, "hello ", 6, &e) == 0);
	require(buf_printf(&b, &e, "%s %d", "world", 42) == 0);
	check_mem(buf_head(&b), b.len, "hello world 42", 14);
	buf_consume(&b, 6);
	check_str(buf_text(&b, &e), "world 42");
	buf_consume(&b, b.len);
	check_str(buf_text(&b, &e), "");
	buf_fini(&b);
}

TEST("the maximum is exact, and a refused append changes nothing")
{
	struct buf b;
	struct error e;

	buf_init(&b, 10);
	require(buf_append(&b, "12345678", 8, &e) == 0);
	check_int(buf_append(&b, "abc", 3, &e), -1);
	check_int(e.code, ERROR_NETWORK);
	check_str(e.text, "more than 10 bytes");
	check_int(buf_printf(&b, &e, "%d", 123), -1);
	check(buf_reserve(&b, 3, &e) == NULL);
	check_str(buf_text(&b, &e), "12345678");
	check_int(buf_append(&b, "ab", 2, &e), 0);
	check_str(buf_text(&b, &e), "12345678ab");
	check_int(buf_append(&b, "c", 1, NULL), -1);
	buf_fini(&b);
}

TEST("consumed bytes make room below the maximum again")
{
	struct buf b;
	struct error e;

	buf_init(&b, 4);
	for (int i = 0; i < 100000; i++) {
		require(buf_append(&b, "abcd", 4 - b.len, &e) == 0);
		buf_consume(&b, 3);
	}
	check_int(b.len, 1);
	check(b.size <= 1024);
	buf_fini(&b);
}

TEST("a nearly full buffer that bytes pass through stays small")
{
	struct buf b;
	struct error e;
	static char block[100000];

	buf_init(&b, sizeof(block) + 1);
	require(buf_append(&b, block, sizeof(block), &e) == 0);
	for (int i = 0; i < 1000000; i++) {
		char c = (char)i;

		require(buf_append(&b, &c, 1, &e) == 0);
		buf_consume(&b, 1);
	}
	check(b.size <= 4 * sizeof(block) + 4096);
	for (size_t i = 0; i < b.len; i++)
		require(buf_head(&b)[i] == (char)(900000 + i));
	buf_fini(&b);
}

TEST("reserved room counts only as far as it is added")
{
	struct buf b;
	struct error e;
	char *end;

	buf_init(&b, 4096);
	require((end = buf_reserve(&b, 2000, &e)) != NULL);
	memset(end, 'z', 2000);
	check_int(b.len, 0);
	buf_added(&b, 3);
	check_str(buf_text(&b, &e), "zzz");
	buf_fini(&b);
}

TEST("a byte is found at or after an offset")
{
	struct buf b;
	struct error e;

	buf_init(&b, 64);
	require(buf_append(&b, "x\na\nb", 5, &e) == 0);
	check_int(buf_find(&b, '\n', 0), 1);
	check_int(buf_find(&b, '\n', 1), 1);
	check_int(buf_find(&b, '\n', 2), 3);
	check_int(buf_find(&b, '\n', 4), -1);
	check_int(buf_find(&b, '\n', 99), -1);
	buf_consume(&b, 2);
	check_int(buf_find(&b, '\n', 0), 1);
	buf_fini(&b);
}

TEST("large storage is freed when the buffer becomes empty, small storage is kept")
{
	struct buf b;
	struct error e;
	static char block[200000];

	buf_init(&b, sizeof(block));
	require(buf_append(&b, block, sizeof(block), &e) == 0);
	buf_consume(&b, sizeof(block) - 1);
	check(b.data != NULL);
	buf_consume(&b, 1);
	check(b.data == NULL && b.size == 0);
	require(buf_append(&b, block, 10, &e) == 0);
	buf_consume(&b, 10);
	check(b.data != NULL && b.start == 0);
	buf_fini(&b);
	check_int(b.max, sizeof(block));
	check_int(buf_append(&b, "again", 5, &e), 0);
	buf_fini(&b);
}

TEST("a buffer without a maximum fails when memory runs out")
{
	struct buf b;
	struct error e;

	buf_init(&b, SIZE_MAX);
	check(buf_reserve(&b, SIZE_MAX, &e) == NULL);
	check_int(e.code, ERROR_INTERNAL);
	check_str(e.text, "out of memory");
	check(buf_reserve(&b, SIZE_MAX / 2 + 1, &e) == NULL);
	check(b.data == NULL);
	buf_fini(&b);
}
