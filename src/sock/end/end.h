/*
 * What the failure of a single call says about the end of the connection.
 */
#ifndef SOCK_END_END_H
#define SOCK_END_END_H

#include "sock/sock.h"

struct error;

/* Returns END_NONE for a failure that ends nothing: time-outs of ours, mistakes of the caller, datagrams. */
enum sock_end sock_end_of_failure(const struct sock *s, const struct error *e);

#endif
