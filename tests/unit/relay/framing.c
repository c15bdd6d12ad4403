#include <linux/can.h>

#include "base/buf.h"
#include "base/error.h"
#include "relay/filter/framing.h"
#include "test.h"

static struct error error;

/* Returns records as "[one][two]", then "!text" of an error. */
static const char *
records(const char *how, const char *data, size_t n, size_t split, size_t max)
{
	static char text[2048];
	struct framing framing;
	struct framer f;
	char *record;
	size_t at = 0, len, part;
	int rc = 0, piece;

	if (!check_int(framing_parse(how, &framing, &error), 0))
		return "";
	framer_init(&f, &framing, max);
	text[0] = '\0';
	for (piece = 0; piece < 3 && rc >= 0; piece++) {
		if (piece == 2) {
			framer_end(&f);
		} else {
			part = piece == 0 ? split : n - split;
			check_int(framer_feed(&f, data + (piece == 0 ? 0 : split), part, &error),
			    0);
		}
		while ((rc = framer_next(&f, &record, &len, &error)) > 0)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "[%.*s]", (int)len,
			    record);
	}
	if (rc < 0)
		snprintf(text + at, sizeof(text) - at, "!%s", error.text);
	framer_fini(&f);
	return text;
}

static void
check_records(const char *how, const char *data, size_t n, const char *want)
{
	for (size_t split = 0; split <= n; split++)
		if (!check_str(records(how, data, n, split, 8), want))
			printf("# split at %zu\n", split);
}

#define CHECK_RECORDS(how, data, want) check_records(how, data, sizeof(data) - 1, want)

TEST("a line keeps its LF, and the last one need not have it")
{
	CHECK_RECORDS("line", "", "");
	CHECK_RECORDS("line", "one\n\ntwo", "[one\n][\n][two]");
	CHECK_RECORDS("line", "a\r\nb\n", "[a\r\n][b\n]");
}

TEST("a NUL ends a record and is not part of it")
{
	CHECK_RECORDS("nul", "one\0\0two", "[one][][two]");
	CHECK_RECORDS("nul", "a\nb\0", "[a\nb]");
}

TEST("hex reads one datagram a line, with or without spaces between bytes")
{
	CHECK_RECORDS("hex", "616263\n\n61 62\r\n6A6b", "[abc][][ab][jk]");
	CHECK_RECORDS("hex", "61 \n \n", "[a][]");
}

TEST("hex names the record and the wrong byte")
{
	CHECK_RECORDS("hex", "61\n6x\n",
	    "[a]!record 2: not pairs of hexadecimal digits from byte 1 on");
	CHECK_RECORDS("hex", "6\n", "!record 1: not pairs of hexadecimal digits from byte 1 on");
	CHECK_RECORDS("hex", "6 1\n", "!record 1: not pairs of hexadecimal digits from byte 1 on");
}

TEST("whole is one record, even if empty")
{
	CHECK_RECORDS("whole", "a\nb", "[a\nb]");
	CHECK_RECORDS("whole", "", "[]");
}

TEST("two bytes of length precede a record of len16")
{
	CHECK_RECORDS("len16", "\0\3abc\0\0\0\1x", "[abc][][x]");
	CHECK_RECORDS("len16", "", "");
}

TEST("an incomplete record of len16 is an error")
{
	CHECK_RECORDS("len16", "\0\1a\0", "[a]!record 2: ends within its length");
	CHECK_RECORDS("len16", "\0\3ab", "!record 1: ends after 2 of 3 bytes");
}

TEST("four bytes of length precede a record of len32")
{
	CHECK_RECORDS("len32", "\0\0\0\3abc\0\0\0\0\0\0\0\1x", "[abc][][x]");
	CHECK_RECORDS("len32", "\0\0\0\1a\0\0", "[a]!record 2: ends within its length");
	CHECK_RECORDS("len32", "\0\0\0\3ab", "!record 1: ends after 2 of 3 bytes");
	CHECK_RECORDS("len32", "\1\0\0\0ab", "!record 1: 16777216 bytes and more, the limit is 8");
}

TEST("digits and a space precede a record of octets")
{
	CHECK_RECORDS("octets", "3 abc0 1 x8 12345678", "[abc][][x][12345678]");
	CHECK_RECORDS("octets", "", "");
	CHECK_RECORDS("octets", "1 a1", "[a]!record 2: ends within its length");
	CHECK_RECORDS("octets", "3 ab", "!record 1: ends after 2 of 3 bytes");
	CHECK_RECORDS("octets", "1 a1a", "[a]!record 2: no number and a blank in front of it");
	CHECK_RECORDS("octets", "01 a", "!record 1: no number and a blank in front of it");
	CHECK_RECORDS("octets", " a", "!record 1: no number and a blank in front of it");
	CHECK_RECORDS("octets", "-1 a", "!record 1: no number and a blank in front of it");
	CHECK_RECORDS("octets", "9 123456789", "!record 1: 9 bytes and more, the limit is 8");
	CHECK_RECORDS("octets", "9999999999 1",
	    "!record 1: 9999999999 bytes and more, the limit is 8");
	CHECK_RECORDS("octets", "99999999999 1", "!record 1: no number and a blank in front of it");
}

TEST("a NUL before the first complete record makes the input one record, if that is enabled")
{
	static const struct framing guess = { .kind = FRAMING_LINE, .nul_is_whole = true };
	struct framer f;
	char *record;
	size_t n;

	framer_init(&f, &guess, 100);
	check_int(framer_feed(&f, "a\nb\0c\n", 6, &error), 0);
	check_int(framer_next(&f, &record, &n, &error), 0);
	check_int(framer_feed(&f, "d", 1, &error), 0);
	check_int(framer_next(&f, &record, &n, &error), 0);
	framer_end(&f);
	check_int(framer_next(&f, &record, &n, &error), 1);
	check_mem(record, n, "a\nb\0c\nd", 7);
	check_int(framer_next(&f, &record, &n, &error), 0);
	framer_fini(&f);

	framer_init(&f, &guess, 100);
	check_int(framer_feed(&f, "a\n", 2, &error), 0);
	check_int(framer_next(&f, &record, &n, &error), 1);
	check_int(framer_feed(&f, "b\0\n", 3, &error), 0);
	check_int(framer_next(&f, &record, &n, &error), 1);
	check_mem(record, n, "b\0\n", 3);
	framer_fini(&f);
}

TEST("chunks have one size, except the last")
{
	CHECK_RECORDS("chunk=3", "abcdefgh", "[abc][def][gh]");
	CHECK_RECORDS("chunk=4", "abcdefgh", "[abcd][efgh]");
	CHECK_RECORDS("chunk=1", "ab", "[a][b]");
}

TEST("a record as long as the limit is one, a longer one is an error that says so")
{
	static const struct {
		const char *how, *data;
		size_t n;
	} rows[] = {
		{ "line", "1234567\n12345678\n", 17 },
		{ "nul",
		    "12345678\0"
		    "123456789",
		    18 },
		{ "hex", "3132333435363738\n313233343536373839\n", 36 },
		{ "whole", "123456789", 9 },
		{ "len16",
		    "\0\10"
		    "12345678\0\11"
		    "123456789",
		    21 },
		{ "chunk=9", "123456789", 9 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t split = 0; split <= rows[i].n; split++) {
			const char *got = records(rows[i].how, rows[i].data, rows[i].n, split, 8);
			const char *end = strchr(got, '!');

			if (!check(end != NULL))
				continue;
			check_str(end,
			    strchr(rows[i].how, '=') || rows[i].how[0] == 'w'
				? "!record 1: 9 bytes and more, the limit is 8"
				: "!record 2: 9 bytes and more, the limit is 8");
			check(strstr(error.hint, "--framing chunk=N") != NULL);
		}
}

TEST("a line of only spaces does not grow for ever")
{
	char blanks[100];

	memset(blanks, ' ', sizeof(blanks));
	check(strstr(records("hex", blanks, sizeof(blanks), 70, 8), "the limit is 8") != NULL);
}

static const char *
put(const char *how, const char *record, size_t n)
{
	static char text[64];
	struct framing framing = { .kind = FRAMING_RAW };
	struct buf out;

	if (how != NULL)
		check_int(framing_parse(how, &framing, &error), 0);
	buf_init(&out, 64);
	check_int(framing_put(&framing, record, n, &out, &error), 0);
	memset(text, '#', sizeof(text));
	if (out.len > 0)
		memcpy(text, buf_head(&out), out.len);
	text[out.len] = '\0';
	buf_fini(&out);
	return text;
}

TEST("records are written to a stream as their framing says")
{
	check_str(put(NULL, "ab", 2), "ab");
	check_str(put("line", "ab", 2), "ab\n");
	check_str(put("line", "ab\n", 3), "ab\n");
	check_str(put("line", "", 0), "\n");
	check_mem(put("nul", "ab", 2), 4, "ab\0", 4);
	check_str(put("hex", "a\377", 2), "61ff\n");
	check_str(put("hex", "", 0), "\n");
	check_str(put("whole", "ab", 2), "ab");
	check_mem(put("len16", "ab", 2), 5, "\0\2ab", 5);
	check_str(put("chunk=7", "ab", 2), "ab");
}

TEST("len16 refuses a record that is too long for its length")
{
	struct framing framing = { .kind = FRAMING_LEN16 };
	static char record[65536];
	struct buf out;

	buf_init(&out, 1 << 20);
	check_int(framing_put(&framing, record, 65535, &out, &error), 0);
	check_int(out.len, 65537);
	check_int(framing_put(&framing, record, 65536, &out, &error), -1);
	check_int(out.len, 65537);
	buf_fini(&out);
}

TEST("with read a record is what is there, up to the size")
{
	struct framing f = { .kind = FRAMING_READ, .chunk = 4 };
	struct framer r;
	char *record;
	size_t n;

	framer_init(&r, &f, FRAMING_MAX);
	check_int(framer_next(&r, &record, &n, NULL), 0);
	check_int(framer_feed(&r, "a\nb\nc", 5, NULL), 0);
	check_int(framer_next(&r, &record, &n, NULL), 1);
	check_int(n, 4);
	check_int(framer_next(&r, &record, &n, NULL), 1);
	check_int(n, 1);
	check_int(record[0], 'c');
	check_int(framer_next(&r, &record, &n, NULL), 0);
	framer_fini(&r);
}

TEST("names of framings are parsed strictly")
{
	struct framing framing;

	check_int(framing_parse("chunk=64k", &framing, &error), 0);
	check_int((long)framing.chunk, 65536);
	check_int(framing_parse("chunk=0", &framing, &error), -1);
	check_int(framing_parse("chunk=2M", &framing, &error), -1);
	check_int(framing_parse("chunk=", &framing, &error), -1);
	check_int(framing_parse("lines", &framing, &error), -1);
	check_str(error.text,
	    "'lines' is not line, nul, hex, whole, len16, len32, octets, chunk=SIZE or read=SIZE");
	check_int(framing_parse("raw", &framing, &error), -1);
}

TEST("a returned record stays valid until the next piece")
{
	struct framing framing = { .kind = FRAMING_HEX };
	struct framer f;
	char *a, *b;
	size_t na, nb;

	framer_init(&f, &framing, 100);
	require(framer_feed(&f, "6161\n6262\n63", 12, &error) == 0);
	require(framer_next(&f, &a, &na, &error) == 1);
	require(framer_next(&f, &b, &nb, &error) == 1);
	check_int(framer_next(&f, &b, &nb, &error), 0);
	check_mem(a, na, "aa", 2);
	check_mem(b, nb, "bb", 2);
	check_int((long)f.number, 2);
	check_int((long)framer_buffered(&f), 2);
	framer_fini(&f);
}

/* Makes frames of text in pieces, and text of the frames. */
static void
check_frames(const char *text, size_t n, size_t split, const char *want)
{
	struct framing framing = { .kind = FRAMING_CAN };
	struct buf out;
	struct framer f;
	char *record[16];
	size_t len[16], have, i;
	int piece;

	framer_init(&f, &framing, FRAMING_MAX);
	buf_init(&out, 4096);
	for (piece = 0; piece < 3; piece++) {
		if (piece == 2)
			framer_end(&f);
		else
			require(framer_feed(&f, piece == 0 ? text : text + split,
				    piece == 0 ? split : n - split, &error) == 0);
		for (have = 0; framer_next(&f, &record[have], &len[have], &error) > 0; have++)
			;
		/* no frame of a piece moves */
		for (i = 0; i < have; i++)
			require(framing_put(&framing, record[i], len[i], &out, &error) == 0);
	}
	if (!check_str(buf_text(&out, &error), want))
		printf("# split at %zu\n", split);
	framer_fini(&f);
	buf_fini(&out);
}

TEST("lines of text are frames of a CAN bus, and frames are lines")
{
	const char text[] = "123#DEADBEEF\n123#\r\n123##1aa\n12345678#11.22\n123#R4";

	for (size_t split = 0; split < sizeof text; split++)
		check_frames(text, sizeof text - 1, split,
		    "123#DEADBEEF\n123#\n123##1AA\n12345678#1122\n123#R4\n");
}

TEST("the frames of a burst of the shortest lines do not move until the next piece")
{
	enum { FRAMES = 500 };
	struct framing framing = { .kind = FRAMING_CAN };
	char *records[FRAMES];
	struct framer f;
	size_t len;
	int wrong = 0;

	framer_init(&f, &framing, FRAMING_MAX);
	for (int i = 0; i < FRAMES; i++) {
		char line[8];

		snprintf(line, sizeof(line), "%03X#\n", i);
		require(framer_feed(&f, line, 5, &error) == 0);
	}
	for (int i = 0; i < FRAMES; i++)
		require(framer_next(&f, &records[i], &len, &error) == 1);
	for (int i = 0; i < FRAMES; i++)
		wrong += ((const struct can_frame *)(const void *)records[i])->can_id != (canid_t)i;
	check_int(wrong, 0);
	framer_fini(&f);
}

TEST("a line that is no frame is an error that names the line and the fault")
{
	struct framing framing = { .kind = FRAMING_CAN };
	struct buf out;
	struct framer f;
	char *record;
	size_t n;

	framer_init(&f, &framing, FRAMING_MAX);
	require(framer_feed(&f, "123#11\n\n", 8, &error) == 0);
	check_int(framer_next(&f, &record, &n, &error), 1);
	check_int((long)n, 16);
	check_int(framer_next(&f, &record, &n, &error), -1);
	check_str(error.text,
	    "record 2: '' is no CAN frame: the identifier must have 3 or 8 digits");
	check_int(error.code, ERROR_LOCAL_IO);
	framer_fini(&f);
	buf_init(&out, 100);
	check_int(framing_put(&framing, "123", 3, &out, &error), -1);
	check_int(error.code, ERROR_NETWORK);
	buf_fini(&out);
}
