/*
 * What the program writes besides peer data: messages, events, dumps, results.
 * A queue for each open file, on the loop, so that a consumer that does not read
 * holds nothing up.
 *
 * A record is written whole or not at all, in the order in which records came.
 * Of records for whoever watches (output_queue_put) at most OUTPUT_QUEUE_MAX bytes
 * wait; what comes then is dropped and counted. Once the consumer has read half of
 * what waits, the count is written at that place, as the event "lost" or as a line.
 * Results (output_queue_result) are never dropped: who makes them waits with
 * output_queue_drain().
 *
 * A descriptor may be inherited: O_NONBLOCK is never set on it.
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

/* What tells the reader of a record that others before it are lost. */
enum output_form { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_FORMS };

struct output_queue {
	struct output_queue *next; /* of the same list */
	int fd;
	const char *name; /* for messages: "standard output", or the file's */
	int failure;      /* errno that writing ended with; 0: none. Nothing is kept since. */
	uint64_t dropped; /* lines, all in all */
	bool empty;       /* nothing waits */
	/* private */
	bool owned;
	dev_t device;
	ino_t inode;
	struct loop *loop;
	struct stream *stream;
	struct buf held;
	uint64_t lost[OUTPUT_FORMS]; /* lines since the last count */
	struct watch watch;
	int64_t moved; /* when the consumer last took something */
};

/* A queue for fd in the list *list; the one that is there already, where it writes to the same
 * pipe, terminal or socket, so that the order is kept. owned: fd is closed with the queue, on
 * failure at once. name outlives the queue. ERROR_INTERNAL. */
int output_queue_open(struct output_queue **list, struct loop *l, int fd, bool owned,
    const char *name, struct output_queue **ret_queue, struct error *e);

/* Closes all queues of the list; what waits is dropped, and counted in none. */
void output_queue_close_all(struct output_queue **list);

/* A record of whole lines for whoever watches. Never waits. */
void output_queue_put(struct output_queue *q, enum output_form form, const char *data, size_t n);

/* n bytes of a result. Never waits, and keeps all of it. -1: ERROR_LOCAL_IO "write NAME: ...",
 * also where an earlier write has failed. */
int output_queue_result(struct output_queue *q, const void *data, size_t n, struct error *e);

/* The same for what out holds, which is empty then. */
int output_queue_flush(struct output_queue *q, struct buf *out, struct error *e);

/* Waits until all is written. -1: ERROR_LOCAL_IO, ERROR_TIMEOUT, ERROR_SIGNAL. */
int output_queue_drain(struct output_queue *q, struct deadline until, struct error *e);

/* Writes out what waits in all queues of the list, at the end of the program. A consumer that has taken
 * nothing for patience nanoseconds is given up; until ends all. What is left then is dropped,
 * and counted in dropped. -1: a signal came, ERROR_SIGNAL. */
int output_queue_flush_all(struct output_queue *list, int64_t patience, struct deadline until,
    struct error *e);

/* Before there is a loop: writes n bytes, waiting for room until the deadline. -1:
 * ERROR_LOCAL_IO "write NAME: ...", ERROR_TIMEOUT. */
int output_write(int fd, const char *name, const char *data, size_t n, struct deadline until,
    struct error *e);

#endif
