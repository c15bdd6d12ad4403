/*
 * What a caller says to a server of datagrams (udp_server.h).
 */
#ifndef RELAY_SERVER_UDP_SERVER_HOW_H
#define RELAY_SERVER_UDP_SERVER_HOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "relay/filter/framing.h"
#include "stream/process.h"

struct buf;
struct error;
struct forward;
struct packet;
struct process_set;
struct recorder;
struct sender;
struct sockname;
struct udp_server;

enum dgram_local {
	DGRAM_STDIO,
	DGRAM_ECHO,
	DGRAM_DISCARD,
	DGRAM_PROGRAM,
	DGRAM_FILE,
	DGRAM_FORWARD
};

/* Limits if the caller sets none. */
#define DGRAM_SENDERS_MAX 10000
#define DGRAM_PROGRAMS_MAX 256
#define DGRAM_FORWARDED_MAX 512

/* A sender whose datagrams are forwarded is forgotten after this silence, unless rules->idle says
 * otherwise. */
#define DGRAM_FORWARD_SILENCE (60 * NSEC_PER_SEC)

/* Set by the caller; outlives the server. */
struct udp_server_how {
	enum dgram_local local;
	bool keep_open;
	struct framing framing;     /* of the input, programs and the file */
	struct process_how program; /* env_fn makes env for each */
	int (*env_fn)(struct udp_server *sv, const struct sender *s, char **env, size_t n);
	/* takes over programs that outlive their sender; may be NULL */
	struct process_set *processes;
	const char *file;
	struct forward *forward;
	struct recorder *recorder; /* records each sender as a connection; NULL: nobody does */
	int receive_buffer;        /* bytes, as far as the kernel allows; 0: do not change */
	size_t max_senders;        /* 0: DGRAM_SENDERS_MAX, _PROGRAMS_MAX or _FORWARDED_MAX */
	int64_t quiet;             /* DURATION_NONE: for ever */
	/* stdio: appends what the local side gets for a datagram */
	int (*record)(struct udp_server *sv, const struct sender *s, const struct packet *p,
	    struct buf *out, struct error *e);
	/* Returns true if datagrams of this sender are let in; others are dropped. NULL: all are. */
	bool (*lets_in)(struct udp_server *sv, const struct sockname *name);
	void (*started)(struct udp_server *sv, const struct sender *s);
	void (*ended)(struct udp_server *sv, const struct sender *s);
	/* Reports a failure that the server survives. The text is complete. */
	void (*on_error)(struct udp_server *sv, const struct error *e);
	void *arg;
};

#endif
