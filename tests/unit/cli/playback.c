#include "cli/replay/playback.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/options/opt.h"
#include "test.h"

#define MS INT64_C(1000000)
#define HEADER                                                                                     \
	"{\"usock\":\"recording\",\"version\":1,\"started\":\"2026-11-30T23:00:00.000000000Z\","   \
	"\"command\":\"listen\"}\n"
#define OPEN(type)                                                                                 \
	"{\"t\":0,\"c\":1,\"event\":\"open\",\"role\":\"server\",\"type\":\"" type "\"}\n"
#define RECEIVED(t, text) "{\"t\":" t ",\"c\":1,\"dir\":\"received\",\"text\":\"" text "\"}\n"
#define SENT(t, text) "{\"t\":" t ",\"c\":1,\"dir\":\"sent\",\"text\":\"" text "\"}\n"
#define ENDS                                                                                       \
	"{\"t\":50000000,\"c\":1,\"event\":\"end\",\"dir\":\"received\"}\n"                        \
	"{\"t\":50000000,\"c\":1,\"event\":\"end\",\"dir\":\"sent\"}\n"                            \
	"{\"t\":50000000,\"c\":1,\"event\":\"close\"}\n"

static const char talk[] = HEADER OPEN("stream") RECEIVED("1000000", "hello")
    SENT("41000000", "answer") RECEIVED("42000000", "bye") ENDS;

static struct error error;
static struct recording_file file;
static struct comparison comparison;
static struct playback playback;

/* The side of the server, who has recorded. */
static bool
open_playback(const char *text, double speed)
{
	const struct opt_list none = { NULL, 0 };
	struct playback_how how = { .file = &file,
		.as_recorder = true,
		.comparison = &comparison,
		.speed = speed };
	char name[TEST_PATH_MAX];
	int fd;

	test_path(name, "playback.rec");
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) < 0)
		return false;
	if (recording_file_open(&file, name, &error) < 0 ||
	    comparison_open(&comparison, COMPARISON_EXACT, &none, &error) < 0)
		return false;
	/* it is open */
	unlink(name);
	how.connection = &file.connections[0];
	return playback_open(&playback, &how, &error) == 0;
}

static void
close_playback(void)
{
	playback_close(&playback);
	comparison_close(&comparison);
	recording_file_close(&file);
}

static enum playback_step
next(int64_t now, int64_t *ret_at)
{
	enum playback_step step = PLAYBACK_RESET;

	check_int(playback_next(&playback, now, &step, ret_at, &error), 0);
	return step;
}

TEST("our side waits for what came before, then as long as it took to think, and sends")
{
	int64_t at = 0;

	require(open_playback(talk, 2));
	check_int(next(100 * MS, &at), PLAYBACK_AWAIT);
	check_int(playback_received(&playback, "hel", 3, &error), 0);
	check_int(next(101 * MS, &at), PLAYBACK_AWAIT);
	check_int(playback_received(&playback, "lo", 2, &error), 0);
	/* 40 ms, at twice the speed */
	check_int(next(200 * MS, &at), PLAYBACK_PAUSE);
	check_int(at, 220 * MS);
	check_int(next(220 * MS, &at), PLAYBACK_SEND);
	check_mem(buf_head(&playback.out), playback.out.len, "answer", 6);
	buf_consume(&playback.out, playback.out.len);
	check_int(next(221 * MS, &at), PLAYBACK_AWAIT);
	close_playback();
}

TEST("a peer may send ahead, and the whole is as recorded at its end")
{
	int64_t at = 0;

	require(open_playback(talk, 0));
	check_int(playback_received(&playback, "hellobye", 8, &error), 0);
	check_int(next(1, &at), PLAYBACK_SEND);
	buf_consume(&playback.out, playback.out.len);
	check_int(next(2, &at), PLAYBACK_AWAIT);
	check_int(playback_peer_ended(&playback, NULL, &error), 0);
	check_int(next(3, &at), PLAYBACK_SHUT);
	check_int(next(4, &at), PLAYBACK_LEAVE);
	check_int(playback_finish(&playback, NULL, &error), 0);
	check(!playback.differs);
	check(playback.complete);
	close_playback();
}

TEST("the first other byte is the difference, with its offset, its line and both sides")
{
	require(open_playback(talk, 0));
	check_int(playback_received(&playback, "hel", 3, &error), 0);
	check_int(playback_received(&playback, "p!", 2, &error), 0);
	require(playback.differs);
	check_int(playback.difference.offset, 3);
	check_int(playback.difference.line, 3);
	check_str(playback.difference.what, "other data than recorded");
	/* nothing more is compared */
	check_int(playback_received(&playback, "xxx", 3, &error), 0);
	check_int(playback.difference.offset, 3);
	close_playback();
}

TEST("an end that comes too early and data that comes too late are differences")
{
	require(open_playback(talk, 0));
	check_int(playback_received(&playback, "hello", 5, &error), 0);
	check_int(playback_peer_ended(&playback, NULL, &error), 0);
	check_int(playback_finish(&playback, NULL, &error), 0);
	require(playback.differs);
	check_int(playback.difference.offset, 5);
	close_playback();
	require(open_playback(talk, 0));
	check_int(playback_received(&playback, "hellobyebye", 11, &error), 0);
	require(playback.differs);
	check_int(playback.difference.offset, 8);
	check_str(playback.difference.what, "more data than recorded");
	close_playback();
}

TEST("records are compared whole, with their number; those to send have their length in front")
{
	int64_t at = 0;

	require(open_playback(
	    HEADER OPEN("records") RECEIVED("1", "one") RECEIVED("2", "two") SENT("3", "abc"), 0));
	check_int(playback_received(&playback, "\0\0\0\3one", 7, &error), 0);
	check_int(playback_received(&playback, "\0\0\0\3two", 7, &error), 0);
	check(!playback.differs);
	check_int(next(1, &at), PLAYBACK_SEND);
	check_mem(buf_head(&playback.out), playback.out.len, "\0\0\0\3abc", 7);
	close_playback();
	require(open_playback(HEADER OPEN("records") RECEIVED("1", "one") RECEIVED("2", "two"), 0));
	check_int(playback_received(&playback, "\0\0\0\3one\0\0\0\4twos", 15, &error), 0);
	require(playback.differs);
	check_int(playback.difference.record, 2);
	check_int(playback.difference.offset, 3);
	close_playback();
}

TEST("the first bytes of a peer tell which connection fits")
{
	bool whole = false;

	require(open_playback(talk, 0));
	check(!playback_is_first(&playback.how));
	check_int(playback_fit(&playback.how, "hel", 3, &whole), 3);
	check_int(playback_fit(&playback.how, "hex", 3, &whole), -1);
	close_playback();
}
