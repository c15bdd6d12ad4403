/*
 * One connection and what it is connected to: the terminal or pipe we were
 * given, a program, an echo, a sink, a file. Owns the socket from session_start
 * on, runs it on the loop, and keeps how it ended.
 */
#ifndef RELAY_SESSION_H
#define RELAY_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"
#include "loop/loop_child.h"
#include "relay/message_relay.h"
#include "relay/negotiator.h"
#include "relay/relay.h"
#include "stream/negotiate/starttls.h"
#include "stream/process.h"

struct process_set;
struct tls;
struct tls_info;

enum session_local {
	SESSION_STDIO,
	SESSION_PROGRAM,
	SESSION_ECHO,
	SESSION_DISCARD,
	SESSION_FILE /* sends how->file, drops what comes */
};

struct session;

/* The same for all sessions of a command; outlives them. */
struct session_how {
	enum session_local local;
	int in_fd, out_fd;          /* SESSION_STDIO; -1: that side is not used */
	bool shared_out;            /* other sessions write there too: never closed */
	struct process_how program; /* env is made for each session: env_fn */
	/* Fills at most n - 1 malloc'ed NAME=VALUE strings for the program; NULL: none. */
	int (*env_fn)(void *arg, unsigned long id, struct sock *s, char **env, size_t n);
	void *env_arg;
	/* Takes over a program that runs on when its session is over; NULL: it is only reaped. */
	struct process_set *processes;
	const char *file;
	bool file_fifo; /* it was a FIFO from the start, so that one is meant */
	/* SESSION_STDIO: makes the local side of s instead of in_fd and out_fd; it is a source where
	 * in_fd is not -1. NULL: nothing does. */
	int (*local_fn)(void *arg, struct session *s, struct stream **ret_local, struct error *e);
	void *local_arg;
	struct ending_rules rules;
	struct message_relay_how packets; /* where the connection is a message socket */
	bool framed;                      /* else: records, as packets.in says, stay whole */
	uint64_t max_bytes;               /* each way; UINT64_MAX: no limit */
	uint64_t rate;                    /* bytes a second each way; 0: no limit */
	int64_t delay; /* nanoseconds after each line or datagram sent; 0: none */
	bool crlf, telnet;
	bool counted;         /* somebody watches the counts while it goes on */
	struct tls *tls;      /* NULL: none; else the handshake comes first */
	const char *tls_name; /* whom a client wants; NULL for a server */
	/* what a client says before the handshake */
	enum starttls_protocol starttls;
	int64_t handshake_timeout; /* that included */
	/* The handshake of s is over. NULL: nobody wants to know. */
	void (*secured)(void *arg, const struct session *s, const struct tls_info *info);
	void *secured_arg;
	void (*hexdump)(void *arg, const char *text, size_t n); /* NULL: none */
	void *hexdump_arg;
};

struct session {
	/* set by the caller of session_start (zeroed before) */
	struct loop *loop;
	const struct log *log;
	struct scratch *scratch;
	const struct session_how *how;
	unsigned long id;
	const void *first; /* DTLS: a datagram that has come already; read by session_start */
	size_t n_first;
	void (*done)(struct session *s); /* called once from the loop or from session_start */
	void *arg;
	/* results, valid in done(): */
	struct sock *sock; /* closed, but still to be asked for names and state */
	enum sock_end end;
	const struct error *error; /* NULL: clean; text as pump.h says */
	const char *verb;          /* as pump.h says */
	uint64_t sent, received;
	uint64_t n_sent, n_received; /* datagrams */
	bool counted;                /* sent and received are known */
	bool messages;               /* and so are n_sent and n_received */
	int64_t nsec;
	bool has_status;
	int status; /* of the program, as waitpid(2) gives it */
	/* private */
	struct relay
	    *relay; /* NULL before it starts, and where a program has the connection itself */
	struct stream *local;
	struct child_watch child;
	struct negotiator *negotiator; /* NULL: nothing has to be negotiated, or it is over */
	struct error *own_error;
	int64_t started;
	bool direct, reaped, reported, reset;
};

/* Takes over conn, also on failure. A program that cannot be started is a failure
 * of the session, told by done(). */
void session_start(struct session *s, struct sock *conn);

/* Ends it now, for this reason; done() is called. */
void session_end(struct session *s, enum sock_end end);

/* The local side that local_fn has made has something to read, though it has no descriptor. */
void session_input_arrived(struct session *s);

/* Frees what it holds, not s itself. After done(). */
void session_fini(struct session *s);

/* Bytes so far, for progress. */
void session_bytes(const struct session *s, uint64_t *ret_sent, uint64_t *ret_received);

#endif
