#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "net/sockname.h"
#include "stream/dtls.h"
#include "stream/fd.h"
#include "test.h"

/* More than a flight, and so more than one write takes. */
enum { BULK = 300000 };

static struct error error;

/* ---- the lower stream: memory or a socket, limited by the test ---- */

struct wire {
	struct stream base; /* next: the socket; NULL: memory */
	struct buf *in, *out;
	size_t room;     /* the most bytes in out */
	size_t piece;    /* the most of one write */
	int want;        /* returned when out is full */
	bool closed;     /* reads: the end, once `in` is empty */
	bool fails;      /* writes: ECONNRESET */
	bool never_open; /* for a socket: all writes block */
};

static ssize_t
wire_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct wire *w = (struct wire *)s;

	if (s->next != NULL)
		return stream_read(s->next, data, n, e);
	if (w->in->len == 0)
		return w->closed ? 0 : STREAM_WANT_READ;
	if (n > w->in->len)
		n = w->in->len;
	memcpy(data, buf_head(w->in), n);
	buf_consume(w->in, n);
	return (ssize_t)n;
}

static ssize_t
wire_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct wire *w = (struct wire *)s;

	if (w->fails)
		return error_errno(e, ERROR_NETWORK, ECONNRESET, "send");
	if (s->next != NULL)
		return w->never_open ? w->want : stream_write(s->next, data, n, e);
	if (n > w->piece)
		n = w->piece;
	if (w->out->len + n > w->room)
		n = w->room > w->out->len ? w->room - w->out->len : 0;
	if (n == 0)
		return w->want;
	buf_append(w->out, data, n, e);
	return (ssize_t)n;
}

static int
wire_shut(struct stream *s, struct error *e)
{
	(void)s, (void)e;
	return 0;
}

static void
wire_close(struct stream *s)
{
	stream_close(s->next);
}

static size_t
wire_pending(const struct stream *s)
{
	return s->next == NULL ? ((const struct wire *)s)->in->len : 0;
}

static int
wire_fd(const struct stream *s, enum stream_side side)
{
	return s->next != NULL ? stream_raw_fd(s->next, side) : -1;
}

static enum stream_kind
wire_kind(const struct stream *s, enum stream_side side)
{
	return s->next != NULL ? stream_kind(s->next, side) : STREAM_OPAQUE;
}

static const struct stream_ops wire_ops = {
	.read = wire_read,
	.write = wire_write,
	.shut = wire_shut,
	.close = wire_close,
	.pending = wire_pending,
	.raw_fd = wire_fd,
	.kind = wire_kind,
};

/* ---- both ends ---- */

struct ends {
	struct tls *client_tls, *server_tls;
	struct wire below_client, below_server;
	struct buf to_server, to_client;
	struct stream *client, *server;
};

static void
open_wire(struct wire *w, struct buf *in, struct buf *out)
{
	w->base.ops = &wire_ops;
	w->in = in;
	w->out = out;
	w->room = w->piece = SIZE_MAX;
	w->want = STREAM_WANT_WRITE;
}

/* DTLS would send lost records again; loopback loses none. */
static bool
shake_hands(struct ends *t)
{
	struct deadline until = deadline_in(10 * NSEC_PER_SEC);
	int client = STREAM_WANT_READ, server = STREAM_WANT_READ;

	while ((client < -1 || server < -1) && !deadline_passed(until)) {
		if (client < -1)
			client = tls_handshake(t->client, &error);
		if (server < -1)
			server = tls_handshake(t->server, &error);
	}
	return check_int(client, 0) && check_int(server, 0);
}

static bool
put_tls_on(struct ends *t, bool datagrams)
{
	const struct tls_how client = { .insecure = true, .datagrams = datagrams };
	const struct tls_how server = {
		.role = TLS_SERVER,
		.self_signed = true,
		.datagrams = datagrams,
	};

	return check_int(tls_open(&t->client_tls, &client, &error), 0) &&
	    check_int(tls_open(&t->server_tls, &server, &error), 0) &&
	    check_int(
		tls_stream(&t->client, t->client_tls, &t->below_client.base, "localhost", &error),
		0) &&
	    check_int(tls_stream(&t->server, t->server_tls, &t->below_server.base, NULL, &error),
		0);
}

static bool
ends_open(struct ends *t)
{
	memset(t, 0, sizeof(*t));
	buf_init(&t->to_server, SIZE_MAX / 2);
	buf_init(&t->to_client, SIZE_MAX / 2);
	open_wire(&t->below_client, &t->to_client, &t->to_server);
	open_wire(&t->below_server, &t->to_server, &t->to_client);
	return put_tls_on(t, false) && shake_hands(t);
}

static void
ends_close(struct ends *t)
{
	stream_close(t->client);
	stream_close(t->server);
	tls_close(t->client_tls);
	tls_close(t->server_tls);
	buf_fini(&t->to_server);
	buf_fini(&t->to_client);
}

/* Appends what the server can read now. Returns the last result. */
static ssize_t
drain(struct ends *t, struct buf *got)
{
	static char data[65536];
	ssize_t n;

	while ((n = stream_read(t->server, data, sizeof(data), &error)) > 0)
		buf_append(got, data, (size_t)n, &error);
	return n;
}

/* Each byte depends on its place, so that none can stand for another. */
static void
fill(unsigned char *data, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		data[i] = (unsigned char)(i * 31 + i / 251 + seed);
}

/* ---- bytes ---- */

TEST("bytes that a write took reach the peer, and no others")
{
	static unsigned char data[BULK];
	struct buf got, took;
	struct ends t;
	ssize_t put;

	require(ends_open(&t));
	buf_init(&got, SIZE_MAX / 2);
	buf_init(&took, SIZE_MAX / 2);
	t.below_client.room = 40000;
	t.below_client.piece = 777;
	for (unsigned i = 0; i < 60; i++) {
		/* other bytes each time, and another number of them */
		size_t n = i % 3 == 0 ? sizeof(data) : 100 + i * 997;

		fill(data, n, i);
		put = stream_write(t.client, data, n, &error);
		if (put > 0)
			buf_append(&took, data, (size_t)put, &error);
		else
			check_int(put, STREAM_WANT_WRITE);
		check_int(drain(&t, &got), STREAM_WANT_READ);
	}
	t.below_client.room = SIZE_MAX;
	check_int(stream_flush(t.client, &error), 0);
	check_int(drain(&t, &got), STREAM_WANT_READ);
	check(took.len > BULK);
	check_int(got.len, took.len);
	check(got.len == took.len && memcmp(buf_head(&got), buf_head(&took), got.len) == 0);
	buf_fini(&got);
	buf_fini(&took);
	ends_close(&t);
}

TEST("a write takes nothing while bytes of an earlier one are unsent, and flush says so")
{
	static unsigned char data[20000];
	struct buf got;
	struct ends t;

	require(ends_open(&t));
	buf_init(&got, SIZE_MAX / 2);
	check_int(stream_flush(t.client, &error), 0);
	t.below_client.room = 100;
	check_int(stream_write(t.client, data, sizeof(data), &error), sizeof(data));
	check_int(t.to_server.len, 100);
	check_int(stream_flush(t.client, &error), STREAM_WANT_WRITE);
	check_int(stream_write(t.client, "x", 1, &error), STREAM_WANT_WRITE);
	t.below_client.want = STREAM_WANT_READ;
	check_int(stream_flush(t.client, &error), STREAM_WANT_READ);
	check_int(stream_write(t.client, "x", 1, &error), STREAM_WANT_READ);
	t.below_client.room = SIZE_MAX;
	check_int(stream_flush(t.client, &error), 0);
	check_int(drain(&t, &got), STREAM_WANT_READ);
	check_int(got.len, sizeof(data));
	buf_fini(&got);
	ends_close(&t);
}

TEST("reading also sends queued records")
{
	struct buf got;
	struct ends t;
	char byte;

	require(ends_open(&t));
	buf_init(&got, SIZE_MAX / 2);
	t.below_client.room = 0;
	check_int(stream_write(t.client, "question", 8, &error), 8);
	check_int(stream_read(t.client, &byte, 1, &error), STREAM_WANT_READ);
	check_int(drain(&t, &got), STREAM_WANT_READ);
	check_int(got.len, 0);
	t.below_client.room = SIZE_MAX;
	check_int(stream_read(t.client, &byte, 1, &error), STREAM_WANT_READ);
	check_int(drain(&t, &got), STREAM_WANT_READ);
	check_mem(buf_head(&got), got.len, "question", 8);
	/* also after the end of what can be read */
	check_int(stream_shut(t.server, &error), 0);
	t.below_client.room = 0;
	check_int(stream_read(t.client, &byte, 1, &error), 0);
	check_int(stream_write(t.client, " and more", 9, &error), 9);
	t.below_client.room = SIZE_MAX;
	check_int(stream_read(t.client, &byte, 1, &error), 0);
	check_int(drain(&t, &got), STREAM_WANT_READ);
	check_int(got.len, 17);
	buf_fini(&got);
	ends_close(&t);
}

static void
check_reset(ssize_t rc)
{
	check_int(rc, -1);
	check_int(error.number, ECONNRESET);
	error.number = 0;
}

TEST("a failure below after bytes were taken is reported by every later write, flush and shut")
{
	struct ends t;
	char byte;

	require(ends_open(&t));
	check_int(stream_write(t.server, "answer", 6, &error), 6);
	t.below_client.fails = true;
	check_int(stream_write(t.client, "question", 8, &error), 8);
	check_reset(stream_write(t.client, "x", 1, &error));
	check_reset(stream_flush(t.client, &error));
	check_reset(stream_shut(t.client, &error));
	t.below_client.fails = false;
	check_reset(stream_flush(t.client, &error));
	check_reset(stream_write(t.client, "x", 1, &error));
	check_int(t.to_server.len, 0);
	/* what arrived before is still there */
	check_int(stream_read(t.client, &byte, 1, &error), 1);
	check_int(byte, 'a');
	ends_close(&t);
}

/* ---- ends ---- */

TEST("shut sends what is queued, then close_notify, and is over only then")
{
	static unsigned char data[20000];
	struct buf got;
	struct ends t;

	require(ends_open(&t));
	buf_init(&got, SIZE_MAX / 2);
	t.below_client.room = 100;
	check_int(stream_write(t.client, data, sizeof(data), &error), sizeof(data));
	check_int(stream_shut(t.client, &error), STREAM_WANT_WRITE);
	check_int(stream_shut(t.client, &error), STREAM_WANT_WRITE);
	t.below_client.room = SIZE_MAX;
	check_int(stream_shut(t.client, &error), 0);
	t.below_server.closed = true;
	check_int(drain(&t, &got), 0);
	check_int(got.len, sizeof(data));
	check_int(stream_shut(t.client, &error), 0);
	check_int(t.to_server.len, 0);
	buf_fini(&got);
	ends_close(&t);
}

TEST("an end without close_notify is reported as a truncation, after the last bytes")
{
	struct buf got;
	struct ends t;

	require(ends_open(&t));
	buf_init(&got, SIZE_MAX / 2);
	check_int(stream_write(t.client, "half", 4, &error), 4);
	t.below_server.closed = true;
	check_int(drain(&t, &got), -1);
	check_int(error.origin, ORIGIN_TLS);
	check_int(error.number, TLS_TRUNCATED);
	check_mem(buf_head(&got), got.len, "half", 4);
	/* the peer may still wait for its answer */
	check_int(stream_write(t.server, "answer", 6, &error), 6);
	check_int(stream_flush(t.server, &error), 0);
	buf_fini(&got);
	ends_close(&t);
}

TEST("an end that came with the last bytes is pending, as no event would follow")
{
	struct ends t;
	char data[10];

	require(ends_open(&t));
	check_int(stream_write(t.server, "last", 4, &error), 4);
	check_int(stream_shut(t.server, &error), 0);
	check_int(stream_read(t.client, data, sizeof(data), &error), 4);
	check_int(t.to_client.len, 0);
	check(stream_pending(t.client) > 0);
	check_int(stream_read(t.client, data, sizeof(data), &error), 0);
	ends_close(&t);
}

/* ---- records ---- */

static int
udp_socket(struct sockaddr_in *ret_name)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_int(bind(fd, (struct sockaddr *)&name, len), 0);
	check_int(getsockname(fd, (struct sockaddr *)ret_name, &len), 0);
	return fd;
}

/* As a listener does: the client has to bring a cookie. */
static bool
greet(struct ends *t, int fd, const struct sockaddr_in *client)
{
	struct deadline until = deadline_in(10 * NSEC_PER_SEC);
	struct sockname peer = { .len = sizeof(*client) };
	unsigned char hello[2048], answer[TLS_ANSWER_MAX];
	size_t n_answer;
	ssize_t n;

	memcpy(&peer.storage, client, sizeof(*client));
	while (!deadline_passed(until)) {
		if (tls_handshake(t->client, &error) == -1)
			return check(false);
		n = recv(fd, hello, sizeof(hello), MSG_DONTWAIT);
		if (n < 0)
			continue;
		if (tls_verify_cookie(t->server_tls, &peer, hello, (size_t)n, answer, &n_answer))
			return check_int(tls_push_datagram(t->server, hello, (size_t)n, &error), 0);
		check_int(send(fd, answer, n_answer, MSG_DONTWAIT), n_answer);
	}
	return check(false);
}

static bool
records_open(struct ends *t)
{
	struct sockaddr_in names[2];
	int client = udp_socket(&names[0]), server = udp_socket(&names[1]);

	memset(t, 0, sizeof(*t));
	open_wire(&t->below_client, NULL, NULL);
	open_wire(&t->below_server, NULL, NULL);
	return check_int(connect(client, (struct sockaddr *)&names[1], sizeof(names[1])), 0) &&
	    check_int(connect(server, (struct sockaddr *)&names[0], sizeof(names[0])), 0) &&
	    check_int(fd_stream_socket(&t->below_client.base.next, client, &error), 0) &&
	    check_int(fd_stream_socket(&t->below_server.base.next, server, &error), 0) &&
	    put_tls_on(t, true) && greet(t, server, &names[0]) && shake_hands(t);
}

/* Reads the next record within ten seconds, as loopback is not always immediate. */
static ssize_t
next_record(struct ends *t, char *data, size_t n)
{
	struct deadline until = deadline_in(10 * NSEC_PER_SEC);
	ssize_t got = STREAM_WANT_READ;

	while (got == STREAM_WANT_READ && !deadline_passed(until))
		got = stream_read(t->server, data, n, &error);
	return got;
}

TEST("a record that does not fit is taken whole and kept, and the next one is not taken")
{
	struct ends t;
	char data[100];

	require(records_open(&t));
	t.below_client.never_open = true;
	check_int(stream_write(t.client, "one", 3, &error), 3);
	check_int(stream_flush(t.client, &error), STREAM_WANT_WRITE);
	check_int(stream_write(t.client, "second", 6, &error), STREAM_WANT_WRITE);
	check_int(stream_write(t.client, "third one", 9, &error), STREAM_WANT_WRITE);
	t.below_client.never_open = false;
	check_int(stream_write(t.client, "four", 4, &error), 4);
	check_int(stream_flush(t.client, &error), 0);
	check_int(next_record(&t, data, sizeof(data)), 3);
	check_mem(data, 3, "one", 3);
	check_int(next_record(&t, data, sizeof(data)), 4);
	check_mem(data, 4, "four", 4);
	ends_close(&t);
}

TEST("the part of a record that does not fit is dropped, and the next record is whole")
{
	struct ends t;
	char data[4];

	require(records_open(&t));
	check_int(stream_write(t.client, "long one", 8, &error), 8);
	check_int(stream_write(t.client, "two", 3, &error), 3);
	check_int(next_record(&t, data, sizeof(data)), 4);
	check_mem(data, 4, "long", 4);
	check_int(next_record(&t, data, sizeof(data)), 3);
	check_mem(data, 3, "two", 3);
	ends_close(&t);
}

TEST("shut of a record stream sends the kept record, then close_notify")
{
	struct ends t;
	char data[100];

	require(records_open(&t));
	t.below_client.never_open = true;
	check_int(stream_write(t.client, "", 0, &error), 0);
	check_int(stream_shut(t.client, &error), STREAM_WANT_WRITE);
	t.below_client.never_open = false;
	check_int(stream_shut(t.client, &error), 0);
	check_int(next_record(&t, data, sizeof(data)), 0);
	check_int(next_record(&t, data, sizeof(data)), STREAM_END);
	ends_close(&t);
}

TEST("a failure below after a record was taken is reported by the next call")
{
	struct ends t;

	require(records_open(&t));
	t.below_client.never_open = true;
	check_int(stream_write(t.client, "one", 3, &error), 3);
	t.below_client.fails = true;
	check_reset(stream_flush(t.client, &error));
	check_reset(stream_write(t.client, "two", 3, &error));
	check_reset(stream_shut(t.client, &error));
	ends_close(&t);
}
