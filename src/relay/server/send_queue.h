/*
 * Datagrams to send from an unconnected socket, one batch at a time. If the
 * socket takes no more, new batches have to wait.
 */
#ifndef RELAY_SERVER_SEND_QUEUE_H
#define RELAY_SERVER_SEND_QUEUE_H

#include <stdbool.h>

#include "base/deadline.h"
#include "net/mmsg.h"
#include "relay/full_queue.h"

struct error;
struct sender;

struct send_queue {
	/* set by the caller, the rest zeroed */
	int fd;
	bool polled; /* the kernel has no event for room (unix datagrams) */
	void (*sent)(struct send_queue *o, struct sender *s, const struct packet *p);
	/* Called for a datagram that cannot be sent; the next are tried. The text is complete. */
	void (*failed)(struct send_queue *o, struct sender *s, const struct error *e);
	void *arg;
	/* private */
	struct packet packets[MMSG_MAX];
	struct sender *to[MMSG_MAX];
	unsigned n, at;
	struct full_queue full;
	struct deadline again; /* never: the socket has an event for room */
};

void send_queue_init(struct send_queue *o);

/* Returns true while datagrams are unsent: no other batch may begin. */
bool send_queue_is_busy(const struct send_queue *o);

/* Adds n bytes at data for s to the batch, up to MMSG_MAX datagrams. data has to stay until the
 * queue is not busy, s until in_flight is 0. */
void send_queue_add(struct send_queue *o, struct sender *s, char *data, size_t n);

/* Sends without blocking. Call it again when the socket is writable, unless polled, and at
 * send_queue_next(). */
void send_queue_send(struct send_queue *o, int64_t now);
struct deadline send_queue_next(const struct send_queue *o);

/* Returns true if the queue waits for the socket to be writable. */
bool send_queue_wants(const struct send_queue *o);

/* Drops unsent datagrams. */
void send_queue_drop(struct send_queue *o);

#endif
