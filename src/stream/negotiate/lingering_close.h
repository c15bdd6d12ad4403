/*
 * Closes a connection so that everything sent arrives, as a negotiation.
 * Closing with unread input sends a reset, and a reset destroys what the peer
 * has not received yet. So this flushes what is queued, half-closes, and
 * discards input until closing is safe. It waits at most one second, and one
 * more each time the peer acknowledges something.
 */
#ifndef STREAM_NEGOTIATE_LINGERING_CLOSE_H
#define STREAM_NEGOTIATE_LINGERING_CLOSE_H

#include <stdbool.h>

struct error;
struct negotiation;

/* Returns true if closing fd now could lose bytes: input is unread, or output is unacknowledged; on a
 * serial line, output is unsent. Returns false if fd is neither TCP nor a line. */
bool lingering_close_needed(int fd);

/* Returns true if a TCP connection was reset after its last read and write, so that sent bytes
 * are lost. */
bool lingering_close_was_reset(int fd);

/* If for_peer is set, the peer also has a second to end its direction. *ret_reset is set if the
 * connection was reset before everything was acknowledged; it may be NULL. Fails with
 * ERROR_INTERNAL; the negotiation itself never fails. */
int lingering_close(struct negotiation **ret_first, bool for_peer, bool *ret_reset,
    struct error *e);

#endif
