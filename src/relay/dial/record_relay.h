/*
 * A relay between two message sockets: a record of one side is a record of the
 * other, in both directions. Datagrams have no end, so:
 *
 *   a side ends   DTLS: the other side is told of it, too, if it knows an end
 *   silence       without an idle time-out, RECORD_RELAY_SILENCE without a record either
 *                 way is a clean end
 *   slow side     one record is held, and the other side is not read meanwhile; the
 *                 kernel counts what it drops then
 *   too long      a record that the other side does not take is dropped and counted,
 *                 and the relay has failed
 */
#ifndef RELAY_DIAL_RECORD_RELAY_H
#define RELAY_DIAL_RECORD_RELAY_H

#include "relay/relay.h"

struct error;

#define RECORD_RELAY_SILENCE (60 * NSEC_PER_SEC)

/* Makes a relay for relay_start(), between how->local and how->remote. Both are message sockets, or
 * streams of records on one. */
int record_relay_open(struct relay **ret_relay, const struct relay_how *how, struct error *e);

#endif
