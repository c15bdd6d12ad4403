/*
 * A relay between a stream of records (stdio, a program, a file, a list) and a
 * message socket: one record is one datagram, in both directions. relay/ending
 * decides what each end means. A datagram socket has these:
 *
 *   input ends   queued records are sent, then replies are awaited until nothing came
 *                for how->quiet (SOCK_SEQPACKET, WebSocket: half-close, after_eof)
 *   peer ends    only SOCK_SEQPACKET and a stream of records have an end; an empty
 *                datagram is none
 *   refused      an ICMP error is a failure, reported when everything received before
 *                it is delivered
 *   slow output  datagrams are buffered up to a limit; then the socket is not read,
 *                and drops by the kernel are counted
 */
#ifndef RELAY_MESSAGE_RELAY_H
#define RELAY_MESSAGE_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/mmsg.h"
#include "relay/filter/framing.h"
#include "relay/record_reader.h"
#include "relay/relay.h"

struct error;

#define MESSAGE_RELAY_TO_MAX 64

/* Shared by all relays of a command, and outlives them. */
struct message_relay_how {
	struct framing in, out; /* of sent and received records */
	/* Each address gets every record; a failure of one does not stop the others. The
	 * caller's. */
	const struct sockname *to;
	unsigned n_to; /* up to MESSAGE_RELAY_TO_MAX; 0: the socket is connected */
	/* time after the last sent datagram; 0: leave at once, DURATION_NONE: stay */
	int64_t quiet;
	bool quiet_fixed; /* quiet counts from there, whatever arrives */
	/* Records to send instead of the input, `repeat` times (0: for ever). */
	const struct message_relay_record *list;
	size_t n_list;
	uint64_t repeat;
	/* Appends what the local side gets for a datagram. NULL: as `out` says. */
	int (*show)(void *arg, const struct packet *p, struct buf *out, struct error *e);
	void *show_arg;
	bool show_keeps; /* call show for all datagrams, even if the local side discards them */
};

/* Makes a relay for relay_start(). how->remote is the stream of the message socket. m_how must
 * outlive it. */
int message_relay_open(struct relay **ret_relay, const struct relay_how *how,
    const struct message_relay_how *m_how, struct error *e);

#endif
