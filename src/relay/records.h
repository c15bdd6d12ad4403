/*
 * Many records of a STREAM_RECORDS stream at once, like net/mmsg for the
 * datagrams of a socket.
 */
#ifndef RELAY_RECORDS_H
#define RELAY_RECORDS_H

#include "net/mmsg.h"

struct error;
struct stream;

/* Returns what the descriptor of a stream has to become after STREAM_WANT_*: LOOP_READ or LOOP_WRITE. */
unsigned records_wait(ssize_t want);

/* As mmsg_recv(), but a message of WebSocket is never cut: data then points to storage of the
 * stream, valid until its next call. The last packet has `end` set at the end of the stream.
 * SYS_AGAIN: *ret_wait is as of records_wait(); it may be NULL. */
int records_recv(struct stream *s, struct packet *packets, unsigned n, unsigned *ret_wait,
    struct error *e);

/* As mmsg_send(), for packets without a name. SYS_AGAIN: as records_recv(). */
int records_send(struct stream *s, const struct packet *packets, unsigned n, unsigned *ret_wait,
    struct error *e);

#endif
