/*
 * What usock replay plays, and what came of it: which connection a peer gets, the verdict on each, and
 * the reports.
 */
#ifndef CLI_REPLAY_REPLAY_H
#define CLI_REPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/options/opt.h"
#include "cli/replay/comparison.h"
#include "cli/replay/recording_file.h"

struct command_context;
struct endpoint;
struct error;
struct output_queue;
struct player;
struct session;
struct session_how;
struct stream;
struct websocket_use;

enum replay_side { REPLAY_SERVER, REPLAY_CLIENT };
enum replay_pick { REPLAY_IN_TURN, REPLAY_BY_MATCH };

/* The options of playing. */
struct replay_opts_play {
	int side, pick, match; /* index of the choice; -1: not given */
	const char *speed;     /* NULL: as recorded */
	struct opt_list ignored;
	bool tap;
};

struct replay {
	/* set by the caller (zeroed before) */
	struct command_context *rt;
	const struct replay_opts_play *opts;
	/* readable */
	struct recording_file file;
	size_t left_out; /* connections of another type, which the socket cannot play */
	unsigned long n_over, n_failed; /* connections that were played */
	bool differs; /* a peer was not as recorded, before a signal or the end of --while */
	/* private */
	struct comparison comparison;
	double speed;
	struct player *players;
	struct output_queue *results; /* of --tap; NULL: none */
	struct buf said;              /* reasons of a verdict of --tap */
};

/* Reads the recording and the options; which of several types is played, recording_file_keep() says. ERROR_USAGE, ERROR_LOCAL_IO, ERROR_INTERNAL. Call
 * replay_close() after failure too. */
int replay_open(struct replay *r, const char *path, bool datagrams, struct error *e);
void replay_close(struct replay *r);

/* Begins the reports: the plan of --tap, n connections, or unknown for 0. */
int replay_begin(struct replay *r, size_t n, struct error *e);

/* Ends them. Returns the exit status: 4 where anything was not as recorded. */
int replay_end(struct replay *r);

/* True for a recording whose connections are not streams, and for one of datagrams. */
bool replay_has_records(const struct replay *r);
bool replay_has_datagrams(const struct replay *r);

/* True for one of messages, which are WebSocket over a stream, else DTLS. */
bool replay_has_messages(const struct replay *r);

/* Sets how sessions play, apart from local_fn, which is to call replay_local(). */
void replay_session(const struct replay *r, struct session_how *how);

/* Sets up WebSocket, instead of replay_session(): as a client of the URL ep, or, for NULL, as a server. use is
 * the caller's, as long as how. */
void replay_session_websocket(const struct replay *r, const struct endpoint *ep,
    struct websocket_use *use, struct session_how *how);

/* Makes the local side of a session: it plays c, or, for NULL, the connection that is picked for the
 * peer. */
int replay_local(struct replay *r, struct session *s, struct recorded_connection *c,
    struct stream **ret_stream, struct error *e);

/* Reports how the session went, which is over. Returns its exit status. */
int replay_ended(struct replay *r, const struct session *s);

#endif
