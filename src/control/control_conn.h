/*
 * One connection of the control socket. It reads a line, asks the target, writes the answer, and
 * only then reads the next line, so that a client which does not read its answers costs one answer.
 * A client that takes nothing of an answer for 10 s is closed.
 */
#ifndef CONTROL_CONTROL_CONN_H
#define CONTROL_CONTROL_CONN_H

#include <stdbool.h>

#include "base/buf.h"
#include "control/control_answer.h"
#include "control/control_request.h"
#include "loop/loop.h"

struct control_conn;
struct error;
struct sock;

/* A command whose answer is being made. The connection may close meanwhile. */
struct control_reply {
	struct control_request request;
	struct control_answer answer; /* filled in by the target */
	struct control_conn *conn;    /* private; NULL: it has closed */
};

/* What executes the commands, except help. It calls control_reply_finish() once for each reply,
 * during ask() or later. */
struct control_target {
	void (*ask)(void *arg, struct control_reply *r);
	void *arg;
};

/* Writes the answer and frees the reply. failure is NULL for success. */
void control_reply_finish(struct control_reply *r, const struct error *failure);

/* In a forked child: frees the reply without an answer, which the parent makes. */
void control_reply_forget(struct control_reply *r);

struct control_conn {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	struct sock *sock; /* owned */
	const struct control_target *target;
	/* Called when the other end has closed or failed, from the loop. The callback closes the
	 * connection and may free it. */
	void (*ended)(struct control_conn *c);
	void *arg;
	/* readable */
	int64_t last_active;
	/* private */
	struct buf in, out;
	struct watch watch;
	struct timer timer;
	struct control_reply *reply; /* NULL: none is being made */
	bool read_all;               /* nothing more is read */
	bool advancing;              /* control_reply_finish() need not write */
	bool over;                   /* ended() is due or was called */
};

/* Fails with ERROR_LOCAL_IO if the loop cannot wait for the connection. */
int control_conn_start(struct control_conn *c, struct error *e);

/* Releases everything but c itself. May be called twice. */
void control_conn_close(struct control_conn *c);

#endif
