#include <string.h>

#include "base/error.h"
#include "relay/server/broadcast/chat.h"
#include "relay/server/broadcast/chat_command.h"
#include "stream/stream.h"
#include "test.h"

static struct error error;
static struct loop *loop;
static struct broadcast talk;
static struct chat chat;
static int users[3], operator_name, kicked;
static struct stream *locals[3];

static void
ignore(void *arg, void *who)
{
	(void)arg;
	(void)who;
}

static uint64_t
nothing_sent(void *arg, void *who)
{
	(void)arg;
	(void)who;
	return 0;
}

static void
on_kicked(void *arg, void *who)
{
	int i = (int)((int *)who - users);

	(void)arg;
	kicked++;
	stream_close(locals[i]);
	locals[i] = NULL;
}

static const char *
heard(int i)
{
	static char text[8000];
	ssize_t n = stream_read(locals[i], text, sizeof text - 1, &error);

	text[n > 0 ? n : 0] = '\0';
	return n == 0 ? "END" : text;
}

static void
write_to(int i, const char *text)
{
	check_int(stream_write(locals[i], text, strlen(text), &error), (intmax_t)strlen(text));
}

static bool
begin(size_t held_max)
{
	kicked = 0;
	if (!check_int(loop_open(&loop, &error), 0))
		return false;
	talk = (struct broadcast){ .loop = loop,
		.held_max = held_max,
		.patience = NSEC_PER_SEC,
		.ready = ignore,
		.room = ignore,
		.give_up = ignore,
		.sent = nothing_sent };
	chat = (struct chat){ .room = { .b = &talk, .expel = on_kicked } };
	if (!check_int(broadcast_open(&talk, &error), 0))
		return false;
	chat_open(&chat, &operator_name);
	for (int i = 0; i < 3; i++) {
		check_int(chat_join(&chat, &users[i], (unsigned long)i + 1, &locals[i], &error), 0);
		(void)heard(i);
	}
	(void)heard(0);
	(void)heard(1);
	return true;
}

static void
end(void)
{
	for (int i = 0; i < 3; i++)
		stream_close(locals[i]);
	chat_close(&chat);
	broadcast_close(&talk);
	loop_close(loop);
}

TEST("a line goes to all others with the name, however it comes in pieces")
{
	require(begin(0));
	write_to(0, "hel");
	write_to(0, "lo\r\nsecond\n\nrest");
	check_str(heard(1), "<guest1> hello\n<guest1> second\n");
	check_str(heard(2), "<guest1> hello\n<guest1> second\n");
	check_str(heard(0), "");
	check_int(stream_shut(locals[0], &error), 0);
	check_str(heard(1), "<guest1> rest\n* guest1 has left\n");
	check_str(heard(0), "END");
	end();
}

TEST("while the log is full no line is taken, and none is lost")
{
	require(begin(1));
	check_int(stream_write(locals[0], "one\ntwo\n", 8, &error), 4);
	check_int(stream_write(locals[0], "two\n", 4, &error), STREAM_WANT_WRITE);
	check_str(heard(1), "<guest1> one\n");
	check_str(heard(2), "<guest1> one\n");
	(void)heard(0);
	check_int(stream_write(locals[0], "two\n", 4, &error), 4);
	check_str(heard(1), "<guest1> two\n");
	end();
}

TEST("a kicked user is not heard, reads why, and is gone after a second")
{
	const bool never = false;

	require(begin(0));
	check_int(chat_operator_input(&chat, "/kick guest1\n", 13, &error), 0);
	write_to(0, "still here\n");
	check_str(heard(0), "* you are kicked\n");
	check_str(heard(0), "END");
	check_str(heard(1), "* guest1 is kicked\n");
	check(chat_room_find(&chat.room, "guest1") == NULL);
	check_int(loop_run(loop, &never, deadline_in(CHAT_PARTING + NSEC_PER_SEC / 2), &error), 0);
	check_int(kicked, 1);
	check_str(heard(1), "");
	end();
}

TEST("names are short, without spaces and marks, and nobody else's")
{
	static const char *const good[] = { "a", "Bj\303\270rn",
		"12345678901234567890123456789012" };
	static const char *const bad[] = { "", "a b", "<a", "a>", "/a", "a*", "a\\x01", "guest5",
		"Server", "123456789012345678901234567890123" };

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		check(chat_is_name(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		check(!chat_is_name(bad[i]));
}
