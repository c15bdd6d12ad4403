/*
 * Reads a recording an event at a time. It is strict: a line that docs/recording.md does not allow
 * is an error that names file and line. It holds one line, at most DIALOGUE_LINE_MAX bytes, and a
 * few numbers for each open connection.
 */
#ifndef RELAY_DIALOGUE_READER_H
#define RELAY_DIALOGUE_READER_H

#include "relay/capture/dialogue.h"

/* The longest line, with its newline. */
#define DIALOGUE_LINE_MAX (512u * 1024)

struct dialogue_reader;
struct error;
struct file_source;

/* Where the bytes come from. */
struct dialogue_source {
	/* Reads n bytes, or up to the end: *ret_n < n only there. Returns 0, or -1 with a whole
	 * text in *e. */
	int (*read)(void *arg, void *data, size_t n, size_t *ret_n, struct error *e);
	void *arg;
	const char *name; /* for messages; kept by the caller, as arg is */
};

/* A source that reads with file_read(); file stays the caller's, and valid. */
struct dialogue_source dialogue_file(struct file_source *file);

/* Reads the header, which is the first line. ERROR_USAGE: it is none; what the source fails with;
 * ERROR_INTERNAL. */
int dialogue_reader_open(struct dialogue_reader **ret_reader, const struct dialogue_source *source,
    struct error *e);

/* Reads one connection alone, without a header: the source begins at place, with the line of
 * DIALOGUE_OPEN. The lines of other connections are left out and hardly checked. ERROR_INTERNAL. */
int dialogue_reader_open_at(struct dialogue_reader **ret_reader,
    const struct dialogue_source *source, const struct dialogue_place *place, uint64_t connection,
    struct error *e);

/* Zeroed with dialogue_reader_open_at(). */
const struct dialogue_header *dialogue_reader_header(const struct dialogue_reader *r);

/* Reads the next event; its texts and data are valid until the next call. Returns 1; 0 at the end
 * of the file or, of one connection, after its last event; -1: ERROR_USAGE "FILE:LINE: reason" or
 * what the source fails with, and again at each further call. */
int dialogue_reader_next(struct dialogue_reader *r, struct dialogue_event *ret_event,
    struct error *e);

/* Returns, at the end, how many bytes a last line has whose end is missing: the recording was cut
 * off within it, as by a crash. 0: none. Such a line is no event and no error. */
size_t dialogue_reader_cut(const struct dialogue_reader *r);

/* Accepts NULL. */
void dialogue_reader_close(struct dialogue_reader *r);

#endif
