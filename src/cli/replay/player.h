/*
 * Plays one recorded connection on a session, as its local side: a stream that gives what is to be
 * sent when it is due, and compares what is written to it.
 */
#ifndef CLI_REPLAY_PLAYER_H
#define CLI_REPLAY_PLAYER_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/replay/playback.h"
#include "loop/loop.h"

struct error;
struct session;
struct stream;

struct player {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	struct session *session; /* outlives the stream */
	/* Chooses the connection by the first bytes of the peer; more of them may come, unless `all` is
	 * set. Returns 1 with how->connection set; 0: not yet; -1. Called with none at the start. */
	int (*choose)(struct player *pl, const void *first, size_t n, bool all,
	    struct playback_how *how, struct error *e);
	/* Resets the connection, whose session is over then. */
	void (*reset)(struct player *pl);
	void *arg;
	struct player *next; /* of the caller */
	/* readable */
	struct playback playback; /* if chosen */
	bool chosen;
	bool resets;               /* the recording has a reset of ours, which was played */
	const struct error *error; /* what the recording could not be read for; NULL: it could */
	/* private */
	struct buf first;
	struct timer timer;
	bool shut; /* the relay has read the end: it does not ask again */
	bool open; /* its stream is */
	bool released;
	int64_t patience; /* until when what was sent may wait for its acknowledgement */
	enum { PLAYER_PLAYS, PLAYER_LEAVES, PLAYER_RESETS, PLAYER_STOPS } state;
};

/* Makes the stream, which does not own the player. ERROR_INTERNAL, or what choose() fails with. */
int player_stream(struct player *pl, struct stream **ret_stream, struct error *e);

/* Frees a player that is malloc'ed, when its stream is closed. */
void player_release(struct player *pl);

#endif
