/*
 * Output queues: everything the program writes besides peer data, that is
 * messages, events, dumps and results. Each open file has one queue, on the
 * loop, so that a consumer that does not read blocks nothing.
 *
 * A record is written whole or not at all, in the order of enqueuing. At most
 * OUTPUT_QUEUE_MAX bytes of records of output_queue_enqueue() are queued; further
 * ones are dropped and counted. When the consumer has read half of the queue,
 * the count is written at that place, as the event "lost" or as a line.
 * Results (output_queue_result()) are never dropped; their producer waits with
 * output_queue_drain().
 *
 * A descriptor may be inherited, so O_NONBLOCK is never set on it.
 */
#ifndef CLI_OUTPUT_OUTPUT_QUEUE_H
#define CLI_OUTPUT_OUTPUT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "loop/loop.h"

struct error;
struct stream;

enum { OUTPUT_QUEUE_MAX = 1 << 20 };

/* The form in which the loss of records is reported to the reader. */
enum output_form { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_FORMS };

struct output_queue {
	struct output_queue *next; /* in the same list */
	int fd;
	const char *name; /* for messages: "standard output", or the file name */
	/* errno of the write that failed; 0: none. Afterwards everything is discarded. */
	int failure;
	bool told;        /* its producer has given up and said why: only the exit status is left */
	uint64_t dropped; /* lines in total */
	bool empty;       /* the queue is empty */
	/* private */
	size_t drawn; /* columns of the line that the next record erases */
	bool owned;
	dev_t device;
	ino_t inode;
	struct loop *loop;
	struct stream *stream;
	struct buf queued;
	uint64_t lost[OUTPUT_FORMS]; /* lines since the last count */
	struct watch watch;
	int64_t last_read; /* when the consumer last read something */
};

/* Opens a queue for fd in the list *list. Returns the existing queue where it writes to the same
 * pipe, terminal or socket, which keeps the order. owned: the queue closes fd, on failure at
 * once. The caller keeps name valid for the life of the queue. ERROR_INTERNAL. */
int output_queue_open(struct output_queue **list, struct loop *l, int fd, bool owned,
    const char *name, struct output_queue **ret_queue, struct error *e);

/* Closes a queue of the list. One that has failed, or is not empty, stays for the end of the program; its name
 * becomes "an earlier file". */
void output_queue_close(struct output_queue **list, struct output_queue *q);

/* Closes all queues of the list. Queued records are dropped and not counted. */
void output_queue_close_all(struct output_queue **list);

/* In a forked child: forgets queued records, which the parent writes. */
void output_queue_forget_all(struct output_queue *list);

/* Enqueues a record of whole lines, or drops it. Never blocks. */
void output_queue_enqueue(struct output_queue *q, enum output_form form, const char *data,
    size_t n);

/* Draws a line of so many columns, without a line end, in place of the last one that was drawn. Every
 * record erases it. Draws nothing while the queue is not empty. The descriptor is a terminal. */
void output_queue_draw(struct output_queue *q, const char *line, size_t columns);

/* Enqueues n bytes of a result. Never blocks and never drops. -1: ERROR_LOCAL_IO "write NAME:
 * ...", also where an earlier write failed. */
int output_queue_result(struct output_queue *q, const void *data, size_t n, struct error *e);

/* Enqueues the content of out as a result and empties out. */
int output_queue_flush(struct output_queue *q, struct buf *out, struct error *e);

/* Waits until the queue is empty. -1: ERROR_LOCAL_IO, ERROR_TIMEOUT, ERROR_SIGNAL. */
int output_queue_drain(struct output_queue *q, struct deadline until, struct error *e);

/* Writes all queues of the list, at the end of the program. Gives up a consumer that has read
 * nothing for patience nanoseconds, and all of them at until; the rest is dropped and counted in
 * dropped. -1: ERROR_SIGNAL. */
int output_queue_flush_all(struct output_queue *list, int64_t patience, struct deadline until,
    struct error *e);

/* For use before there is a loop: writes n bytes and blocks until the deadline. -1:
 * ERROR_LOCAL_IO "write NAME: ...", ERROR_TIMEOUT. */
int output_queue_write(int fd, const char *name, const char *data, size_t n, struct deadline until,
    struct error *e);

#endif
