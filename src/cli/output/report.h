/*
 * All that the program says: errors and life-cycle lines on stderr, events as
 * JSON. Nothing below cli/ prints.
 */
#ifndef CLI_OUTPUT_REPORT_H
#define CLI_OUTPUT_REPORT_H

#include <stdbool.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/output/event.h"
#include "cli/output/output_queue.h"

/* The report options of a command (groups.c), filled by the parser. */
struct report_opts {
	int verbose;
	bool quiet;
	bool json;
	const char *events; /* file, "fd:N", or NULL */
	int color;          /* 0 auto, 1 always, 2 never */
};

struct loop;

struct report {
	const struct report_opts *opts; /* NULL: of a script, which has a log only */
	struct log log;
	struct output_queue *queues;   /* all that are open */
	struct output_queue *messages; /* on standard error; NULL: written there at once */
	struct output_queue *events;   /* NULL: none are wanted */
};

/* How files that are FIFOs are waited for. */
struct report_how {
	struct loop *loop;
	struct deadline until;
};

/* Opens the events file; a FIFO waits for its reader. ERROR_LOCAL_IO, ERROR_USAGE. */
int report_open(struct report *r, const struct report_opts *opts, const struct report_how *how,
    struct error *e);

/* Writes out what waits, until the deadline; then closes. A consumer that reads nothing is given
 * up after 2 s; where a signal or the time-out has ended the command, at once (ended). Returns
 * status, or that of what could not be written; *ret_signal is the signal that came meanwhile. */
int report_close(struct report *r, int status, bool ended, struct deadline until, int *ret_signal);

/* "usock: TEXT" and "usock: hint: ..." on stderr, always; returns the exit status. r NULL: before
 * there is a report. */
int report_error(const struct report *r, const struct error *e);

/* "usock: TEXT", unless --quiet. */
void report_note(const struct report *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* True where events are wanted. */
bool report_wants_events(const struct report *r);

/* True where somebody wants to know of an event that has a line with -v. */
bool report_wants(const struct report *r);

/* The event as an object, where events are wanted, and as its lines. */
void report_event(const struct report *r, enum event event, const struct field *values);

/* The event as an object only. */
void report_object(const struct report *r, enum event event, const struct field *values);

/* Opens a file to be written; a FIFO waits until somebody reads it. flags: O_APPEND or 0.
 * ERROR_LOCAL_IO "open PATH: reason", ERROR_TIMEOUT, ERROR_SIGNAL. */
int report_open_file(const char *path, int flags, const struct report_how *how, int *ret_fd,
    struct error *e);

/* -x: a dump of whole lines, on standard error or in the file where; "": standard error. */
int report_dump_open(struct report *r, const char *where, const struct report_how *how,
    struct output_queue **ret_queue, struct error *e);

/* The queue of results on standard output. */
int report_results(struct report *r, struct loop *l, struct output_queue **ret_queue,
    struct error *e);

#endif
