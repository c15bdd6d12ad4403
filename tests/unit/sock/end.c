/*
 * What an error of a single call makes of the end of the connection.
 */
#include <string.h>

#include "sock_test.h"
#include "stream/stream.h"
#include "stream/tls.h"
#include "stream/websocket/websocket_frame.h"

#define NO_ERRNO 0

enum way { RECV, READ, FILL, SEND, SENDALL, SHUT_AND_SEND };

struct failure {
	enum way way;
	enum error_code code;
	enum error_origin origin;
	int number;
	enum sock_end end;
};

/* Lies on the stream of the socket and fails. */
static const struct failure *failing;

static int
fail_now(struct error *e)
{
	if (failing->origin == ORIGIN_ERRNO)
		return error_errno(e, failing->code, failing->number, "call");
	error_set(e, failing->code, "failed");
	e->origin = failing->origin;
	e->number = failing->number;
	return -1;
}

static ssize_t
failing_read(struct stream *s, void *data, size_t n, struct error *e)
{
	(void)s, (void)data, (void)n;
	return fail_now(e);
}

static ssize_t
failing_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	(void)s, (void)data, (void)n;
	return fail_now(e);
}

static int
failing_shut(struct stream *s, struct error *e)
{
	(void)s, (void)e;
	return 0;
}

static void
failing_close(struct stream *s)
{
	s->next->ops->close(s->next);
}

static int
failing_raw_fd(const struct stream *s, enum stream_side side)
{
	return stream_raw_fd(s->next, side);
}

static const struct stream_ops failing_ops = { .read = failing_read,
	.write = failing_write,
	.shut = failing_shut,
	.close = failing_close,
	.raw_fd = failing_raw_fd };

static void
act(struct sock *s, enum way way)
{
	char data[4];

	if (way == SHUT_AND_SEND)
		check_int(sock_shutdown(s, SHUT_WR, &error), 0);
	if (way == RECV)
		check_int(sock_recv(s, data, sizeof(data), 0, &error), -1);
	else if (way == READ)
		check_int(sock_read(s, data, sizeof(data), NULL, &error), -1);
	else if (way == FILL)
		check_int(sock_buffer_fill(s, 100, deadline_in(PATIENCE), &error), -1);
	else if (way == SENDALL)
		check_int(sock_sendall(s, "x", 1, NULL, &error), -1);
	else
		check_int(sock_send(s, "x", 1, 0, &error), -1);
}

static const struct failure failures[] = {
	/* the peer or the network has reset it */
	{ RECV, ERROR_NETWORK, ORIGIN_ERRNO, ECONNRESET, END_PEER_RESET },
	{ READ, ERROR_NETWORK, ORIGIN_ERRNO, ECONNRESET, END_PEER_RESET },
	{ FILL, ERROR_NETWORK, ORIGIN_ERRNO, ECONNRESET, END_PEER_RESET },
	{ SEND, ERROR_NETWORK, ORIGIN_ERRNO, ECONNRESET, END_PEER_RESET },
	{ SEND, ERROR_NETWORK, ORIGIN_ERRNO, EPIPE, END_PEER_RESET },
	{ SENDALL, ERROR_NETWORK, ORIGIN_ERRNO, EPIPE, END_PEER_RESET },
	{ RECV, ERROR_NETWORK, ORIGIN_ERRNO, ECONNREFUSED, END_REFUSED },
	/* it is over for another reason */
	{ RECV, ERROR_NETWORK, ORIGIN_ERRNO, ETIMEDOUT, END_ERROR },
	{ SEND, ERROR_NETWORK, ORIGIN_ERRNO, ETIMEDOUT, END_ERROR },
	{ SEND, ERROR_NETWORK, ORIGIN_ERRNO, ECONNABORTED, END_ERROR },
	{ SEND, ERROR_NETWORK, ORIGIN_ERRNO, EHOSTUNREACH, END_ERROR },
	{ RECV, ERROR_NETWORK, ORIGIN_ERRNO, ENETUNREACH, END_ERROR },
	{ RECV, ERROR_NETWORK, ORIGIN_ERRNO, EPROTO, END_ERROR },
	{ RECV, ERROR_TLS, ORIGIN_TLS, TLS_TRUNCATED, END_TLS_TRUNCATED },
	{ RECV, ERROR_TLS, ORIGIN_TLS, -0x7180, END_ERROR },
	{ SEND, ERROR_TLS, ORIGIN_TLS, -0x7180, END_ERROR },
	{ RECV, ERROR_PEER_ENDED, ORIGIN_WEBSOCKET, WEBSOCKET_NO_CLOSE, END_WS_TRUNCATED },
	{ RECV, ERROR_NETWORK, ORIGIN_WEBSOCKET, WEBSOCKET_PROTOCOL_ERROR, END_ERROR },
	/* it goes on */
	{ SHUT_AND_SEND, ERROR_NETWORK, ORIGIN_ERRNO, EPIPE, END_NONE },
	{ RECV, ERROR_TIMEOUT, ORIGIN_ERRNO, ETIMEDOUT, END_NONE },
	{ SEND, ERROR_TIMEOUT, ORIGIN_ERRNO, ETIMEDOUT, END_NONE },
	{ RECV, ERROR_NETWORK, ORIGIN_ERRNO, EAGAIN, END_NONE },
	{ SEND, ERROR_NETWORK, ORIGIN_ERRNO, EMSGSIZE, END_NONE },
	{ SEND, ERROR_NETWORK, ORIGIN_ERRNO, ENOBUFS, END_NONE },
	{ SEND, ERROR_NETWORK, ORIGIN_ERRNO, EINVAL, END_NONE },
	{ SEND, ERROR_LOCAL_IO, ORIGIN_NONE, NO_ERRNO, END_NONE },
	{ RECV, ERROR_INTERNAL, ORIGIN_NONE, NO_ERRNO, END_NONE },
	{ RECV, ERROR_SIGNAL, ORIGIN_SIGNAL, 2, END_NONE },
};

static void
check_failure(const struct failure *f)
{
	struct stream layer = { .ops = &failing_ops };
	struct pair p;
	char what[100];

	require(begin() && pair_open(&p));
	/* nothing waits: it fails at once */
	check_int(sock_sendall(p.b, "x", 1, NULL, &error), 0);
	layer.next = *sock_top(p.a);
	*sock_top(p.a) = &layer;
	failing = f;
	act(p.a, f->way);
	snprintf(what, sizeof(what), "way %d, code %d, origin %d, number %d", (int)f->way,
	    (int)f->code, (int)f->origin, f->number);
	row(check_str(sock_end_word(sock_end(p.a)), sock_end_word(f->end)), what);
	sock_abort(p.a);
	pair_free(&p);
	end();
}

TEST("each error ends the connection for its reason, or does not end it")
{
	for (size_t i = 0; i < ARRAY_LEN(failures); i++)
		check_failure(&failures[i]);
}

/* ---- sockets that are no connection ---- */

TEST("an error of datagrams ends nothing, as the next one may arrive")
{
	struct pair p;

	require(begin() && udp_pair_open(&p));
	sock_close(p.b, NULL);
	(void)sock_send(p.a, "x", 1, 0, &error);
	check_fails(sock_recv(p.a, (char[4]){ 0 }, 4, 0, &error), ECONNREFUSED);
	check_int(sock_end(p.a), END_NONE);
	pair_free(&p);
	end();
}

TEST("a socket that was never connected has no end")
{
	struct sock *s;

	require(begin());
	s = fresh(SOCK_STREAM);
	check_fails(sock_send(s, "x", 1, 0, &error), EPIPE);
	check_int(sock_end(s), END_NONE);
	sock_free(s);
	end();
}

TEST("a socket that connects after a refusal has not ended")
{
	struct sock *listener, *s;
	struct sockname name;

	require(begin());
	s = fresh(SOCK_STREAM);
	listener = listening(1);
	name = name_of(listener);
	sock_free(listener);
	check_fails(sock_connect(s, &name, &error), ECONNREFUSED);
	check_int(sock_end(s), END_REFUSED);
	listener = listening(1);
	name = name_of(listener);
	check_int(sock_connect(s, &name, &error), 0);
	check_int(sock_end(s), END_NONE);
	sock_free(listener);
	sock_free(s);
	end();
}
