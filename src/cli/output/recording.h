/*
 * The file of --record: a recorder (relay/capture) whose lines go to an output queue. Nothing is
 * dropped: a recording that cannot be written ends with a message, and its connections go on.
 */
#ifndef CLI_OUTPUT_RECORDING_H
#define CLI_OUTPUT_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "relay/capture/recorder.h"

struct dump_files;
struct error;
struct output_queue;
struct report;
struct report_how;

/* The rows of --record for a table of options; their values are in the struct dump_files at this
 * offset. */
#define RECORDING_ROWS(at)                                                                         \
	{ .name = "record",                                                                        \
		.kind = OPT_TEXT,                                                                  \
		.offset = (at) + offsetof(struct dump_files, record),                              \
		.arg = "FILE",                                                                     \
		.complete = "file",                                                                \
		.reach = REACH_FILE,                                                               \
		.writes = WRITES_RECORDING,                                                        \
		.help = "record the dialogue of each connection in FILE, for usock replay" },      \
	    { .name = "record-secrets",                                                            \
		    .kind = OPT_FLAG,                                                              \
		    .offset = (at) + offsetof(struct dump_files, secrets),                         \
		    .help = "with --record: the secrets of TLS, too" },                            \
	{                                                                                          \
		.name = "pcap", .kind = OPT_TEXT,                                                  \
		.offset = (at) + offsetof(struct dump_files, pcap), .arg = "FILE",                 \
		.complete = "file", .reach = REACH_FILE, .writes = WRITES_FILE,                    \
		.help = "write each connection to FILE as packets, for Wireshark"                  \
	}

struct recording {
	struct recorder recorder;
	/* readable */
	char *file;           /* NULL: not open */
	uint64_t bytes;       /* of lines */
	struct error *failed; /* why it has ended; NULL: it has not */
	/* private */
	struct report *report;
	struct output_queue *queue;
};

struct recording_how {
	const char *file;
	const char *command; /* what records: "connect" */
	bool secrets;        /* record the secrets of TLS, too */
};

/* Creates or empties the file, with mode 0600. Waits for the reader of a FIFO. r outlives it. Returns
 * -1 with ERROR_LOCAL_IO, ERROR_TIMEOUT or ERROR_SIGNAL. */
int recording_open(struct recording *rec, struct report *r, const struct recording_how *how,
    const struct report_how *wait, struct error *e);

/* ERROR_USAGE for what --record does not go with. */
int recording_check(const struct dump_files *files, struct error *e);

/* True where files get the secrets of TLS. */
bool recording_needs_secrets(const struct dump_files *files);

/* Ends the recording, and waits until its lines are written: then another may be opened. Returns -1 where it
 * could not be written, with the reason; it has ended all the same. */
int recording_stop(struct recording *rec, struct deadline until, struct error *e);

/* Ends the recording; closing the report writes what is queued, and recording_fini() is next. Both accept
 * one that is zeroed. */
void recording_close(struct recording *rec);
void recording_fini(struct recording *rec);

#endif
