/*
 * WebSocket on a socket object. Its messages are records: a method that sends bytes sends one message, one that
 * receives returns one, or the rest of one, and readline and readall do not see where one ends. Pings are answered
 * while it receives. The end of the stream is the peer's close frame, which is answered at once.
 */
#ifndef SOCK_WEBSOCKET_WEBSOCKET_H
#define SOCK_WEBSOCKET_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/deadline.h"

struct buf;
struct error;
struct negotiate_websocket_how;
struct sock;
struct websocket_end;

/* Performs the handshake on a connected stream socket, with TLS or without, and waits for it. The socket's
 * time-outs do not apply. A failure closes the socket, except ERROR_USAGE, ENOTCONN and EBUSY. Strings of how
 * are not used afterwards. sock_close() sends a close frame from now on, unless one was sent. */
int sock_start_websocket(struct sock *s, const struct negotiate_websocket_how *how,
    struct deadline until, struct error *e);

/* Makes the layers that somebody has put on sock_top() those of the methods: sock_close() ends them, and TLS is
 * known to sock_tls_info(). */
void sock_own_layers(struct sock *s, bool secured);

/* Returns false after close. */
bool sock_is_websocket(const struct sock *s);

/* Sends a message of this type, within the time-out of s. */
int sock_send_message(struct sock *s, const void *data, size_t n, bool binary, struct error *e);

/* Receives the next message, or the rest of one, and appends it to out. Returns 1, 0 at the end, or -1. */
int sock_recv_message(struct sock *s, struct buf *out, bool *ret_binary, struct error *e);

/* Sends a close frame, as websocket_close(); messages are still received. e may not be NULL. */
int sock_close_websocket(struct sock *s, unsigned code, const char *reason, struct error *e);

/* Gets the subprotocol, "" if there is none, and how both sides have closed: after close, too. Returns false if
 * s is no WebSocket. */
bool sock_websocket_end(const struct sock *s, struct websocket_end *ret_end);
/* Returns the subprotocol that was agreed on, or ""; "" after close. */
const char *sock_websocket_subprotocol(const struct sock *s);

/* ---- the messages in the receive buffer, for callers that search in it ---- */

/* Returns how many there are, and the length of one of them. sock_buffered() has them one after the other. */
size_t sock_messages(const struct sock *s);
size_t sock_message_length(const struct sock *s, size_t i);
/* Removes the first messages. */
void sock_consume_messages(struct sock *s, size_t count);

#endif
