/*
 * One recorded connection that is played to a peer: what to send next, and whether what comes back
 * is what was recorded. It has no socket and no clock.
 *
 * The peer may send ahead of what it was seen to wait for; its bytes are compared in their order. Data
 * of ours goes out when everything that came before it in the recording has arrived, and the time has
 * passed that we took then to think.
 */
#ifndef CLI_REPLAY_PLAYBACK_H
#define CLI_REPLAY_PLAYBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/replay/comparison.h"
#include "cli/replay/recording_file.h"

struct error;

enum { DIFFERENCE_BYTES = 48 };

/* The first thing that was not as recorded. */
struct difference {
	uint64_t offset;    /* in the bytes of the peer, or of one record */
	uint64_t record;    /* from 1; 0: the peer sends a stream */
	unsigned long line; /* of the recording; 0: after the last */
	char what[160];     /* what happened */
	/* both from an offset that is a multiple of 16, where they are known */
	uint64_t at_expected, at_got;
	char expected[DIFFERENCE_BYTES], got[DIFFERENCE_BYTES];
	size_t n_expected, n_got;
};

struct playback_how {
	const struct recording_file *file;
	const struct recorded_connection *connection;
	bool as_recorder; /* play the side of the one who recorded, else that of its peer */
	const struct comparison *comparison;
	double speed; /* 1: as recorded; 0: without waiting */
};

enum playback_step {
	PLAYBACK_SEND,  /* what is in `out` */
	PLAYBACK_PAUSE, /* until the time in *ret_at */
	PLAYBACK_AWAIT, /* the peer */
	PLAYBACK_SHUT,  /* half-close; then ask again */
	PLAYBACK_LEAVE, /* close: it is over */
	PLAYBACK_RESET  /* reset: it is over */
};

/* Nothing is open; the last byte has just come. */
enum { UNIT_ENDED, UNIT_FRESH };

struct playback_reader; /* the events of the connection, one ahead */

struct playback {
	struct playback_how how;
	/* Bytes to send. Records have four bytes with their length in front, the highest first. */
	struct buf out;
	bool differs;
	struct difference difference;
	bool complete; /* the last event was played */
	/* private */
	struct playback_reader *script, *expected;
	bool records;
	int64_t then;    /* the time of the last event that was played */
	int64_t since;   /* when that was, CLOCK_MONOTONIC; 0: it is playing now */
	uint64_t needed; /* what of the peer the script has waited for: bytes, or records */
	uint64_t matched;
	uint64_t came; /* bytes of the peer */
	bool peer_ended, peer_reset, shut;
	struct buf unit; /* what is expected now: an event, a turn or a record */
	size_t unit_at;  /* so much of it has come */
	unsigned long unit_line;
	bool has_unit, swallows;
	struct buf got; /* what is not compared yet */
	/* got is the unit, and more bytes may belong to it, as digits to a number: since when nothing has come,
	 * CLOCK_MONOTONIC; UNIT_ENDED, UNIT_FRESH */
	int64_t open_since;
};

/* ERROR_INTERNAL. Call playback_close() after failure too. */
int playback_open(struct playback *p, const struct playback_how *how, struct error *e);
void playback_close(struct playback *p);

/* Finds what to do. PLAYBACK_SEND adds to `out`, which the caller empties before it asks again. -1: the
 * recording cannot be read. */
int playback_next(struct playback *p, int64_t now, enum playback_step *ret_step, int64_t *ret_at,
    struct error *e);

/* Compares bytes of the peer; records have their length in front. After a difference nothing more is
 * compared. Returns -1 like playback_next(). */
int playback_received(struct playback *p, const void *data, size_t n, struct error *e);

/* The peer has ended; why is the reason of a failure, or NULL. */
int playback_peer_ended(struct playback *p, const char *why, struct error *e);
/* The peer has reset the connection. */
void playback_peer_reset(struct playback *p);

/* The connection is over: what is missing is a difference. why is the reason of a failure, or NULL. */
int playback_finish(struct playback *p, const char *why, struct error *e);

/* True where our side speaks first, or nobody. */
bool playback_is_first(const struct playback_how *how);

/* Compares the first bytes of a peer with those of the recording. Returns how many are the same, or -1
 * where they differ. *ret_whole tells whether the recording has no more of them. */
long playback_fit(const struct playback_how *how, const void *data, size_t n, bool *ret_whole);

#endif
