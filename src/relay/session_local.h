/*
 * The local side of a session: which kinds there are, and how one is given that is made later, by
 * connecting. For session.h and for what makes such sides (dial/forward, dial/proxy_server).
 */
#ifndef RELAY_SESSION_LOCAL_H
#define RELAY_SESSION_LOCAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct relay;
struct relay_how;
struct session;
struct sock;
struct sock_observer;
struct stream;

enum session_local {
	SESSION_STDIO,
	SESSION_PROGRAM,
	SESSION_ECHO,
	SESSION_DISCARD,
	SESSION_FILE,       /* sends how->file and discards what arrives */
	SESSION_CONNECTION, /* another connection, which how->dialler makes */
	SESSION_METHODS     /* nothing: how->dialler starts who uses the methods of the socket */
};

/* Sees what goes over the wire of each session. */
struct session_tap {
	/* May put a stream on the socket, before anything is negotiated. -1: the session fails. */
	int (*open)(void *arg, struct session *s, struct error *e);
	/* Called after a TLS handshake, with its secrets in lines of a key log; NULL: unknown. */
	void (*secured)(void *arg, const struct session *s, const char *secrets);
	void *arg;
};

/* Makes a connection for each session while the loop goes on, or starts who uses its socket. */
struct session_dialler {
	/* Sets s->dialling, and calls session_local_ready(), session_methods_done() or
	 * session_local_failed(), now or later, once. */
	void (*start)(void *arg, struct session *s);
	/* Gives up, and frees s->dialling. Called once the session has its local side or is over. */
	void (*stop)(void *arg, struct session *s);
	void *arg;
};

struct session_connection {
	struct stream *stream; /* owned by the session from now on */
	const char *name;      /* for messages: "forward 127.0.0.1:80"; copied */
	const void *first;     /* what the peer has sent for it already; copied */
	size_t n_first;
	/* How long the connection has to be silent after the end of the peer before it is
	 * half-closed; 0: at once. */
	int64_t half_close;
	/* Makes the relay, whose local side is stream. NULL: the one that the connection needs. */
	int (*open)(struct relay **ret_relay, const struct relay_how *how, void *arg,
	    struct error *e);
	void *arg;
};

/* Allocates size bytes, zeroed, as s->dialling. Without memory the session has failed, and may be
 * gone: returns NULL. */
void *session_start_dialling(struct session *s, size_t size);

/* Starts the relay. The session may be over when this returns. */
void session_local_ready(struct session *s, const struct session_connection *c);

/* For SESSION_METHODS: gives the socket to the caller, who must not free it before the session is
 * over. Where the session is recorded, so is what the methods do until then, with the help of observer:
 * storage of the caller's. */
struct sock *session_lend(struct session *s, struct sock_observer *observer);

/* Returns what a recording calls the connection of a socket. */
enum dialogue_type session_recorded_type(struct sock *s);

/* For SESSION_METHODS: the methods are used no more, which ends the session. e is why they failed, and
 * resets the connection; NULL: they did not. verb is for the message. s->dialling is not stopped any
 * more. */
void session_methods_done(struct session *s, const char *verb, const struct error *e);

/* For SESSION_METHODS: the methods have moved nothing for how->rules.idle. Resets the connection, and ends the
 * session. */
void session_methods_idle(struct session *s, const char *verb);

/* Ends the session with e, whose text is complete. The peer is reset: a clean end would look like
 * an empty answer. If it was told already, the connection is closed without losing that. */
void session_local_failed(struct session *s, const struct error *e, bool told);

#endif
