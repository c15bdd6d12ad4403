#include <stdlib.h>

#include "base/buf.h"
#include "base/codec/hexdump.h"
#include "base/error.h"
#include "relay/filter/filter.h"
#include "relay/filter/framing.h"
#include "test.h"

/* Runs data through filters in two reads, split at k, and then the end. */
static void
run_split(struct filter *filters, const char *data, size_t n, size_t k, struct buf *out)
{
	struct error e = { 0 };

	check_int(filters_run(filters, data, k, out, &e), 0);
	check_int(filters_run(filters, data + k, n - k, out, &e), 0);
	check_int(filters_finish(filters, out, &e), 0);
}

static void
check_every_split(struct filter *(*make)(struct error *e), const char *in, size_t n,
    const char *want, size_t want_n)
{
	struct error e = { 0 };
	size_t k;

	for (k = 0; k <= n; k++) {
		struct filter *filters = make(&e);
		struct buf out;

		buf_init(&out, 1 << 20);
		run_split(filters, in, n, k, &out);
		check_mem(out.len > 0 ? buf_head(&out) : "", out.len, want, want_n);
		buf_fini(&out);
		filters_close(filters);
	}
}

#define CHECK_EVERY_SPLIT(make, in, want)                                                          \
	check_every_split(make, in, sizeof(in) - 1, want, sizeof(want) - 1)

TEST("every LF becomes CR LF, once, however the data is split")
{
	CHECK_EVERY_SPLIT(filter_crlf, "a\nb\r\nc\r\nd\n", "a\r\nb\r\nc\r\nd\r\n");
	CHECK_EVERY_SPLIT(filter_crlf, "\n\n\r\n\r\r\n", "\r\n\r\n\r\n\r\r\n");
	CHECK_EVERY_SPLIT(filter_crlf, "no end", "no end");
	CHECK_EVERY_SPLIT(filter_crlf, "nul \0 and \xff stay\r", "nul \0 and \xff stay\r");
}

TEST("nothing is left of what is dropped")
{
	CHECK_EVERY_SPLIT(filter_drop, "a\nb\r\n", "");
}

TEST("a byte of 255 is doubled for a telnet peer")
{
	CHECK_EVERY_SPLIT(filter_telnet_out,
	    "a\xff"
	    "b\xff\xff",
	    "a\xff\xff"
	    "b\xff\xff\xff\xff");
}

static struct buf replies;

static struct filter *
telnet_in(struct error *e)
{
	return filter_telnet_in(&replies, NULL, e);
}

TEST("telnet commands are removed from the data, however it is split")
{
	buf_init(&replies, 1 << 20);
	CHECK_EVERY_SPLIT(telnet_in,
	    "lo\xff\xfd\x18gin\xff\xfb\x01:\xff\xff\xff\xfa\x18\x01\xff\xff\x02\xff\xf0 ok\xff\xf1",
	    "login:\xff ok");
	buf_fini(&replies);
}

TEST("every telnet option is refused")
{
	struct error e = { 0 };
	struct filter *t;
	struct buf out;

	buf_init(&replies, 100);
	buf_init(&out, 100);
	t = telnet_in(&e);
	check_int(filters_run(t, "\xff\xfd\x18\xff\xfb\x01\xff\xfe\x03\xff\xfc\x04", 12, &out, &e),
	    0);
	check_int((intmax_t)out.len, 0);
	check_mem(buf_head(&replies), replies.len, "\xff\xfc\x18\xff\xfe\x01", 6);
	filters_close(t);
	buf_fini(&out);
	buf_fini(&replies);
}

static struct filter *
lines(struct error *e)
{
	static const struct framing framing = { .kind = FRAMING_LINE };

	return filter_framing(&framing, ERROR_NETWORK, e);
}

static struct filter *
counted(struct error *e)
{
	static const struct framing framing = { .kind = FRAMING_LEN16 };

	return filter_framing(&framing, ERROR_NETWORK, e);
}

TEST("records are passed on whole, and the last one gets its terminator")
{
	CHECK_EVERY_SPLIT(lines, "one\ntwo\n\nthree", "one\ntwo\n\nthree\n");
	CHECK_EVERY_SPLIT(counted, "\0\2hi\0\0\0\1x", "\0\2hi\0\0\0\1x");
	CHECK_EVERY_SPLIT(lines, "", "");
}

TEST("nothing of an incomplete record is passed on, and the end inside one is a failure")
{
	struct error e = { 0 };
	struct filter *t = counted(&e);
	struct buf out;

	buf_init(&out, 100);
	check_int(filters_run(t, "\0\1a\0\5bcd", 8, &out, &e), 0);
	check_mem(buf_head(&out), out.len, "\0\1a", 3);
	check_int(filters_finish(t, &out, &e), -1);
	check_int(e.code, ERROR_NETWORK);
	check_str(e.text, "record 2: ends after 3 of 5 bytes");
	check_int((intmax_t)out.len, 3);
	filters_close(t);
	buf_fini(&out);
}

struct text {
	char data[1000];
	size_t n;
};

static void
collect(void *arg, const char *text, size_t n)
{
	struct text *t = arg;

	require(t->n + n < sizeof t->data);
	memcpy(t->data + t->n, text, n);
	t->n += n;
}

TEST("a hexdump shows offset, bytes and text, and passes the bytes on")
{
	struct error e = { 0 };
	struct text seen = { .n = 0 };
	struct filter *t = filter_dump('>', &(struct dump){ collect, &seen, 0 }, &e);
	struct buf out;

	buf_init(&out, 100);
	check_int(filters_run(t, "hello\n\0\xff 89abcdefX", 18, &out, &e), 0);
	check_int(filters_run(t, "Y", 1, &out, &e), 0);
	check_mem(buf_head(&out), out.len, "hello\n\0\xff 89abcdefXY", 19);
	check_str(seen.data,
	    "> 00000000  68 65 6c 6c 6f 0a 00 ff  20 38 39 61 62 63 64 65  |hello... 89abcde|\n"
	    "> 00000010  66 58                                             |fX|\n"
	    "> 00000012  59                                                |Y|\n");
	filters_close(t);
	buf_fini(&out);
}

TEST("a hexdump for a narrow terminal has fewer bytes in a line")
{
	struct error e = { 0 };
	struct text seen = { .n = 0 };
	struct filter *t =
	    filter_dump('<', &(struct dump){ collect, &seen, hexdump_per_line(38) }, &e);
	struct buf out;

	buf_init(&out, 100);
	check_int(filters_run(t, "hello", 5, &out, &e), 0);
	check_str(seen.data,
	    "< 00000000  68 65 6c 6c  |hell|\n"
	    "< 00000004  6f           |o|\n");
	filters_close(t);
	buf_fini(&out);
	check_int((int)hexdump_per_line(78), 16);
	check_int((int)hexdump_per_line(77), 8);
	check_int((int)hexdump_per_line(45), 8);
	check_int((int)hexdump_per_line(44), 4);
	check_int((int)hexdump_per_line(0), 4);
}

TEST("a dump without a mark gets the bytes as they are")
{
	struct error e = { 0 };
	struct text seen = { .n = 0 };
	struct filter *t = filter_dump('\0', &(struct dump){ collect, &seen, 0 }, &e);
	struct buf out;

	buf_init(&out, 100);
	check_int(filters_run(t, "hello\n\0\xff", 8, &out, &e), 0);
	check_int(filters_run(t, "Y", 1, &out, &e), 0);
	check_mem(buf_head(&out), out.len, "hello\n\0\xffY", 9);
	check_mem(seen.data, seen.n, "hello\n\0\xffY", 9);
	filters_close(t);
	buf_fini(&out);
}

TEST("filters work in a chain, each on the output of the one before")
{
	struct error e = { 0 };
	struct text seen = { .n = 0 };
	struct filter *chain = NULL;
	struct buf out;

	buf_init(&out, 100);
	filters_add(&chain, filter_crlf(&e));
	filters_add(&chain, filter_telnet_out(&e));
	filters_add(&chain, filter_dump('>', &(struct dump){ collect, &seen, 0 }, &e));
	check_int(filters_run(chain, "\xff\n", 2, &out, &e), 0);
	check_mem(buf_head(&out), out.len, "\xff\xff\r\n", 4);
	check(strstr(seen.data, "ff ff 0d 0a") != NULL);
	filters_close(chain);
	buf_fini(&out);
}
