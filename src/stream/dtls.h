/*
 * DTLS 1.2 (RFC 6347): TLS over datagrams, if how->datagrams of tls_open() is
 * set. The functions of stream/tls.h hold, with these differences:
 *
 *   lower      a connected UDP socket: each read or write is one datagram
 *   records    the stream is STREAM_RECORDS: a write is one record in one datagram,
 *              a read is one record. Records may be empty, and are never split,
 *              merged or truncated. One longer than the library can write fails with
 *              ERROR_NETWORK, EMSGSIZE, and no part of it is sent.
 *   loss       records may be lost or reordered, and are not sent again. Duplicate
 *              and forged records are dropped silently.
 *   handshake  lost flights are sent again: besides the descriptor, wait for
 *              tls_retry_at(). A port without a listener is ERROR_NETWORK,
 *              ECONNREFUSED.
 *   end        a close_notify gives STREAM_END. There is no other end, so none is
 *              TLS_TRUNCATED. A client that reconnects from the same address ends
 *              its old stream with ECONNRESET.
 *   server     needs proof that the client receives what is sent to its address:
 *              first tls_verify_cookie() on the listening socket, then a socket
 *              for this client, a stream on it, and tls_push_datagram() with the
 *              same datagram
 */
#ifndef STREAM_DTLS_H
#define STREAM_DTLS_H

#include "stream/tls.h"

/* Returns when to call tls_handshake() even if nothing arrives, or never. */
struct deadline tls_retry_at(const struct stream *s);

/* Checks a datagram from a client without a stream. Returns true if it begins a handshake from a
 * proven address (RFC 6347, 4.2.1). If not, *ret_n bytes of answer are to be sent back, never more
 * than came; it may be 0. Keeps no state about the client. */
#define TLS_ANSWER_MAX 128
bool tls_verify_cookie(struct tls *tls, const struct sockname *peer, const void *datagram, size_t n,
    unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n);

/* Queues a datagram that arrived before the stream was made; it is read first. */
int tls_push_datagram(struct stream *s, const void *datagram, size_t n, struct error *e);

#endif
