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
struct own_path;
struct line_listener;
struct sock_records;
struct sock_wait;
struct websocket_end;

/* Small, and without buffers until a method needs one: a server holds ten thousand of these. */
struct sock {
	struct loop *loop;
	struct stream *stream; /* the top stream; the lowest owns fd. NULL after close */
	int fd;                /* -1 after close */
	int family, type;
	enum sock_dialect dialect;
	int64_t recv_timeout, send_timeout; /* nanoseconds, as in sock_settimeout */
	struct buf in;                      /* received, and not yet returned by a method */
	uint64_t sent;
	uint64_t received;            /* bytes received so far, including those in `in` */
	struct sock_records *records; /* the datagrams in `in`; NULL: none */
	struct name_copy *local;      /* set by close */
	struct name_copy *told;       /* the peer, as a proxy told it; NULL: it did not */
	struct name_copy *peer; /* set once known, since the kernel forgets it after a reset */
	struct sock_wait *wait; /* the call that waits, on its stack; NULL: none */
	/* for calls that wait; NULL until the first does, and at rest between waits */
	struct watch *watch;
	/* sends what a layer has kept; NULL if it has kept nothing */
	struct watch *flusher;
	size_t unsent;         /* bytes of the last send, if a layer still keeps some of them */
	struct own_path *path; /* the path to unlink at close; NULL: none */
	struct line_listener *line; /* a listener on a serial line; NULL: none */
	struct sock *next;          /* of a listener: for its next client; NULL: none yet */
	unsigned files;             /* open file objects */
	pid_t
	    restores_blocking; /* the process that gives an inherited listener its flag back; or 0 */
	bool freed;            /* to be freed with its last file object */
	bool secured;          /* TLS is on, by sock_start_tls */
	bool accepted;         /* the peer has connected to it */
	bool shut;             /* we have ended our direction */
	bool says_end;         /* closing tells the peer through the layers that this is the end */
	const struct sock_observer *observer; /* NULL: nobody looks */
	struct websocket_end *close;          /* of WebSocket, set by sock_close(); NULL: none */
	unsigned char recv_would_block_hint;  /* for sock_skip_recv() */
	enum sock_end end;
};

/* Makes a socket object that owns fd. Closes fd on failure. */
struct sock *sock_wrap(struct loop *l, int fd, int family, int type, struct error *e);

/* Makes the object of a listener's next connection before that is taken from the kernel: where there is no
 * memory, the client waits there. */
int sock_prepare_next(struct sock *s, struct error *e);

/* Returns that object, which now owns fd. */
struct sock *sock_take_next(struct sock *s, int fd);

/* Makes a socket object of a serial line, with its name. Closes the stream on failure. */
struct sock *sock_wrap_line(struct loop *l, struct stream *stream, const struct endpoint *ep,
    struct error *e);

/* Receives up to room bytes, or one record, into the buffer, without blocking. Returns how many, 0
 * at the end or for an empty datagram, STREAM_WANT_* or -1. e may not be NULL. */
ssize_t sock_buffer_fill_once(struct sock *s, size_t room, struct error *e);

/* Returns true if messages have boundaries. */
bool sock_is_record(const struct sock *s);

/* Returns true if a stream sits on the socket's own. A tap right on that does not count: the methods go past it
 * where only the descriptor will do, and show it what has passed. */
bool sock_is_layered(const struct sock *s);

/* Shows something to the observer, if there is one. peer is of a datagram; NULL: that of s. */
void sock_show(struct sock *s, enum sock_event event, const struct sockname *peer);

/* Called when a file object has been closed. Closes s with the last one. */
int sock_drop_file(struct sock *s, struct error *e);

#endif
