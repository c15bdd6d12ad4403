/*
 * Many records of a stream of records (STREAM_RECORDS) at once, with the promises
 * that net/mmsg gives for datagrams of a socket.
 */
#ifndef RELAY_RECORDS_H
#define RELAY_RECORDS_H

#include "net/mmsg.h"

struct error;
struct stream;

/* As mmsg_recv; packet.end tells the end, as the last of them. */
int records_recv(struct stream *s, struct packet *packets, unsigned n, struct error *e);

/* As mmsg_send, for packets without a name. SYS_AGAIN: when the descriptor is writable. */
int records_send(struct stream *s, const struct packet *packets, unsigned n, struct error *e);

#endif
