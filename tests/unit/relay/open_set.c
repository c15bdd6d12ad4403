#include "relay/capture/open_set.h"

#include "base/error.h"
#include "relay/capture/dialogue.h"
#include "test.h"

static struct open_set set;
static struct error failure;

/* Adds an event at a time; returns "" or why not. */
static const char *
add(uint64_t id, int64_t time, enum dialogue_kind kind, enum dialogue_direction dir)
{
	struct dialogue_event event = { .connection = id,
		.time = time,
		.kind = kind,
		.dir = dir,
		.type = DIALOGUE_STREAM };

	failure.text[0] = '\0';
	return open_set_add(&set, &event, &failure) < 0 ? failure.text : "";
}

static const char *
open_one(uint64_t id, enum dialogue_type type)
{
	struct dialogue_event event = { .connection = id,
		.time = 5,
		.kind = DIALOGUE_OPEN,
		.role = DIALOGUE_SERVER,
		.type = type,
		.dir = DIALOGUE_NO_DIRECTION };

	failure.text[0] = '\0';
	return open_set_add(&set, &event, &failure) < 0 ? failure.text : "";
}

#define NONE DIALOGUE_NO_DIRECTION

TEST("events belong to a connection that is open, and know its role and type")
{
	struct dialogue_event event = { .connection = 7,
		.time = 6,
		.kind = DIALOGUE_DATA,
		.dir = DIALOGUE_SENT };

	check_str(add(7, 1, DIALOGUE_DATA, DIALOGUE_SENT), "connection 7 is not open");
	check_int(failure.code, ERROR_USAGE);
	check_str(open_one(7, DIALOGUE_RECORDS), "");
	check_str(open_one(7, DIALOGUE_RECORDS), "connection 7 is open already");
	check_int(open_set_add(&set, &event, &failure), 0);
	check_int(event.role, DIALOGUE_SERVER);
	check_int(event.type, DIALOGUE_RECORDS);
	check_str(add(7, 7, DIALOGUE_CLOSE, NONE), "");
	check_str(add(7, 8, DIALOGUE_CLOSE, NONE), "connection 7 is not open");
	/* its number may come again */
	check_str(open_one(7, DIALOGUE_STREAM), "");
	open_set_fini(&set);
}

TEST("connections are kept apart, however their numbers come and go")
{
	/* 0 to 96 in an order of its own: 37 and 97 have no divisor in common */
	for (uint64_t i = 0; i < 97; i++)
		check_str(open_one(i * 37 % 97, DIALOGUE_STREAM), "");
	for (uint64_t i = 0; i < 97; i++)
		check_str(add(i * 29 % 97, 6 + (int64_t)i, DIALOGUE_DATA, DIALOGUE_SENT), "");
	for (uint64_t i = 0; i < 97; i += 2)
		check_str(add(i, 200, DIALOGUE_CLOSE, NONE), "");
	for (uint64_t i = 0; i < 97; i++)
		check_int(add(i, 200, DIALOGUE_DATA, DIALOGUE_RECEIVED)[0] == '\0', i % 2 == 1);
	check_int((int)set.n, 48);
	open_set_fini(&set);
	check_int((int)set.n, 0);
}

TEST("the time of a connection does not go back, that of others does not count")
{
	check_str(open_one(1, DIALOGUE_STREAM), "");
	check_str(add(1, 100, DIALOGUE_DATA, DIALOGUE_SENT), "");
	check_str(open_one(2, DIALOGUE_STREAM), "");
	check_str(add(2, 50, DIALOGUE_DATA, DIALOGUE_SENT), "");
	check_str(add(1, 100, DIALOGUE_DATA, DIALOGUE_SENT), "");
	check_str(add(1, 99, DIALOGUE_DATA, DIALOGUE_SENT),
	    "the time of connection 1 goes back, from 100");
	open_set_fini(&set);
}

TEST("behind the end of a direction there is nothing of it, and the other goes on")
{
	check_str(open_one(1, DIALOGUE_STREAM), "");
	check_str(add(1, 6, DIALOGUE_END, DIALOGUE_SENT), "");
	check_str(add(1, 6, DIALOGUE_DATA, DIALOGUE_SENT), "data after the end of this direction");
	check_str(add(1, 6, DIALOGUE_END, DIALOGUE_SENT), "this direction has ended before");
	check_str(add(1, 6, DIALOGUE_DATA, DIALOGUE_RECEIVED), "");
	check_str(add(1, 6, DIALOGUE_END, DIALOGUE_RECEIVED), "");
	check_str(add(1, 6, DIALOGUE_RESET, DIALOGUE_RECEIVED), "");
	check_int((int)set.n, 0);
	open_set_fini(&set);
}

/* A part of a record, which goes on in the next event. */
static const char *
add_part(uint64_t id, enum dialogue_direction dir)
{
	struct dialogue_event event = { .connection = id,
		.time = 6,
		.kind = DIALOGUE_DATA,
		.dir = dir,
		.more = true };

	failure.text[0] = '\0';
	return open_set_add(&set, &event, &failure) < 0 ? failure.text : "";
}

TEST("a record in parts is complete before anything else happens")
{
	static const char incomplete[] =
	    "the record of the line before is not complete: it has \"more\"";

	check_str(open_one(1, DIALOGUE_STREAM), "");
	check_str(add_part(1, DIALOGUE_SENT), "\"more\" is for datagrams and records");
	check_str(open_one(2, DIALOGUE_RECORDS), "");
	check_str(add_part(2, DIALOGUE_SENT), "");
	check_str(add(2, 6, DIALOGUE_DATA, DIALOGUE_RECEIVED), incomplete);
	check_str(add(2, 6, DIALOGUE_END, DIALOGUE_SENT), incomplete);
	check_str(add(2, 6, DIALOGUE_CLOSE, NONE), incomplete);
	check_str(add(1, 6, DIALOGUE_DATA, DIALOGUE_RECEIVED), "");
	check_str(add_part(2, DIALOGUE_SENT), "");
	check_str(add(2, 6, DIALOGUE_DATA, DIALOGUE_SENT), "");
	check_str(add(2, 6, DIALOGUE_DATA, DIALOGUE_RECEIVED), "");
	check_str(add(2, 6, DIALOGUE_CLOSE, NONE), "");
	open_set_fini(&set);
}
