/*
 * A recording to be played: which connections it has, and where each begins. The events themselves
 * are read again for each connection, so that a long recording takes no memory.
 */
#ifndef CLI_REPLAY_RECORDING_FILE_H
#define CLI_REPLAY_RECORDING_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/codec/utf8.h"
#include "relay/capture/dialogue.h"

struct dialogue_reader;
struct error;

struct recorded_connection {
	uint64_t id;
	enum dialogue_role role;
	enum dialogue_type type;
	struct dialogue_place place; /* of its first event */
	int64_t opened, closed;      /* nanoseconds; closed: INT64_MAX where it has no last event */
	unsigned long closed_line;   /* of its last event */
	bool secured;                /* with TLS */
	bool binary[2];              /* by direction: a record is not UTF-8 */
	struct utf8 text[2];         /* of the record that is read */
	/* Of its first data. */
	enum dialogue_direction first;
	size_t n_played; /* for who plays it */
};

struct recording_file {
	const char *path; /* the caller's */
	int fd;
	struct dialogue_header header;
	struct recorded_connection *connections; /* in the order of the file */
	size_t n;
	size_t cut; /* bytes of a last line without its end, which is left out */
};

/* Reads and checks the whole file, which has to be a regular one. ERROR_LOCAL_IO, ERROR_USAGE: it is
 * no recording, ERROR_INTERNAL. Call recording_file_close() after success only. */
int recording_file_open(struct recording_file *f, const char *path, struct error *e);
void recording_file_close(struct recording_file *f);

/* Leaves out the connections of other types than that of datagrams, where datagrams is true and there is one, else
 * than that of the first connection with data. Returns how many. */
size_t recording_file_keep(struct recording_file *f, bool datagrams);

/* Where a reader is. */
struct recording_cursor {
	const struct recording_file *file;
	uint64_t offset;
};

/* Reads the events of one connection. cursor is the caller's, for the life of the reader. */
int recording_file_read(const struct recording_file *f, const struct recorded_connection *c,
    struct recording_cursor *cursor, struct dialogue_reader **ret_reader, struct error *e);

#endif
