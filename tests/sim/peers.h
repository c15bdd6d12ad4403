/*
 * Shared by the schedules of datagram servers: peers.c has the socket and its
 * peers, programs.c what answers them, peers_check.c the expected result.
 */
#ifndef SIM_PEERS_H
#define SIM_PEERS_H

#include "loop/loop_child.h"
#include "net/mmsg.h"
#include "records.h"
#include "relay/server/udp_server.h"
#include "sim.h"

enum { PEERS = 6, DATAGRAMS = 24, PROGRAMS = 20, FILE_RECORDS = 4, UNREAD = 64 };

/* How late a wake-up may be, and how long the calls of a turn take. */
#define SLACK (10 * MSEC)

struct peer {
	struct sockname name;
	bool unnamed;     /* on a unix socket: nothing can be sent to it */
	bool own;         /* the server's own address, forged */
	bool unreachable; /* sending to it fails */
	bool bounces;     /* it sends back what it gets */
	/* results */
	unsigned n_known; /* senders of it in the table */
	unsigned started; /* senders of it in all */
	unsigned heard;   /* datagrams that counted */
	int64_t active;   /* the last one in either direction */
	/* the calls of the socket between which that was: how far the last batch was handled is not
	 * known yet */
	uint64_t earliest, latest;
	bool in_batch;
	unsigned got[FILE_RECORDS]; /* how often it got each record of the file */
	unsigned served;            /* senders that got the whole file */
};

struct datagram {
	int64_t at;
	unsigned peer;
	size_t n;
	int error;     /* replaces the datagram: an ICMP error */
	bool cut;      /* 100 bytes were truncated */
	unsigned here; /* our address that it was sent to, 0: unknown */
};

struct program {
	struct fake fake; /* its end of the socketpair */
	struct sink input;
	struct records records; /* its answers */
	int fd, exit_fd;
	unsigned peer;
	int64_t exits; /* NEVER: it stays */
	bool reaped, slow, looked_at;
	uint64_t left; /* bytes of its answers that were there at its exit */
	struct child_watch *child;
	struct watch watch; /* for its exit */
	unsigned sent;      /* its records that were sent, or failed */
	/* read and not checked yet; records checked */
	struct buf in;
	unsigned at; /* index in log: earlier datagrams are accounted for */
	unsigned read, skipped;
};

struct server {
	struct loop *loop;
	struct ending_rules rules;
	struct udp_server_how how;
	struct udp_server *sv;
	/* the schedule */
	bool is_unix, any, input, bounces;
	int64_t idle, stops;
	uint64_t limit, rate;
	int64_t delay;
	struct peer peers[PEERS];
	unsigned n_peers;
	struct datagram datagrams[DATAGRAMS];
	unsigned n_datagrams;
	struct fake local;
	struct sink output;
	struct records records;
	struct program programs[PROGRAMS];
	unsigned n_programs;
	bool fails_to_start;
	/* the socket */
	struct stream stream;
	int fd;
	struct sockname local_name;
	unsigned next; /* of the plan */
	struct {
		int64_t at;
		unsigned id;
	} bounced[UNREAD];
	unsigned n_bounced;
	unsigned unread[UNREAD], n_unread, room; /* ids */
	int64_t full_until;
	bool device_full; /* it fails with ENOBUFS, without an event */
	bool was_full;
	struct packet refused; /* the one there was no room for; data NULL: none */
	int64_t refused_since;
	uint64_t calls; /* of it so far */
	/* the expected output */
	unsigned owed[UNREAD], n_owed; /* echoes, by id */
	uint64_t round;                /* echoes that were not sent, as they loop */
	/* echoes that may not be sent, as there was no room for the sender */
	unsigned maybe_refused;
	struct buf shown; /* what the output gets */
	unsigned last;    /* the named peer that was heard last */
	unsigned last_here;
	unsigned log[DATAGRAMS], n_log; /* ids, in the order received */
	unsigned batch_at;              /* in log: the start of the last batch */
	unsigned n_input;               /* records of the input that were sent, or failed */
	uint64_t received, n_received, sent, n_sent, own;
	unsigned troubles, told; /* expected, and reported */
	bool closed;             /* the limit is reached: nothing more counts */
	bool unnamed_told;
	bool cut_short; /* the last datagrams were not handled */
	/* reported by the server */
	unsigned known, started, ended;
	uint64_t sum_received, sum_sent, sum_n_received, sum_n_sent;
	bool over, stopped;
	int64_t began, over_at, last_in, last_out;
};

extern struct server *server;

/* Returns byte j of datagram id. */
static inline char
datagram_byte(unsigned id, size_t j)
{
	return (char)content_at(id + 1, j);
}

/* Returns the peer with this name. */
struct peer *peer_of(const struct sockname *name);

/* Returns true if the server answers. */
bool server_answers(void);

/* ---- programs.c ---- */

/* The server asks for the environment of this peer's program. */
int programs_env(struct udp_server *sv, const struct sender *s, char **env, size_t n);

/* The next answer of one of its programs was sent, or failed. */
void programs_sent(const struct peer *peer, const struct packet *p);

/* A sender of this peer has ended. */
void programs_ended(const struct peer *peer, enum sock_end end);

void programs_check(void);
void programs_fini(void);

/* ---- peers_check.c ---- */

void peers_check(void);

#endif
