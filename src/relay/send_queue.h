/*
 * Datagrams on their way out of a socket that is not connected: one batch at a
 * time. Where the socket takes no more, those who would add to it have to wait.
 */
#ifndef RELAY_SEND_QUEUE_H
#define RELAY_SEND_QUEUE_H

#include <stdbool.h>

#include "base/loop.h"
#include "net/batch.h"

struct error;
struct sender;

struct send_queue {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	int fd;
	bool polled; /* the kernel has no event for room (unix datagrams): asks again */
	void (*sent)(struct send_queue *o, struct sender *s, const struct packet *p);
	/* This one will not go, and the next are tried. e's text is complete. */
	void (*failed)(struct send_queue *o, struct sender *s, const struct error *e);
	/* Room is wanted (call send_queue_go when the socket is writable), or no longer. */
	void (*blocked)(struct send_queue *o, bool on);
	void (*drained)(struct send_queue *o); /* after blocked: the next may begin */
	void *arg;
	/* private */
	struct packet packets[BATCH_MAX];
	struct sender *to[BATCH_MAX];
	unsigned n, at;
	bool waiting;
	struct timer retry;
	struct deadline give_up;
};

/* Holds datagrams that have not gone: nobody may begin another batch. */
bool send_queue_is_busy(const struct send_queue *o);

/* One more of this batch, of at most BATCH_MAX: n bytes at data, which stay the caller's
 * until the outbox is no longer busy, to s, which stays until in_flight is 0. */
void send_queue_add(struct send_queue *o, struct sender *s, char *data, size_t n);

/* Sends the batch; what does not go at once, when there is room. */
void send_queue_send(struct send_queue *o);

/* The socket is writable. */
void send_queue_go(struct send_queue *o);

/* Drops what has not gone. */
void send_queue_stop(struct send_queue *o);

#endif
