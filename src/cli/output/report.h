/* All that the program reports: lines on stderr, events as JSON. Nothing below cli/ prints. */
#ifndef CLI_OUTPUT_REPORT_H
#define CLI_OUTPUT_REPORT_H

#include <stdbool.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/output/event.h"
#include "cli/output/output_queue.h"
#include "cli/output/style.h"

/* The report options of a command (cli/options/report_opts.c); the parser sets them. */
struct report_opts {
	int verbose;
	bool quiet, json;
	const char *events;               /* file, "fd:N", or NULL */
	int color;                        /* enum style_when */
	const struct report_voice *voice; /* set by the command; NULL: our own */
};

struct loop;
struct report;

/* Says events and errors as another program does. */
struct report_voice {
	const char *name;     /* in front of warnings, instead of usock */
	bool may_lose_reader; /* a reader of standard output that leaves is a good end */
	void (*event)(const struct report *r, enum event event, const struct field *values);
	void (*error)(const struct report *r, const struct error *e);
	void *arg;
};

struct report {
	const struct report_opts *opts; /* NULL for a script, which has only a log */
	struct loop *loop;
	struct log log;
	struct output_queue *queues; /* all open queues */
	/* of standard error; NULL: messages are written at once */
	struct output_queue *messages;
	struct output_queue *events; /* NULL: events are not requested */
	bool color;                  /* messages are in color */
	bool has_results; /* standard error has events or a dump, and not messages alone */
};

/* What waits for a FIFO, and how long. */
struct report_how {
	struct loop *loop;
	struct deadline until;
};

/* Opens the events file. Waits for the reader of a FIFO. ERROR_LOCAL_IO, ERROR_USAGE. */
int report_open(struct report *r, const struct report_opts *opts, const struct report_how *how,
    struct error *e);

/* Writes the queued records until the deadline and closes. Gives up a consumer that reads
 * nothing for 2 s, or, where a signal or a time-out ended the command (ended), after 50 ms.
 * Returns status, or that of an output that could not be written. *ret_signal is the signal that
 * came meanwhile, or 0. */
int report_close(struct report *r, int status, bool ended, struct deadline until, int *ret_signal);

/* Writes "usock: TEXT" and "usock: hint: ..." to stderr, also with --quiet, or what the voice has
 * for it. Returns the exit status. r is NULL before there is a report. */
int report_error(const struct report *r, const struct error *e);

/* Writes "usock: TEXT" to stderr, unless --quiet; or in the color of a good or bad result. */
void report_note(const struct report *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void report_verdict(const struct report *r, bool good, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Writes TEXT to stderr, with nothing in front. */
void report_line(const struct report *r, const char *text);

/* True where another program's voice says it; where a reader that leaves is a good end to it. */
bool report_has_voice(const struct report *r);
bool report_may_lose_reader(const struct report_opts *opts);
/* True where events are requested; or they, lines of -v or what another voice says of them. */
bool report_wants_events(const struct report *r);
bool report_wants(const struct report *r);

/* Reports an event: as an object, where events are requested, and as its lines. values is an array
 * with at least one element; the fields of the event after them are unknown. */
#define report_event(r, event, values) report_fields((r), (event), (values), ARRAY_LEN(values))
void report_fields(const struct report *r, enum event event, const struct field *values, size_t n);

/* Reports an event as an object only. */
void report_object(const struct report *r, enum event event, const struct field *values);

/* Opens a file for writing. Waits for the reader of a FIFO. flags: O_TRUNC, O_APPEND. ERROR_LOCAL_IO
 * "open PATH: reason", ERROR_TIMEOUT, ERROR_SIGNAL. */
int report_open_file(const char *path, int flags, const struct report_how *how, int *ret_fd,
    struct error *e);
/* The same for a file that nobody else may read, or write meanwhile. It is emptied, and is O_APPEND. */
int report_open_private(const char *path, const struct report_how *how, int *ret_fd,
    struct error *e);

/* Where the data of both directions is written, too. */
struct dump_files {
	const char *hexdump;    /* "": standard error; NULL: none */
	const char *transcript; /* as it is; NULL: none */
	const char *record;     /* as a recording; NULL: none */
	const char *pcap;       /* as packets; NULL: none */
	/* do not empty the first two; record the secrets of TLS; write the first two as lines with times */
	bool append, secrets, timestamps;
};

/* Opens the queue of a dump: standard error where where is "", else that file, with flags as above. */
int report_dump_open(struct report *r, const char *where, int flags, const struct report_how *how,
    struct output_queue **ret_queue, struct error *e);

/* True where results on standard output are in color. */
bool report_colors_results(const struct report *r);
/* Opens the queue of results on standard output. */
int report_results(struct report *r, struct loop *l, struct output_queue **ret_queue,
    struct error *e);

#endif
