/*
 * The asking end of a control connection: `usock status PATH`, and the process that supervises
 * workers. Commands are sent at once; their answers come in the same order.
 */
#ifndef CONTROL_CONTROL_CHANNEL_H
#define CONTROL_CONTROL_CHANNEL_H

#include <stdbool.h>

#include "base/buf.h"
#include "loop/loop.h"

struct control_request;
struct error;
struct sock;

/* A command that was sent: storage of the caller. */
struct control_ask {
	/* Called for each line of the answer but the last, without its newline. */
	void (*line)(struct control_ask *a, char *line);
	/* Called once, last: failure is NULL, the server's reason, or control_channel_gone if the
	 * connection has ended. The callback may free a. */
	void (*done)(struct control_ask *a, const char *failure);
	void *arg;
	/* private */
	struct control_ask *next;
};

extern const char control_channel_gone[];

struct control_channel {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	struct sock *sock; /* connected; owned */
	/* private */
	struct buf in, out;
	struct watch watch;
	struct control_ask *first, **last; /* asked and not answered */
	bool broken;
};

/* Fails with ERROR_LOCAL_IO if the loop cannot wait for the connection. */
int control_channel_start(struct control_channel *ch, struct error *e);

/* Sends the command. If the connection has ended, done() is called at once. */
void control_channel_ask(struct control_channel *ch, const struct control_request *rq,
    struct control_ask *a);

/* Calls done() for all that is not answered, and releases everything but ch. May be called
 * twice. */
void control_channel_close(struct control_channel *ch);

/* In a forked child: releases everything but ch, and calls nothing. */
void control_channel_forget(struct control_channel *ch);

#endif
