/*
 * What answers one sender of datagrams: a program, which gets them as records on
 * its standard input and answers with records, or a file.
 */
#ifndef RELAY_SERVER_RESPONDER_H
#define RELAY_SERVER_RESPONDER_H

#include <stdbool.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "loop/loop_child.h"
#include "relay/record_reader.h"
#include "stream/process.h"

struct error;
struct process_set;

struct responder {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	struct framing framing;
	struct record_reader answers; /* record_reader_init() and its filters */
	/* answers may have something, or the program is over; the last that is called. */
	void (*ready)(struct responder *r);
	/* Takes over a program that still runs at responder_close(); NULL: it is only reaped. */
	struct process_set *processes;
	/* readable */
	bool reaped;
	int status;            /* of the program, as waitpid(2) gives it */
	unsigned long dropped; /* datagrams that it was too slow to read */
	/* private */
	struct stream *stream;
	struct watch watch;
	struct timer timer;
	struct child_watch child;
	struct buf in; /* records that it has not read yet */
	bool is_program, deaf, waiting;
};

/* A program, or (NULL) a file. -1 with *e, and everything is freed; else responder_close() is
 * due. */
int responder_open(struct responder *r, const struct process_how *program, const char *file,
    struct error *e);

/* ready() is called from the loop when there may be another answer, or (on is false) not. */
int responder_wait(struct responder *r, bool on, struct error *e);

/* One datagram for the program, without waiting. With FRAMING_WHOLE it is the only one
 * and its input ends. A file, and a program that has closed its input, get nothing. */
void responder_give(struct responder *r, const char *data, size_t n);

/* True once nothing more can come, after record_reader_take() gave 0. */
bool responder_is_over(const struct responder *r, int64_t now);

/* Frees what it holds, not r. A program that still runs finds its input ended. */
void responder_close(struct responder *r);

#endif
