/*
 * A relay between a stream of records (stdio, a program, a file, a list) and a
 * message socket: one record is one datagram, both ways. What each end means is in
 * relay/ending, but a datagram socket has its own:
 *
 *   input ends   what is queued is sent; then replies are waited for until there
 *                was silence for how->quiet (SOCK_SEQPACKET: half-close, after_eof)
 *   peer ends    only SOCK_SEQPACKET, and a stream of records, has an end; a datagram
 *                without a byte is none
 *   refused      an answer of the network (ICMP) is a failure, and told after what
 *                was received has been delivered
 *   slow output  what it does not take is held up to a limit; then the socket is
 *                not read any more, and what the kernel drops is counted
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

/* The same for all of a command; outlives them. */
struct message_relay_how {
	struct framing in, out; /* of what is sent, received */
	/* Each of them gets every record, one of them failing is no matter for the others; the
	 * caller's. */
	const struct sockname *to;
	unsigned n_to;    /* at most MESSAGE_RELAY_TO_MAX; 0: the socket is connected */
	int64_t quiet;    /* after the last one sent; 0: leave at once, DURATION_NONE */
	bool quiet_fixed; /* ... is counted from there, whatever comes meanwhile */
	/* instead of the local side's input: these, so many times (0: for ever) */
	const struct message_relay_record *list;
	size_t n_list;
	uint64_t repeat;
	/* Appends what the local side sees of a datagram; NULL: as `out` says. */
	int (*show)(void *arg, const struct packet *p, struct buf *out, struct error *e);
	void *show_arg;
	bool show_keeps; /* ... and takes all of them, though the local side takes none */
};

/* Ready for relay_start(). how->remote is the connection's stream, of messages; m_how outlives it. */
int message_relay_open(struct relay **ret_relay, const struct relay_how *how,
    const struct message_relay_how *m_how, struct error *e);

#endif
