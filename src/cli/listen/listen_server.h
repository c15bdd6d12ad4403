/*
 * What a server of usock listen is made of. The files of cli/listen share it.
 */
#ifndef CLI_LISTEN_LISTEN_SERVER_H
#define CLI_LISTEN_LISTEN_SERVER_H

#include "cli/core/command_context.h"
#include "cli/core/program_terminal.h"
#include "cli/listen/listen_access.h"
#include "cli/listen/listen_opts.h"
#include "cli/listen/listen_proxied.h"
#include "cli/output/client_failures.h"
#include "cli/suite/background.h"
#include "cli/suite/once.h"
#include "loop/loop_signal.h"
#include "relay/dial/shortage.h"
#include "relay/process_set.h"
#include "relay/server/acceptor.h"
#include "relay/server/broadcast/broadcast.h"
#include "relay/server/broadcast/broadcast_output.h"
#include "relay/server/broadcast/chat.h"
#include "relay/server/dtls_acceptor.h"
#include "stream/shared_out.h"

struct client;
struct listen_forward;
struct listen_proxy;
struct listen_script_file;
struct listen_workers;
struct listen_service;

/* What happened to all clients so far. sent and received are those of clients that have ended. */
struct listen_totals {
	uint64_t accepted, refused, failed, kicked, sent, received;
};

enum listen_phase {
	LISTEN_SERVING,
	LISTEN_PAUSED,   /* accepts nobody */
	LISTEN_DRAINING, /* accepts nobody, and ends when the clients have left */
	LISTEN_WINDING,  /* the same, and ends each client that is silent */
	LISTEN_DRAINED,  /* all have left by themselves */
	LISTEN_CUT       /* the time of draining has passed */
};

struct listen_server {
	/* set by the caller (zeroed before) */
	struct command_context rt;
	const struct listen_opts *opts;
	struct session_how how;
	struct sock *listener; /* listen_serve_one() closes it when the client has connected */
	const struct listen_service *service; /* NULL: none was chosen */
	struct bind_how bind;
	struct tls_use tls;
	struct listen_access access; /* open */
	struct listen_proxied proxied;
	struct websocket_use websocket;
	struct program_terminal terminal;
	struct deadline until;
	struct background background;
	struct listen_totals *totals;
	struct listen_workers *workers; /* with --workers, else NULL */
	bool is_worker;                 /* another process reports and decides when draining ends */
	/* private to listen_serve */
	struct acceptor acceptor;
	struct shortage shortage; /* of connections for clients */
	struct dtls_acceptor dtls;
	struct process_set processes;
	struct broadcast broadcast;
	struct stream *input;           /* standard input and output of the broadcast; NULL: none */
	struct broadcast_output spoken; /* what clients say, on standard output */
	struct chat chat;
	bool use_input;                         /* standard input is read for them */
	struct listen_forward *forward;         /* of --forward; NULL: none */
	struct listen_proxy *proxy;             /* of --proxy-server; NULL: none */
	struct listen_script_file *script_file; /* of --script; NULL: none */
	/* -k with --framing: standard output, which receives whole records */
	struct shared_out out;
	struct client_failures failures;
	struct once once;
	struct signal_watch usr1;
	struct client *clients; /* -k: the connected clients */
	struct sock *only;      /* without -k: the client, until its session owns it */
	struct session *turn;   /* --serial: the client that is served now; NULL: none */
	uint64_t turn_moved;    /* LISTEN_WINDING: its bytes, when it was looked at last */
	struct error gone;      /* without -k: why the listener accepts no more */
	int failure; /* -k: the status of a failure of standard input, output or the listener; or 0 */
	char address[SOCKNAME_TEXT_MAX];
	enum listen_phase phase;
	struct timer drain_timer;
	struct deadline drained_by; /* LISTEN_WINDING */
	int drain_signal;           /* SIGTERM where that began the draining, else 0 */
	bool over;
};

#endif
