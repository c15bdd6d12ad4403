/*
 * A relay for an unconnected datagram socket. It receives from every sender,
 * answers each from the address that it sent to, and never blocks on one of
 * them.
 *
 *   stdio     datagrams go to the local side as records; its records go to the last
 *             sender, and wait while there is none; on a CAN bus they go to everybody
 *   echo      each datagram goes back to its sender (but see echo_guard.h)
 *   discard   datagrams are counted
 *   program   one for each sender (with FRAMING_WHOLE, for each datagram), which is
 *             over when its program is; a later datagram starts another
 *   file      its records go to the sender of each datagram
 *   forward   a socket for each sender, connected to a target: what the target
 *             sends there goes to this sender
 *
 * relay/ending decides what each end means. With keep_open the server runs
 * until it is stopped. Otherwise stdio ends after the end of its input, echo
 * and discard after the first datagram, each after silence for `quiet`; program,
 * file and forward serve the first sender only, and end with it.
 *
 * Memory is bounded. A full table forgets the sender that was silent for
 * longest, but not one with a program: datagrams of new senders are then
 * dropped, counted and logged. A datagram from our own address is dropped,
 * counted and logged if it would be answered.
 */
#ifndef RELAY_SERVER_UDP_SERVER_H
#define RELAY_SERVER_UDP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/record_reader.h"
#include "relay/relay.h"
#include "relay/server/peer_table.h"
#include "relay/server/send_queue.h"
#include "relay/server/udp_server_how.h"

struct error;
struct filter;
struct serving;

struct udp_server {
	struct relay relay;
	const struct udp_server_how *how;
	/* results and counts, readable at any time */
	bool had_error; /* on_error() was called */
	bool has_status;
	int status; /* of the only program */
	struct peer_table senders;
	uint64_t refused; /* datagrams of senders without room in the table */
	uint64_t unread;  /* datagrams that programs or targets were too slow to take */
	uint64_t own;     /* datagrams from our own address */
	uint64_t looped;  /* datagrams not echoed, as they loop */
	/* private */
	int64_t idle;      /* of each sender */
	bool silence_ends; /* idle is no option's, and its end is a clean one */
	int fd;
	struct sockname local;
	struct packet *packets; /* n_packets, each with room for the longest datagram */
	struct packet *answers; /* as many, which share the room */
	char *room;             /* pages */
	size_t room_size;
	unsigned n_packets;
	struct send_queue queue;
	struct record_reader in;   /* of the local side */
	struct filter *filters[2]; /* of sent and received datagrams */
	struct buf out;            /* for the local side */
	struct buf seen;           /* output of the filters, which is dropped */
	struct sender *last;
	struct serving *ready, **ready_end; /* senders with answers, in the order of their turns */
	unsigned logged;                    /* messages already logged, as bits */
	bool one_served;
	uint32_t dropped_before;
};

/* Makes a server for relay_start(), relay_stop() and relay_close(). how->remote is the stream of
 * the bound socket; how->local is a null stream except for stdio. rules->accept limits the wait for
 * the first datagram; with keep_open or forward, rules->idle is the time after which a sender is
 * forgotten.
 * Returns -1 with *e. */
int udp_server_open(struct udp_server **ret_server, const struct relay_how *how,
    const struct udp_server_how *server_how, struct error *e);

/* Returns how many datagrams the kernel dropped since the start, for want of room. */
uint32_t udp_server_dropped(const struct udp_server *sv);

#endif
