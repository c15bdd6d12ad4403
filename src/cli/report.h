/*
 * All that the program says: errors and life-cycle lines on stderr, events as
 * JSON. Nothing below cli/ prints.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/log.h"
#include "base/rows.h"

/* The report options of a command (groups.c), filled by the parser. */
struct report_opts {
	int verbose;
	bool quiet;
	bool json;
	const char *events; /* file, "fd:N", or NULL */
	int color;          /* 0 auto, 1 always, 2 never */
};

struct report {
	const struct report_opts *opts;
	struct log log;
	int events_fd; /* -1: none; --json without --events writes to stderr's place: stderr */
	bool events_owned;
};

/* Opens the events file. ERROR_LOCAL_IO, ERROR_USAGE. */
int report_open(struct report *r, const struct report_opts *opts, struct error *e);
void report_close(struct report *r);

/* "usock: TEXT" and "usock: hint: ..." on stderr, always; returns the exit status. */
int report_error(const struct error *e);

/* "usock: TEXT", unless --quiet. */
void report_note(const struct report *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* True where events are wanted. */
bool report_wants_events(const struct report *r);

/* One JSON object, to the events descriptor. Nothing where none is wanted. */
void report_event(const struct report *r, const struct field *fields);

#endif
