/*
 * A listener on a datagram socket: hears every sender, answers each from the
 * address that it wrote to, and never waits for one of them.
 *
 *   stdio     datagrams go to out_fd as records, as they come; records of in_fd go
 *             to the sender that was heard last, and wait while there is none; on a
 *             CAN bus they are for everybody
 *   echo      each datagram goes back to its sender
 *   discard   they are counted
 *   program   one for each sender (with FRAMING_WHOLE: for each datagram), which is
 *             over when its program is; a later datagram starts another
 *   file      its records to the sender of each datagram, likewise
 *
 * keep_open: until it is stopped. Otherwise stdio ends when in_fd has ended, echo
 * and discard after the first datagram, and nothing moved for `quiet` after that;
 * program and file serve the first sender alone, and end with it.
 *
 * What is known of senders is bounded. A table that is full forgets the one that
 * was silent for longest; but one with a program is not given up for a stranger,
 * whose datagrams are dropped, counted and told instead.
 */
#ifndef RELAY_UDP_SERVER_H
#define RELAY_UDP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "relay/peer_table.h"
#include "relay/record_reader.h"
#include "relay/send_queue.h"
#include "stream/child.h"

struct log;
struct process_set;
struct sock;
struct tap;

enum dgram_near { DGRAM_STDIO, DGRAM_ECHO, DGRAM_DISCARD, DGRAM_PROGRAM, DGRAM_FILE };

/* Without a limit that the caller sets. */
#define DGRAM_SENDERS_MAX 10000
#define DGRAM_PROGRAMS_MAX 256

struct udp_server {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	const struct log *log;
	struct sock *sock; /* the caller's */
	enum dgram_near near;
	int in_fd, out_fd; /* stdio; -1: not used */
	bool keep_open, send_only;
	struct framing framing;   /* of input, programs and the file */
	uint64_t rate;            /* of each of them: bytes a second; 0: no limit */
	int64_t delay;            /* ... nanoseconds between records; 0: none */
	bool crlf;                /* ... line ends become CR LF */
	struct child_how program; /* env is made for each: env_fn */
	int (*env_fn)(struct udp_server *sv, const struct sender *s, char **env, size_t n);
	struct process_set *processes; /* gets programs that outlive their sender; NULL */
	const char *file;
	struct tap *taps[2]; /* see what is sent, received; released by udp_server_stop */
	int receive_buffer;  /* bytes, as far as the kernel allows; 0: as it is */
	size_t max_senders;  /* 0: DGRAM_SENDERS_MAX, DGRAM_PROGRAMS_MAX */
	uint64_t max_bytes;  /* received in all: the end, after the datagram that reaches it */
	int64_t accept;      /* DURATION_NONE, or how long the first datagram is waited for */
	int64_t quiet;       /* DURATION_NONE: for ever */
	int64_t idle;        /* of all; with keep_open, of a sender, which is forgotten then */
	/* stdio: appends what out_fd shall see of a datagram */
	int (*record)(struct udp_server *sv, const struct sender *s, const struct packet *p,
	    struct buf *out, struct error *e);
	void (*started)(struct udp_server *sv, const struct sender *s);
	void (*ended)(struct udp_server *sv, const struct sender *s);
	/* A failure that the listener survives; the text is complete. */
	void (*trouble)(struct udp_server *sv, const struct error *e);
	void *arg;
	/* results and counts, readable at any time */
	bool over;
	enum sock_end end;
	bool has_error; /* of the end: error is filled */
	struct error error;
	bool troubled; /* trouble() was called */
	bool has_status;
	int status; /* of the only program */
	struct peer_table senders;
	uint64_t received, received_datagrams;
	uint64_t refused; /* datagrams of senders that there was no room for */
	uint64_t unread;  /* datagrams that programs were too slow for */
	/* private */
	struct watch watch, out_watch;
	struct timer timer;
	struct deadline timer_at; /* never: it does not run */
	struct packet *packets;   /* n_packets, with room for the largest datagram each */
	char *room;
	unsigned n_packets;
	struct send_queue outbox;
	struct stream *out_stream, *in_stream;
	struct buf out;
	struct buf seen;           /* what taps make, and nobody needs */
	struct record_reader feed; /* of in_fd */
	struct sender *last;
	bool feed_started, feed_waits, resuming, one_served, told_full, told_unnamed;
	uint32_t dropped_before;
	int64_t last_move;
	struct deadline accept_by;
};

/* Begins. -1 with *e: nothing was begun but what udp_server_stop() frees. */
int udp_server_start(struct udp_server *sv, struct error *e);

/* Ends the senders that there are, for this reason, and frees everything; a result
 * that is there already stays. The socket stays the caller's. */
void udp_server_stop(struct udp_server *sv, enum sock_end end);

/* Datagrams that the kernel has dropped since the start, for want of room. */
uint32_t udp_server_dropped(const struct udp_server *sv);

#endif
