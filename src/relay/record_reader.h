/*
 * Records out of a stream (stdin, a file, a program) or of a list, as datagrams to be
 * sent: converted, at the rate that is wanted, in batches, only when somebody asks.
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
	struct stream *stream;                   /* the caller's; NULL: there is none */
	bool program;                            /* ... a program's output, on a socketpair */
	const struct message_relay_record *list; /* instead, */
	size_t n_list;
	uint64_t repeat;        /* so many times; 0: for ever */
	struct filter *filters; /* what becomes of each record; closed by record_reader_fini() */
	/* readable */
	struct pacer pacer;
	bool ended;      /* every record has been taken, and no other will come */
	bool blocked;    /* the stream has to be readable first; the caller clears it then */
	uint64_t n_read; /* bytes of the stream */
	/* private */
	struct framer framer;
	struct buf filtered;
	size_t list_at;
	uint64_t rounds;
	bool source_ended, given_up, grown;
};

void record_reader_init(struct record_reader *f, const struct framing *framing, uint64_t rate,
    int64_t delay);

/* Frees what it holds, not the stream. Records that were taken are gone. */
void record_reader_fini(struct record_reader *f);

/* Up to n records into data and len of packets, of `most` bytes or a record more, without
 * waiting. They are valid until the next call. 0: none now, but when ended, blocked and
 * the pacer say. -1: the stream or a record failed ("read stdin: ..." "record 3: ..."),
 * and it is ended. */
int record_reader_take(struct record_reader *f, struct packet *packets, unsigned n, uint64_t most,
    int64_t now, struct error *e);

/* The source has ended, though it does not say so: what is held is the last record. */
void record_reader_end(struct record_reader *f);

/* The caller reads no further. What is held is the last record where it can be one; a part of one
 * is no failure, and stays held. */
void record_reader_give_up(struct record_reader *f);

/* True where lines were wanted, and all is one record as it is no text (nul_is_whole). */
bool record_reader_is_whole(const struct record_reader *f);

/* Bytes that were read and not given out. */
uint64_t record_reader_held(const struct record_reader *f);

#endif
