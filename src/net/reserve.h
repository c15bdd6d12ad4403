/*
 * Reserves TCP ports: leaves a connection in TIME_WAIT on each. For a minute the kernel then gives
 * the port to nobody by chance, neither to bind(2) with port 0 nor to connect(2), and only a
 * socket with SO_REUSEADDR can bind it.
 */
#ifndef NET_RESERVE_H
#define NET_RESERVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"

struct error;
struct loop;
struct sockname;

/* How long TIME_WAIT lasts in Linux (TCP_TIMEWAIT_LEN), in seconds. */
#define RESERVE_SECONDS 60

/* Reserves one port that is free on each of these n local addresses, whose ports are ignored.
 * Sets *ret_port. ERROR_NETWORK "reserve ADDRESS: ...", also where no TIME_WAIT remains;
 * ERROR_TIMEOUT, ERROR_SIGNAL. */
int reserve_port(struct loop *l, const struct sockname *names, size_t n, struct deadline until,
    uint16_t *ret_port, struct error *e);

#endif
