#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "relay/filter/filter.h"
#include "relay/filter/framing.h"
#include "test.h"

/* Runs data through taps in two reads, split at k, then the end. */
static void
run_split(struct tap *taps, const char *data, size_t n, size_t k, struct buf *out)
{
	struct error e = { 0 };

	check_int(taps_run(taps, data, k, out, &e), 0);
	check_int(taps_run(taps, data + k, n - k, out, &e), 0);
	check_int(taps_finish(taps, out, &e), 0);
}

static void
check_every_split(struct tap *(*make)(struct error *e), const char *in, size_t n, const char *want,
    size_t want_n)
{
	struct error e = { 0 };
	size_t k;

	for (k = 0; k <= n; k++) {
		struct tap *taps = make(&e);
		struct buf out;

		buf_init(&out, 1 << 20);
		run_split(taps, in, n, k, &out);
		check_mem(out.len > 0 ? buf_head(&out) : "", out.len, want, want_n);
		buf_fini(&out);
		taps_close(taps);
	}
}

#define CHECK_EVERY_SPLIT(make, in, want)                                                          \
	check_every_split(make, in, sizeof(in) - 1, want, sizeof(want) - 1)

TEST("every LF becomes CR LF, once, wherever the reads are cut")
{
	CHECK_EVERY_SPLIT(tap_crlf, "a\nb\r\nc\r\nd\n", "a\r\nb\r\nc\r\nd\r\n");
	CHECK_EVERY_SPLIT(tap_crlf, "\n\n\r\n\r\r\n", "\r\n\r\n\r\n\r\r\n");
	CHECK_EVERY_SPLIT(tap_crlf, "no end", "no end");
	CHECK_EVERY_SPLIT(tap_crlf, "nul \0 and \xff stay\r", "nul \0 and \xff stay\r");
}

TEST("a byte of 255 is doubled on its way to a telnet peer")
{
	CHECK_EVERY_SPLIT(tap_telnet_out,
	    "a\xff"
	    "b\xff\xff",
	    "a\xff\xff"
	    "b\xff\xff\xff\xff");
}

static struct buf replies;

static struct tap *
telnet_in(struct error *e)
{
	return tap_telnet_in(&replies, NULL, e);
}

TEST("telnet commands are taken out of the data wherever the reads are cut")
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
	struct tap *t;
	struct buf out;

	buf_init(&replies, 100);
	buf_init(&out, 100);
	t = telnet_in(&e);
	check_int(taps_run(t, "\xff\xfd\x18\xff\xfb\x01\xff\xfe\x03\xff\xfc\x04", 12, &out, &e), 0);
	check_int((intmax_t)out.len, 0);
	check_mem(buf_head(&replies), replies.len, "\xff\xfc\x18\xff\xfe\x01", 6);
	taps_close(t);
	buf_fini(&out);
	buf_fini(&replies);
}

static struct tap *
lines(struct error *e)
{
	static const struct framing framing = { .kind = FRAMING_LINE };

	return tap_framing(&framing, ERROR_NETWORK, e);
}

static struct tap *
counted(struct error *e)
{
	static const struct framing framing = { .kind = FRAMING_LEN16 };

	return tap_framing(&framing, ERROR_NETWORK, e);
}

TEST("records go on whole, and the last one gets its end")
{
	CHECK_EVERY_SPLIT(lines, "one\ntwo\n\nthree", "one\ntwo\n\nthree\n");
	CHECK_EVERY_SPLIT(counted, "\0\2hi\0\0\0\1x", "\0\2hi\0\0\0\1x");
	CHECK_EVERY_SPLIT(lines, "", "");
}

TEST("of a record that is not complete nothing goes on, and its end in between is a failure")
{
	struct error e = { 0 };
	struct tap *t = counted(&e);
	struct buf out;

	buf_init(&out, 100);
	check_int(taps_run(t, "\0\1a\0\5bcd", 8, &out, &e), 0);
	check_mem(buf_head(&out), out.len, "\0\1a", 3);
	check_int(taps_finish(t, &out, &e), -1);
	check_int(e.code, ERROR_NETWORK);
	check_str(e.text, "record 2: ends after 3 of 5 bytes");
	check_int((intmax_t)out.len, 3);
	taps_close(t);
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

TEST("a hexdump shows offset, bytes and text, and lets the bytes pass")
{
	struct error e = { 0 };
	struct text seen = { .n = 0 };
	struct tap *t = tap_hexdump('>', collect, &seen, &e);
	struct buf out;

	buf_init(&out, 100);
	check_int(taps_run(t, "hello\n\0\xff 89abcdefX", 18, &out, &e), 0);
	check_int(taps_run(t, "Y", 1, &out, &e), 0);
	check_mem(buf_head(&out), out.len, "hello\n\0\xff 89abcdefXY", 19);
	check_str(seen.data,
	    "> 00000000  68 65 6c 6c 6f 0a 00 ff  20 38 39 61 62 63 64 65  |hello... 89abcde|\n"
	    "> 00000010  66 58                                             |fX|\n"
	    "> 00000012  59                                                |Y|\n");
	taps_close(t);
	buf_fini(&out);
}

TEST("taps work in a chain, each on what the one before it made")
{
	struct error e = { 0 };
	struct text seen = { .n = 0 };
	struct tap *chain = NULL;
	struct buf out;

	buf_init(&out, 100);
	taps_add(&chain, tap_crlf(&e));
	taps_add(&chain, tap_telnet_out(&e));
	taps_add(&chain, tap_hexdump('>', collect, &seen, &e));
	check_int(taps_run(chain, "\xff\n", 2, &out, &e), 0);
	check_mem(buf_head(&out), out.len, "\xff\xff\r\n", 4);
	check(strstr(seen.data, "ff ff 0d 0a") != NULL);
	taps_close(chain);
	buf_fini(&out);
}
