/*
 * The system calls for sockets and descriptors, each in one place. EINTR is retried, new
 * descriptors are close-on-exec and non-blocking, errno becomes a struct error. "Would block"
 * is a result, not an error.
 */
#ifndef NET_SYS_H
#define NET_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "net/endpoint.h"

struct iovec;

#define SYS_AGAIN (-2) /* would block: wait until the descriptor is ready and call again */

/* The origin of a socket error. */
enum sys_cause {
	SYS_CAUSE_WAIT,     /* none: repeat the call */
	SYS_CAUSE_PEER,     /* the peer's answer, or its silence */
	SYS_CAUSE_NETWORK,  /* a router, or no route to that network */
	SYS_CAUSE_SHORTAGE, /* this host has too little memory, buffers, ports or descriptors now */
	SYS_CAUSE_HOST,     /* this host refuses, or cannot do it */
};
enum sys_cause sys_cause(int errnum);

/* Returns true when sending a datagram failed because a queue of this host is full (send(2),
 * ENOBUFS). Neither peer nor connection failed, but poll(2) cannot wait for room either: send
 * again after a pause. On a stream every errno other than those of SYS_CAUSE_WAIT ends the
 * connection. */
bool sys_queue_is_full(int errnum);

/* Returns how many bytes of a TCP connection the peer has not acknowledged, our end included, also after
 * a reset; 0 if fd is not TCP. */
int sys_unacknowledged(int fd);

/* Returns true if n more descriptors can be opened now. n is at most 4. */
bool sys_has_descriptors(unsigned n);

/* Returns a new socket, or -1 with ERROR_NETWORK "socket: <reason>"; the text names a family or
 * protocol that this kernel lacks. */
int sys_socket(int family, int type, int proto, struct error *e);

/* Returns 0, or -1 with "bind ADDRESS: <reason>". */
int sys_bind(int fd, const struct sockname *name, struct error *e);

/* Returns 0 when connected, SYS_AGAIN when in progress (wait for LOOP_WRITE, then call
 * sys_connected()), or -1 with "connect ADDRESS: <reason>". EAGAIN, the full queue of a unix
 * listener, is a failure: no connect is in progress. */
int sys_connect(int fd, const struct sockname *name, struct error *e);

/* Returns the result of a connect that was in progress: 0, or -1 like sys_connect(); ENOTCONN
 * when none was. */
int sys_connected(int fd, const struct sockname *name, struct error *e);

int sys_listen(int fd, int backlog, struct error *e);

/* Returns the new descriptor, SYS_AGAIN when no client is waiting, or -1; net/accept.h tells
 * what the error means for the next call. */
int sys_accept(int fd, struct sockname *ret_peer, struct error *e);

/* Return the number of bytes, 0 at the end (reading), SYS_AGAIN, or -1 with "<verb>: <reason>".
 * The socket calls never wait, even on a blocking descriptor. */
ssize_t sys_recv(int fd, void *data, size_t n, int flags, struct error *e);
ssize_t sys_send(int fd, const void *data, size_t n, int flags, struct error *e);
ssize_t sys_read(int fd, void *data, size_t n, struct error *e);        /* ERROR_LOCAL_IO */
ssize_t sys_write(int fd, const void *data, size_t n, struct error *e); /* ERROR_LOCAL_IO */

/* recvmsg(2) and sendmsg(2) for datagrams. *ret_truncated is set when the datagram was longer
 * than n; the result is then its true length if the kernel reports it. sys_sendto() names the
 * address in its error; with a NULL address it is sys_send(). */
ssize_t sys_recvfrom(int fd, void *data, size_t n, int flags, struct sockname *ret_from,
    bool *ret_truncated, struct error *e);
ssize_t sys_sendto(int fd, const void *data, size_t n, int flags, const struct sockname *to,
    struct error *e);

/* Return SO_DOMAIN, SO_TYPE, SO_PROTOCOL of a socket; -1 with errno when fd is not a socket. */
int sys_family(int fd);
int sys_type(int fd);
int sys_proto(int fd);

/* getsockname(2) and getpeername(2). The kernel reports the protocol of a raw socket as a port,
 * which the local name omits. */
int sys_local_name(int fd, struct sockname *ret_name, struct error *e);
int sys_peer_name(int fd, struct sockname *ret_name, struct error *e);

/* Passes the descriptor `passed` with a byte of 0 over the unix socket fd (SCM_RIGHTS). SYS_AGAIN,
 * ERROR_LOCAL_IO. */
int sys_pass_fd(int fd, int passed, struct error *e);
int sys_shutdown(int fd, int how, struct error *e);

/* Returns 1 when reading (POLLIN) or writing (POLLOUT) would not wait, or would fail; otherwise
 * 0. Both keep errno. A signal that interrupts poll(2) is ignored. Returns -1 with errno when
 * poll(2) itself fails. */
int sys_is_ready(int fd, short events);

/* Closes fd and keeps errno; ignores -1. */
void sys_close(int fd);

/* Sets SO_LINGER {1,0}: when fd is closed the peer gets a reset, and no TIME_WAIT remains. Keeps
 * errno. */
void sys_reset_at_close(int fd);

/* Returns true after sys_reset_at_close(). */
bool sys_resets_at_close(int fd);

/* Closes fd with a reset. */
void sys_abort(int fd);

int sys_set_nonblocking(int fd, bool on, struct error *e);

#endif
