/*
 * Records connections while they run: what happens is put into lines (dialogue_writer) and given to
 * the caller at once, so that a recording is complete up to the moment of a crash. It waits for
 * nothing. All functions for a connection do nothing where nobody records it.
 */
#ifndef RELAY_RECORDER_H
#define RELAY_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "relay/capture/dialogue.h"

struct error;
struct sockname;
struct tls_info;

struct recorder {
	/* set by the caller (zeroed before) */
	/* Writes whole lines. Returns -1 with a complete text where the recording has to end. */
	int (*write)(void *arg, const char *lines, size_t n, struct error *e);
	/* Says once why the recording has ended. The connections go on. */
	void (*failed)(void *arg, const struct error *e);
	void *arg;
	bool secrets; /* record the secrets of TLS, too */
	/* the last number of a connection, where the caller has no other numbers */
	uint64_t connections;
	/* gets each event, too; NULL: nobody does */
	void (*observe)(void *observer, const struct dialogue_event *event);
	void *observer;
	/* private */
	int64_t started; /* CLOCK_MONOTONIC */
	struct buf lines;
	bool over;
};

/* Writes the header. */
void recorder_open(struct recorder *r, const char *command);
void recorder_close(struct recorder *r);

/* Returns the time for a header: nanoseconds since 1970. */
int64_t recorder_wall_clock(void);

/* Makes one that writes nothing: its events go to observe() alone. */
void recorder_watch(struct recorder *r);

/* A connection that may be recorded. Zeroed: nobody records it. */
struct recorded {
	struct recorder *recorder; /* NULL: not now */
	uint64_t id;
	enum dialogue_type type;
	unsigned ended; /* bits of the directions that have */
};

struct recorded_how {
	uint64_t id; /* not used before in this recording, also by other processes that write it */
	enum dialogue_role role;
	enum dialogue_type type;
	int64_t since; /* CLOCK_MONOTONIC */
	/* what is in front of addresses with a port: "tcp", "udp" */
	const char *transport;
	const struct sockname *local, *peer; /* len 0: unknown */
};

/* Begins a connection. r may be NULL. */
void recorded_open(struct recorded *c, struct recorder *r, const struct recorded_how *how);

/* c may be NULL, as in the functions that follow. */
static inline bool
recorded_is_open(const struct recorded *c)
{
	return c != NULL && c->recorder != NULL;
}

/* Records what moved: of a stream any piece, else one record, of n bytes. */
void recorded_data(struct recorded *c, enum dialogue_direction dir, const void *data, size_t n);

/* Records what a handshake agreed on, and, where the recorder is to, the lines of its key log. secrets
 * may be NULL. */
void recorded_tls(struct recorded *c, const struct tls_info *info, const char *secrets);

/* Records the end of a direction, once. */
void recorded_end(struct recorded *c, enum dialogue_direction dir);

/* Records the last event: DIALOGUE_CLOSE, _RESET or _ERROR. reason may be NULL. */
void recorded_close(struct recorded *c, enum dialogue_kind kind, enum dialogue_direction dir,
    const char *reason);

#endif
