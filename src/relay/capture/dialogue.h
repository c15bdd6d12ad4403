/*
 * What a recording is: a header, then what happened on its connections, event by event. The line
 * format is in docs/recording.md; dialogue_writer makes its lines, dialogue_reader reads them.
 *
 * A connection begins with DIALOGUE_OPEN. DIALOGUE_CLOSE, DIALOGUE_RESET or DIALOGUE_ERROR is its last event,
 * and is missing where the recording ended before the connection.
 */
#ifndef RELAY_DIALOGUE_H
#define RELAY_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most bytes of data that one line holds. */
#define DIALOGUE_DATA_MAX (64u * 1024)

/* kind, word in the file; data has no word */
#define DIALOGUE_KINDS(X)                                                                          \
	X(DIALOGUE_DATA, "data")                                                                   \
	X(DIALOGUE_OPEN, "open")                                                                   \
	X(DIALOGUE_TLS, "tls")                                                                     \
	X(DIALOGUE_SECRET, "secret")                                                               \
	X(DIALOGUE_END, "end")                                                                     \
	X(DIALOGUE_CLOSE, "close")                                                                 \
	X(DIALOGUE_RESET, "reset")                                                                 \
	X(DIALOGUE_ERROR, "error")

enum dialogue_kind {
#define X(kind, word) kind,
	DIALOGUE_KINDS(X)
#undef X
	    DIALOGUE_KINDS_N
};

/* Which side the one who recorded was. */
enum dialogue_role { DIALOGUE_CLIENT, DIALOGUE_SERVER };

/* Bytes; datagrams; records of another kind, as the messages of WebSocket. */
enum dialogue_type { DIALOGUE_STREAM, DIALOGUE_DATAGRAM, DIALOGUE_RECORDS };

/* As the one who recorded sees it. */
enum dialogue_direction { DIALOGUE_SENT, DIALOGUE_RECEIVED, DIALOGUE_NO_DIRECTION };

struct dialogue_header {
	int64_t started; /* nanoseconds since 1970, UTC */
	char command[32];
};

/* Where in the file an event stands. */
struct dialogue_place {
	uint64_t offset;    /* of the first byte of its line */
	unsigned long line; /* from 1 */
};

/* Texts that the line does not have are NULL. */
struct dialogue_event {
	int64_t time; /* nanoseconds since the start; never falls within a connection */
	uint64_t connection;
	enum dialogue_kind kind;
	enum dialogue_role
	    role; /* these two are in DIALOGUE_OPEN; a reader sets them in each event */
	enum dialogue_type type;
	/* DATA, END: of the bytes. RESET: RECEIVED if the peer did it. ERROR: of what failed, or none */
	enum dialogue_direction dir;
	const void *data; /* DATA */
	size_t n;         /* a datagram may have no bytes */
	bool more; /* DATA, not of a stream: the next event of the connection goes on with it */
	const char *local, *peer;                          /* OPEN */
	const char *version, *cipher, *alpn, *server_name; /* TLS */
	const char *text; /* CLOSE, RESET, ERROR: the reason; SECRET: a line of a key log */
	struct dialogue_place place; /* of a reader */
};

/* The words of the file. */
const char *dialogue_kind_word(enum dialogue_kind kind);
const char *dialogue_role_word(enum dialogue_role role);
const char *dialogue_type_word(enum dialogue_type type);
const char *dialogue_direction_word(enum dialogue_direction dir); /* "" for none */

/* Puts the value whose word is of n bytes in *ret_value. Returns -1 if there is none. */
int dialogue_find_kind(const char *word, size_t n, enum dialogue_kind *ret_value);
int dialogue_find_role(const char *word, size_t n, enum dialogue_role *ret_value);
int dialogue_find_type(const char *word, size_t n, enum dialogue_type *ret_value);
int dialogue_find_direction(const char *word, size_t n, enum dialogue_direction *ret_value);

/* True for the events that nothing follows. */
bool dialogue_is_last(enum dialogue_kind kind);

/* The most that a time after the start can be, in nanoseconds: 73 years; and the latest start. So times can
 * be added. */
#define DIALOGUE_TIME_MOST (INT64_C(1) << 61)
#define DIALOGUE_START_MOST (INT64_MAX - DIALOGUE_TIME_MOST)

/* A time as "2026-11-30T23:00:00.000000000Z", and its size with the NUL. */
#define DIALOGUE_TIME_SIZE 31
void dialogue_format_time(int64_t time, char text[DIALOGUE_TIME_SIZE]);

/* Returns -1 unless the n bytes are what dialogue_format_time() makes. */
int dialogue_parse_time(const char *text, size_t n, int64_t *ret_time);

#endif
