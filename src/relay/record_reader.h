/*
 * Reads records from a stream (stdin, a file, a program) or a list, as
 * datagrams to send. They are filtered, paced and batched, and read only on
 * demand.
 */
#ifndef RELAY_RECORD_READER_H
#define RELAY_RECORD_READER_H

#include <stdbool.h>

#include "base/buf.h"
#include "relay/filter/framing.h"
#include "relay/pacer.h"

struct error;
struct packet;
struct stream;
struct filter;

struct message_relay_record {
	const char *data;
	size_t len;
};

struct record_reader {
	/* set by the caller, after record_reader_init() */
	struct stream *stream; /* the caller's; NULL: there is none */
	bool program;          /* the stream is a program's output, on a socketpair */
	const struct message_relay_record *list; /* replaces the stream */
	size_t n_list;
	uint64_t repeat;        /* times the list is sent; 0: for ever */
	struct filter *filters; /* applied to each record; freed by record_reader_fini() */
	/* readable */
	struct pacer pacer;
	bool ended;      /* every record was returned, and no other will come */
	bool blocked;    /* wait until the stream is readable, then clear this */
	uint64_t n_read; /* bytes read from the stream */
	/* private */
	struct framer framer;
	struct buf filtered;
	size_t list_at;
	uint64_t rounds;
	bool source_ended, given_up, grown;
};

void record_reader_init(struct record_reader *f, const struct framing *framing, uint64_t rate,
    int64_t delay);

/* Frees everything but the stream. Returned records become invalid. */
void record_reader_fini(struct record_reader *f);

/* Stores up to n records in data and len of packets, until `most` bytes are reached; never blocks.
 * They are valid until the next call. Returns how many. 0 means none now: see ended, blocked and
 * the pacer. -1 means that the stream or a record failed ("read stdin: ...", "record 3: ..."), and
 * sets ended. */
int record_reader_read(struct record_reader *f, struct packet *packets, unsigned n, uint64_t most,
    int64_t now, struct error *e);

/* Treats the source as ended: buffered bytes are the last record. */
void record_reader_end(struct record_reader *f);

/* Reads nothing more. Buffered bytes are the last record if they can be one; an incomplete
 * record is no failure, and stays in the buffer. */
void record_reader_stop(struct record_reader *f);

/* Returns true if FRAMING_LINE became one whole record (nul_is_whole). */
bool record_reader_is_whole(const struct record_reader *f);

/* Returns how many bytes were read and not returned. */
uint64_t record_reader_buffered(const struct record_reader *f);

#endif
