#include <string.h>

#include "base/error.h"
#include "relay/server/broadcast/broadcast_log.h"
#include "test.h"

static struct broadcast_log talk;
static struct broadcast_place places[3];
static struct error error;

static void
append(const void *from, const void *to, const char *text)
{
	const struct broadcast_route route = { from, to };

	check_int(broadcast_log_append(&talk, &route, text, strlen(text), &error), 0);
}

static const char *
read_up_to(int i, size_t max)
{
	static char text[64];

	text[broadcast_log_read(&talk, &places[i], text, max)] = '\0';
	return text;
}

static bool
begin(void)
{
	if (!check_int(broadcast_log_open(&talk, &error), 0))
		return false;
	for (int i = 0; i < 3; i++)
		broadcast_log_enter(&talk, &places[i], &places[i]);
	return true;
}

static void
end(void)
{
	for (int i = 0; i < 3; i++)
		broadcast_log_leave(&talk, &places[i]);
	check_int(talk.held, 0);
	broadcast_log_close(&talk);
}

TEST("each reads at its own pace, across pieces, what comes after it")
{
	require(begin());
	broadcast_log_leave(&talk, &places[2]);
	append(NULL, NULL, "abc");
	broadcast_log_enter(&talk, &places[2], &places[2]);
	append(NULL, NULL, "def");
	check_int(broadcast_log_unread(&places[0]), 3);
	check_str(read_up_to(0, 4), "abcd");
	check_int(broadcast_log_unread(&places[0]), 2);
	check_str(read_up_to(1, 60), "abcdef");
	check_str(read_up_to(2, 60), "def");
	check(talk.held > 0);
	check_str(read_up_to(0, 60), "ef");
	check_int(talk.held, 0);
	check_str(read_up_to(0, 60), "");
	end();
}

TEST("a piece is not for its sender, or for one reader alone")
{
	require(begin());
	append(&places[0], NULL, "a");
	append(NULL, &places[1], "b");
	append(&places[1], &places[2], "c");
	check_int(broadcast_log_unread(&places[0]), 0);
	check(!broadcast_log_is_behind(&talk, &places[0]));
	check_str(read_up_to(1, 60), "ab");
	check_str(read_up_to(2, 60), "ac");
	check_int(talk.held, 0);
	end();
}

TEST("what only those read who have left is freed")
{
	require(begin());
	append(NULL, NULL, "a");
	append(NULL, NULL, "b");
	check_str(read_up_to(0, 60), "ab");
	check_str(read_up_to(1, 1), "a");
	broadcast_log_leave(&talk, &places[2]);
	broadcast_log_leave(&talk, &places[1]);
	check_int(talk.held, 0);
	check_int(broadcast_log_unread(&places[1]), 0);
	check(!broadcast_log_is_behind(&talk, &places[1]));
	broadcast_log_leave(&talk, &places[0]);
	append(NULL, NULL, "nobody");
	check_int(talk.held, 0);
	end();
}
