#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "net/mmsg.h"
#include "relay/filter/filter.h"
#include "relay/record_reader.h"
#include "stream/stream.h"
#include "test.h"

#define SEC NSEC_PER_SEC

/* A stream that gives one entry of the script a call. */
struct script {
	struct stream stream;      /* first */
	const char *const *pieces; /* NULL: nothing yet; "": the end; "!": a failure */
	int number;                /* of the failure */
};

static ssize_t
script_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct script *sc = (struct script *)(void *)s;
	const char *piece = *sc->pieces++;

	(void)n;
	if (piece == NULL)
		return STREAM_WANT_READ;
	if (strcmp(piece, "!") == 0)
		return error_errno(e, ERROR_LOCAL_IO, sc->number, "read script");
	memcpy(data, piece, strlen(piece));
	return (ssize_t)strlen(piece);
}

static enum stream_kind
script_kind(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return STREAM_OTHER;
}

static const struct stream_ops script_ops = { .read = script_read, .kind = script_kind };

static void
begin(struct record_reader *f, struct script *sc, enum framing_kind kind, uint64_t rate,
    int64_t delay)
{
	const struct framing framing = { .kind = kind };

	sc->stream.ops = &script_ops;
	record_reader_init(f, &framing, rate, delay);
	f->stream = &sc->stream;
}

/* Stores the records of one call in text, with '|' after each. */
static int
taken(struct record_reader *f, unsigned n, uint64_t most, int64_t now, char *text, struct error *e)
{
	struct packet packets[MMSG_MAX];
	int got = record_reader_read(f, packets, n, most, now, e), i;

	*text = '\0';
	for (i = 0; i < got; i++) {
		strncat(text, packets[i].data, packets[i].len);
		strcat(text, "|");
	}
	return got;
}

TEST("records come in batches, and the end after the last")
{
	static const char *const pieces[] = { "one\ntwo\nth", NULL, "ree\nrest", "", NULL };
	struct script sc = { .pieces = pieces };
	struct record_reader f;
	char text[100];

	begin(&f, &sc, FRAMING_LINE, 0, 0);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 2);
	check_str(text, "one\n|two\n|");
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 0);
	check(f.blocked);
	check(!f.ended);
	/* not read again before it is readable */
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 0);
	f.blocked = false;
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 1);
	check_str(text, "three\n|");
	check_int(f.n_read, 18);
	check_int(record_reader_buffered(&f), 4);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 1);
	check_str(text, "rest|");
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 0);
	check(f.ended);
	record_reader_fini(&f);
}

TEST("no more records are returned than requested, in number or bytes")
{
	static const char *const pieces[] = { "a\nb\nc\nd\ne\n", NULL };
	struct script sc = { .pieces = pieces };
	struct record_reader f;
	char text[100];

	begin(&f, &sc, FRAMING_LINE, 0, 0);
	check_int(taken(&f, 1, UINT64_MAX, SEC, text, NULL), 1);
	check_int(taken(&f, 64, 3, SEC, text, NULL), 2);
	check_str(text, "b\n|c\n|");
	/* `most` bytes are enough */
	check_int(taken(&f, 64, 2, SEC, text, NULL), 1);
	check_str(text, "d\n|");
	record_reader_fini(&f);
}

TEST("records before a malformed one are returned, then the failure, once")
{
	static const char *const pieces[] = { "41\n42\nxx\n43\n", NULL };
	struct script sc = { .pieces = pieces };
	struct record_reader f;
	struct error e = { 0 };
	char text[100];

	begin(&f, &sc, FRAMING_HEX, 0, 0);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, &e), 2);
	check_str(text, "A|B|");
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, &e), -1);
	check(strncmp(e.text, "record 3: ", 10) == 0);
	check(f.ended);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, &e), 0);
	record_reader_fini(&f);
}

TEST("a failed stream is a failure; a program that exits is the end")
{
	static const char *const pieces[] = { "a\n", "!" };
	struct script sc = { .pieces = pieces, .number = ECONNRESET };
	struct record_reader f;
	struct error e = { 0 };
	char text[100];

	begin(&f, &sc, FRAMING_LINE, 0, 0);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, &e), 1);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, &e), -1);
	check(f.ended);
	record_reader_fini(&f);
	sc.pieces = pieces;
	begin(&f, &sc, FRAMING_LINE, 0, 0);
	f.program = true;
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, &e), 1);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, &e), 0);
	check(f.ended);
	record_reader_fini(&f);
}

TEST("a delay is between records, and none follows the last")
{
	static const char *const pieces[] = { "a\nb\n", "", NULL };
	struct script sc = { .pieces = pieces };
	struct record_reader f;
	char text[100];

	begin(&f, &sc, FRAMING_LINE, 0, SEC);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 1);
	check_str(text, "a\n|");
	check_int(taken(&f, 64, UINT64_MAX, 2 * SEC - 1, text, NULL), 0);
	check(!f.ended);
	check_int(pacer_until(&f.pacer).at, 2 * SEC);
	check_int(taken(&f, 64, UINT64_MAX, 2 * SEC, text, NULL), 1);
	check_str(text, "b\n|");
	check(!f.ended);
	check_int(taken(&f, 64, UINT64_MAX, 2 * SEC, text, NULL), 0);
	check(f.ended);
	record_reader_fini(&f);
}

TEST("a rate counts the bytes of records")
{
	static const char *const pieces[] = { "12345678\n12345678\n12345678\n", NULL };
	struct script sc = { .pieces = pieces };
	struct record_reader f;
	char text[100];

	begin(&f, &sc, FRAMING_LINE, 9, 0);
	check_int(taken(&f, 64, UINT64_MAX, 10 * SEC, text, NULL), 1);
	check_int(taken(&f, 64, UINT64_MAX, 10 * SEC + SEC / 2, text, NULL), 0);
	check_int(taken(&f, 64, UINT64_MAX, 11 * SEC, text, NULL), 1);
	check_int(taken(&f, 64, UINT64_MAX, 11 * SEC + SEC / 2, text, NULL), 0);
	record_reader_fini(&f);
}

TEST("filters see one record at a time, and their output is charged")
{
	static const char *const pieces[] = { "a\nb\n", NULL };
	struct script sc = { .pieces = pieces };
	struct record_reader f;
	char text[100];

	begin(&f, &sc, FRAMING_LINE, 3, 0);
	check_int(filters_add(&f.filters, filter_crlf(NULL)), 0);
	check_int(taken(&f, 64, UINT64_MAX, 10 * SEC, text, NULL), 1);
	check_str(text, "a\r\n|");
	check_int(taken(&f, 64, UINT64_MAX, 10 * SEC + 940 * NSEC_PER_MSEC, text, NULL), 0);
	check_int(taken(&f, 64, UINT64_MAX, 11 * SEC, text, NULL), 1);
	check_str(text, "b\r\n|");
	record_reader_fini(&f);
}

TEST("a list is repeated, and its end is known with the last record")
{
	static const struct message_relay_record list[] = { { "a", 1 }, { "", 0 }, { "bc", 2 } };
	const struct framing framing = { .kind = FRAMING_LINE };
	struct record_reader f;
	char text[100];

	record_reader_init(&f, &framing, 0, 0);
	f.list = list;
	f.n_list = 3;
	f.repeat = 2;
	check_int(taken(&f, 4, UINT64_MAX, SEC, text, NULL), 4);
	check_str(text, "a||bc|a|");
	check(!f.ended);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 2);
	check_str(text, "|bc|");
	check(f.ended);
	check_int(record_reader_buffered(&f), 0);
	record_reader_fini(&f);
}

TEST("an end from outside makes buffered bytes a record")
{
	static const char *const pieces[] = { "a\nhalf", NULL };
	struct script sc = { .pieces = pieces };
	struct record_reader f;
	char text[100];

	begin(&f, &sc, FRAMING_LINE, 0, 0);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 1);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 0);
	record_reader_end(&f);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 1);
	check_str(text, "half|");
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 0);
	check(f.ended);
	record_reader_fini(&f);
}

TEST("an incomplete record is a failure at the end of input, and none if reading is stopped")
{
	static const char *const pieces[] = { "61\n626", NULL };
	struct script sc;
	struct record_reader f;
	struct error e = { 0 };
	char text[100];
	int i;

	for (i = 0; i < 2; i++) {
		sc = (struct script){ .pieces = pieces };
		begin(&f, &sc, FRAMING_HEX, 0, 0);
		check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 1);
		check_str(text, "a|");
		check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 0);
		if (i == 0)
			record_reader_end(&f);
		else
			record_reader_stop(&f);
		check_int(taken(&f, 64, UINT64_MAX, SEC, text, &e), i - 1);
		check(f.ended);
		check_int(record_reader_buffered(&f), 3);
		record_reader_fini(&f);
	}
	check_str(e.text, "record 2: not pairs of hexadecimal digits from byte 3 on");
}

TEST("an empty input is one record with FRAMING_WHOLE")
{
	static const char *const pieces[] = { "", NULL };
	struct script sc = { .pieces = pieces };
	struct record_reader f;
	char text[100];

	begin(&f, &sc, FRAMING_WHOLE, 0, 0);
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 1);
	check_str(text, "|");
	check_int(taken(&f, 64, UINT64_MAX, SEC, text, NULL), 0);
	check(f.ended);
	record_reader_fini(&f);
}
