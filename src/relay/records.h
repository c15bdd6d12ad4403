/*
 * Many records of a STREAM_RECORDS stream at once, like net/mmsg for the
 * datagrams of a socket.
 */
#ifndef RELAY_RECORDS_H
#define RELAY_RECORDS_H

#include "net/mmsg.h"

struct error;
struct stream;

/* As mmsg_recv(), but a message of WebSocket is never cut: data then points to storage of the
 * stream, valid until its next call. The last packet has `end` set at the end of the stream. */
int records_recv(struct stream *s, struct packet *packets, unsigned n, struct error *e);

/* As mmsg_send(), for packets without a name. SYS_AGAIN: wait until the descriptor is writable. */
int records_send(struct stream *s, const struct packet *packets, unsigned n, struct error *e);

#endif
