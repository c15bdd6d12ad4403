/*
 * usock listen --workers: several processes serve, each as listen_serve does, and one, the parent,
 * supervises them. What all share is the listening address, the counts of clients, and the parent's
 * control socket.
 */
#ifndef CLI_LISTEN_LISTEN_WORKERS_H
#define CLI_LISTEN_LISTEN_WORKERS_H

#include "control/control_conn.h"
#include "control/worker_pool.h"
#include "loop/loop_signal.h"

struct endpoint;
struct error;
struct listen_control;
struct listen_server;
struct shared_memory;
struct sock;

struct listen_workers {
	/* set by the caller, the rest zeroed */
	struct listen_server *sv;
	struct listen_control *control; /* a worker closes it */
	const struct endpoint *endpoint;
	/* private */
	struct worker_pool pool;
	struct shared_memory *shared;
	struct sock *
	    *listeners; /* by worker; all of them sv->listener where the port is not shared */
	struct signal_watch usr1;
	struct timer drain_timer;
	unsigned left; /* clients that had to be ended when the time of draining had passed */
	int failure;   /* the exit status of the first worker that has failed while draining */
	bool ended;    /* the workers were told to end */
};

/* ERROR_USAGE for options that have no meaning with several processes. */
int listen_workers_check(const struct listen_server *sv, struct error *e);

/* What the parent's control socket does. */
struct control_target listen_workers_target(struct listen_workers *w);

/* Serves as listen_serve_all() does. Returns in each process: in a worker too, where the caller
 * releases everything. Returns the exit status, or -1. */
int listen_workers_serve(struct listen_workers *w, struct error *e);

#endif
