/*
 * usock listen with connections: serves one client, or with -k all clients.
 */
#ifndef CLI_LISTEN_LISTEN_SERVE_H
#define CLI_LISTEN_LISTEN_SERVE_H

#include "cli/listen/listen_server.h"

/* At the end, how long to wait for the reader of standard output. */
#define LISTEN_OUTPUT_PATIENCE (50 * NSEC_PER_MSEC)

/* True for DTLS, where each sender of datagrams is a client that comes and goes. */
bool listen_is_dtls(const struct listen_server *sv);

/* True where each sender of datagrams gets a socket and a session of its own. */
bool listen_takes_senders(const struct listen_server *sv);

/* Serves clients until a signal, --timeout or a closed standard output; or, where the listener
 * fails, until the connected clients have ended: status 1; or, with --once, until so many clients
 * have ended; or until it is drained: status 0 if all clients have left by themselves. Returns the
 * exit status, or -1. */
int listen_serve_all(struct listen_server *sv, struct error *e);

/* Calls fn for each connected client of listen_serve_all(), the last one first. fn may not end
 * it. */
void listen_serve_each(const struct listen_server *sv,
    void (*fn)(void *arg, const struct session *s), void *arg);

/* Ends a session with a reset, so that the client cannot mistake this for the end of the data. */
void listen_serve_reset(struct session *s, enum sock_end end);

/* Ends the connections of the client with this number, or of all for 0. Returns how many. */
unsigned listen_serve_kick(struct listen_server *sv, unsigned long id);

/* While paused, clients wait to be accepted. It does nothing once the server drains. */
void listen_serve_pause(struct listen_server *sv, bool paused);

/* Accepts those who wait, closes the listening socket, and ends listen_serve_all() when the clients
 * have left and their programs have ended, or after patience nanoseconds. signo is the signal that
 * asks for it, or 0. */
void listen_serve_drain(struct listen_server *sv, int64_t patience, int signo);

/* Accepts nobody more, ends the clients that are silent, and serves the others until all that they send
 * and receive is written: for 2 s at most. arg is a struct listen_server. */
void listen_serve_wind_down(void *arg);

/* Reports that so many clients may still end, for at most patience nanoseconds. */
void listen_serve_report_draining(struct listen_server *sv, unsigned clients, int64_t patience);

/* Reports a failure of standard input or output. The exit status is that of the first one, where
 * nothing else decides it. */
void listen_serve_fail(struct listen_server *sv, const struct error *e);

/* Ends listen_serve_all() where no client can come, none is left, and all is written. To be called
 * when one of these may have become true. */
void listen_serve_end_when_idle(struct listen_server *sv);

/* Returns "serving", "paused", "draining" or "gone". */
const char *listen_serve_phase_word(const struct listen_server *sv);

/* The time of draining has passed, and so many clients had to be ended: by the signal, if that began
 * it. Returns the exit status, or -1. */
int listen_serve_fail_drain(struct listen_server *sv, unsigned left, struct error *e);

/* Serves one client after the other, each with standard input and output; clients wait meanwhile.
 * Returns like listen_serve_all(). */
int listen_serve_in_turn(struct listen_server *sv, struct error *e);

/* Serves the first client, or with --first-sender the first sender. Returns the exit status, or
 * -1. */
int listen_serve_one(struct listen_server *sv, struct error *e);

#endif
