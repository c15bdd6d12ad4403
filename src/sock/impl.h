/*
 * What the files of src/sock share and nobody else sees.
 */
#ifndef SOCK_IMPL_H
#define SOCK_IMPL_H

#include "base/buf.h"
#include "base/deadline.h"
#include "loop/loop.h"
#include "sock/sock.h"

struct name_copy;
struct negotiation;
struct own_path;
struct sock_records;
struct sock_wait;

/* Kept small, and without buffers until a method needs one: a server holds ten
 * thousand of these. */
struct sock {
	struct loop *loop;
	struct stream *stream; /* the top one; the lowest owns fd. NULL after close */
	int fd;                /* -1 after close */
	int family, type;
	enum sock_dialect dialect;
	int64_t recv_timeout, send_timeout; /* nanoseconds, as sock_settimeout */
	struct buf in;                      /* received, not yet given out */
	uint64_t received;                  /* bytes of the stream, those in buf among them */
	struct sock_records *records;       /* the datagrams that in consists of; NULL: none */
	struct name_copy *local;            /* set by close */
	struct name_copy *peer; /* set when it is known: a reset hides it from the kernel */
	struct sock_wait *wait; /* the call that waits, on its stack */
	struct watch *watch;    /* of calls that wait; NULL until one does, rests in between */
	struct watch *flusher;  /* sends what a layer has kept; NULL until it has */
	size_t unsent;          /* bytes of the last send, where a layer has kept some of them */
	struct own_path *path;  /* what to remove at close; NULL: nothing */
	unsigned files;         /* from makefile, not yet closed */
	bool restore_blocking;  /* an inherited listener is left as it was */
	bool freed;             /* goes with the last of them */
	bool secured;           /* TLS is on, by sock_start_tls */
	unsigned char recv_would_block_hint; /* sock_skip_recv */
	enum sock_end end;
};

/* A socket object for fd, which it takes over, and closes on failure. */
struct sock *sock_wrap(struct loop *l, int fd, int family, int type, struct error *e);

/* Remembers the peer: this one, or as the kernel says. */
void sock_keep_peer(struct sock *s, const struct sockname *peer);
void sock_learn_peer(struct sock *s);
/* Remembers both names, before the descriptor is closed. */
void sock_keep_names(struct sock *s);

/* Remembers a path that this process has made: the one that s listens on, or the one that it is
 * bound to, if any. sock_path_remove() removes it, unless somebody else has put a file there. */
int sock_path_keep(struct sock *s, const char *path, struct error *e);
int sock_path_keep_source(struct sock *s, struct error *e);
void sock_path_remove(struct sock *s);

/* Receives at most room bytes, or one record, into what is held, without a wait:
 * how many, 0 at the end (and for an empty datagram), STREAM_WANT_*, or -1. e
 * may not be NULL. */
ssize_t sock_buffer_fill_once(struct sock *s, size_t room, struct error *e);

/* ---- records.c: datagrams that are held keep their limits and senders ---- */

/* Makes room for one more, before it is received. */
int sock_reserve_record(struct sock *s, struct error *e);
/* One of n bytes, more than 0, which lie behind what is held. from->len 0: the peer's. */
void sock_hold_record(struct sock *s, size_t n, const struct sockname *from);
/* How many bytes are left of the first one; of a stream, all that is held. */
size_t sock_held_first(const struct sock *s);
void sock_held_from(const struct sock *s, struct sockname *ret_from);
void sock_drop_records(struct sock *s);

/* True where messages keep their limits. */
bool sock_is_record(const struct sock *s);

/* True where something sits on the socket's own stream. */
bool sock_is_layered(const struct sock *s);

/* Runs a chain, which is freed, and waits for it (negotiate.c). A failure closes s, but not
 * before the peer has heard of it, where it is one that is told: up to a second. Its text begins
 * with the verb of what has failed and the peer. e may not be NULL. */
int sock_negotiate(struct sock *s, struct negotiation *first, struct deadline until,
    struct error *e);

/* The same for what fails before: puts verb and peer in front of e, and closes s. Returns -1. */
int sock_give_up(struct sock *s, const char *name, struct error *e);

/* A sock_file has been closed. */
int sock_drop_file(struct sock *s, struct error *e);

/* A stream that no socket object owns any more. */
struct ending {
	struct loop *loop;
	struct stream *stream;
	size_t unsent; /* bytes of the last send, where some of them are not out */
	int64_t limit; /* nanoseconds; 0, DURATION_NONE: a second without progress */
};

/* Sends what the stream has kept, then its end. -1: the peer cannot know that the end is one. */
int sock_end_stream(const struct ending *ending, struct error *e);

/* Why bind or listen said EADDRINUSE or EADDRNOTAVAIL, as the hint of e; does
 * nothing for other errors, where there is a hint, or where nothing is known. */
struct clash {
	uint16_t port;
	bool reuse;         /* SO_REUSEADDR was on */
	const char *remedy; /* what takes TIME_WAIT over: "--reuse-addr takes it over" */
};
void sock_explain_addr_in_use(const struct clash *clash, struct error *e);

#endif
