/*
 * The core socket wrapper: the socket object of the documents (QuecPython and
 * MicroPython usocket, Zerynth socket) with every method, in every corner what
 * MicroPython and CPython do where they agree, and nothing lost where they do
 * not. Subcommands and scripts hold this and nothing below it.
 *
 * Blocking: a call waits on the loop until its time-out (sock_settimeout) and
 * no longer, whatever arrives in between; other callbacks run meanwhile. What
 * was received and not yet given out stays for the next call when a wait ends
 * early. After sock_close the object stays: every call but sock_getsocketsta,
 * sock_status, the names, sock_end and sock_free then fails with EBADF.
 *
 * A callback may send on, abort or close a socket that a call waits on (the
 * call then fails with EBADF), but not receive from it (EBUSY) or free it.
 *
 * Errors carry errno in e->number (origin ORIGIN_ERRNO): a time-out is
 * ERROR_TIMEOUT with ETIMEDOUT, "would block" on a non-blocking socket is
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

/* The documents' protocol numbers that Linux does not have: TCP with
 * SO_REUSEADDR on, as both are for fixed ports. */
#define SOCK_PROTO_TCP_SER (-6)
#define SOCK_PROTO_CUSTOMIZE_PORT (-7)

/* Documented SOL_SOCKET of QuecPython. */
#define SOCK_SOL_SOCKET_DOC 4095
#define SOCK_SO_REUSEADDR_DOC 4

/* Their TCP_KEEPALIVE, of any level: minutes, 1-120. The documents give it no
 * number, so this is none of Linux. */
#define SOCK_TCP_KEEPALIVE_DOC (-2)

enum sock_dialect {
	SOCK_QUECPYTHON, /* seconds; recv gives what is there */
	SOCK_ZERYNTH     /* milliseconds; recv waits for the whole size */
};

/* Why a connection ended (cli.md, "The end is data"): enum, word. */
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
	X(END_STDOUT_CLOSED, "stdout-closed")                                                      \
	X(END_CHILD_EXIT, "child-exit")                                                            \
	X(END_REFUSED, "refused")                                                                  \
	X(END_ERROR, "error")

enum sock_end {
#define X(end, word) end,
	SOCK_ENDS(X)
#undef X
};

const char *sock_end_word(enum sock_end end);

/* ---- life ---- */

/* A fresh socket. family AF_INET, AF_INET6, AF_UNIX ...; type SOCK_STREAM ...;
 * proto 0, IPPROTO_*, or one of SOCK_PROTO_*. Others than these inherit the
 * dialect (accept) or speak SOCK_QUECPYTHON. */
int sock_open(struct sock **ret_sock, struct loop *l, int family, int type, int proto,
    enum sock_dialect dialect, struct error *e);

/* Wraps a descriptor (inherited, accepted elsewhere), which programs that are started do not
 * get, but for 0, 1 and 2. fd stays the caller's on failure. */
int sock_adopt(struct sock **ret_sock, struct loop *l, int fd, struct error *e);

/* Client in one step: connect_open() with everything it offers; fd:N is adopted. A
 * taken local port explains itself in the hint. A unix path of the client's own is
 * removed as sock_open_listening's. */
int sock_open_connected(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct connect_how *how, struct deadline until, const struct log *log, struct error *e);

/* Server in one step. A taken address explains itself in the hint (holder, or
 * TIME_WAIT and how long). A unix path that this made is removed by sock_close
 * of the same process, not of a forked child, unless it has been replaced. */
int sock_open_listening(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct listen_how *how, struct deadline until, const struct log *log, struct error *e);

/* The documents' close(): releases the descriptor, remembers the 4-tuple. Twice is fine, and so
 * is NULL. Where TLS was put on with sock_start_tls, what it still has to send, and then
 * close_notify, goes first: within the time-out for sending, or, without one, as long as it
 * makes progress every second. -1 where that did not succeed, with how many bytes the peer
 * may not have got; closed in any case. Methods fail from the beginning of that wait on. */
int sock_close(struct sock *s, struct error *e);

/* close(), and the object itself; while file objects of it are open, that goes
 * with the last of them. NULL is fine. Cheaper than sock_close, but does not tell what that does. */
void sock_free(struct sock *s);

/* Ends with a reset (SO_LINGER 0), and without close_notify: what is not sent is dropped. */
void sock_abort(struct sock *s);

/* ---- names and time ---- */

int sock_bind(struct sock *s, const struct sockname *name, struct error *e);
int sock_connect(struct sock *s, const struct sockname *name, struct error *e);
/* Resolves first (host "" is any / loopback, port "" is 0), under the same
 * time-out, and takes the first address of the socket's family. AF_UNIX: host
 * is a path or @abstract; AF_VSOCK: a CID; AF_CAN: an interface, "" is all. */
int sock_bind_host(struct sock *s, const char *host, const char *port, struct error *e);
int sock_connect_host(struct sock *s, const char *host, const char *port, struct error *e);

/* backlog < 0 counts as 0; SOCK_BACKLOG_DEFAULT is a reasonable value. */
#define SOCK_BACKLOG_DEFAULT INT32_MAX
int sock_listen(struct sock *s, int backlog, struct error *e);
/* The accepted socket is blocking and does not inherit the time-out. ret_peer
 * may be NULL. */
int sock_accept(struct sock *s, struct sock **ret_conn, struct sockname *ret_peer, struct error *e);
/* One accept(2), without waiting and whatever the time-out; every error as the kernel gives
 * it (net/accept.h), EAGAIN where no client is there. For the acceptor of the relay. */
int sock_accept_now(struct sock *s, struct sock **ret_conn, struct sockname *ret_peer,
    struct error *e);
/* Of a UDP socket that is not connected: one for this peer alone, as net/udp_accept makes it. */
int sock_udp_accept(struct sock *s, const struct udp_accept_how *how, struct sock **ret_conn,
    struct error *e);

/* Nanoseconds; 0 non-blocking; DURATION_NONE blocking. Negative: ERROR_USAGE. */
int sock_settimeout(struct sock *s, int64_t nsec, struct error *e);
/* As the dialect writes it: seconds, also 250ms; or integer milliseconds; or none. */
int sock_settimeout_text(struct sock *s, const char *text, struct error *e);
int sock_setblocking(struct sock *s, bool on, struct error *e);
/* For receiving; SO_SNDTIMEO may have set another for sending. */
int64_t sock_gettimeout(const struct sock *s);
enum sock_dialect sock_dialect(const struct sock *s);

/* The names now, or as they were at close. len 0 where there is none. The peer
 * of a connection stays known after a reset. */
void sock_local(const struct sock *s, struct sockname *ret_name);
void sock_peer(const struct sock *s, struct sockname *ret_name);

/* AF_INET ..., SOCK_STREAM ...; known after close too. */
int sock_family(const struct sock *s);
int sock_type(const struct sock *s);

/* The descriptor, -1 after close. */
int sock_fileno(const struct sock *s);
/* False after close, too. */
bool sock_is_listening(const struct sock *s);

/* ---- bytes ---- (results: count >= 0, or -1) */

/* Every count of bytes sent is what the peer gets, unless the connection breaks: what TLS has
 * taken it owns. These calls wait until it has passed it on. Where their time ends before, the
 * bytes count nevertheless, and the loop sends them during whatever is waited for later; the
 * next call that sends begins with them. Only where none was taken is it ETIMEDOUT or EAGAIN. */
ssize_t sock_send(struct sock *s, const void *data, size_t n, int flags, struct error *e);
/* All or an error; *ret_sent (may be NULL) says how many were sent either way. */
int sock_sendall(struct sock *s, const void *data, size_t n, size_t *ret_sent, struct error *e);
/* The documents' write(): all when blocking; what fits when not (-1 EAGAIN when nothing does). */
ssize_t sock_write(struct sock *s, const void *data, size_t n, size_t *ret_sent, struct error *e);

/* flags: MSG_PEEK, MSG_DONTWAIT. 0 at the end, again and again. n 0 returns at once. */
ssize_t sock_recv(struct sock *s, void *data, size_t n, int flags, struct error *e);
/* No short reads but at the end. On a time-out the bytes stay for the next call,
 * and *ret_held (may be NULL) says how many wait. Non-blocking: what is there,
 * EAGAIN when nothing is. */
ssize_t sock_read(struct sock *s, void *data, size_t n, size_t *ret_held, struct error *e);
/* Until the end; appends to out. On failure what came stays with the socket.
 * Non-blocking: what is there, EAGAIN when nothing is. */
int sock_readall(struct sock *s, struct buf *out, struct error *e);
/* One line with its LF; the last may lack it; len 0 at the end. Appends to out.
 * A line of more than max bytes is an error; it stays with the socket, as does
 * a line whose end has not come in time. */
int sock_readline(struct sock *s, struct buf *out, size_t max, struct error *e);

/* On a stream socket: to its peer, to is ignored. */
ssize_t sock_sendto(struct sock *s, const void *data, size_t n, int flags,
    const struct sockname *to, struct error *e);
/* Resolves first, as sock_connect_host; on a stream socket the address is ignored. */
ssize_t sock_sendto_host(struct sock *s, const void *data, size_t n, int flags, const char *host,
    const char *port, struct error *e);
/* Bytes stored, at most n; *ret_cut when the datagram was longer. A stream
 * socket gives its peer. ret_from and ret_cut may be NULL. */
ssize_t sock_recvfrom(struct sock *s, void *data, size_t n, int flags, struct sockname *ret_from,
    bool *ret_cut, struct error *e);

/* ---- what is held, for who looks for something in it (buffer.c) ----
 *
 * Receiving methods give out what is held first, so that a byte that was looked
 * at and not consumed is the next that recv, read or readline gives. */

/* The bytes held, one after the other where they were datagrams, until the next call of any
 * method; NULL when there are none. recv, read and recvfrom give no more than the rest of
 * the first datagram, recvfrom with its sender. */
const char *sock_buffered(const struct sock *s, size_t *ret_n);
void sock_consume(struct sock *s, size_t n);

/* Waits until more is held: 1, or 0 at the end. Time-outs of the socket do not
 * count. Where max bytes are held already: -1 with ENOBUFS. A datagram is taken
 * whole, an empty one skipped. */
int sock_buffer_fill(struct sock *s, size_t max, struct deadline until, struct error *e);

/* The same of several, as soon as there is something at one of them, the first
 * of the list if at several: *ret_index says which one the result is about. On
 * failures of none of them, as a time-out, it is n. */
int sock_buffer_fill_any(struct sock *const *socks, size_t n, size_t max, struct deadline until,
    size_t *ret_index, struct error *e);

/* SHUT_RD, SHUT_WR, SHUT_RDWR */
int sock_shutdown(struct sock *s, int how, struct error *e);

/* ---- TLS (tls.c) ---- the methods go through it from then on, MSG_ flags but
 * for MSG_PEEK and MSG_DONTWAIT fail with EOPNOTSUPP, and closing says close_notify. */

struct sock_tls_how {
	struct tls *tls;
	const char *name; /* whom a client wants, as tls_stream() */
	/* a client asks for TLS as this protocol does; STARTTLS_NONE: the handshake is next */
	enum starttls_protocol protocol;
	bool datagrams; /* DTLS: tls is of that kind, the socket a client's of datagrams */
	/* as struct starttls has it; NULL */
	void (*on_message)(void *arg, const struct sock *s, char who, const char *text);
	void *arg;
};

/* Puts TLS on a connected socket, at any point of its life. Time-outs of the
 * socket do not count. What has come and is held, or comes behind the go-ahead, is
 * ERROR_TLS: it was not protected. Any failure but ERROR_USAGE, EISCONN, ENOTCONN, EBUSY closes
 * the socket; a server that refuses a client waits up to a second before, until that one has
 * heard so. how->tls must outlive it. */
int sock_start_tls(struct sock *s, const struct sock_tls_how *how, struct deadline until,
    struct error *e);

/* What was agreed on; false where sock_start_tls has not, and after close. */
bool sock_tls_info(const struct sock *s, struct tls_info *ret_info);

/* ---- options (opt.c) ---- numbers as documented: 4095/4 is SO_REUSEADDR,
 * other 4095/n are refused (ENOPROTOOPT). SO_RCVTIMEO and SO_SNDTIMEO set the
 * time-out of one direction (struct timeval; an int of milliseconds in Zerynth). */
int sock_setsockopt(struct sock *s, int level, int number, const void *value, size_t n,
    struct error *e);
int sock_setsockopt_int(struct sock *s, int level, int number, int value, struct error *e);
/* NAME=VALUE as on the command line (net/sockopt/sockopt). */
int sock_setsockopt_text(struct sock *s, const char *text, struct error *e);
/* *n: room, then bytes given. */
int sock_getsockopt(struct sock *s, int level, int number, void *value, size_t *n, struct error *e);

/* ---- file objects (makefile) ---- */

struct sock_file;
/* mode "rb" "wb" "rwb", others ERROR_USAGE. Closing the last closes the socket.
 * Against the mode: ERROR_USAGE with EBADF. */
int sock_makefile(struct sock *s, const char *mode, struct sock_file **ret_file, struct error *e);
ssize_t sock_file_read(struct sock_file *f, void *data, size_t n, size_t *ret_held,
    struct error *e);
int sock_file_readall(struct sock_file *f, struct buf *out, struct error *e);
int sock_file_readline(struct sock_file *f, struct buf *out, size_t max, struct error *e);
ssize_t sock_file_write(struct sock_file *f, const void *data, size_t n, size_t *ret_sent,
    struct error *e);
/* As sock_close, where it closes the socket. */
int sock_file_close(struct sock_file *f, struct error *e);

/* ---- state (state.c) ---- */

struct sock_status {
	int code;         /* enum tcp_code; -1 after close */
	int kernel_code;  /* also after close, from the kernel by 4-tuple */
	const char *name; /* of kernel_code */
	struct sockname local, peer;
	int64_t time_wait_left; /* nanoseconds; 0 where not in TIME_WAIT */
};

/* getsocketsta(): 0-10, -1 after close. Without a TCP state: LISTEN,
 * ESTABLISHED where there is a peer, else CLOSED. */
int sock_getsocketsta(struct sock *s);

/* Everything known, after close too. -1 where the kernel would not say. */
int sock_status(struct sock *s, struct sock_status *ret_status, struct error *e);

enum sock_end sock_end(const struct sock *s);
/* First reason wins; END_NONE clears. */
void sock_set_end(struct sock *s, enum sock_end end);

/* ---- for the relay ---- */

/* The top stream of the socket (TLS and proxies slide in underneath the
 * methods), owned by s. */
struct stream *sock_stream(struct sock *s);

/* Where the top stream is kept: what is put there has what sock_stream() gave below it, and s
 * owns it from then on. As long as s is open. */
struct stream **sock_top(struct sock *s);

/* Bytes that methods have buffered and not given out, and those of the stream. */
size_t sock_pending(const struct sock *s);

#endif
