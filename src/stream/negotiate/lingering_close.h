/*
 * How a connection is closed so that what was sent arrives, as a negotiation: closing with input
 * unread sends a reset, and a reset destroys what the peer has not received yet. What is held is
 * flushed, our side is ended, and input is read away until closing is safe. The peer has a second,
 * and another for each time that it acknowledges something.
 */
#ifndef STREAM_NEGOTIATE_LINGERING_CLOSE_H
#define STREAM_NEGOTIATE_LINGERING_CLOSE_H

#include <stdbool.h>

struct error;
struct negotiation;

/* True where closing fd now could lose bytes: unread input, or output that is not acknowledged.
 * False for what is not TCP. */
bool lingering_close_needed(int fd);

/* True where a TCP connection was reset after its last read and write: what was sent is lost. */
bool lingering_close_was_reset(int fd);

/* for_peer: it also gets its second to end its side. *ret_reset, which may be NULL, is set where the
 * connection is reset before all that was sent is acknowledged. Never fails once it runs. */
int lingering_close(struct negotiation **ret_first, bool for_peer, bool *ret_reset,
    struct error *e);

#endif
