#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/sys.h"
#include "sock/end/end.h"
#include "sock/impl.h"
#include "sock/records.h"
#include "sock/wait.h"
#include "sock/websocket/websocket.h"
#include "stream/stream.h"
#include "stream/tap.h"
#include "stream/websocket/websocket.h"

/* The size of a receive if the caller names none. A datagram has to fit, since the rest of one
 * is lost. */
enum { READ_LINE = 4096, READ_ALL = 64 * 1024, READ_RECORD = 64 * 1024 };

static bool
is_errno(const struct error *e, int errnum)
{
	return e->origin == ORIGIN_ERRNO && e->number == errnum;
}

/* ---- the observer ---- */

static void
show_moved(struct sock *s, enum sock_event event, const void *data, size_t n,
    const struct sockname *peer)
{
	const struct sock_shown what = { .event = event, .data = data, .n = n, .peer = peer };

	if (s->observer != NULL)
		s->observer->on_event(s->observer->arg, s, &what);
}

void
sock_show(struct sock *s, enum sock_event event, const struct sockname *peer)
{
	show_moved(s, event, NULL, 0, peer);
}

void
sock_observe(struct sock *s, const struct sock_observer *observer)
{
	s->observer = observer;
}

/* ---- single calls ---- */

/* What one call sends. */
struct outgoing {
	const void *data;
	size_t n;
	int flags;
	const struct websocket_message *message; /* has a type; NULL: that of the socket */
};

/* The end of the stream: of WebSocket, it is the peer's close frame, with TLS or without. */
static enum sock_end
clean_end(const struct sock *s)
{
	return sock_is_layered(s) && !sock_is_websocket(s) ? END_TLS_CLOSE : END_PEER_FIN;
}

/* Records how the connection ended. */
static void
record_end(struct sock *s, ssize_t rc, const struct error *e)
{
	enum sock_end end = END_NONE;

	if (rc == 0 && s->type != SOCK_DGRAM && s->type != SOCK_RAW)
		end = clean_end(s);
	else if (rc == -1)
		end = sock_end_of_failure(s, e);
	if (end == END_NONE)
		return;
	sock_set_end(s, end);
	if (rc == 0)
		sock_show(s, SOCK_RECEIVED_END, NULL);
	else if (end == END_PEER_RESET)
		sock_show(s, SOCK_RESET, NULL);
}

/* Flags apply to the descriptor; a layer does not have them. With MSG_TRUNC the kernel returns more than the
 * buffer holds (a datagram), or stores nothing of what it returns (TCP). */
static int
check_flags(const struct sock *s, int flags, const char *verb, struct error *e)
{
	if ((flags & MSG_TRUNC) == 0 && (flags == 0 || !sock_is_layered(s)))
		return 0;
	return error_errno(e, ERROR_NETWORK, EOPNOTSUPP, "%s: flags 0x%x", verb, (unsigned)flags);
}

/* Counts and shows got bytes, or a datagram, which may be empty. */
static void
note_received(struct sock *s, const void *data, ssize_t got, const struct sockname *peer)
{
	s->received += got > 0 ? (size_t)got : 0;
	if (got > 0 || (got == 0 && s->type == SOCK_DGRAM))
		show_moved(s, SOCK_RECEIVED, data, (size_t)got, peer);
}

/* The call went to the descriptor. */
static void
show_tap(struct sock *s, enum tap_event event, const void *data, ssize_t n)
{
	if (!tap_is(s->stream))
		return;
	if (n > 0)
		tap_show(s->stream, event, data, (size_t)n);
	else if (n == 0 && event == TAP_RECEIVED)
		tap_show(s->stream, TAP_RECEIVED_END, NULL, 0);
}

/* Only an observer wants to know the sender. */
static ssize_t
recv_record_once(const struct sock *s, void *data, size_t n, int flags, struct sockname *ret_from,
    struct error *e)
{
	ssize_t got;
	bool cut;

	if (s->observer == NULL)
		return sys_recv(s->fd, data, n, flags, e);
	got = sys_recvfrom(s->fd, data, n, flags, ret_from, &cut, e);
	return got > (ssize_t)n ? (ssize_t)n : got;
}

static ssize_t
recv_once(struct sock *s, void *data, size_t n, int flags, struct error *e)
{
	struct sockname from = { .len = 0 };
	ssize_t got;

	if (sock_is_layered(s) || (flags == 0 && !sock_is_record(s))) {
		got = stream_read(s->stream, data, n, e);
		note_received(s, data, got, NULL);
		if (got == STREAM_END)
			sock_set_end(s, END_TLS_CLOSE);
		return got == STREAM_END ? 0 : got;
	}
	got = recv_record_once(s, data, n, flags, &from, e);
	if ((flags & MSG_PEEK) == 0) {
		note_received(s, data, got, &from);
		/* with MSG_TRUNC there are no bytes */
		if ((flags & MSG_TRUNC) == 0)
			show_tap(s, TAP_RECEIVED, data, got);
	}
	return got == SYS_AGAIN ? STREAM_WANT_READ : got;
}

static ssize_t
send_once(struct sock *s, const struct outgoing *o, struct error *e)
{
	ssize_t sent;

	if (o->message != NULL)
		return websocket_send(s->stream, o->message, e);
	if (sock_is_layered(s) || (o->flags == 0 && !sock_is_record(s)))
		return stream_write(s->stream, o->data, o->n, e);
	sent = sys_send(s->fd, o->data, o->n, o->flags, e);
	show_tap(s, TAP_SENT, o->data, sent);
	return sent == SYS_AGAIN ? STREAM_WANT_WRITE : sent;
}

/* Waits for what the stream asked for. */
static int
wait_wanted(struct sock *s, ssize_t want, const struct wait_limit *p, const char *verb,
    struct error *e)
{
	return sock_wait(s, want == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE, p, verb, e);
}

static void
note_would_block(struct sock *s)
{
	if (s->recv_would_block_hint == 0)
		s->recv_would_block_hint = 1;
}

/* Receives once, after a wait if nothing is there. */
static ssize_t
receive(struct sock *s, void *data, size_t n, int flags, const struct wait_limit *p,
    struct error *e)
{
	ssize_t got;

	if (flags == 0 && sock_skip_recv(s, p) &&
	    wait_wanted(s, STREAM_WANT_READ, p, "recv", e) == -1)
		return -1;
	while ((got = recv_once(s, data, n, flags, e)) < -1) {
		note_would_block(s);
		if (wait_wanted(s, got, p, "recv", e) == -1)
			return -1;
	}
	record_end(s, got, e);
	return got;
}

/* Waits until a layer has sent the n bytes that it took. If the wait ends early, the loop sends
 * them later, and they count as sent. */
static int
flush_taken(struct sock *s, size_t n, const struct wait_limit *p, struct error *e)
{
	struct error err;
	int rc, waited = 0;

	if (!sock_is_layered(s))
		return 0;
	while ((rc = stream_flush(s->stream, &err)) < -1 && waited == 0) {
		waited = wait_wanted(s, rc, p, "send", &err);
		if (s->fd == -1)
			return sock_fail(&err, e);
	}
	if (rc < -1)
		sock_flush_later(s, n);
	else
		sock_stop_flusher(s);
	s->unsent = rc == 0 ? 0 : n;
	return rc == -1 || (waited == -1 && err.code == ERROR_SIGNAL) ? sock_fail(&err, e) : 0;
}

static ssize_t
send_some(struct sock *s, const struct outgoing *o, const struct wait_limit *p, struct error *e)
{
	ssize_t sent;

	while ((sent = send_once(s, o, e)) < -1) {
		if (wait_wanted(s, sent, p, "send", e) == -1)
			return -1;
	}
	s->sent += sent > 0 ? (size_t)sent : 0;
	if (sent >= 0)
		show_moved(s, SOCK_SENT, o->data, (size_t)sent, NULL);
	if (sent >= 0 && flush_taken(s, (size_t)sent, p, e) == -1)
		sent = -1;
	if (sent == -1)
		record_end(s, sent, e);
	return sent;
}

/* ---- sending ---- */

ssize_t
sock_send(struct sock *s, const void *data, size_t n, int flags, struct error *e)
{
	struct wait_limit p = sock_wait_limit((flags & MSG_DONTWAIT) != 0 ? 0 : s->send_timeout);
	const struct outgoing o = { .data = data, .n = n, .flags = flags & ~MSG_DONTWAIT };
	struct error unasked;

	if (e == NULL)
		e = &unasked;
	if (s->fd == -1)
		return sock_fail_closed("send", e);
	if (check_flags(s, o.flags, "send", e) == -1)
		return -1;
	if (n == 0 && !sock_is_record(s))
		return 0;
	return send_some(s, &o, &p, e);
}

int
sock_send_message(struct sock *s, const void *data, size_t n, bool binary, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->send_timeout);
	const struct websocket_message m = { .data = data, .len = n, .binary = binary };
	const struct outgoing o = { .data = data, .n = n, .message = &m };
	struct error unasked;

	if (e == NULL)
		e = &unasked;
	if (s->fd == -1)
		return sock_fail_closed("send", e);
	if (!sock_is_websocket(s))
		return error_set(e, ERROR_USAGE, "send: this socket is no WebSocket");
	return send_some(s, &o, &p, e) == -1 ? -1 : 0;
}

static int
send_record(struct sock *s, const void *data, size_t n, const struct wait_limit *p,
    size_t *ret_sent, struct error *e)
{
	const struct outgoing o = { .data = data, .n = n };

	if (send_some(s, &o, p, e) == -1)
		return -1;
	*ret_sent = n;
	return 0;
}

static int
send_stream(struct sock *s, const char *data, size_t n, const struct wait_limit *p,
    size_t *ret_sent, struct error *e)
{
	struct outgoing o = { .flags = 0 };
	ssize_t sent;

	while (n > 0) {
		o.data = data;
		o.n = n;
		sent = send_some(s, &o, p, e);
		if (sent == -1)
			return -1;
		*ret_sent += (size_t)sent;
		data += sent;
		n -= (size_t)sent;
		if (n > 0 && sock_in_time(p, "send", e) == -1)
			return -1;
	}
	return 0;
}

int
sock_sendall(struct sock *s, const void *data, size_t n, size_t *ret_sent, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->send_timeout);
	struct error unasked;
	size_t sent;

	if (e == NULL)
		e = &unasked;
	if (ret_sent == NULL)
		ret_sent = &sent;
	*ret_sent = 0;
	if (s->fd == -1)
		return sock_fail_closed("send", e);
	if (sock_is_record(s))
		return send_record(s, data, n, &p, ret_sent, e);
	return send_stream(s, data, n, &p, ret_sent, e);
}

ssize_t
sock_write(struct sock *s, const void *data, size_t n, size_t *ret_sent, struct error *e)
{
	struct error err;
	size_t sent;
	int rc = sock_sendall(s, data, n, &sent, &err);

	if (ret_sent != NULL)
		*ret_sent = sent;
	if (rc == 0 || (sent > 0 && is_errno(&err, EAGAIN)))
		return (ssize_t)sent;
	return sock_fail(&err, e);
}

/* A unix datagram socket always polls writable. Whether the receiver's queue has room is known only
 * for a connected one (unix_dgram_poll() in the kernel). */
static int
wait_sendto(struct sock *s, const struct wait_limit *p, struct error *e)
{
	if (s->family == AF_UNIX)
		return sock_wait_moment(s, p, "sendto", e);
	return sock_wait(s, LOOP_WRITE, p, "sendto", e);
}

ssize_t
sock_sendto(struct sock *s, const void *data, size_t n, int flags, const struct sockname *to,
    struct error *e)
{
	struct wait_limit p = sock_wait_limit((flags & MSG_DONTWAIT) != 0 ? 0 : s->send_timeout);
	ssize_t sent;

	if (s->fd == -1)
		return sock_fail_closed("sendto", e);
	/* a connected stream has one peer; the kernel ignores the address */
	if (!sock_is_record(s) || sock_is_layered(s))
		return sock_send(s, data, n, flags, e);
	flags &= ~MSG_DONTWAIT;
	while ((sent = sys_sendto(s->fd, data, n, flags, to, e)) == SYS_AGAIN) {
		if (wait_sendto(s, &p, e) == -1)
			return -1;
	}
	if (sent >= 0)
		show_moved(s, SOCK_SENT, data, (size_t)sent, to);
	return sent;
}

/* ---- receiving ---- */

/* Two calls that receive at once, one in a callback during the other's wait, would split a message
 * between them. */
static int
check_receive(const struct sock *s, size_t n, const char *verb, struct error *e)
{
	if (s->fd == -1)
		return sock_fail_closed(verb, e);
	if (n > SSIZE_MAX)
		return error_set(e, ERROR_USAGE, "%s: the size is negative or too large", verb);
	if (sock_is_receiving(s))
		return error_errno(e, ERROR_NETWORK, EBUSY, "%s: another call waits on this socket",
		    verb);
	return 0;
}

/* Copies bytes from the buffer. */
static size_t
read_buffered(struct sock *s, void *data, size_t n, bool keep)
{
	if (n > sock_first_length(s))
		n = sock_first_length(s);
	if (n == 0)
		return 0;
	memcpy(data, buf_head(&s->in), n);
	if (!keep)
		sock_consume(s, n);
	return n;
}

static ssize_t
fill_bytes(struct sock *s, size_t room, struct error *e)
{
	char *end = buf_reserve(&s->in, room, e);
	ssize_t got = end != NULL ? recv_once(s, end, room, 0, e) : -1;

	if (got > 0)
		buf_added(&s->in, (size_t)got);
	return got;
}

/* Keeps the sender and the length of a buffered datagram for recvfrom. */
static ssize_t
fill_record(struct sock *s, struct error *e)
{
	struct sockname from = { .len = 0 };
	char *end = buf_reserve(&s->in, READ_RECORD, e);
	bool cut;
	ssize_t got;

	if (end == NULL || sock_reserve_record(s, e) == -1)
		return -1;
	if (sock_is_layered(s))
		got = recv_once(s, end, READ_RECORD, 0, e);
	else
		got = sys_recvfrom(s->fd, end, READ_RECORD, 0, &from, &cut, e);
	if (got == SYS_AGAIN)
		return STREAM_WANT_READ;
	if (got > READ_RECORD)
		got = READ_RECORD;
	if (!sock_is_layered(s) && got >= 0)
		show_moved(s, SOCK_RECEIVED, end, (size_t)got, &from);
	if (got > 0)
		sock_add_record(s, (size_t)got, &from);
	return got;
}

/* The peer waits for the answer to its close frame. */
static int
on_message_end(struct sock *s)
{
	(void)stream_shut(s->stream, NULL);
	sock_show(s, SOCK_RECEIVED_END, NULL);
	sock_show(s, SOCK_SENT_END, NULL);
	return 0;
}

static int
keep_message(struct sock *s, const struct websocket_message *m, struct error *e)
{
	char *room = m->len > 0 ? buf_reserve(&s->in, m->len, e) : NULL;

	if (m->len > 0 && room == NULL)
		return -1;
	if (room != NULL)
		memcpy(room, m->data, m->len);
	sock_add_message(s, m->len, m->binary);
	s->received += m->len;
	show_moved(s, SOCK_RECEIVED, m->data, m->len, NULL);
	return 0;
}

/* Returns > 0, 0 at the end, STREAM_WANT_* or -1. */
static ssize_t
fill_message(struct sock *s, struct error *e)
{
	struct websocket_message m;
	int rc;

	if (sock_reserve_record(s, e) == -1)
		return -1;
	rc = websocket_receive(s->stream, &m, e);
	if (rc == STREAM_END)
		return on_message_end(s);
	if (rc == 0 && keep_message(s, &m, e) == -1)
		return -1;
	/* an empty message is not the end */
	return rc != 0 ? rc : m.len > 0 ? (ssize_t)m.len : 1;
}

ssize_t
sock_buffer_fill_once(struct sock *s, size_t room, struct error *e)
{
	ssize_t got = sock_is_websocket(s) ? fill_message(s, e)
	    : sock_is_record(s)            ? fill_record(s, e)
					   : fill_bytes(s, room, e);

	if (got < -1)
		note_would_block(s);
	else
		record_end(s, got, e);
	return got;
}

/* Receives into the buffer, after a wait if nothing is there. */
static ssize_t
fill_buffer(struct sock *s, size_t room, const struct wait_limit *p, struct error *e)
{
	ssize_t got;

	if (sock_skip_recv(s, p) && wait_wanted(s, STREAM_WANT_READ, p, "recv", e) == -1)
		return -1;
	while ((got = sock_buffer_fill_once(s, room, e)) < -1) {
		if (wait_wanted(s, got, p, "recv", e) == -1)
			return -1;
	}
	return got;
}

/* A read failed after got bytes. They stay for the next read, except that a non-blocking read
 * returns them. */
static ssize_t
keep_for_next_read(struct sock *s, const void *data, size_t got, struct error *err, struct error *e)
{
	if (got > 0 && is_errno(err, EAGAIN))
		return (ssize_t)got;
	if (s->fd != -1)
		buf_append(&s->in, data, got, err);
	return sock_fail(err, e);
}

/* Reads n bytes, or fewer at the end. */
static ssize_t
read_full(struct sock *s, void *data, size_t n, const struct wait_limit *p, struct error *e)
{
	size_t got = read_buffered(s, data, n, false);
	struct error err;
	ssize_t rc;

	while (got < n) {
		rc = receive(s, (char *)data + got, n - got, 0, p, &err);
		if (rc == 0)
			break;
		if (rc > 0)
			got += (size_t)rc;
		if (rc == -1 || (got < n && sock_in_time(p, "recv", &err) == -1))
			return keep_for_next_read(s, data, got, &err, e);
	}
	return (ssize_t)got;
}

/* Returns 1 where a message is buffered, 0 at the end, or -1. */
static int
await_message(struct sock *s, const struct wait_limit *p, struct error *e)
{
	ssize_t got = sock_messages(s) > 0 ? 1 : fill_buffer(s, 0, p, e);

	return got > 0 ? 1 : (int)got;
}

/* Receives up to n bytes of a message of WebSocket; what is left of it comes next. */
static ssize_t
recv_of_message(struct sock *s, void *data, size_t n, bool keep, const struct wait_limit *p,
    struct error *e)
{
	int rc = await_message(s, p, e);

	if (rc != 1)
		return rc;
	if (n >= sock_first_length(s)) {
		n = read_buffered(s, data, n, true);
		if (!keep)
			sock_consume_messages(s, 1);
		return (ssize_t)n;
	}
	return (ssize_t)read_buffered(s, data, n, keep);
}

int
sock_recv_message(struct sock *s, struct buf *out, bool *ret_binary, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->recv_timeout);
	struct error unasked;
	size_t n;
	int rc;

	if (e == NULL)
		e = &unasked;
	if (check_receive(s, 0, "recv", e) == -1)
		return -1;
	if (!sock_is_websocket(s))
		return error_set(e, ERROR_USAGE, "recv: this socket is no WebSocket");
	rc = await_message(s, &p, e);
	if (rc != 1)
		return rc;
	n = sock_first_length(s);
	if (n > 0 && buf_append(out, buf_head(&s->in), n, e) == -1)
		return -1;
	*ret_binary = sock_first_is_binary(s);
	sock_consume_messages(s, 1);
	return 1;
}

/* A record is complete, even if it is shorter than n. */
static ssize_t
read_message(struct sock *s, void *data, size_t n, const struct wait_limit *p, struct error *e)
{
	if (sock_is_websocket(s))
		return recv_of_message(s, data, n, false, p, e);
	return s->in.len > 0 ? (ssize_t)read_buffered(s, data, n, false)
			     : receive(s, data, n, 0, p, e);
}

/* Layers do not support peeking, so this fills the buffer and peeks there. */
static ssize_t
peek_layered(struct sock *s, void *data, size_t n, const struct wait_limit *p, struct error *e)
{
	ssize_t got = fill_buffer(s, n < READ_ALL ? n : READ_ALL, p, e);

	return got > 0 ? (ssize_t)read_buffered(s, data, n, true) : got;
}

ssize_t
sock_recv(struct sock *s, void *data, size_t n, int flags, struct error *e)
{
	bool at_once = (flags & MSG_DONTWAIT) != 0, peek = (flags & MSG_PEEK) != 0;
	struct wait_limit p = sock_wait_limit(at_once ? 0 : s->recv_timeout);
	struct error unasked;

	if (e == NULL)
		e = &unasked;
	if (check_receive(s, n, "recv", e) == -1)
		return -1;
	if (n == 0)
		return 0;
	if (sock_is_websocket(s) && (flags & ~(MSG_PEEK | MSG_DONTWAIT)) == 0)
		return recv_of_message(s, data, n, peek, &p, e);
	if (flags == 0 && s->dialect == SOCK_ZERYNTH && !sock_is_record(s))
		return read_full(s, data, n, &p, e);
	flags &= ~MSG_DONTWAIT;
	if ((flags & ~MSG_PEEK) == 0 && s->in.len > 0)
		return (ssize_t)read_buffered(s, data, n, peek);
	if (flags == MSG_PEEK && sock_is_layered(s))
		return peek_layered(s, data, n, &p, e);
	if (check_flags(s, flags, "recv", e) == -1)
		return -1;
	return receive(s, data, n, flags, &p, e);
}

ssize_t
sock_read(struct sock *s, void *data, size_t n, size_t *ret_held, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->recv_timeout);
	struct error unasked;
	ssize_t got;

	if (e == NULL)
		e = &unasked;
	if (ret_held != NULL)
		*ret_held = 0;
	if (check_receive(s, n, "read", e) == -1)
		return -1;
	if (n == 0)
		return 0;
	got = sock_is_record(s) ? read_message(s, data, n, &p, e) : read_full(s, data, n, &p, e);
	if (got == -1 && ret_held != NULL)
		*ret_held = s->in.len;
	return got;
}

/* Moves n bytes from the buffer to out. */
static int
move_buffered(struct sock *s, struct buf *out, size_t n, struct error *e)
{
	if (n == 0)
		return 0;
	if (buf_append(out, buf_head(&s->in), n, e) == -1)
		return -1;
	sock_consume(s, n);
	return 0;
}

int
sock_readall(struct sock *s, struct buf *out, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->recv_timeout);
	struct error err;
	ssize_t got = 1;

	if (check_receive(s, 0, "read", e) == -1)
		return -1;
	/* stop at the limit of out: a peer that never ends must not fill the memory */
	while (got > 0 && s->in.len <= out->max - out->len) {
		got = fill_buffer(s, READ_ALL, &p, &err);
		if (got > 0 && sock_in_time(&p, "recv", &err) == -1)
			got = -1;
	}
	if (got == -1 && !(s->in.len > 0 && is_errno(&err, EAGAIN)))
		return sock_fail(&err, e);
	return move_buffered(s, out, s->in.len, e);
}

int
sock_readline(struct sock *s, struct buf *out, size_t max, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->recv_timeout);
	struct error unasked;
	size_t seen = 0;
	ssize_t got = 1;
	long at;

	if (e == NULL)
		e = &unasked;
	if (check_receive(s, 0, "readline", e) == -1)
		return -1;
	while ((at = buf_find(&s->in, '\n', seen)) == -1 && s->in.len < max && got > 0) {
		seen = s->in.len;
		got = fill_buffer(s, READ_LINE, &p, e);
		if (got == -1 || (got > 0 && sock_in_time(&p, "recv", e) == -1))
			return -1;
	}
	seen = at >= 0 ? (size_t)at + 1 : s->in.len;
	if (seen > max || (at == -1 && got > 0))
		return error_set(e, ERROR_NETWORK, "readline: a line of more than %zu bytes", max);
	return move_buffered(s, out, seen, e);
}

/* Returns a buffered datagram as the kernel would: what exceeds n is lost. */
static ssize_t
read_buffered_record(struct sock *s, void *data, size_t n, bool keep, struct sockname *ret_from,
    bool *ret_cut)
{
	size_t whole = sock_first_length(s), got;

	sock_first_sender(s, ret_from);
	*ret_cut = whole > n;
	got = read_buffered(s, data, n, keep);
	if (!keep)
		sock_consume(s, whole - got);
	return (ssize_t)got;
}

/* Returns at most n: a caller would read beyond data if given the true length. */
static ssize_t
recv_record(struct sock *s, void *data, size_t n, int flags, struct sockname *ret_from,
    bool *ret_cut, struct error *e)
{
	struct wait_limit p = sock_wait_limit((flags & MSG_DONTWAIT) != 0 ? 0 : s->recv_timeout);
	ssize_t got;

	flags &= ~MSG_DONTWAIT;
	while ((got = sys_recvfrom(s->fd, data, n, flags, ret_from, ret_cut, e)) == SYS_AGAIN) {
		if (sock_wait(s, LOOP_READ, &p, "recvfrom", e) == -1)
			return -1;
	}
	if (got > (ssize_t)n)
		got = (ssize_t)n;
	if (got >= 0 && (flags & MSG_PEEK) == 0)
		show_moved(s, SOCK_RECEIVED, data, (size_t)got, ret_from);
	record_end(s, got, e);
	return got;
}

ssize_t
sock_recvfrom(struct sock *s, void *data, size_t n, int flags, struct sockname *ret_from,
    bool *ret_cut, struct error *e)
{
	struct sockname from = { .len = 0 };
	struct error unasked;
	bool cut = false;
	ssize_t got;

	if (e == NULL)
		e = &unasked;
	if (check_receive(s, n, "recvfrom", e) == -1)
		return -1;
	if (n == 0 || !sock_is_record(s) || sock_is_layered(s)) {
		got = sock_recv(s, data, n, flags, e);
		sock_peer(s, &from);
	} else if (s->in.len > 0 && (flags & ~(MSG_PEEK | MSG_DONTWAIT)) == 0) {
		got = read_buffered_record(s, data, n, (flags & MSG_PEEK) != 0, &from, &cut);
	} else {
		got = recv_record(s, data, n, flags, &from, &cut, e);
	}
	if (got == -1)
		return -1;
	if (ret_from != NULL)
		*ret_from = from;
	if (ret_cut != NULL)
		*ret_cut = cut;
	return got;
}

/* ---- shutdown ---- */

static int
shut_stream(struct sock *s, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->send_timeout);
	int rc;

	while ((rc = stream_shut(s->stream, e)) < -1) {
		if (wait_wanted(s, rc, &p, "shutdown", e) == -1)
			return -1;
	}
	return rc;
}

int
sock_shutdown(struct sock *s, int how, struct error *e)
{
	if (s->fd == -1)
		return sock_fail_closed("shutdown", e);
	/* a layer sends its end first; without one, shutdown(2) gives the result */
	if (how != SHUT_RD && sock_is_layered(s) && shut_stream(s, e) == -1)
		return -1;
	if ((how != SHUT_WR || !sock_is_layered(s)) && sys_shutdown(s->fd, how, e) == -1)
		return -1;
	if (how != SHUT_RD) {
		s->shut = true;
		if (tap_is(s->stream))
			tap_show(s->stream, TAP_SENT_END, NULL, 0);
		sock_show(s, SOCK_SENT_END, NULL);
	}
	return 0;
}
