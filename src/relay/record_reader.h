/*
 * Records out of a stream (stdin, a file, a program), as datagrams to be sent:
 * taken in batches, only when somebody asks.
 */
#ifndef RELAY_RECORD_READER_H
#define RELAY_RECORD_READER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/loop.h"
#include "relay/framing.h"

struct error;
struct packet;
struct stream;
struct tap;

struct record_reader {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	struct stream *stream; /* the caller's */
	struct framing framing;
	uint64_t rate;                          /* bytes a second; 0: no limit */
	int64_t delay;                          /* nanoseconds between records; 0: none */
	bool crlf;                              /* line ends become CR LF */
	bool program;                           /* its output, on a socketpair */
	void (*ready)(struct record_reader *f); /* record_reader_take may have something */
	void (*writable)(
	    struct record_reader *f); /* where record_reader_want_write() asked for it */
	void *arg;
	/* readable */
	bool ended;  /* the stream is, and every record has been taken */
	bool paused; /* for rate or delay: ready() will be called */
	/* private */
	struct framer framer;
	struct watch watch;
	struct timer again;
	bool source_ended, reading, writing;
	struct tap *tap;
	struct buf converted;
	int64_t due; /* when the next record may be taken, CLOCK_MONOTONIC */
};

void record_reader_start(struct record_reader *f);

/* Frees what it holds, not the stream. Records that were taken are gone. */
void record_reader_stop(struct record_reader *f);

/* Up to n records into data and len of packets, without waiting. They are valid until the
 * next call. 0: none now, ready() is called when that may have changed, but not after
 * ended. -1: the stream or a record failed ("read stdin: ..." "record 3: ..."). */
int record_reader_take(struct record_reader *f, struct packet *packets, unsigned n,
    struct error *e);

/* Whether ready() is wanted at all for now. */
int record_reader_read(struct record_reader *f, bool on, struct error *e);

/* ready() is called from the loop, though nothing new may have come. */
int record_reader_again(struct record_reader *f, struct error *e);

/* The same as record_reader_read for writable(): the stream's other direction, where it is one descriptor. */
int record_reader_want_write(struct record_reader *f, bool on, struct error *e);

#endif
