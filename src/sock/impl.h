/*
 * What the files of src/sock share with each other alone.
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

/* Small, and without buffers until a method needs one: a server holds ten thousand of these. */
struct sock {
	struct loop *loop;
	struct stream *stream; /* the top stream; the lowest owns fd. NULL after close */
	int fd;                /* -1 after close */
	int family, type;
	enum sock_dialect dialect;
	int64_t recv_timeout, send_timeout; /* nanoseconds, as in sock_settimeout */
	struct buf in;                      /* received, and not yet returned by a method */
	uint64_t received;                  /* bytes received so far, including those in `in` */
	struct sock_records *records;       /* the datagrams in `in`; NULL: none */
	struct name_copy *local;            /* set by close */
	struct name_copy *peer; /* set once known, since the kernel forgets it after a reset */
	struct sock_wait *wait; /* the call that waits, on its stack; NULL: none */
	/* for calls that wait; NULL until the first does, and at rest between waits */
	struct watch *watch;
	/* sends what a layer has kept; NULL if it has kept nothing */
	struct watch *flusher;
	size_t unsent;         /* bytes of the last send, if a layer still keeps some of them */
	struct own_path *path; /* the path to unlink at close; NULL: none */
	unsigned files;        /* open file objects */
	bool restore_blocking; /* an inherited listener gets its flag back */
	bool freed;            /* to be freed with its last file object */
	bool secured;          /* TLS is on, by sock_start_tls */
	unsigned char recv_would_block_hint; /* for sock_skip_recv() */
	enum sock_end end;
};

/* Makes a socket object that owns fd. Closes fd on failure. */
struct sock *sock_wrap(struct loop *l, int fd, int family, int type, struct error *e);

/* Record the peer's name: the given one, or the one that the kernel knows. */
void sock_keep_peer(struct sock *s, const struct sockname *peer);
void sock_learn_peer(struct sock *s);
/* Records both names. Called before the descriptor is closed. */
void sock_keep_names(struct sock *s);

/* Record a unix path that this process created: the one that s listens on, or the one that it is
 * bound to, if any. sock_path_remove() unlinks it, unless it is another file by now. */
int sock_path_keep(struct sock *s, const char *path, struct error *e);
int sock_path_keep_source(struct sock *s, struct error *e);
void sock_path_remove(struct sock *s);

/* Receives up to room bytes, or one record, into the buffer, without blocking. Returns how many, 0
 * at the end or for an empty datagram, STREAM_WANT_* or -1. e may not be NULL. */
ssize_t sock_buffer_fill_once(struct sock *s, size_t room, struct error *e);

/* ---- records.c: the lengths and senders of buffered datagrams ---- */

/* Allocates an entry for one more datagram, before it is received. */
int sock_reserve_record(struct sock *s, struct error *e);
/* Adds an entry for a datagram of n > 0 bytes at the end of the buffer. from->len is 0 if the
 * peer sent it. */
void sock_add_record(struct sock *s, size_t n, const struct sockname *from);
/* Returns how many bytes are left of the first datagram, or in the whole buffer of a stream. */
size_t sock_first_length(const struct sock *s);
void sock_first_sender(const struct sock *s, struct sockname *ret_from);
void sock_drop_records(struct sock *s);

/* Returns true if messages have boundaries. */
bool sock_is_record(const struct sock *s);

/* Returns true if a stream sits on the socket's own. */
bool sock_is_layered(const struct sock *s);

/* Runs a chain and waits for it; frees the chain. A failure closes s. If the peer is told why,
 * this waits up to a second for it first. The error begins with the verb of the failed negotiation
 * and the peer. e may not be NULL. */
int sock_negotiate(struct sock *s, struct negotiation *first, struct deadline until,
    struct error *e);

/* Fails before a chain runs: puts verb and peer in front of e, and closes s. Returns -1. */
int sock_close_failed(struct sock *s, const char *name, struct error *e);

/* Called when a file object has been closed. Closes s with the last one. */
int sock_drop_file(struct sock *s, struct error *e);

/* A stream that no socket object owns any more. */
struct ending {
	struct loop *loop;
	struct stream *stream;
	size_t unsent; /* bytes of the last send, if some are still queued */
	int64_t limit; /* nanoseconds; 0 and DURATION_NONE: a second without progress */
};

/* Sends what the stream has queued, then its end. Returns -1 if the peer cannot know that the
 * end is one. */
int sock_end_stream(const struct ending *ending, struct error *e);

/* Sets the hint of e to who uses the port, if bind or listen failed with EADDRINUSE or
 * EADDRNOTAVAIL. Does nothing for other errors, if there is a hint already, or if nothing is
 * known. */
struct clash {
	uint16_t port;
	bool reuse; /* SO_REUSEADDR was on */
	/* the option that reuses a port in TIME_WAIT: "--reuse-addr takes it over" */
	const char *remedy;
};
void sock_explain_addr_in_use(const struct clash *clash, struct error *e);

#endif
