/*
 * A line about the bytes that move: redrawn in place on a terminal, once a
 * second elsewhere, once for each SIGUSR1 in any case.
 */
#ifndef CLI_OUTPUT_PROGRESS_H
#define CLI_OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"

struct session;

#define PROGRESS_HISTORY 16

struct progress {
	struct loop *loop;
	struct output_queue *out;      /* standard error */
	const struct session *session; /* its sock is NULL before it has begun */
	const char *before;            /* what is waited for before there is one: "connecting" */
	bool draw;                     /* --progress: unasked too */
	const char *source;            /* the file that is sent; NULL: standard input */
	/* private */
	bool tty, plain, drawn;
	uint64_t total; /* of what is sent, where known; else 0 */
	uint64_t last_sent, last_received;
	int64_t started, last;
	double sent_rate, received_rate;
	double history[PROGRESS_HISTORY];
	struct timer timer;
	struct signal_watch usr1;
};

/* loop, out, session and draw are set; the rest zeroed. */
int progress_start(struct progress *p, struct error *e);

/* Writes a last line, with what was moved, the time and the average, and stops. */
void progress_stop(struct progress *p);

#endif
