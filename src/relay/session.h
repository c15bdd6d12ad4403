/* One connection and its local side. A session owns the socket from session_start() on, and keeps how it ended. */
#ifndef RELAY_SESSION_H
#define RELAY_SESSION_H

#include "loop/loop_child.h"
#include "relay/capture/recorder.h"
#include "relay/message_relay.h"
#include "relay/negotiator.h"
#include "relay/session_local.h"
#include "stream/negotiate/plan.h"
#include "stream/process.h"
#include "stream/websocket/websocket.h"

struct process_set;
struct relay_carry;
struct session;
struct tls_info;

/* Shared by all sessions of a command, and outlives them. */
struct session_how {
	enum session_local local;
	int in_fd, out_fd;          /* for SESSION_STDIO; -1: not used */
	bool shared_out;            /* other sessions write to out_fd too: never close it */
	struct process_how program; /* env_fn makes env for each session */
	/* Stores at most n - 1 malloc'ed NAME=VALUE strings for the program. NULL: none. */
	int (*env_fn)(void *arg, unsigned long id, struct sock *s, char **env, size_t n);
	void *env_arg;
	/* Takes over a program that outlives its session. NULL: it is only reaped. */
	struct process_set *processes;
	const char *file;
	bool file_fifo; /* file was a FIFO at the start, so a FIFO is allowed */
	/* For SESSION_STDIO: makes the local side of s instead of in_fd and out_fd. It is a source
	 * if in_fd is not -1. NULL: use in_fd and out_fd. */
	int (*local_fn)(void *arg, struct session *s, struct stream **ret_local, struct error *e);
	void *local_arg;
	const struct session_dialler *dialler; /* for SESSION_CONNECTION and SESSION_METHODS */
	struct ending_rules rules;
	struct message_relay_how packets; /* for message sockets */
	struct relay_carry *carry; /* for byte streams: another connection follows; NULL: none */
	bool framed, drops_input; /* for streams: keep records of packets.in whole; see relay_how */
	uint64_t max_bytes;       /* in each direction; UINT64_MAX: no limit */
	uint64_t max_receives;    /* datagrams, or reads of a stream; 0: no limit */
	uint64_t rate;            /* bytes a second in each direction; 0: no limit */
	int64_t delay;            /* nanoseconds after each line or datagram sent; 0: none */
	bool crlf, telnet, counted; /* counted: byte counts are needed while it runs */
	bool own_urgent;            /* SO_OOBINLINE is as the user has set it */
	struct plan plan;           /* what is negotiated first */
	/* Adds to the plan of s what depends on its connection. NULL: nothing does. */
	void (*plan_fn)(void *arg, struct session *s, struct plan *plan);
	void *plan_arg;
	int64_t handshake_timeout; /* of all that is negotiated */
	/* Called after the handshake of s. NULL: not called. */
	void (*secured)(void *arg, const struct session *s, const struct tls_info *info);
	void *secured_arg;
	struct dumps dumps;
	enum dialogue_role recorded_as; /* by the recorder; NULL: nobody records */
	struct recorder *recorder;
	const struct session_tap *tap; /* NULL: none */
};

struct session {
	/* set by the caller of session_start(), the rest zeroed */
	struct loop *loop;
	const struct log *log;
	struct scratch *scratch;
	const struct session_how *how;
	unsigned long id;
	const void *first; /* a datagram that has arrived, for session_start(); NULL: none */
	size_t n_first;
	void (*done)(struct session *s); /* called once, from the loop or session_start() */
	void *arg;
	/* results, valid in done(): */
	struct sock *sock; /* closed; names and state are still available */
	enum sock_end end;
	const struct error *error; /* NULL: a clean end; the text is the reason alone */
	const char *verb;          /* as from relay_verb() */
	uint64_t sent, received, n_sent, n_received; /* bytes, datagrams */
	bool counted;                                /* sent and received are known */
	uint64_t unacknowledged; /* with how->carry, over TCP: bytes sent; TLS: of its records */
	bool messages;           /* n_sent and n_received are known too */
	bool websocket;          /* so is close */
	struct websocket_end close;
	int64_t nsec;
	bool has_status;
	int status; /* of the program, as from waitpid(2) */
	/* private */
	struct relay *relay; /* NULL: not started, or a program has the connection itself */
	struct stream *local;
	void *dialling;          /* of how->dialler, while it works */
	char *connection;        /* name of the local side, for messages */
	struct watch leaving;    /* while dialling: the peer's reset */
	const struct sock *lent; /* SESSION_METHODS: the socket is somebody else's; NULL: ours */
	struct child_watch child;
	struct negotiator *negotiator; /* NULL: none is running */
	struct recorded recorded;
	const struct error *own_error;
	int64_t started;
	bool direct, reaped, reported, reset;
};
/* Takes over conn, also on failure. If the program cannot be started, done() reports the failure. */
void session_start(struct session *s, struct sock *conn);

/* Ends the session for this reason. done() is called. */
void session_end(struct session *s, enum sock_end end);

/* Reports that a local side made by local_fn, without a descriptor, is ready: LOOP_* events. */
void session_wake(struct session *s, unsigned events);
/* A datagram of its peer came to another socket. */
void session_push(struct session *s, const void *data, size_t n);
/* Frees everything but s itself. Call it after done(). */
void session_fini(struct session *s);

/* Returns why the connection has failed so far: the reason alone; NULL: it has not. */
const struct error *session_failure(const struct session *s);
/* Returns the bytes so far, for progress. */
void session_bytes(const struct session *s, uint64_t *ret_sent, uint64_t *ret_received);
/* True while bytes wait to be written or sent, or the end of the peer is being answered. */
bool session_is_busy(const struct session *s);

#endif
