/*
 * Datagrams on their way out of a socket that is not connected: one batch at a
 * time. Where the socket takes no more, those who would add to it have to wait.
 */
#ifndef RELAY_SERVER_SEND_QUEUE_H
#define RELAY_SERVER_SEND_QUEUE_H

#include <stdbool.h>

#include "base/deadline.h"
#include "net/mmsg.h"

struct error;
struct sender;

struct send_queue {
	/* set by the caller (zeroed before) */
	int fd;
	bool polled; /* the kernel has no event for room (unix datagrams) */
	void (*sent)(struct send_queue *o, struct sender *s, const struct packet *p);
	/* This one will not go, and the next are tried. e's text is complete. */
	void (*failed)(struct send_queue *o, struct sender *s, const struct error *e);
	void *arg;
	/* private */
	struct packet packets[MMSG_MAX];
	struct sender *to[MMSG_MAX];
	unsigned n, at;
	struct deadline again, give_up; /* never: there is room, as far as we know */
};

void send_queue_init(struct send_queue *o);

/* Holds datagrams that have not gone: nobody may begin another batch. */
bool send_queue_is_busy(const struct send_queue *o);

/* One more of this batch, of at most MMSG_MAX: n bytes at data, which stay the caller's
 * until the queue is no longer busy, to s, which stays until in_flight is 0. */
void send_queue_add(struct send_queue *o, struct sender *s, char *data, size_t n);

/* Sends what goes without waiting. What is left goes with a later call: when the socket is
 * writable (where it is not polled), and at send_queue_next(). */
void send_queue_send(struct send_queue *o, int64_t now);
struct deadline send_queue_next(const struct send_queue *o);

/* Waits for the socket to be writable. */
bool send_queue_wants(const struct send_queue *o);

/* Drops what has not gone. */
void send_queue_drop(struct send_queue *o);

#endif
