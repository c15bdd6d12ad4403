/*
 * A relay between a stream of records (stdio, a program, a file, a list) and a
 * message socket: one record is one datagram, both ways. Driven by the loop until
 * it ends for one reason, by the rules of pump.h, but for these:
 *
 *   near ends   what is queued is sent; then replies are waited for until there
 *               was silence for how->quiet (SOCK_SEQPACKET: half-close, after_eof)
 *   far ends    only SOCK_SEQPACKET, and a stream of records, has an end; a datagram
 *               without a byte is none
 *   refused     an answer of the network (ICMP) is a failure, and told after what
 *               was received has been delivered
 *   near slow   what it does not take is held up to a limit; then the socket is
 *               not read any more, and what the kernel drops is counted
 */
#ifndef RELAY_MESSAGE_RELAY_H
#define RELAY_MESSAGE_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/loop.h"
#include "net/batch.h"
#include "relay/byte_relay.h"
#include "relay/framing.h"
#include "sock/sock.h"

struct tap;

struct message_relay_record {
	const char *data;
	size_t len;
};

/* The same for all of a command; outlives them. */
struct message_relay_how {
	struct framing in, out; /* near to far, far to near */
	struct sockname to;     /* len 0: the socket is connected */
	int64_t quiet;          /* after the last one sent; 0: leave at once, DURATION_NONE */
	bool quiet_fixed;       /* ... is counted from there, whatever comes meanwhile */
	/* instead of the near end's input: these, so many times (0: for ever) */
	const struct message_relay_record *list;
	size_t n_list;
	uint64_t repeat;
	/* Appends what the near end shall see of a datagram; NULL: as `out` says. */
	int (*show)(void *arg, const struct packet *p, struct buf *out, struct error *e);
	void *show_arg;
	bool show_keeps; /* ... and takes all of them, though the near end takes none */
};

struct message_relay {
	/* set by the caller before message_relay_start (zeroed before) */
	struct loop *loop;
	const struct log *log;
	struct scratch *scratch;
	const struct byte_relay_rules *rules;
	const struct message_relay_how *how;
	struct stream *near; /* the caller's; NULL: echo */
	bool send;           /* the near end, or the list, is a source */
	int fd;              /* the caller's message socket, non-blocking */
	struct stream *far;  /* records come and go through it, and on fd below; NULL: on fd */
	struct tap *taps[2]; /* of what is sent, received; released by message_relay_fini */
	uint64_t limit;      /* bytes each way: ends with the datagram that reaches it */
	uint64_t rate;       /* bytes a second each way; 0: no limit */
	int64_t delay;       /* between datagrams sent; 0: none */
	void (*done)(struct message_relay *p); /* called once, last */
	void *arg;
	/* results */
	uint64_t sent, received; /* bytes */
	uint64_t n_sent, n_received;
	enum sock_end end;
	struct error *error; /* NULL: a clean end; text is the reason alone */
	const char *verb;    /* as pump.h says */
	bool near_first;     /* the near end's source ended before the far end's */
	bool over;
	/* private */
	struct framer framer;
	struct packet *queue; /* not yet sent; points into framer, list or tapped */
	unsigned queued, next;
	struct buf out;    /* for the near end */
	struct buf tapped; /* what taps made of one record */
	struct watch watches[3];
	struct timer timer;
	int64_t last_move;
	int64_t due[2]; /* when the next may go, come: CLOCK_MONOTONIC */
	bool paused[2]; /* as it was when the waiting began */
	struct deadline quiet_at;
	size_t list_at;
	uint64_t rounds, cut;
	uint32_t dropped;
	bool seqpacket, running, swallow, near_gone, near_shut, grown;
	bool source_ended, source_dry, all_sent, failed, far_ended, recv_over;
	bool send_blocked, recv_blocked, near_blocked, out_blocked;
};

/* Begins; done() may be called before this returns. */
void message_relay_start(struct message_relay *p);

/* The program behind the near end is over: when its output is sent, so are we. */
void message_relay_program_ended(struct message_relay *p);

/* Ends now for this reason. done() is called only from message_relay_start and the loop. */
void message_relay_end(struct message_relay *p, enum sock_end end);

/* Releases what it holds; not the stream or the socket. */
void message_relay_fini(struct message_relay *p);

#endif
