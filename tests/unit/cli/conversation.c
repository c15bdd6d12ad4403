#include "cli/dialogue/conversation.h"

#include <string.h>

#include "test.h"

#define MS INT64_C(1000000)

static struct conversation c;

static void
add(uint64_t connection, struct dialogue_event event)
{
	event.connection = connection;
	if (event.kind == DIALOGUE_DATA)
		event.n = strlen(event.data);
	check_int(conversation_add(&c, &event, NULL), 0);
}

static void
open_one(uint64_t id, enum dialogue_role role, enum dialogue_type type)
{
	add(id,
	    (struct dialogue_event){ .kind = DIALOGUE_OPEN,
		.role = role,
		.type = type,
		.local = "here",
		.peer = "there" });
}

static void
say(uint64_t id, enum dialogue_direction dir, int64_t time, const char *text)
{
	add(id, (struct dialogue_event){ .dir = dir, .time = time, .data = text });
}

TEST("pieces of a stream that go one way at once are a message; a pause or an answer ends it")
{
	conversation_init(&c, 100);
	open_one(1, DIALOGUE_CLIENT, DIALOGUE_STREAM);
	say(1, DIALOGUE_SENT, 1 * MS, "one ");
	say(1, DIALOGUE_SENT, 2 * MS, "message");
	say(1, DIALOGUE_RECEIVED, 3 * MS, "answer");
	say(1, DIALOGUE_SENT, 4 * MS, "next");
	say(1, DIALOGUE_SENT, 20 * MS, "later");
	require(c.n_messages == 5);
	check_mem(c.messages[1].data, c.messages[1].n, "one message", 11);
	check_int(c.messages[1].pieces, 2);
	check(conversation_is_request(&c, &c.messages[1]));
	check(!conversation_is_request(&c, &c.messages[2]));
	check_str(conversation_end(&c, &c.messages[2], true), "there");
	check_int(c.connections[0].bytes[DIALOGUE_SENT], 20);
	conversation_fini(&c);
}

TEST("datagrams are messages each, unless one goes on; of a long one the beginning is kept")
{
	conversation_init(&c, 4);
	open_one(1, DIALOGUE_SERVER, DIALOGUE_DATAGRAM);
	say(1, DIALOGUE_RECEIVED, 1, "one");
	say(1, DIALOGUE_RECEIVED, 1, "two");
	add(1,
	    (struct dialogue_event){ .dir = DIALOGUE_RECEIVED,
		.time = 2,
		.data = "abc",
		.more = true });
	say(1, DIALOGUE_RECEIVED, 2, "def");
	require(c.n_messages == 4);
	check_int(c.messages[3].bytes, 6);
	check_mem(c.messages[3].data, c.messages[3].n, "abcd", 4);
	check(conversation_is_request(&c, &c.messages[3]));
	conversation_fini(&c);
}

TEST("what is forgotten are messages and connections that are over; the others go on")
{
	conversation_init(&c, 100);
	open_one(1, DIALOGUE_CLIENT, DIALOGUE_STREAM);
	open_one(2, DIALOGUE_CLIENT, DIALOGUE_STREAM);
	say(1, DIALOGUE_SENT, 1, "x");
	say(2, DIALOGUE_SENT, 1, "y");
	add(1, (struct dialogue_event){ .kind = DIALOGUE_CLOSE, .dir = DIALOGUE_NO_DIRECTION });
	conversation_forget(&c);
	check_int(c.n_messages, 0);
	require(c.n_connections == 1);
	check_int(c.connections[0].id, 2);
	check_int(c.connections[0].bytes[DIALOGUE_SENT], 0);
	say(2, DIALOGUE_SENT, 2, "again");
	require(c.n_messages == 1);
	check_int(c.messages[0].connection, 0);
	check_mem(c.messages[0].data, c.messages[0].n, "again", 5);
	conversation_fini(&c);
}

TEST("where the first messages are dropped, pieces still find their message, or begin one")
{
	conversation_init(&c, 100);
	open_one(1, DIALOGUE_CLIENT, DIALOGUE_STREAM);
	say(1, DIALOGUE_SENT, 1, "ask");
	say(1, DIALOGUE_RECEIVED, 2, "an");
	conversation_drop(&c, 2);
	say(1, DIALOGUE_RECEIVED, 3, "swer");
	require(c.n_messages == 1);
	check_mem(c.messages[0].data, c.messages[0].n, "answer", 6);
	conversation_drop(&c, 1);
	say(1, DIALOGUE_RECEIVED, 4, "more");
	require(c.n_messages == 1);
	check_mem(c.messages[0].data, c.messages[0].n, "more", 4);
	conversation_fini(&c);
}

TEST("text is UTF-8 without control characters but blanks")
{
	check(conversation_is_text("a\tb\r\n\xc3\xa4", 7));
	check(!conversation_is_text("a\0b", 3));
	check(!conversation_is_text("\x1b[m", 3));
	check(!conversation_is_text("\xff", 1));
}
