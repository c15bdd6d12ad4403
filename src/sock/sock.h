/*
 * The socket object of the documents (QuecPython and MicroPython usocket,
 * Zerynth socket), with every method. In corner cases it does what MicroPython
 * and CPython do where they agree; where they do not, no data is lost.
 * Subcommands and scripts use this and nothing below it.
 *
 * Blocking: a call waits on the loop until its time-out (sock_settimeout), and
 * never longer, whatever arrives in between. Other callbacks run meanwhile. If
 * a wait ends early, bytes already received stay for the next call. After
 * sock_close the object remains, but every call fails with EBADF except
 * sock_getsocketsta, sock_status, the names, sock_end and sock_free.
 *
 * A callback may send on, abort or close a socket that a call waits on; the
 * call then fails with EBADF. It may not receive from it (EBUSY) or free it.
 *
 * Errors have errno in e->number, with ORIGIN_ERRNO. A time-out is
 * ERROR_TIMEOUT with ETIMEDOUT; "would block" on a non-blocking socket is
 * ERROR_NETWORK with EAGAIN.
 */
#ifndef SOCK_SOCK_H
#define SOCK_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/connect.h"
#include "net/endpoint.h"
#include "net/listen.h"
#include "stream/negotiate/starttls.h"

struct udp_accept_how;
struct buf;
struct log;
struct loop;
struct sock;
struct stream;
struct tls;
struct tls_info;

/* Protocol numbers of the documents that Linux does not have. Both are TCP with SO_REUSEADDR on, as
 * they are for fixed ports. */
#define SOCK_PROTO_TCP_SER (-6)
#define SOCK_PROTO_CUSTOMIZE_PORT (-7)

/* SOL_SOCKET and SO_REUSEADDR as QuecPython documents them. */
#define SOCK_SOL_SOCKET_DOC 4095
#define SOCK_SO_REUSEADDR_DOC 4

/* QuecPython's TCP_KEEPALIVE, at any level: minutes, 1-120. The documents give no number, so this
 * one is not used by Linux. */
#define SOCK_TCP_KEEPALIVE_DOC (-2)

enum sock_dialect {
	SOCK_QUECPYTHON, /* seconds; recv returns what is there */
	SOCK_ZERYNTH     /* milliseconds; recv waits for the full size */
};

/* Why a connection ended (cli.md, "The end is data"): enum constant and word. */
#define SOCK_ENDS(X)                                                                               \
	X(END_NONE, "open")                                                                        \
	X(END_PEER_FIN, "peer-fin")                                                                \
	X(END_PEER_RESET, "peer-reset")                                                            \
	X(END_LOCAL_EOF, "local-eof")                                                              \
	X(END_QUIET, "quiet")                                                                      \
	X(END_IDLE_TIMEOUT, "idle-timeout")                                                        \
	X(END_DEADLINE, "deadline")                                                                \
	X(END_LIMIT, "limit")                                                                      \
	X(END_SIGNAL, "signal")                                                                    \
	X(END_TLS_CLOSE, "tls-close")                                                              \
	X(END_TLS_TRUNCATED, "tls-truncated")                                                      \
	X(END_WS_TRUNCATED, "ws-truncated")                                                        \
	X(END_STDOUT_CLOSED, "stdout-closed")                                                      \
	X(END_CHILD_EXIT, "child-exit")                                                            \
	X(END_KICKED, "kicked")                                                                    \
	X(END_REFUSED, "refused")                                                                  \
	X(END_ERROR, "error")

enum sock_end {
#define X(end, word) end,
	SOCK_ENDS(X)
#undef X
};

const char *sock_end_word(enum sock_end end);

/* ---- open and close ---- */

/* Makes a new socket. family is AF_INET, AF_INET6, AF_UNIX ...; type is SOCK_STREAM ...; proto is
 * 0, IPPROTO_* or one of SOCK_PROTO_*. Accepted sockets inherit the dialect, all others are
 * SOCK_QUECPYTHON. */
int sock_open(struct sock **ret_sock, struct loop *l, int family, int type, int proto,
    enum sock_dialect dialect, struct error *e);

/* Wraps an existing descriptor, inherited or accepted elsewhere. Programs started later do not
 * inherit it, except 0, 1 and 2. fd stays the caller's on failure. */
int sock_adopt(struct sock **ret_sock, struct loop *l, int fd, struct error *e);

/* Makes a connected client with connect_open(); fd:N is adopted. If the local port is in use, the
 * hint of e says by whom. sock_close() removes a unix path that the client is bound to, as for
 * sock_open_listening(). */
int sock_open_connected(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct connect_how *how, struct deadline until, const struct log *log, struct error *e);

/* Makes a listening server. If the address is in use, the hint of e says by whom, or how long
 * TIME_WAIT lasts. sock_close() removes a unix path that this created, unless it was replaced; a
 * forked child does not. */
int sock_open_listening(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct listen_how *how, struct deadline until, const struct log *log, struct error *e);

/* The documents' close(): records the names and releases the descriptor. May be called twice, and
 * with NULL. With TLS, the queued bytes and close_notify are sent first. That waits at most the
 * time-out for sending, or without one as long as a second never passes without progress. Returns
 * -1 if that failed, with the number of bytes that the peer may not have; the socket is closed
 * in any case. Methods fail from the beginning of this wait. */
int sock_close(struct sock *s, struct error *e);

/* Closes the socket and frees the object. If file objects are open, the last of them frees it.
 * Accepts NULL. Cheaper than sock_close(), but reports no failure. */
void sock_free(struct sock *s);

/* Whoever closes s from now on resets the connection: the peer cannot take this for a clean end. */
void sock_reset_at_close(struct sock *s);

/* Closes with a reset (SO_LINGER 0) and without close_notify. Unsent bytes are dropped. */
void sock_abort(struct sock *s);

/* ---- names and time-outs ---- */

int sock_bind(struct sock *s, const struct sockname *name, struct error *e);
int sock_connect(struct sock *s, const struct sockname *name, struct error *e);
/* Resolve the name first, within the same time-out, and use the first address of the socket's
 * family. host "" is any address or loopback, port "" is 0. For AF_UNIX host is a path or
 * @abstract, for AF_VSOCK a CID, for AF_CAN an interface, where "" is all. */
int sock_bind_host(struct sock *s, const char *host, const char *port, struct error *e);
int sock_connect_host(struct sock *s, const char *host, const char *port, struct error *e);

/* A negative backlog counts as 0. SOCK_BACKLOG_DEFAULT is a reasonable value. */
#define SOCK_BACKLOG_DEFAULT INT32_MAX
int sock_listen(struct sock *s, int backlog, struct error *e);
/* The accepted socket is blocking and does not inherit the time-out. ret_peer may be NULL. */
int sock_accept(struct sock *s, struct sock **ret_conn, struct sockname *ret_peer, struct error *e);
/* Calls accept(2) once, without waiting, whatever the time-out. Errors are the kernel's
 * (net/accept.h), EAGAIN if no client is there. For relay/server/acceptor. */
int sock_accept_now(struct sock *s, struct sock **ret_conn, struct sockname *ret_peer,
    struct error *e);
/* Makes a socket for one peer of an unconnected UDP socket, as net/udp_accept does. */
int sock_udp_accept(struct sock *s, const struct udp_accept_how *how, struct sock **ret_conn,
    struct error *e);

/* nsec is nanoseconds; 0 is non-blocking, DURATION_NONE is blocking. Fails with ERROR_USAGE if
 * it is negative. */
int sock_settimeout(struct sock *s, int64_t nsec, struct error *e);
/* Parses the dialect's notation: seconds or a duration such as 250ms, or integer milliseconds;
 * "none" in both. */
int sock_settimeout_text(struct sock *s, const char *text, struct error *e);
int sock_setblocking(struct sock *s, bool on, struct error *e);
/* Returns the time-out for receiving. SO_SNDTIMEO may have set another for sending. */
int64_t sock_gettimeout(const struct sock *s);
enum sock_dialect sock_dialect(const struct sock *s);

/* Return the current names, or those at close. len is 0 if there is none. The peer's name stays
 * known after a reset. */
void sock_local(const struct sock *s, struct sockname *ret_name);
void sock_peer(const struct sock *s, struct sockname *ret_name);
/* Sets the name that sock_peer() returns from now on: a proxy has told who its client is. The state
 * and the connection are those of the proxy. */
void sock_set_peer(struct sock *s, const struct sockname *peer);

/* Return AF_INET ... and SOCK_STREAM ..., after close too. */
int sock_family(const struct sock *s);
int sock_type(const struct sock *s);

/* Returns the descriptor, or -1 after close. */
int sock_fileno(const struct sock *s);
/* Returns false after close. */
bool sock_is_listening(const struct sock *s);

/* ---- send and receive: results are a count >= 0, or -1 ---- */

/* Bytes that count as sent reach the peer unless the connection breaks: TLS owns what it has taken.
 * Calls wait until TLS has passed them on. If the time ends before, the bytes count all the same;
 * the loop sends them during later waits, and the next call that sends continues with them. Only a
 * call that sent nothing fails with ETIMEDOUT or EAGAIN. */
ssize_t sock_send(struct sock *s, const void *data, size_t n, int flags, struct error *e);
/* Sends everything or fails. *ret_sent, which may be NULL, is how many bytes were sent in both
 * cases. */
int sock_sendall(struct sock *s, const void *data, size_t n, size_t *ret_sent, struct error *e);
/* The documents' write(): sends everything if blocking, else what fits, or fails with EAGAIN. */
ssize_t sock_write(struct sock *s, const void *data, size_t n, size_t *ret_sent, struct error *e);

/* flags are MSG_PEEK and MSG_DONTWAIT. Returns 0 at the end, each time. n = 0 returns at once. */
ssize_t sock_recv(struct sock *s, void *data, size_t n, int flags, struct error *e);
/* Reads n bytes, or fewer at the end. After a time-out the bytes stay for the next call, and
 * *ret_held, which may be NULL, is how many. Non-blocking: returns what is there, or fails with
 * EAGAIN. */
ssize_t sock_read(struct sock *s, void *data, size_t n, size_t *ret_held, struct error *e);
/* Reads until the end and appends to out. After a failure the bytes stay with the socket.
 * Non-blocking: reads what is there, or fails with EAGAIN. */
int sock_readall(struct sock *s, struct buf *out, struct error *e);
/* Reads one line with its LF and appends it to out. The last line may lack the LF; at the end the
 * length is 0. A line of more than max bytes is an error, and stays with the socket. So does an
 * incomplete line after a time-out. */
int sock_readline(struct sock *s, struct buf *out, size_t max, struct error *e);

/* A stream socket ignores `to` and sends to its peer. */
ssize_t sock_sendto(struct sock *s, const void *data, size_t n, int flags,
    const struct sockname *to, struct error *e);
/* Resolves the name first, as sock_connect_host. A stream socket ignores the address. */
ssize_t sock_sendto_host(struct sock *s, const void *data, size_t n, int flags, const char *host,
    const char *port, struct error *e);
/* Stores at most n bytes and returns how many. *ret_cut is set if the datagram was longer. A
 * stream socket returns its peer as the sender. ret_from and ret_cut may be NULL. */
ssize_t sock_recvfrom(struct sock *s, void *data, size_t n, int flags, struct sockname *ret_from,
    bool *ret_cut, struct error *e);

/* ---- the receive buffer (buffer.c), for callers that search in it ----
 *
 * All receiving methods return buffered bytes first. So a byte that was seen here and not consumed
 * is the next that recv, read or readline returns. */

/* Returns the buffered bytes, with datagrams one after the other, or NULL if there are none.
 * Valid until the next call of any method. recv, read and recvfrom return at most the rest of the
 * first datagram, recvfrom with its sender. */
const char *sock_buffered(const struct sock *s, size_t *ret_n);
void sock_consume(struct sock *s, size_t n);

/* Waits until more bytes are buffered. Returns 1, 0 at the end, or -1; ENOBUFS if max bytes are
 * buffered already. The socket's time-outs do not apply. A datagram is buffered whole, an empty one
 * is skipped. */
int sock_buffer_fill(struct sock *s, size_t max, struct deadline until, struct error *e);

/* Waits for the first of several sockets, in the order of the list. *ret_index is the socket that
 * the result is about. It is n for failures of none of them, such as a time-out. */
int sock_buffer_fill_any(struct sock *const *socks, size_t n, size_t max, struct deadline until,
    size_t *ret_index, struct error *e);

/* how is SHUT_RD, SHUT_WR or SHUT_RDWR. */
int sock_shutdown(struct sock *s, int how, struct error *e);

/* ---- TLS (tls.c) ----
 *
 * All methods use TLS once it is on. MSG_ flags except MSG_PEEK and MSG_DONTWAIT fail with
 * EOPNOTSUPP, and closing sends close_notify. */

struct sock_tls_how {
	struct tls *tls;
	const char *name; /* the server's name, for clients, as in tls_stream() */
	/* how a client asks for TLS; STARTTLS_NONE: the handshake begins at once */
	enum starttls_protocol protocol;
	bool datagrams; /* DTLS: tls is a DTLS context, and the socket is a UDP client */
	/* as in struct starttls; may be NULL */
	void (*on_message)(void *arg, const struct sock *s, char who, const char *text);
	void *arg;
};

/* Starts TLS on a connected socket at any time. The socket's time-outs do not apply. Bytes that are
 * buffered, or that arrive after the server's agreement, are ERROR_TLS, since they were not
 * protected. Any failure closes the socket, except ERROR_USAGE, EISCONN, ENOTCONN and EBUSY. A
 * server that refuses a client first waits up to a second for it to read why. how->tls must outlive
 * the socket. */
int sock_start_tls(struct sock *s, const struct sock_tls_how *how, struct deadline until,
    struct error *e);

/* Gets what the handshake agreed on. Returns false without TLS, and after close. */
bool sock_tls_info(const struct sock *s, struct tls_info *ret_info);

/* ---- options (opt.c) ----
 *
 * Levels and numbers are those of the documents: 4095/4 is SO_REUSEADDR, other 4095/n fail with
 * ENOPROTOOPT. SO_RCVTIMEO and SO_SNDTIMEO set the time-out of one direction, as a struct timeval,
 * or in Zerynth as an int of milliseconds. */
int sock_setsockopt(struct sock *s, int level, int number, const void *value, size_t n,
    struct error *e);
int sock_setsockopt_int(struct sock *s, int level, int number, int value, struct error *e);
/* text is NAME=VALUE as on the command line (net/sockopt/sockopt). */
int sock_setsockopt_text(struct sock *s, const char *text, struct error *e);
/* *n is the size of value, then the length stored. */
int sock_getsockopt(struct sock *s, int level, int number, void *value, size_t *n, struct error *e);

/* ---- file objects (makefile) ---- */

struct sock_file;
/* mode is "rb", "wb" or "rwb", else ERROR_USAGE. Closing the last file object closes the socket. A
 * call that the mode does not allow fails with ERROR_USAGE and EBADF. */
int sock_makefile(struct sock *s, const char *mode, struct sock_file **ret_file, struct error *e);
ssize_t sock_file_read(struct sock_file *f, void *data, size_t n, size_t *ret_held,
    struct error *e);
int sock_file_readall(struct sock_file *f, struct buf *out, struct error *e);
int sock_file_readline(struct sock_file *f, struct buf *out, size_t max, struct error *e);
ssize_t sock_file_write(struct sock_file *f, const void *data, size_t n, size_t *ret_sent,
    struct error *e);
/* Fails as sock_close(), if this closes the socket. */
int sock_file_close(struct sock_file *f, struct error *e);

/* ---- state (state.c) ---- */

struct sock_status {
	int code;         /* enum tcp_code; -1 after close */
	int kernel_code;  /* after close too, from the kernel by 4-tuple */
	const char *name; /* of kernel_code */
	struct sockname local, peer;
	int64_t time_wait_left; /* nanoseconds; 0 if the state is not TIME_WAIT */
};

/* The documents' getsocketsta(): 0-10, or -1 after close. A socket without a TCP state is LISTEN,
 * ESTABLISHED if it has a peer, else CLOSED. */
int sock_getsocketsta(struct sock *s);

/* Gets everything known, after close too. Returns -1 if the kernel did not answer. */
int sock_status(struct sock *s, struct sock_status *ret_status, struct error *e);

enum sock_end sock_end(const struct sock *s);
/* Records why the connection ended. The first reason counts; END_NONE clears it. */
void sock_set_end(struct sock *s, enum sock_end end);

/* ---- observing ---- */

enum sock_event {
	SOCK_CONNECTED,
	SOCK_SECURED, /* TLS or WebSocket is on */
	SOCK_SENT,    /* bytes; one datagram or message */
	SOCK_RECEIVED,
	SOCK_SENT_END, /* our direction has ended */
	SOCK_RECEIVED_END,
	SOCK_RESET,  /* by the peer */
	SOCK_CLOSED, /* the last event */
	SOCK_ABORTED /* the same, by a reset of ours */
};

struct sock_shown {
	enum sock_event event;
	const void *data; /* of SENT and RECEIVED */
	size_t n;
	const struct sockname *peer; /* of a datagram; NULL: that of the socket */
};

struct sock_observer {
	/* Gets what the methods send and receive, when it happens. It uses nothing of s but names, state
	 * and TLS facts. */
	void (*on_event)(void *arg, struct sock *s, const struct sock_shown *what);
	void *arg;
};

/* Shows to the observer what happens from now on; NULL: to nobody. The caller keeps it while s is open. */
void sock_observe(struct sock *s, const struct sock_observer *observer);

/* Returns true if the peer has connected to this socket, also after close. */
bool sock_is_accepted(const struct sock *s);

/* ---- for the relay ---- */

/* Returns the top stream, owned by s. TLS and proxies are on the socket's own stream and below the
 * methods. */
struct stream *sock_stream(struct sock *s);

/* Returns where the top stream is stored. A stream that is stored there has the old one below it,
 * and s owns it from then on. Valid while s is open. */
struct stream **sock_top(struct sock *s);

/* Returns how many bytes the methods have sent and received, also after close. */
void sock_bytes(const struct sock *s, uint64_t *ret_sent, uint64_t *ret_received);

/* Returns how many bytes the buffer and the stream hold. */
size_t sock_pending(const struct sock *s);

#endif
