#include "cli/status/status_tracks.h"

#include <linux/tcp.h>
#include <netinet/in.h>

#include "base/buf.h"
#include "base/error.h"
#include "test.h"

static struct status_tracks tracks;

static struct sockname
loopback(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockname name = { .len = sizeof(in) };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&name.storage, &in, sizeof(in));
	return name;
}

/* A connection of this local port. */
static struct status_row
connection(uint16_t port)
{
	return (struct status_row){ .code = TCP_CODE_ESTABLISHED,
		.local = loopback(port),
		.peer = loopback(80),
		.inode = port,
		.proto = STATUS_TCP };
}

/* One sample with this row alone. */
static struct status_track *
sample(const struct status_row *row, double seconds)
{
	status_tracks_begin(&tracks);
	status_tracks_add(&tracks, row, seconds);
	status_tracks_end(&tracks);
	return &tracks.list[0];
}

/* The same with so many bytes in all. */
static struct status_track *
sample_bytes(uint64_t sent, uint64_t received, double seconds)
{
	struct tcp_info info = { .tcpi_bytes_acked = sent, .tcpi_bytes_received = received };
	struct status_row row = connection(1000);

	row.info = &info;
	row.info_len = sizeof(info);
	return sample(&row, seconds);
}

static void
tracks_open(void)
{
	memset(&tracks, 0, sizeof(tracks));
	check_int(status_tracks_init(&tracks, NULL), 0);
}

TEST("the rate is of both directions, between two samples, and the first has none")
{
	struct status_track *t;

	tracks_open();
	t = sample_bytes(1000000, 2000000, 1);
	check(t->rate < 0);
	t = sample_bytes(1000000 + 300, 2000000 + 700, 2);
	check_int((intmax_t)t->rate, 500);
	check(t->rates[STATUS_TRACK_HISTORY - 2] == 0);
	check_int((intmax_t)t->rates[STATUS_TRACK_HISTORY - 1], 500);
	check(t->row.info == NULL);
	t = sample_bytes(1000000 + 300, 2000000 + 700, 1);
	check(t->rate == 0);
	status_tracks_fini(&tracks);
}

TEST("a sample without time between, and counters that went back, give no rate that is none")
{
	struct status_track *t;

	tracks_open();
	sample_bytes(1000, 0, 1);
	t = sample_bytes(2000, 0, 0);
	check(t->rate < 0);
	t = sample_bytes(10, 0, 1);
	check(t->rate == 0);
	status_tracks_fini(&tracks);
}

TEST("a socket whose bytes were not known in the last sample has no rate yet")
{
	struct status_row unknown = connection(1000);
	struct status_track *t;

	tracks_open();
	sample_bytes(1000000, 0, 1);
	t = sample(&unknown, 1);
	check(t->rate < 0);
	t = sample_bytes(1000100, 0, 1);
	check(t->rate < 0);
	check(t->rates[STATUS_TRACK_HISTORY - 1] == 0);
	t = sample_bytes(1000300, 0, 1);
	check_int((intmax_t)t->rate, 200);
	status_tracks_fini(&tracks);
}

TEST("queues are added up, but the backlog of a listener is none")
{
	struct status_row row = connection(1000);
	struct status_track *t;

	tracks_open();
	row.rqueue = 3;
	row.wqueue = UINT32_MAX;
	t = sample(&row, 1);
	check(t->queues[STATUS_TRACK_HISTORY - 1] == 3.0 + UINT32_MAX);
	row.code = TCP_CODE_LISTEN;
	t = sample(&row, 1);
	check(t->queues[STATUS_TRACK_HISTORY - 1] == 3);
	check(t->queues[STATUS_TRACK_HISTORY - 2] == 3.0 + UINT32_MAX);
	check(t->queues[0] == 0);
	status_tracks_fini(&tracks);
}

TEST("a track is of one socket: cookie, inode and both addresses tell it from others")
{
	struct status_row rows[6];

	tracks_open();
	for (size_t i = 0; i < 6; i++)
		rows[i] = connection(1000);
	rows[1].cookie[1] = 7;
	rows[2].inode = 7;
	rows[3].local = loopback(1001);
	rows[4].peer = loopback(81);
	/* the same socket in another state */
	rows[5].code = TCP_CODE_CLOSE_WAIT;
	status_tracks_begin(&tracks);
	for (size_t i = 0; i < 6; i++)
		status_tracks_add(&tracks, &rows[i], 1);
	status_tracks_end(&tracks);
	check_int((intmax_t)tracks.n, 5);
	check_int(tracks.list[0].row.code, TCP_CODE_CLOSE_WAIT);
	status_tracks_fini(&tracks);
}

TEST("what is gone is left out, and the others keep their order and history")
{
	struct status_row a = connection(1), b = connection(2), c = connection(3);

	tracks_open();
	a.rqueue = 1;
	b.rqueue = 2;
	c.rqueue = 3;
	status_tracks_begin(&tracks);
	status_tracks_add(&tracks, &a, 1);
	status_tracks_add(&tracks, &b, 1);
	status_tracks_add(&tracks, &c, 1);
	status_tracks_end(&tracks);
	status_tracks_begin(&tracks);
	status_tracks_add(&tracks, &c, 1);
	status_tracks_add(&tracks, &b, 1);
	status_tracks_end(&tracks);
	check_int((intmax_t)tracks.n, 2);
	check_int((intmax_t)tracks.list[0].row.rqueue, 2);
	check_int((intmax_t)tracks.list[1].row.rqueue, 3);
	check(tracks.list[1].queues[STATUS_TRACK_HISTORY - 2] == 3);
	status_tracks_fini(&tracks);
}

TEST("more sockets than can be tracked are counted")
{
	tracks_open();
	for (int again = 0; again < 2; again++) {
		status_tracks_begin(&tracks);
		for (int i = 0; i < STATUS_TRACKS_MAX + 3; i++) {
			struct status_row row = connection((uint16_t)(i + 1));

			status_tracks_add(&tracks, &row, 1);
		}
		status_tracks_end(&tracks);
		check_int((intmax_t)tracks.n, STATUS_TRACKS_MAX);
		check_int((intmax_t)tracks.more, 3);
	}
	status_tracks_fini(&tracks);
}

/* ---- the table ---- */

static const char *
print(bool lines, size_t columns, double elapsed)
{
	const struct status_tracks_how how = { .lines = lines,
		.columns = columns,
		.plain = true,
		.elapsed = elapsed };
	static struct buf out;

	buf_fini(&out);
	buf_init(&out, 100000);
	check_int(status_tracks_print(&tracks, tracks.n, &how, &out, NULL), 0);
	return buf_text(&out, NULL);
}

TEST("lines have their time in front and no titles")
{
	struct status_row row = connection(1000);

	tracks_open();
	row.rqueue = 5;
	row.wqueue = 7;
	sample(&row, 1);
	sample_bytes(100, 0, 1);
	sample_bytes(2148, 0, 1);
	check_str(print(true, 0, 1.25),
	    "     1.2 ESTABLISHED 127.0.0.1:1000 127.0.0.1:80    2.0 KiB/s 0000000000000007 0 0 "
	    "0000000000000700\n");
	status_tracks_fini(&tracks);
}

TEST("lines on a terminal have titles once, and fit it")
{
	const char *text;

	tracks_open();
	sample_bytes(100, 0, 1);
	sample_bytes(2148, 0, 1);
	text = print(true, 80, 1.25);
	check(strncmp(text, "    TIME STATE", 14) == 0);
	check_int((intmax_t)strcspn(strchr(text, '\n') + 1, "\n") <= 80, 1);
	check(strncmp(print(true, 80, 2.25), "     2.2 ESTABLISHED", 20) == 0);
	status_tracks_fini(&tracks);
}

TEST("a screen has titles, and no line of it is wider than it")
{
	/* all columns with their gaps; and two graphs as wide as a title, or whole */
	enum {
		OTHERS = 11 + 14 + 12 + 12 + 6 + 6 + 7 * 2,
		TITLES = OTHERS + 2 * 6,
		WHOLE = OTHERS + 2 * STATUS_TRACK_HISTORY
	};

	tracks_open();
	sample_bytes(100, 0, 1);
	sample_bytes(2148, 0, 1);
	for (size_t columns = 60; columns < 200; columns++) {
		const char *text = print(false, columns, 1), *end = strchr(text, '\n');
		bool note = strstr(text, "a wider terminal has them") != NULL;
		int lines = 0;

		check(strncmp(text, "STATE", 5) == 0);
		/* the last title is that of the column that goes first */
		check(note == (strncmp(end - 6, "QUEUES", 6) != 0));
		for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
			if (strncmp(text, "ESTABLISHED", 11) == 0)
				check((size_t)(end - text) <= columns);
			/* two graphs that are not whole fill what there is */
			if (strncmp(text, "ESTABLISHED", 11) == 0 && columns >= TITLES &&
			    columns < WHOLE)
				check((size_t)(end - text) + 1 >= columns);
			lines++;
		}
		check_int(lines, 2 + note);
	}
	check(strstr(print(false, 199, 1), "0000000000000007") != NULL);
	status_tracks_fini(&tracks);
}
