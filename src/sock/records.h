/*
 * The lengths and senders of datagrams, or of WebSocket messages, in the receive buffer.
 */
#ifndef SOCK_RECORDS_H
#define SOCK_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct sock;
struct sockname;

/* Allocates an entry for one more datagram, before it is received. */
int sock_reserve_record(struct sock *s, struct error *e);
/* Adds an entry for a datagram of n > 0 bytes at the end of the buffer. from->len is 0 if the
 * peer sent it. */
void sock_add_record(struct sock *s, size_t n, const struct sockname *from);
/* Returns how many bytes are left of the first datagram, or in the whole buffer of a stream. */
size_t sock_first_length(const struct sock *s);
void sock_first_sender(const struct sock *s, struct sockname *ret_from);
void sock_drop_records(struct sock *s);

/* Adds an entry for a WebSocket message of n bytes, which may be 0. */
void sock_add_message(struct sock *s, size_t n, bool binary);
/* Returns true for the type of the first message. */
bool sock_first_is_binary(const struct sock *s);

#endif
