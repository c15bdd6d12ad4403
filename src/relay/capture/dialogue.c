#include "relay/capture/dialogue.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/parse.h"

static const char *const kinds[] = {
#define X(kind, word) [kind] = (word),
	DIALOGUE_KINDS(X)
#undef X
};
static const char *const roles[] = { [DIALOGUE_CLIENT] = "client", [DIALOGUE_SERVER] = "server" };
static const char *const types[] = { [DIALOGUE_STREAM] = "stream",
	[DIALOGUE_DATAGRAM] = "datagram",
	[DIALOGUE_RECORDS] = "records" };
static const char
    *const directions[] = { [DIALOGUE_SENT] = "sent", [DIALOGUE_RECEIVED] = "received" };

const char *
dialogue_kind_word(enum dialogue_kind kind)
{
	return kinds[kind];
}

const char *
dialogue_role_word(enum dialogue_role role)
{
	return roles[role];
}

const char *
dialogue_type_word(enum dialogue_type type)
{
	return types[type];
}

const char *
dialogue_direction_word(enum dialogue_direction dir)
{
	return dir == DIALOGUE_NO_DIRECTION ? "" : directions[dir];
}

/* Returns the index of a word, or -1. */
static int
find_word(const char *const *words, size_t n_words, const char *word, size_t n)
{
	for (size_t i = 0; i < n_words; i++)
		if (strlen(words[i]) == n && memcmp(words[i], word, n) == 0)
			return (int)i;
	return -1;
}

int
dialogue_find_kind(const char *word, size_t n, enum dialogue_kind *ret_value)
{
	int found = find_word(kinds, ARRAY_LEN(kinds), word, n);

	/* data is told by its direction */
	if (found <= DIALOGUE_DATA)
		return -1;
	*ret_value = (enum dialogue_kind)found;
	return 0;
}

int
dialogue_find_role(const char *word, size_t n, enum dialogue_role *ret_value)
{
	int found = find_word(roles, ARRAY_LEN(roles), word, n);

	if (found < 0)
		return -1;
	*ret_value = (enum dialogue_role)found;
	return 0;
}

int
dialogue_find_type(const char *word, size_t n, enum dialogue_type *ret_value)
{
	int found = find_word(types, ARRAY_LEN(types), word, n);

	if (found < 0)
		return -1;
	*ret_value = (enum dialogue_type)found;
	return 0;
}

int
dialogue_find_direction(const char *word, size_t n, enum dialogue_direction *ret_value)
{
	int found = find_word(directions, ARRAY_LEN(directions), word, n);

	if (found < 0)
		return -1;
	*ret_value = (enum dialogue_direction)found;
	return 0;
}

bool
dialogue_is_last(enum dialogue_kind kind)
{
	return kind == DIALOGUE_CLOSE || kind == DIALOGUE_RESET || kind == DIALOGUE_ERROR;
}

/* ---- times ---- */

void
dialogue_format_time(int64_t time, char text[DIALOGUE_TIME_SIZE])
{
	int64_t nsec = time % NSEC_PER_SEC;
	time_t sec = (time_t)(time / NSEC_PER_SEC);
	struct tm tm;

	if (nsec < 0) {
		nsec += NSEC_PER_SEC;
		sec--;
	}
	/* int64_t nanoseconds end in 2262, so the year has four digits */
	gmtime_r(&sec, &tm);
	snprintf(text, DIALOGUE_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ",
	    (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
	    (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
	    (unsigned)tm.tm_sec % 100, (unsigned)nsec % 1000000000);
}

/* Returns the number of n digits; 0 where one is none, which the caller finds. */
static int
number_at(const char *digits, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++)
		value = value * 10 + (parse_is_digit(digits[i]) ? digits[i] - '0' : 0);
	return value;
}

/* Everything that is not as it should be is found by writing the time again. */
int
dialogue_parse_time(const char *text, size_t n, int64_t *ret_time)
{
	struct tm tm = { 0 };
	char again[DIALOGUE_TIME_SIZE];
	int64_t sec, time;

	if (n != DIALOGUE_TIME_SIZE - 1)
		return -1;
	tm.tm_year = number_at(text, 4) - 1900;
	tm.tm_mon = number_at(text + 5, 2) - 1;
	tm.tm_mday = number_at(text + 8, 2);
	tm.tm_hour = number_at(text + 11, 2);
	tm.tm_min = number_at(text + 14, 2);
	tm.tm_sec = number_at(text + 17, 2);
	sec = (int64_t)timegm(&tm);
	if (sec <= INT64_MIN / NSEC_PER_SEC || sec >= INT64_MAX / NSEC_PER_SEC)
		return -1;
	time = sec * NSEC_PER_SEC + number_at(text + 20, 9);
	dialogue_format_time(time, again);
	if (memcmp(again, text, n) != 0)
		return -1;
	*ret_time = time;
	return 0;
}
