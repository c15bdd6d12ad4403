/*
 * Sockets on a CAN bus (the kernel's Documentation/networking/can.rst). Private to connect and
 * listen; e is never NULL here.
 */
#ifndef NET_CAN_CAN_SOCKET_H
#define NET_CAN_CAN_SOCKET_H

#include "net/connect.h"

/* Opens a raw CAN socket for classic and FD frames, and binds it to the interface of ep, or to
 * all. *ret_name is that address, as a bus has no peer. */
int can_socket_open(const struct endpoint *ep, const struct bind_how *how, const struct log *log,
    int *ret_fd, struct sockname *ret_name, struct error *e);

#endif
