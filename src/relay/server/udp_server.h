/*
 * A relay for a datagram socket that is not connected: hears every sender, answers each
 * from the address that it wrote to, and never waits for one of them.
 *
 *   stdio     datagrams go to the local side as records, as they come; its records go
 *             to the sender that was heard last, and wait while there is none; on a
 *             CAN bus they are for everybody
 *   echo      each datagram goes back to its sender (but see echo_guard.h)
 *   discard   they are counted
 *   program   one for each sender (with FRAMING_WHOLE: for each datagram), which is
 *             over when its program is; a later datagram starts another
 *   file      its records to the sender of each datagram, likewise
 *
 * What each end means is in relay/ending. keep_open: until it is stopped. Otherwise stdio
 * ends after the end of its input, echo and discard after the first datagram, when there was
 * silence for `quiet`; program and file serve the first sender alone, and end with it.
 *
 * What is known of senders is bounded. A table that is full forgets the one that
 * was silent for longest; but one with a program is not given up for a stranger,
 * whose datagrams are dropped, counted and told instead. A datagram from our own address is
 * dropped, counted and told where it would be answered.
 */
#ifndef RELAY_SERVER_UDP_SERVER_H
#define RELAY_SERVER_UDP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/record_reader.h"
#include "relay/relay.h"
#include "relay/server/peer_table.h"
#include "relay/server/send_queue.h"
#include "stream/process.h"

struct error;
struct process_set;
struct serving;
struct filter;
struct udp_server;

enum dgram_local { DGRAM_STDIO, DGRAM_ECHO, DGRAM_DISCARD, DGRAM_PROGRAM, DGRAM_FILE };

/* Without a limit that the caller sets. */
#define DGRAM_SENDERS_MAX 10000
#define DGRAM_PROGRAMS_MAX 256

/* What the caller sets up; outlives the server. */
struct udp_server_how {
	enum dgram_local local;
	bool keep_open;
	struct framing framing;     /* of input, programs and the file */
	struct process_how program; /* env is made for each: env_fn */
	int (*env_fn)(struct udp_server *sv, const struct sender *s, char **env, size_t n);
	struct process_set *processes; /* gets programs that outlive their sender; NULL */
	const char *file;
	int receive_buffer; /* bytes, as far as the kernel allows; 0: as it is */
	size_t max_senders; /* 0: DGRAM_SENDERS_MAX, DGRAM_PROGRAMS_MAX */
	int64_t quiet;      /* DURATION_NONE: for ever */
	/* stdio: appends what the local side sees of a datagram */
	int (*record)(struct udp_server *sv, const struct sender *s, const struct packet *p,
	    struct buf *out, struct error *e);
	void (*started)(struct udp_server *sv, const struct sender *s);
	void (*ended)(struct udp_server *sv, const struct sender *s);
	/* A failure that the server survives; the text is complete. */
	void (*trouble)(struct udp_server *sv, const struct error *e);
	void *arg;
};

struct udp_server {
	struct relay relay;
	const struct udp_server_how *how;
	/* results and counts, readable at any time */
	bool troubled; /* trouble() was called */
	bool has_status;
	int status; /* of the only program */
	struct peer_table senders;
	uint64_t refused; /* datagrams of senders that there was no room for */
	uint64_t unread;  /* ... that programs were too slow for */
	uint64_t own;     /* ... that came from our own address */
	uint64_t round;   /* ... that were not echoed, since they go round */
	/* private */
	int64_t idle; /* of each sender */
	int fd;
	struct sockname local;
	struct packet *packets; /* n_packets, with room for the largest datagram each */
	char *room;
	unsigned n_packets;
	struct send_queue queue;
	struct record_reader in;   /* of the local side */
	struct filter *filters[2]; /* see what is sent, received */
	struct buf out;            /* for the local side */
	struct buf seen;           /* what filters make, and nobody needs */
	struct sender *last;
	struct serving *ready, **ready_end; /* responders, in the order of their turns */
	unsigned told;                      /* what is told once, as bits */
	bool one_served;
	uint32_t dropped_before;
};

/* Ready for relay_start(), with relay_stop() and relay_close(). how->remote is the socket's
 * stream, bound; how->local a null stream but for stdio. rules->accept counts for the first
 * datagram, rules->idle, with keep_open, for each sender, which is forgotten then. -1 with *e. */
int udp_server_open(struct udp_server **ret_server, const struct relay_how *how,
    const struct udp_server_how *server_how, struct error *e);

/* Datagrams that the kernel has dropped since the start, for want of room. */
uint32_t udp_server_dropped(const struct udp_server *sv);

#endif
