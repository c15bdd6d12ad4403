#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "relay/capture/dialogue_reader.h"
#include "relay/capture/dialogue_writer.h"
#include "test.h"

#define HEADER                                                                                     \
	"{\"usock\":\"recording\",\"version\":1,\"started\":\"2026-11-30T23:00:00.000000001Z\","   \
	"\"command\":\"listen\"}\n"
#define OPEN "{\"t\":1,\"c\":7,\"event\":\"open\",\"role\":\"server\",\"type\":\"stream\"}\n"
#define OPEN_RECORDS                                                                               \
	"{\"t\":1,\"c\":7,\"event\":\"open\",\"role\":\"server\",\"type\":\"records\"}\n"

/* A text as a source. */
struct text_source {
	const char *at;
	size_t left;
};

static int
text_read(void *arg, void *data, size_t n, size_t *ret_n, struct error *e)
{
	struct text_source *t = arg;
	size_t got = n < t->left ? n : t->left;

	(void)e;
	memcpy(data, t->at, got);
	t->at += got;
	t->left -= got;
	*ret_n = got;
	return 0;
}

static int
open_text(struct dialogue_reader **r, struct text_source *t, struct error *e)
{
	const struct dialogue_source source = { text_read, t, "file" };

	return dialogue_reader_open(r, &source, e);
}

/* Reads all events, and returns how many there were, or -1. */
static int
count_events(const char *text, struct error *e)
{
	struct text_source t = { text, strlen(text) };
	struct dialogue_reader *r;
	struct dialogue_event event;
	int n = 0, rc;

	if (open_text(&r, &t, e) < 0)
		return -1;
	while ((rc = dialogue_reader_next(r, &event, e)) > 0)
		n++;
	dialogue_reader_close(r);
	return rc < 0 ? -1 : n;
}

static void
check_refused(const char *text, const char *want)
{
	struct error e = { 0 };

	check_int(count_events(text, &e), -1);
	check_str(e.text, want);
	check_int(e.code, ERROR_USAGE);
}

TEST("times are written and read, to the nanosecond and around 1970")
{
	static const int64_t times[] = { 0, 1, -1, 1796079600000000001, -5000000000,
		INT64_MAX / 2 };
	char text[DIALOGUE_TIME_SIZE];
	int64_t again;

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		dialogue_format_time(times[i], text);
		check_int(dialogue_parse_time(text, strlen(text), &again), 0);
		check_int(again, times[i]);
	}
	dialogue_format_time(-1, text);
	check_str(text, "1969-12-31T23:59:59.999999999Z");
}

TEST("a time that is not written in the one way is refused")
{
	static const char *const texts[] = { "2026-11-31T23:00:00.000000000Z",
		"2026-11-30T24:00:00.000000000Z", "2026-11-30 23:00:00.000000000Z",
		"2026-11-30T23:00:00.00000000xZ", "2026-11-30T23:00:00Z",
		"9999-11-30T23:00:00.000000000Z", "" };
	int64_t time;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		check_int(dialogue_parse_time(texts[i], strlen(texts[i]), &time), -1);
}

static void
write_all(struct buf *out, const struct dialogue_event *events, size_t n)
{
	const struct dialogue_header header = { 1796079600000000001, "listen" };

	check_int(dialogue_write_header(out, &header, NULL), 0);
	for (size_t i = 0; i < n; i++)
		check_int(dialogue_write(out, &events[i], NULL), 0);
}

TEST("every kind of event is written and read back")
{
	const struct dialogue_event events[] = {
		{ .time = 5,
		    .connection = 3,
		    .kind = DIALOGUE_OPEN,
		    .role = DIALOGUE_SERVER,
		    .type = DIALOGUE_RECORDS,
		    .local = "tcp:[::1]:1",
		    .peer = "unix:/a b\"\n\xc3\xbc" },
		{ .time = 5,
		    .connection = 3,
		    .kind = DIALOGUE_TLS,
		    .version = "TLSv1.3",
		    .cipher = "C",
		    .alpn = "h2" },
		{ .time = 6,
		    .connection = 3,
		    .kind = DIALOGUE_SECRET,
		    .text = "CLIENT_RANDOM 1 2" },
		{ .time = 7,
		    .connection = 3,
		    .dir = DIALOGUE_SENT,
		    .data = "a\"\\\r\n\t~ ",
		    .n = 8 },
		{ .time = 7,
		    .connection = 3,
		    .dir = DIALOGUE_RECEIVED,
		    .data = "\0\x7f\xff",
		    .n = 3 },
		{ .time = 8, .connection = 3, .dir = DIALOGUE_RECEIVED, .data = "", .n = 0 },
		{ .time = 9, .connection = 3, .kind = DIALOGUE_END, .dir = DIALOGUE_SENT },
		{ .time = 9,
		    .connection = 3,
		    .kind = DIALOGUE_RESET,
		    .dir = DIALOGUE_RECEIVED,
		    .text = "Connection reset by peer" },
	};
	const size_t n = sizeof events / sizeof events[0];
	struct buf out;
	struct text_source t;
	struct dialogue_reader *r;
	struct dialogue_event got;

	buf_init(&out, 1 << 20);
	write_all(&out, events, n);
	t = (struct text_source){ buf_head(&out), out.len };
	require(open_text(&r, &t, NULL) == 0);
	check_int(dialogue_reader_header(r)->started, 1796079600000000001);
	check_str(dialogue_reader_header(r)->command, "listen");
	for (size_t i = 0; i < n; i++) {
		require(dialogue_reader_next(r, &got, NULL) == 1);
		check_int(got.kind, events[i].kind);
		check_int(got.time, events[i].time);
		check_int((intmax_t)got.connection, 3);
		check_int(got.role, DIALOGUE_SERVER);
		check_int(got.type, DIALOGUE_RECORDS);
		check_int((intmax_t)got.place.line, (intmax_t)i + 2);
		check_mem(got.data, got.n, events[i].data, events[i].n);
		check_str(got.local, events[i].local);
		check_str(got.peer, events[i].peer);
		check_str(got.version, events[i].version);
		check_str(got.cipher, events[i].cipher);
		check_str(got.alpn, events[i].alpn);
		check_str(got.server_name, events[i].server_name);
		check_str(got.text, events[i].text);
		if (got.kind == DIALOGUE_DATA || got.kind == DIALOGUE_END)
			check_int(got.dir, events[i].dir);
	}
	check_int(dialogue_reader_next(r, &got, NULL), 0);
	check_int((intmax_t)dialogue_reader_cut(r), 0);
	dialogue_reader_close(r);
	buf_fini(&out);
}

/* Writes n bytes as one event of this type, and returns how many lines have "more". */
static int
count_more(enum dialogue_type type, size_t n, size_t *ret_lines)
{
	static char data[3 * DIALOGUE_DATA_MAX];
	const struct dialogue_event events[] = {
		{ .kind = DIALOGUE_OPEN, .type = type },
		{ .dir = DIALOGUE_SENT, .type = type, .data = data, .n = n },
	};
	struct buf out;
	struct text_source t;
	struct dialogue_reader *r;
	struct dialogue_event got;
	size_t bytes = 0;
	int more = 0;

	buf_init(&out, 1 << 20);
	write_all(&out, events, 2);
	t = (struct text_source){ buf_head(&out), out.len };
	*ret_lines = 0;
	check_int(open_text(&r, &t, NULL), 0);
	while (dialogue_reader_next(r, &got, NULL) == 1) {
		*ret_lines += got.kind == DIALOGUE_DATA;
		more += got.kind == DIALOGUE_DATA && got.more;
		bytes += got.n;
	}
	check_int((intmax_t)bytes, (intmax_t)n);
	dialogue_reader_close(r);
	buf_fini(&out);
	return more;
}

TEST("long data takes several lines, of which a record is told to be one")
{
	size_t lines;

	check_int(count_more(DIALOGUE_DATAGRAM, DIALOGUE_DATA_MAX, &lines), 0);
	check_int((intmax_t)lines, 1);
	check_int(count_more(DIALOGUE_DATAGRAM, DIALOGUE_DATA_MAX + 1, &lines), 1);
	check_int((intmax_t)lines, 2);
	check_int(count_more(DIALOGUE_RECORDS, 3 * DIALOGUE_DATA_MAX, &lines), 2);
	check_int((intmax_t)lines, 3);
	check_int(count_more(DIALOGUE_STREAM, 3 * DIALOGUE_DATA_MAX, &lines), 0);
	check_int((intmax_t)lines, 3);
}

TEST("a full buffer is left as it was")
{
	const struct dialogue_event event = { .dir = DIALOGUE_SENT, .data = "0123456789", .n = 10 };
	struct buf out;

	buf_init(&out, 40);
	check_int(buf_append(&out, "x", 1, NULL), 0);
	check_int(dialogue_write(&out, &event, NULL), -1);
	check_mem(buf_head(&out), out.len, "x", 1);
	buf_fini(&out);
}

TEST("a recording that ends in the middle of a line is read up to there")
{
	struct text_source t = { HEADER OPEN "{\"t\":2,\"c\":", strlen(HEADER OPEN) + 11 };
	struct dialogue_reader *r;
	struct dialogue_event event;

	require(open_text(&r, &t, NULL) == 0);
	check_int(dialogue_reader_next(r, &event, NULL), 1);
	check_int(dialogue_reader_next(r, &event, NULL), 0);
	check_int((intmax_t)dialogue_reader_cut(r), 11);
	dialogue_reader_close(r);
}

TEST("one connection is read from its place on, whatever the others are")
{
	const char *text = OPEN "{\"t\":2,\"c\":8,\"event\":\"what\"}\n"
				"{\"t\":2,\"c\":7,\"dir\":\"sent\",\"text\":\"\"}\n"
				"{\"t\":2,\"c\":7,\"event\":\"close\"}\n"
				"{\"t\":2,\"c\":7,\"event\":\"beyond\"}\n";
	struct text_source t = { text, strlen(text) };
	const struct dialogue_source source = { text_read, &t, "file" };
	const struct dialogue_place place = { .offset = 100, .line = 10 };
	struct dialogue_reader *r;
	struct dialogue_event event;

	require(dialogue_reader_open_at(&r, &source, &place, 7, NULL) == 0);
	check_int(dialogue_reader_next(r, &event, NULL), 1);
	check_int((intmax_t)event.place.offset, 100);
	check_int(dialogue_reader_next(r, &event, NULL), 1);
	check_int(event.kind, DIALOGUE_DATA);
	check_int((intmax_t)event.place.line, 12);
	check_int(dialogue_reader_next(r, &event, NULL), 1);
	check_int(event.kind, DIALOGUE_CLOSE);
	check_int(dialogue_reader_next(r, &event, NULL), 0);
	dialogue_reader_close(r);
}

TEST("what is no recording is told from one")
{
	check_refused("", "file:1: not a recording of usock: its first line is missing");
	check_refused("{", "file:1: not a recording of usock: its first line is not complete");
	check_refused("{}\n", "file:1: not a recording of usock");
	check_refused("hello\n", "file:1: not a recording of usock: not a JSON object");
	check_refused("{\"usock\":\"recording\",\"version\":2,\"started\":\"\"}\n",
	    "file:1: version 2 of the format, of which only 1 is known here");
	check_refused("{\"usock\":\"recording\",\"version\":1,\"started\":\"now\"}\n",
	    "file:1: 'now' is no \"started\"");
	/* a time may be added to it */
	check_refused("{\"usock\":\"recording\",\"version\":1,\"started\":\"2189-03-21T00:00:00."
		      "000000000Z\"}\n",
	    "file:1: '2189-03-21T00:00:00.000000000Z' is no \"started\"");
	check_refused("{\"usock\":\"recording\",\"version\":1}\n",
	    "file:1: \"started\" is missing");
	/* what would be written in another way than it was read */
	check_refused("{\"usock\":\"recording\",\"version\":1,"
		      "\"started\":\"2026-11-30T23:00:00.000000000Z\",\"command\":\"a\\u0020b\"}\n",
	    "file:1: 'a\\u0020b' is no \"command\"");
	check_refused("{\"usock\":\"recording\",\"version\":1,"
		      "\"started\":\"2026-11-30T23:00:00.000000000Z\",\"command\":\"a\x7f\"}\n",
	    "file:1: 'a?' is no \"command\"");
}

TEST("a line that breaks the format is refused with its number")
{
	static const char *const lines[][2] = {
		{ "\n", "not a JSON object" },
		{ "{\"t\":2,\"c\":7}\n", "\"dir\" is missing" },
		{ "{\"t\":2,\"c\":7,\"dir\":\"sent\"}\n",
		    "data is in one of \"text\" and \"base64\"" },
		{ "{\"t\":2,\"c\":7,\"dir\":\"up\",\"text\":\"\"}\n", "'up' is no \"dir\"" },
		{ "{\"t\":2,\"c\":7,\"dir\":\"sent\",\"text\":\"\",\"more\":true}\n",
		    "\"more\" is for datagrams and records" },
		{ "{\"t\":2,\"c\":7,\"dir\":\"sent\",\"base64\":\"AAE\"}\n", "not base64" },
		{ "{\"t\":2,\"c\":7,\"t\":2}\n", "\"t\" is there twice" },
		{ "{\"t\":\"2\",\"c\":7}\n", "\"t\" is not an integer" },
		{ "{\"t\":-2,\"c\":7,\"event\":\"close\"}\n", "\"t\" is negative" },
		{ "{\"t\":2305843009213693953,\"c\":7,\"event\":\"close\"}\n",
		    "\"t\" is more than 73 years" },
		{ "{\"t\":0,\"c\":7,\"event\":\"close\"}\n",
		    "the time of connection 7 goes back, from 1" },
		{ "{\"t\":2,\"c\":8,\"event\":\"close\"}\n", "connection 8 is not open" },
		{ "{\"t\":2,\"c\":7,\"event\":\"data\"}\n", "'data' is no \"event\"" },
		{ "{\"t\":2,\"c\":7,\"event\":\"end\"}\n", "\"dir\" is missing" },
		{ "{\"t\":2,\"c\":7,\"event\":\"close\",\"dir\":\"sent\"}\n",
		    "\"dir\" does not belong here" },
		{ "{\"t\":2,\"c\":7,\"event\":\"close\",\"color\":1}\n",
		    "\"color\" is no member of a recording" },
		{ "{\"t\":2,\"c\":7,\"event\":\"close\"} x\n", "something follows the object" },
		{ "{\"t\":2,\"c\":7,\"event\":\"close\",\"reason\":\"a\\u0000b\"}\n",
		    "\"reason\" has a NUL" },
		{ OPEN, "connection 7 is open already" },
	};
	char text[1024], want[256];

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		snprintf(text, sizeof text, "%s%s%s", HEADER, OPEN, lines[i][0]);
		snprintf(want, sizeof want, "file:3: %s", lines[i][1]);
		check_refused(text, want);
	}
}

TEST("a direction ends once, and nothing comes after it")
{
	check_refused(HEADER OPEN "{\"t\":2,\"c\":7,\"event\":\"end\",\"dir\":\"sent\"}\n"
				  "{\"t\":2,\"c\":7,\"event\":\"end\",\"dir\":\"sent\"}\n",
	    "file:4: this direction has ended before");
	check_refused(HEADER OPEN "{\"t\":2,\"c\":7,\"event\":\"end\",\"dir\":\"sent\"}\n"
				  "{\"t\":2,\"c\":7,\"dir\":\"sent\",\"text\":\"x\"}\n",
	    "file:4: data after the end of this direction");
	check_int(count_events(HEADER OPEN
		      "{\"t\":2,\"c\":7,\"event\":\"end\",\"dir\":\"sent\"}\n"
		      "{\"t\":2,\"c\":7,\"dir\":\"received\",\"text\":\"x\"}\n",
		      NULL),
	    3);
}

TEST("a record that goes on is not interrupted")
{
#define MORE "{\"t\":2,\"c\":7,\"dir\":\"sent\",\"text\":\"a\",\"more\":true}\n"
	static const char why[] =
	    "file:4: the record of the line before is not complete: it has \"more\"";

	check_refused(HEADER OPEN_RECORDS MORE "{\"t\":2,\"c\":7,\"event\":\"close\"}\n", why);
	check_refused(
	    HEADER OPEN_RECORDS MORE "{\"t\":2,\"c\":7,\"dir\":\"received\",\"text\":\"\"}\n", why);
	check_int(count_events(HEADER OPEN_RECORDS MORE
		      "{\"t\":2,\"c\":7,\"dir\":\"sent\",\"text\":\"b\"}\n",
		      NULL),
	    3);
}

TEST("a failure stays")
{
	struct text_source t = { HEADER "x\n" OPEN, strlen(HEADER "x\n" OPEN) };
	struct dialogue_reader *r;
	struct dialogue_event event;
	struct error e = { 0 };

	require(open_text(&r, &t, NULL) == 0);
	check_int(dialogue_reader_next(r, &event, NULL), -1);
	check_int(dialogue_reader_next(r, &event, &e), -1);
	check_str(e.text, "file:2: not a JSON object");
	dialogue_reader_close(r);
}

TEST("many connections at once are kept apart")
{
	struct buf text;
	int i;

	buf_init(&text, 1 << 20);
	check_int(buf_printf(&text, NULL, "%s", HEADER), 0);
	for (i = 0; i < 1000; i++)
		check_int(buf_printf(&text, NULL,
			      "{\"t\":1,\"c\":%d,\"event\":\"open\",\"role\":\"client\","
			      "\"type\":\"stream\"}\n",
			      i * 7919 % 1000),
		    0);
	for (i = 0; i < 1000; i++)
		check_int(buf_printf(&text, NULL, "{\"t\":2,\"c\":%d,\"event\":\"close\"}\n",
			      i * 104729 % 1000),
		    0);
	check_int(count_events(buf_text(&text, NULL), NULL), 2000);
	buf_fini(&text);
}
