/*
 * usock listen on a socket of connections: one client, or with -k all that come.
 */
#ifndef CLI_COMMANDS_LISTEN_SERVE_H
#define CLI_COMMANDS_LISTEN_SERVE_H

#include "cli/commands/listen_opts.h"
#include "cli/core/command_context.h"
#include "cli/output/client_failures.h"
#include "relay/process_set.h"
#include "relay/server/acceptor.h"
#include "relay/server/broadcast.h"
#include "relay/server/dtls_acceptor.h"
#include "stream/shared_out.h"

struct client;

struct listen_server {
	/* set by the caller (zeroed before) */
	struct command_context rt;
	const struct listen_opts *opts;
	struct session_how how;
	struct sock *listener; /* closed by listen_serve_one() when the client has come */
	struct bind_how bind;
	struct tls_use tls;
	struct deadline until;
	/* private to listen_serve */
	struct acceptor acceptor;
	struct dtls_acceptor dtls;
	struct process_set processes;
	struct broadcast broadcast;
	struct stream *input;  /* of it; NULL: clients get none */
	struct shared_out out; /* -k with --framing: standard output, in whole records */
	struct client_failures failures;
	struct signal_watch usr1;
	struct client *clients; /* -k: those connected */
	struct sock *only;      /* without -k: the client, until its session has it */
	struct error gone;      /* ... why none can come any more */
	char address[SOCKNAME_TEXT_MAX];
	bool over;
};

/* True for DTLS: a sender of datagrams is a client then, which comes and goes. */
bool listen_is_dtls(const struct listen_server *sv);

/* Serves clients until a signal, --timeout or a closed standard output ends it, or until
 * the listener is gone and the clients that were there have been served: status 1. The
 * exit status, or -1. */
int listen_serve_all(struct listen_server *sv, struct error *e);

/* Serves the first client. The exit status, or -1. */
int listen_serve_one(struct listen_server *sv, struct error *e);

#endif
