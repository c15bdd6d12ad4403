#include "stream/negotiate/negotiate_websocket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/array.h"
#include "base/codec/base64.h"
#include "base/error.h"
#include "stream/negotiate/http_head.h"
#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"
#include "stream/websocket/websocket.h"

/* The largest read of a head. */
enum { HEAD_READ = 4096 };

struct upgrade {
	struct negotiation base;
	struct negotiate_websocket_how how;
	char key[WEBSOCKET_KEY_LENGTH + 1]; /* of a client */
	struct buf in, out;
	size_t n_head;         /* bytes of `in` that are the head; 0: it is incomplete */
	bool answered;         /* the answer of a server is in `out` */
	struct error *refusal; /* of a server, reported when the answer is sent */
	char subprotocol[WEBSOCKET_SUBPROTOCOL_MAX];
};

static int
make_key(struct upgrade *u, struct error *e)
{
	unsigned char bytes[16];
	struct buf text;
	int rc;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_errno(e, ERROR_INTERNAL, errno, "getrandom");
	buf_init(&text, WEBSOCKET_KEY_LENGTH);
	rc = base64_encode(&text, bytes, sizeof(bytes), e);
	if (rc == 0)
		memcpy(u->key, buf_head(&text), WEBSOCKET_KEY_LENGTH);
	buf_fini(&text);
	return rc;
}

/* Returns 0, STREAM_WANT_* or -1. */
static int
send_head(struct upgrade *u, struct stream *s, struct error *e)
{
	ssize_t n;

	while (u->out.len > 0) {
		n = stream_write(s, buf_head(&u->out), u->out.len, e);
		if (n < 0)
			return (int)n;
		buf_consume(&u->out, (size_t)n);
	}
	return stream_flush(s, e);
}

static int
fail_head(const struct upgrade *u, const char *what, struct error *e)
{
	return error_set(e, ERROR_NETWORK, "the %s %s",
	    u->how.role == WEBSOCKET_CLIENT ? "server" : "client", what);
}

/* Returns 0 when the head is complete, STREAM_WANT_* or -1. */
static int
read_head_bytes(struct upgrade *u, struct stream *s, struct error *e)
{
	ssize_t got;
	char *room;

	while (u->n_head == 0) {
		if (u->in.len >= HTTP_HEAD_MAX)
			return fail_head(u, "sends a head of more than 65536 bytes", e);
		if ((room = buf_reserve(&u->in, HEAD_READ, e)) == NULL)
			return -1;
		got = stream_read(s, room, HEAD_READ, e);
		if (got == 0)
			return fail_head(u, "has ended before the WebSocket handshake", e);
		if (got < 0)
			return (int)got;
		buf_added(&u->in, (size_t)got);
		u->n_head = http_head_length(buf_head(&u->in), u->in.len);
	}
	return 0;
}

static int
push_websocket(struct upgrade *u, struct stream **top, struct error *e)
{
	const struct websocket_how how = { .server = u->how.role == WEBSOCKET_SERVER,
		.binary = u->how.binary,
		.max_message = u->how.max_message,
		.subprotocol = u->subprotocol,
		.held = buf_head(&u->in) + u->n_head,
		.n_held = u->in.len - u->n_head };

	return websocket_stream(top, *top, &how, e);
}

static int
client_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct upgrade *u = CONTAINER_OF(n, struct upgrade, base);
	int rc = send_head(u, *top, e);

	if (rc == 0)
		rc = read_head_bytes(u, *top, e);
	if (rc == 0)
		rc = websocket_upgrade_check(&u->how.upgrade, u->key, buf_head(&u->in), u->n_head,
		    u->subprotocol, e);
	return rc == 0 ? push_websocket(u, top, e) : rc;
}

/* Puts the answer into `out`. */
static int
answer(struct upgrade *u, struct error *e)
{
	struct error why = { 0 };

	u->answered = true;
	if (websocket_upgrade_answer(&u->how.upgrade, buf_head(&u->in), u->n_head, &u->out,
		u->subprotocol, &why) == 0)
		return 0;
	if ((u->refusal = malloc(sizeof(why))) == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	*u->refusal = why;
	return 0;
}

static int
server_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct upgrade *u = CONTAINER_OF(n, struct upgrade, base);
	int rc = read_head_bytes(u, *top, e);

	if (rc == 0 && !u->answered)
		rc = answer(u, e);
	if (rc == 0)
		rc = send_head(u, *top, e);
	if (rc != 0)
		return rc;
	if (u->refusal == NULL)
		return push_websocket(u, top, e);
	n->sends_alert = true;
	*e = *u->refusal;
	return -1;
}

static void
free_upgrade(struct negotiation *n)
{
	struct upgrade *u = CONTAINER_OF(n, struct upgrade, base);

	buf_fini(&u->in);
	buf_fini(&u->out);
	free(u->refusal);
	free(u);
}

static const struct negotiation_ops client_ops = {
	.name = "websocket",
	.unfinished = "the server has not agreed to WebSocket",
	.step = client_step,
	.free = free_upgrade,
};

static const struct negotiation_ops server_ops = {
	.name = "websocket",
	.unfinished = "the client has not asked for WebSocket",
	.step = server_step,
	.free = free_upgrade,
};

int
negotiate_websocket(struct negotiation **ret_first, const struct negotiate_websocket_how *how,
    struct error *e)
{
	struct upgrade *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	u->base.ops = how->role == WEBSOCKET_CLIENT ? &client_ops : &server_ops;
	u->how = *how;
	buf_init(&u->in, HTTP_HEAD_MAX + HEAD_READ);
	buf_init(&u->out, SIZE_MAX / 2);
	if (how->role == WEBSOCKET_CLIENT &&
	    (make_key(u, e) < 0 ||
		websocket_upgrade_request(&how->upgrade, u->key, &u->out, e) < 0)) {
		free_upgrade(&u->base);
		return -1;
	}
	*ret_first = &u->base;
	return 0;
}
