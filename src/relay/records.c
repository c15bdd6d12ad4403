#include "relay/records.h"

#include <string.h>
#include <sys/types.h>

#include "base/error.h"
#include "loop/loop.h"
#include "net/sys.h"
#include "stream/negotiate/proxy/socks_stream.h"
#include "stream/stream.h"
#include "stream/websocket/websocket.h"

static void
read_one_packet(struct packet *p, ssize_t got)
{
	p->len = p->true_len = got > 0 ? (size_t)got : 0;
	p->truncated = false;
	p->end = got == STREAM_END;
	p->local.len = 0;
}

unsigned
records_wait(ssize_t want)
{
	return want == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE;
}

/* last is what the last call returned. */
static int
batch_result(unsigned n, ssize_t last, const struct error *failure, unsigned *ret_wait,
    struct error *e)
{
	if (n > 0)
		return (int)n;
	if (last != -1) {
		if (ret_wait != NULL)
			*ret_wait = records_wait(last);
		return SYS_AGAIN;
	}
	if (e != NULL)
		*e = *failure;
	return -1;
}

/* A message that is longer than the room is lent; no other one can follow in this call then. Returns
 * its length, STREAM_WANT_*, STREAM_END or -1. */
static ssize_t
receive_message(struct stream *s, struct packet *p, struct error *e)
{
	struct websocket_message m;
	int rc = websocket_receive(s, &m, e);

	if (rc != 0)
		return rc;
	p->opcode = m.binary ? WEBSOCKET_BINARY : WEBSOCKET_TEXT;
	if (m.len > p->room)
		p->data = (char *)m.data;
	else if (m.len > 0)
		memcpy(p->data, m.data, m.len);
	return (ssize_t)m.len;
}

/* Receives one record of any stream into p, with the name of its sender where the stream has it. */
static ssize_t
receive_record(struct stream *s, struct packet *p, struct error *e)
{
	if (websocket_is(s))
		return receive_message(s, p, e);
	if (socks_stream_is(s))
		return socks_stream_receive(s, p->data, p->room, &p->name, e);
	return stream_read(s, p->data, p->room, e);
}

/* A failure after received records is left to the next call, since a stream repeats it. */
int
records_recv(struct stream *s, struct packet *packets, unsigned n, unsigned *ret_wait,
    struct error *e)
{
	struct error failure = { 0 };
	ssize_t got = 0;
	unsigned i = 0;

	while (i < n && got >= 0 && (i == 0 || packets[i - 1].len <= packets[i - 1].room)) {
		packets[i].name.len = 0;
		got = receive_record(s, &packets[i], &failure);
		if (got >= 0 || got == STREAM_END)
			read_one_packet(&packets[i++], got);
	}
	return batch_result(i, got, &failure, ret_wait, e);
}

/* Keeps the type of a message that is sent back. */
static ssize_t
send_packet(struct stream *s, const struct packet *p, struct error *e)
{
	const struct websocket_message m = { p->data, p->len, p->opcode == WEBSOCKET_BINARY };

	return p->opcode != 0 ? websocket_send(s, &m, e) : stream_write(s, p->data, p->len, e);
}

int
records_send(struct stream *s, const struct packet *packets, unsigned n, unsigned *ret_wait,
    struct error *e)
{
	struct error failure = { 0 };
	ssize_t put = 0;
	unsigned i = 0;

	while (i < n && put >= 0) {
		put = send_packet(s, &packets[i], &failure);
		i += put >= 0;
	}
	return batch_result(i, put, &failure, ret_wait, e);
}
