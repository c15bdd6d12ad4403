#include "relay/capture/recorder.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "net/sockname.h"
#include "test.h"

static struct buf lines;
static int failures;
static bool full;

static int
write_to_memory(void *arg, const char *data, size_t n, struct error *e)
{
	(void)arg;
	if (full)
		return error_set(e, ERROR_LOCAL_IO, "no space");
	return buf_append(&lines, data, n, e);
}

static void
note_failure(void *arg, const struct error *e)
{
	(void)arg;
	check_str(e->text, "no space");
	failures++;
}

static void
begin(struct recorder *r, struct recorded *c, enum dialogue_type type)
{
	static const struct sockname none;
	const struct recorded_how how = { .id = 3,
		.role = DIALOGUE_SERVER,
		.type = type,
		.transport = "tcp",
		.local = &none,
		.peer = &none };

	full = false;
	failures = 0;
	buf_init(&lines, 16 << 20);
	*r = (struct recorder){ .write = write_to_memory, .failed = note_failure };
	*c = (struct recorded){ .recorder = NULL };
	recorder_open(r, "test");
	recorded_open(c, r, &how);
}

static void
finish(struct recorder *r)
{
	recorder_close(r);
	buf_fini(&lines);
}

/* How often the lines have this text. */
static int
count_of(const char *text)
{
	const char *at = buf_text(&lines, NULL);
	int n = 0;

	while ((at = strstr(at, text)) != NULL) {
		at++;
		n++;
	}
	return n;
}

TEST("a connection is written line by line, and an end of a direction once")
{
	struct recorder r;
	struct recorded c;

	begin(&r, &c, DIALOGUE_STREAM);
	recorded_data(&c, DIALOGUE_RECEIVED, "hello\n", 6);
	recorded_data(&c, DIALOGUE_SENT, "\0\1", 2);
	recorded_end(&c, DIALOGUE_RECEIVED);
	recorded_end(&c, DIALOGUE_RECEIVED);
	recorded_close(&c, DIALOGUE_CLOSE, DIALOGUE_SENT, "peer-fin");
	check(!recorded_is_open(&c));
	/* nothing follows the last event */
	recorded_data(&c, DIALOGUE_SENT, "late", 4);
	check_int(count_of("\n"), 6);
	check_int(count_of("\"event\":\"open\",\"role\":\"server\",\"type\":\"stream\"}"), 1);
	check_int(count_of("\"dir\":\"received\",\"text\":\"hello\\n\"}"), 1);
	check_int(count_of("\"base64\":\"AAE=\"}"), 1);
	check_int(count_of("\"event\":\"end\""), 1);
	check_int(count_of("\"event\":\"close\",\"reason\":\"peer-fin\"}"), 1);
	finish(&r);
}

TEST("a record of more than a write takes goes on in the next line, and ends in the last")
{
	static char big[(1 << 20) + 70000];
	struct recorder r;
	struct recorded c;

	memset(big, 'x', sizeof big);
	begin(&r, &c, DIALOGUE_DATAGRAM);
	recorded_data(&c, DIALOGUE_SENT, big, sizeof big);
	/* 16 lines of 64 KiB, one of 64 KiB and one of the rest: all but the last have more */
	check_int(count_of("\"text\""), 18);
	check_int(count_of("\"more\":true"), 17);
	recorded_data(&c, DIALOGUE_SENT, "", 0);
	check_int(count_of("\"text\":\"\"}"), 1);
	finish(&r);
}

TEST("a failure is said once, and what follows is written nowhere")
{
	struct recorder r;
	struct recorded c;
	size_t before;

	begin(&r, &c, DIALOGUE_STREAM);
	full = true;
	before = lines.len;
	recorded_data(&c, DIALOGUE_SENT, "lost", 4);
	recorded_data(&c, DIALOGUE_SENT, "lost", 4);
	full = false;
	recorded_close(&c, DIALOGUE_CLOSE, DIALOGUE_SENT, NULL);
	check_int(failures, 1);
	check_int(lines.len, before);
	finish(&r);
}

static int observed;

static void
observe(void *observer, const struct dialogue_event *event)
{
	(void)observer;
	observed += event->kind == DIALOGUE_DATA;
}

TEST("one that watches writes nothing, and shows each event")
{
	static const struct sockname none;
	const struct recorded_how how = { .id = 1,
		.transport = "udp",
		.local = &none,
		.peer = &none };
	struct recorder r = { .observe = observe };
	struct recorded c = { .recorder = NULL };

	recorder_watch(&r);
	recorded_open(&c, &r, &how);
	recorded_data(&c, DIALOGUE_SENT, "x", 1);
	check_int(observed, 1);
	recorder_close(&r);
}

TEST("without a recorder nothing is recorded")
{
	static const struct sockname none;
	const struct recorded_how how = { .id = 1,
		.transport = "tcp",
		.local = &none,
		.peer = &none };
	struct recorded c = { .recorder = NULL };

	recorded_open(&c, NULL, &how);
	check(!recorded_is_open(&c));
	recorded_data(&c, DIALOGUE_SENT, "x", 1);
	recorded_data(NULL, DIALOGUE_SENT, "x", 1);
	recorded_end(&c, DIALOGUE_SENT);
	recorded_close(&c, DIALOGUE_CLOSE, DIALOGUE_SENT, NULL);
}
