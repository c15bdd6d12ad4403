#include "cli/dialogue/both_ends.h"

#include "cli/dialogue/conversation.h"
#include "cli/dialogue/lanes.h"
#include "test.h"

static struct both_ends ends;
static struct conversation conversation;

static void
begin(void)
{
	both_ends_fini(&ends);
	conversation_fini(&conversation);
	conversation_init(&conversation, SIZE_MAX);
}

/* An event as it is after both_ends_event(); added to the conversation if it is to be shown. */
static bool
show(struct dialogue_event *event)
{
	bool shown = both_ends_event(&ends, &conversation, event);

	if (shown)
		check_int(conversation_add(&conversation, event, NULL), 0);
	return shown;
}

static bool
show_open(uint64_t id, const char *local, const char *peer)
{
	struct dialogue_event event = { .kind = DIALOGUE_OPEN,
		.connection = id,
		.dir = DIALOGUE_NO_DIRECTION,
		.local = local,
		.peer = peer };

	return show(&event);
}

/* Checks that an event is shown as one of this connection and direction; 0: that it is not. */
static void
check_shown(uint64_t id, enum dialogue_kind kind, enum dialogue_direction dir, uint64_t want_id,
    enum dialogue_direction want_dir)
{
	struct dialogue_event event = { .kind = kind, .connection = id, .dir = dir };

	check_int(show(&event), want_id != 0);
	if (want_id == 0)
		return;
	check_int((int)event.connection, (int)want_id);
	check_int(event.dir, want_dir);
}

TEST("of two ends one is shown, and what the other has sent is what it receives")
{
	begin();
	check(show_open(1, "a:1", "b:2"));
	check(!show_open(2, "b:2", "a:1"));
	check_shown(1, DIALOGUE_DATA, DIALOGUE_SENT, 1, DIALOGUE_SENT);
	check_shown(2, DIALOGUE_DATA, DIALOGUE_RECEIVED, 0, 0);
	check_shown(2, DIALOGUE_DATA, DIALOGUE_SENT, 1, DIALOGUE_RECEIVED);
	check_shown(1, DIALOGUE_DATA, DIALOGUE_RECEIVED, 0, 0);
	check_shown(2, DIALOGUE_TLS, DIALOGUE_NO_DIRECTION, 0, 0);
	check_shown(1, DIALOGUE_TLS, DIALOGUE_NO_DIRECTION, 1, DIALOGUE_NO_DIRECTION);
	check_shown(2, DIALOGUE_END, DIALOGUE_SENT, 1, DIALOGUE_RECEIVED);
	check_shown(1, DIALOGUE_END, DIALOGUE_RECEIVED, 0, 0);
}

TEST("a connection with another end, or whose other end is over, is shown by itself")
{
	begin();
	check(show_open(1, "a:1", "b:2"));
	check(show_open(2, "b:2", "a:3"));
	check(show_open(3, "a:1", "b:2"));
	check(show_open(4, NULL, "b:2"));
	check_shown(1, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, 1, DIALOGUE_NO_DIRECTION);
	check_shown(3, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, 3, DIALOGUE_NO_DIRECTION);
	check(show_open(5, "b:2", "a:1"));
	check_shown(5, DIALOGUE_DATA, DIALOGUE_RECEIVED, 5, DIALOGUE_RECEIVED);
}

TEST("pairs that are forgotten leave the others as they were")
{
	begin();
	check(show_open(1, "a:1", "b:2"));
	check(!show_open(2, "b:2", "a:1"));
	check(show_open(3, "a:5", "b:2"));
	check(!show_open(4, "b:2", "a:5"));
	check_shown(1, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, 1, DIALOGUE_NO_DIRECTION);
	conversation_forget(&conversation);
	both_ends_forget(&ends, &conversation);
	check_int((int)ends.n, 1);
	check_shown(4, DIALOGUE_DATA, DIALOGUE_SENT, 3, DIALOGUE_RECEIVED);
	/* the numbers of the first pair are those of nobody now */
	check(show_open(2, "c:1", "b:2"));
	check_shown(2, DIALOGUE_DATA, DIALOGUE_RECEIVED, 2, DIALOGUE_RECEIVED);
}

TEST("addresses have a lane each, and one that is unknown is another each time")
{
	struct lanes l;

	begin();
	check(show_open(1, "a:1", "b:2"));
	check(show_open(2, "a:1", "c:3"));
	check(show_open(3, "unix:", "c:3"));
	check(show_open(4, "unix:", "c:3"));
	check_int(lanes_init(&l, &conversation, NULL), 0);
	check_int((int)l.n, 5);
	check_int((int)l.of[0].local, (int)l.of[1].local);
	check(l.of[0].peer != l.of[1].peer);
	check_int((int)l.of[1].peer, (int)l.of[2].peer);
	check(l.of[2].local != l.of[3].local);
	check_str(l.names[l.of[1].peer], "c:3");
	lanes_fini(&l);
	begin();
}
