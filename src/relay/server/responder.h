/*
 * What answers one sender of datagrams: a program, which reads them as records
 * from its standard input and answers with records; a file; or a target to which
 * they are forwarded.
 */
#ifndef RELAY_SERVER_RESPONDER_H
#define RELAY_SERVER_RESPONDER_H

#include <stdbool.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "loop/loop_child.h"
#include "relay/record_reader.h"
#include "stream/process.h"

struct datagram_flow;
struct error;
struct forward;
struct forward_target;
struct log;
struct packet;
struct process_set;

struct responder {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	struct framing framing;
	struct record_reader answers; /* record_reader_init() and its filters */
	/* Called last, when answers may be available or the program has exited. */
	void (*ready)(struct responder *r);
	/* Takes over a program that still runs at responder_close(). NULL: it is only reaped. */
	struct process_set *processes;
	/* readable */
	bool reaped;
	int status;            /* of the program, as from waitpid(2) */
	unsigned long dropped; /* datagrams that the program or target was too slow to take */
	/* private */
	struct stream *stream;
	struct watch watch;
	struct timer timer;
	struct child_watch child;
	struct buf in; /* records for the program */
	bool is_program, input_closed, waiting;
	struct datagram_flow *flow; /* to a target; NULL: there is none */
	struct forward *forward;
	struct forward_target *target;
};

/* Starts a program, or opens a file if program is NULL. On -1 with *e everything is freed;
 * otherwise call responder_close(). */
int responder_open(struct responder *r, const struct process_how *program, const char *file,
    struct error *e);

/* Connects to the target of f whose turn it is, which gets the datagrams as they are. Without memory
 * returns -1 with *e, and everything is freed. */
int responder_forward(struct responder *r, struct forward *f, struct error *e);

/* Returns the answers, as record_reader_read() does, until `most` bytes are reached. Those of a target
 * are received into the room of packets. -1: the responder is over, too. */
int responder_read(struct responder *r, struct packet *packets, unsigned n, int64_t now,
    struct error *e);

/* Enables calls of ready() from the loop when an answer may be available, or disables them. */
int responder_wait(struct responder *r, bool on, struct error *e);

/* Passes a datagram to the program without blocking. With FRAMING_WHOLE the program gets one, and
 * its input ends. Does nothing for a file, or a program that has closed its input. */
void responder_send(struct responder *r, const char *data, size_t n);

/* Returns true if no answer can come any more, once record_reader_read() returned 0. */
bool responder_is_over(const struct responder *r, int64_t now);

/* Frees everything but r, whose counts are final then. A program that still runs sees the end of its
 * input. */
void responder_close(struct responder *r);

#endif
