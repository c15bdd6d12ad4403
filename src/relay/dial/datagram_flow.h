/*
 * The way of one sender's datagrams to a target: a socket that is connected while the loop goes on,
 * so that what comes back on it is for this sender. Datagrams that are sent before it is connected
 * wait, within bounds.
 */
#ifndef RELAY_DIAL_DATAGRAM_FLOW_H
#define RELAY_DIAL_DATAGRAM_FLOW_H

#include <stdbool.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "relay/dial/dial.h"

struct error;
struct packet;

/* Bytes that wait for a target, with the lengths of their datagrams. */
#define DATAGRAM_FLOW_HELD (256 << 10)

/* What datagram_flow_receive() returns at the end of a target that has one, as DTLS. */
#define DATAGRAM_FLOW_END (-2)

struct datagram_flow {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	const struct log *log;
	struct dial_how how; /* a socket of datagrams, or a stream of records on one */
	struct deadline until;
	struct shortage *shortage; /* as in struct dial */
	/* Called last, from the loop, when datagram_flow_receive() may have something to return. */
	void (*ready)(struct datagram_flow *f);
	void *arg;
	/* readable */
	bool connected;        /* dial.peer is the target's address */
	unsigned long dropped; /* datagrams for which there was no room, or that are too long */
	struct dial dial;
	/* private */
	struct stream *stream; /* NULL: not connected */
	struct watch watch;
	struct timer timer;
	struct buf held;
	bool waiting, failed;
	unsigned
	    stuck; /* what the stream has to become before it takes more: LOOP_READ or LOOP_WRITE; else 0 */
};

/* Begins to connect. ready is not called before this returns. */
void datagram_flow_start(struct datagram_flow *f);

/* Sends a datagram, or keeps it for later, or drops and counts it. Never blocks. */
void datagram_flow_send(struct datagram_flow *f, const void *data, size_t n);

/* Receives up to n datagrams into the room of packets. Returns how many; 0: none now;
 * DATAGRAM_FLOW_END; -1: the flow is over, because the target cannot be connected to, or has refused
 * a datagram. The text is complete. */
int datagram_flow_receive(struct datagram_flow *f, struct packet *packets, unsigned n,
    struct error *e);

/* Enables the calls of ready(), or disables them. */
int datagram_flow_wait(struct datagram_flow *f, bool on, struct error *e);

/* Frees everything but f. A target that knows an end is told of it. May be called at any time, and
 * twice. */
void datagram_flow_stop(struct datagram_flow *f);

#endif
