/*
 * What a relay implements, and what relay.c does for it. For byte_relay,
 * message_relay and server/udp_server; their callers need relay.h only.
 */
#ifndef RELAY_RELAY_OPS_H
#define RELAY_RELAY_OPS_H

#include "relay/relay.h"

struct buf;
struct packet;
struct record_reader;

struct relay_ops {
	size_t size; /* of the structure that begins with struct relay */
	/* Moves what it can without blocking, and reports events to the ending. Returns true if
	 * more can be done at once. */
	bool (*run)(struct relay *r);
	/* Sets the LOOP_* events that each slot waits for, zeroed before. Returns when run() is due
	 * without an event. */
	struct deadline (*wants)(const struct relay *r, unsigned events[RELAY_SLOTS]);
	/* Called when a slot is ready for these events, or with RELAY_SLOTS when the time has come.
	 * NULL: the slot is only unblocked. */
	void (*ready)(struct relay *r, enum relay_slot slot, unsigned events);
	/* Takes a datagram of the peer that came by another way. NULL: there is none. */
	void (*push)(struct relay *r, const void *data, size_t n);
	/* Carries out ENDING_ACT_DROP_SEND, _DROP_RECEIVE and _DISCARD. */
	void (*drop)(struct relay *r, unsigned actions);
	/* Returns how many bytes of the input are known to be unsent. NULL: the peer has no end. */
	uint64_t (*left)(const struct relay *r);
	/* Called at the end, to report more. NULL: nothing to report. */
	void (*conclude)(struct relay *r);
	/* Frees what the relay holds, not r itself. */
	void (*fini)(struct relay *r);
};

/* Allocates ops->size bytes, zeroed except struct relay. Returns NULL with *e. */
void *relay_new(const struct relay_ops *ops, const struct relay_how *how, struct error *e);

/* Runs the relay because of something other than its slots and times. */
void relay_wake(struct relay *r);

/* Marks a slot as not ready, until the loop reports it, or for the remote side until the next time
 * is due. */
void relay_block(struct relay *r, enum relay_slot slot);
bool relay_is_blocked(const struct relay *r, enum relay_slot slot);

/* Reads up to n records of the local side, as record_reader_read(), within the limit. Reports the
 * end, the limit and failures to the ending. */
int relay_read_records(struct relay *r, struct record_reader *in, struct packet *packets,
    unsigned n);

/* Writes buffered bytes to the local side, once. Returns true if anything changed. */
bool relay_output(struct relay *r, struct buf *out);

/* Reports an event to the ending. */
void relay_event(struct relay *r, enum ending_event event);

/* Reports that reading or writing this slot failed with e. */
void relay_failed(struct relay *r, enum relay_slot slot, const struct error *e);

/* Reports a failure as this event. */
void relay_failed_by(struct relay *r, enum ending_event event, const struct error *e);

/* Turns a clean end into this failure. */
void relay_fail_late(struct relay *r, enum ending_verb verb, const struct error *e);

#endif
