/*
 * The system calls of sockets and descriptors, each in one place: EINTR is
 * retried, descriptors are close-on-exec and non-blocking from birth, errno
 * becomes a struct error. Results "would block" are values, not errors.
 */
#ifndef NET_SYS_H
#define NET_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "net/endpoint.h"

struct iovec;

#define SYS_AGAIN (-2) /* nothing to read, no room to write: wait and call again */

/* What an errno of a socket call says, and who says it. */
enum sys_cause {
	SYS_CAUSE_WAIT,     /* nobody: the call has to be repeated */
	SYS_CAUSE_PEER,     /* the peer's own answer, or its silence */
	SYS_CAUSE_NETWORK,  /* a router, or no way to that network from here */
	SYS_CAUSE_SHORTAGE, /* this host lacks memory, buffers, ports or descriptors now */
	SYS_CAUSE_HOST,     /* this host refuses, or cannot */
};
enum sys_cause sys_cause(int errnum);

/* True where sending of datagrams failed as a queue of this host is full: not the
 * peer's or the connection's failure, but nothing that poll(2) waits for either
 * (send(2), ENOBUFS). The datagram goes again after a pause. On streams every errno but
 * those of SYS_CAUSE_WAIT ends the connection. */
bool sys_queue_is_full(int errnum);

/* -1 with ERROR_NETWORK and text "socket: <reason>". For families this kernel
 * lacks the text says so. */
int sys_socket(int family, int type, int proto, struct error *e);

/* Text is "bind ADDRESS: <reason>". */
int sys_bind(int fd, const struct sockname *name, struct error *e);

/* 0 connected, SYS_AGAIN under way (wait for LOOP_WRITE, then sys_connected).
 * EAGAIN (a unix listener's queue is full) is a failure: nothing is under way.
 * Failure text is "connect ADDRESS: <reason>". */
int sys_connect(int fd, const struct sockname *name, struct error *e);

/* The outcome of a connect that was under way: 0 or -1 as sys_connect. ENOTCONN where
 * none was. */
int sys_connected(int fd, const struct sockname *name, struct error *e);

int sys_listen(int fd, int backlog, struct error *e);

/* The new descriptor, SYS_AGAIN where no client is there, or -1: net/accept.h says what
 * the error means for the next call. */
int sys_accept(int fd, struct sockname *ret_peer, struct error *e);

/* Bytes, 0 at the end (read), SYS_AGAIN, or -1 with code and "<verb>: <reason>".
 * The socket calls never wait, even on a descriptor that is in blocking mode. */
ssize_t sys_recv(int fd, void *data, size_t n, int flags, struct error *e);
ssize_t sys_send(int fd, const void *data, size_t n, int flags, struct error *e);
ssize_t sys_read(int fd, void *data, size_t n, struct error *e);        /* ERROR_LOCAL_IO */
ssize_t sys_write(int fd, const void *data, size_t n, struct error *e); /* ERROR_LOCAL_IO */

/* recvmsg/sendmsg for datagrams: *ret_cut is set when the datagram was longer
 * than n; the result is then its true length where the kernel tells it. sendto
 * names the address when it fails; without one (NULL) it is sys_send. */
ssize_t sys_recvfrom(int fd, void *data, size_t n, int flags, struct sockname *ret_from,
    bool *ret_cut, struct error *e);
ssize_t sys_sendto(int fd, const void *data, size_t n, int flags, const struct sockname *to,
    struct error *e);

/* What the kernel says of a socket: SO_DOMAIN, SO_TYPE, SO_PROTOCOL; -1 with errno where fd is none. */
int sys_family(int fd);
int sys_type(int fd);
int sys_proto(int fd);

/* getsockname(2) / getpeername(2). A raw socket, whose protocol the kernel tells as a port, has none. */
int sys_local_name(int fd, struct sockname *ret_name, struct error *e);
int sys_peer_name(int fd, struct sockname *ret_name, struct error *e);

int sys_shutdown(int fd, int how, struct error *e);

/* 1 where reading (POLLIN) or writing (POLLOUT) would not wait now, or would fail, else 0;
 * both keep errno. A signal that interrupts poll(2) says nothing about the descriptor. -1
 * with errno where poll(2) itself fails. */
int sys_is_ready(int fd, short events);

/* Closes, keeps errno, ignores -1. */
void sys_close(int fd);

/* Close with SO_LINGER {1,0}: the peer gets a reset, no TIME_WAIT stays. */
void sys_abort(int fd);

int sys_set_nonblocking(int fd, bool on, struct error *e);

#endif
