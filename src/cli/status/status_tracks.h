/*
 * Sockets over time, for `usock status --watch`: what each sample of the socket table adds to their
 * history, and the table of them.
 */
#ifndef CLI_STATUS_STATUS_TRACKS_H
#define CLI_STATUS_STATUS_TRACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/output/table/text_table.h"
#include "status/table.h"

struct buf;
struct error;

enum {
	STATUS_TRACK_HISTORY = 16,
	STATUS_TRACKS_MAX = 1000 /* nobody can read more */
};

/* The history of one socket. */
struct status_track {
	struct status_row row;
	bool seen, known; /* seen: in this sample; known: in an earlier one */
	bool counted;     /* the last sample had bytes */
	uint64_t bytes;   /* total of both directions */
	double rate;      /* bytes a second; negative: unknown */
	double rates[STATUS_TRACK_HISTORY], queues[STATUS_TRACK_HISTORY];
};

/* Zeroed at the start. */
struct status_tracks {
	struct status_track *list;
	size_t n, more; /* more: rows of the sample that are not tracked */
	/* private */
	struct text_table table; /* of lines, whose columns only grow */
	bool has_table;
};

/* Each fails with ERROR_INTERNAL. */
int status_tracks_init(struct status_tracks *t, struct error *e);
void status_tracks_fini(struct status_tracks *t);

/* A sample: begin, each row of the socket table, which came `seconds` after the last sample, end. */
void status_tracks_begin(struct status_tracks *t);
void status_tracks_add(struct status_tracks *t, const struct status_row *row, double seconds);
void status_tracks_end(struct status_tracks *t);

struct status_tracks_how {
	bool lines;     /* one after the other, with a time in front; else a screen */
	size_t columns; /* of the terminal; 0: there is none, and no titles */
	bool color;
	bool plain;     /* graphs of digits */
	double elapsed; /* seconds since the watch began: the time in front */
};

/* Appends the first n tracks as a table; on a terminal with titles, and on a screen with a note for the
 * columns that are left out. */
int status_tracks_print(struct status_tracks *t, size_t n, const struct status_tracks_how *how,
    struct buf *out, struct error *e);

#endif
