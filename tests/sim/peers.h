/*
 * What the parts of the schedules of datagram servers share: peers.c has the socket and its peers,
 * programs.c what answers them, peers_check.c what it all has to come to.
 */
#ifndef SIM_PEERS_H
#define SIM_PEERS_H

#include "loop/loop_child.h"
#include "net/mmsg.h"
#include "records.h"
#include "relay/server/udp_server.h"
#include "sim.h"

enum { PEERS = 6, DATAGRAMS = 24, PROGRAMS = 20, FILE_RECORDS = 4, UNREAD = 64 };

/* How late a wake-up may be, and how much time the calls of a turn take. */
#define SLACK (10 * MSEC)

struct peer {
	struct sockname name;
	bool unnamed;     /* of a unix socket: nothing can be sent to it */
	bool own;         /* the server's own address, forged */
	bool unreachable; /* what is sent to it fails */
	bool bounces;     /* what is sent to it comes back */
	/* what has become of it */
	unsigned n_known; /* senders that the server keeps of it */
	unsigned started; /* ... in all */
	unsigned heard;   /* datagrams that counted */
	int64_t active;   /* the last one either way */
	/* in which calls of the socket that may have been: of those in the last batch nobody
	 * knows yet how far it has been handled */
	uint64_t earliest, latest;
	bool in_batch;
	unsigned got[FILE_RECORDS]; /* each record of the file, so often */
	unsigned served;            /* senders that the whole file was sent to */
};

struct datagram {
	int64_t at;
	unsigned peer;
	size_t n;
	int error;     /* instead: an answer of the network */
	bool cut;      /* 100 bytes were lost on the way in */
	unsigned here; /* which of our addresses it came to, 0: not told */
};

struct program {
	struct fake fake; /* its end of the socketpair */
	struct sink input;
	struct records records; /* its answers */
	int fd, exit_fd;
	unsigned peer;
	int64_t exits; /* NEVER */
	bool reaped, slow, looked_at;
	uint64_t left; /* bytes of its answers that were there when it ended */
	struct child_watch *child;
	struct watch watch; /* for its exit */
	unsigned sent;      /* records of it that went out, or failed */
	/* what it has read, and not looked at yet; records that it has looked at */
	struct buf in;
	unsigned at; /* of the log: those before have been looked for */
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
	bool device_full; /* ... and says ENOBUFS, without an event */
	bool was_full;
	struct packet refused; /* the one that there was no room for; data NULL: none */
	int64_t refused_since;
	uint64_t calls; /* of it so far */
	/* what has to come out */
	unsigned owed[UNREAD], n_owed; /* echoes, by id */
	uint64_t round;                /* echoes that were not sent, since they go round */
	unsigned maybe_refused;        /* ... or since there was no room for their sender */
	struct buf shown;              /* what the output gets */
	unsigned last;                 /* peer that was heard last, and has a name */
	unsigned last_here;
	unsigned log[DATAGRAMS], n_log; /* ids, as they were received */
	unsigned batch_at;              /* of the log: where the last batch began */
	unsigned n_input;               /* records of the input that went out, or failed */
	uint64_t received, n_received, sent, n_sent, own;
	unsigned troubles, told; /* that were made, that were told */
	bool closed;             /* the limit is reached: nothing more counts */
	bool unnamed_told;
	bool cut_short; /* the last datagrams that came were not looked at any more */
	/* what the server says */
	unsigned known, started, ended;
	uint64_t sum_received, sum_sent, sum_n_received, sum_n_sent;
	bool over, stopped;
	int64_t began, over_at, last_in, last_out;
};

extern struct server *server;

/* Byte j of datagram id. */
static inline char
datagram_byte(unsigned id, size_t j)
{
	return (char)content_at(id + 1, j);
}

/* The peer of this name. */
struct peer *peer_of(const struct sockname *name);

/* Whether the server answers. */
bool server_answers(void);

/* ---- programs.c ---- */

/* The program of this peer has been asked for by the server. */
int programs_env(struct udp_server *sv, const struct sender *s, char **env, size_t n);

/* This is the next answer of one of its programs: it is sent, or failed. */
void programs_sent(const struct peer *peer, const struct packet *p);

/* A sender of this peer is over. */
void programs_ended(const struct peer *peer, enum sock_end end);

void programs_check(void);
void programs_fini(void);

/* ---- peers_check.c ---- */

void peers_check(void);

#endif
