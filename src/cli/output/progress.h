/*
 * The progress line of a transfer: redrawn in place on a terminal, written
 * once a second elsewhere, and in both cases on each SIGUSR1.
 */
#ifndef CLI_OUTPUT_PROGRESS_H
#define CLI_OUTPUT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"
#include "loop/loop_signal.h"

struct session;

#define PROGRESS_HISTORY 16

struct progress {
	struct loop *loop;
	struct output_queue *out;      /* standard error */
	const struct session *session; /* its sock is NULL before the session has started */
	const char *before; /* what the command does before it has a session: "connecting" */
	bool draw;          /* --progress; false: only on SIGUSR1 */
	const char *source; /* name of the file that is sent; NULL: standard input */
	/* private */
	bool tty, plain;
	uint64_t total; /* of the bytes to send, where known; else 0 */
	uint64_t last_sent, last_received;
	int64_t started, last;
	double sent_rate, received_rate;
	double history[PROGRESS_HISTORY];
	struct timer timer;
	struct signal_watch usr1;
};

/* The caller sets loop, out, session and draw, and zeroes the rest. */
int progress_start(struct progress *p, struct error *e);

/* Writes a last line with the total, the time and the average, and stops. */
void progress_stop(struct progress *p);

/* True where the terminal shows blocks of Unicode: TERM and the locale say so. */
bool progress_shows_blocks(void);

#endif
