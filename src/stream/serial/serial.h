/*
 * A serial line as a stream: a terminal device, or the master of a pseudo-terminal
 * that others open by a link. It has no half-close; a hang-up is its end.
 */
#ifndef STREAM_SERIAL_SERIAL_H
#define STREAM_SERIAL_SERIAL_H

#include "stream/stream.h"

struct endpoint;
struct serial_link;

/* Opens the device or makes the link of ep without waiting, raw and set as ep says. The modes of a
 * device are restored when the stream is closed, and what is not sent by then is dropped; nobody else
 * can open it meanwhile. A link goes with the stream, which does not end while it is there: it can
 * be opened and closed many times. Returns -1 with ERROR_NETWORK and the reason alone. */
int serial_stream(struct stream **ret_stream, const struct endpoint *ep, struct error *e);

/* ---- a link whose opener is a client ---- */

/* Makes the link. ERROR_NETWORK with the reason alone. */
int serial_link_open(struct serial_link **ret_link, const struct endpoint *ep, struct error *e);

/* Returns a descriptor that is readable when somebody has opened the link. */
int serial_link_fd(const struct serial_link *k);

/* Makes a stream for who has opened it, which ends when nobody has it open any more. Returns 1, 0 if
 * nobody has opened it, or -1. */
int serial_link_accept(struct serial_link *k, struct stream **ret_stream, struct error *e);

/* Removes the link and hangs up. Accepts NULL. */
void serial_link_close(struct serial_link *k);

#endif
