/*
 * Processes that do the same work for one parent. Each has a control connection to the parent, which
 * starts them, replaces those that die, and asks all of them what one control client asks.
 *
 * The parent runs its loop until `due`, calls worker_pool_start(), and so on.
 */
#ifndef CONTROL_WORKER_POOL_H
#define CONTROL_WORKER_POOL_H

#include <stdbool.h>
#include <sys/types.h>

#include "loop/loop.h"

struct control_reply;
struct control_request;
struct error;
struct worker;
struct worker_question;

/* How long a worker may take to answer. */
#define WORKER_PATIENCE (2 * NSEC_PER_SEC)

struct worker_pool {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	unsigned n;
	/* A worker has ended; status is that of waitpid(2). Returns false if it is not to be
	 * replaced. */
	bool (*ended)(void *arg, unsigned index, pid_t pid, int status);
	/* A worker did not answer in time: adds to the answer what the parent knows of it. */
	void (*silent)(void *arg, unsigned index, struct control_reply *r);
	void *arg;
	bool ending; /* no worker is replaced any more; may change */
	/* readable */
	unsigned running;
	unsigned retired; /* workers that are not replaced */
	bool due;         /* a worker has to be started, or none runs any more */
	/* private */
	struct worker *workers;
	struct worker_question *questions;
};

/* What a worker is given. */
struct worker_start {
	unsigned index; /* 0 ... n - 1: that of the one it replaces */
	int fd;         /* a connected socket: the parent sends commands, as a control client */
};

/* Starts no process yet. ERROR_INTERNAL. */
int worker_pool_open(struct worker_pool *p, struct error *e);

/* Starts the workers that are missing. One that has lived for less than a second is replaced a
 * second later. Returns 0 in the parent, 1 with *ret_start in a new worker, where the loop is
 * separated from the parent's and p is closed; or -1: ERROR_INTERNAL, ERROR_LOCAL_IO. */
int worker_pool_start(struct worker_pool *p, struct worker_start *ret_start, struct error *e);

/* Has a signal sent to each worker. */
void worker_pool_signal(const struct worker_pool *p, int signo);

/* Ends the connections to the workers, which they take as the order to end. */
void worker_pool_end(struct worker_pool *p);

/* Sends a command to each worker, and to no one who comes later. The answers are ignored. */
void worker_pool_tell(struct worker_pool *p, const struct control_request *rq);

/* Asks each worker, adds the answers to r->answer, and finishes r: with the failure of one of them,
 * for `kick` only if all have failed. A worker that has not answered after WORKER_PATIENCE is a failure,
 * too, which the answers of the others precede; until it answers again `list` and `stats` do not wait
 * for it. */
void worker_pool_answer(struct worker_pool *p, struct control_reply *r);

/* Forgets the workers, which see that their connections end. Accepts a zeroed p. */
void worker_pool_close(struct worker_pool *p);

#endif
