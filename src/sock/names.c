#include <stdlib.h>
#include <string.h>

#include "net/sys.h"
#include "sock/impl.h"
#include "sock/names.h"
#include "sock/websocket/websocket.h"
#include "stream/stream.h"
#include "stream/tap.h"
#include "stream/websocket/websocket.h"

struct name_copy {
	socklen_t len;
	unsigned char bytes[];
};

/* Without memory the name is lost, which is better than losing the connection. */
static void
store_name(struct name_copy **slot, const struct sockname *name)
{
	struct name_copy *copy = NULL;

	if (name->len > 0)
		copy = malloc(sizeof(*copy) + name->len);
	if (copy != NULL) {
		copy->len = name->len;
		memcpy(copy->bytes, &name->storage, name->len);
	}
	free(*slot);
	*slot = copy;
}

static void
load_name(const struct name_copy *copy, struct sockname *ret_name)
{
	if (copy == NULL)
		return;
	ret_name->len = copy->len;
	memcpy(&ret_name->storage, copy->bytes, copy->len);
}

void
sock_local(const struct sock *s, struct sockname *ret_name)
{
	memset(ret_name, 0, sizeof(*ret_name));
	if (s->fd == -1 || s->family == SOCKNAME_LINE || sys_local_name(s->fd, ret_name, NULL) < 0)
		load_name(s->local, ret_name);
}

void
sock_peer(const struct sock *s, struct sockname *ret_name)
{
	if (s->told == NULL) {
		sock_kernel_peer(s, ret_name);
		return;
	}
	memset(ret_name, 0, sizeof(*ret_name));
	load_name(s->told, ret_name);
}

void
sock_set_peer(struct sock *s, const struct sockname *peer)
{
	store_name(&s->told, peer);
}

void
sock_kernel_peer(const struct sock *s, struct sockname *ret_name)
{
	memset(ret_name, 0, sizeof(*ret_name));
	if (s->peer != NULL)
		load_name(s->peer, ret_name);
	else if (s->fd != -1)
		sys_peer_name(s->fd, ret_name, NULL);
}

void
sock_learn_peer(struct sock *s)
{
	struct sockname name = { .len = 0 };

	sys_peer_name(s->fd, &name, NULL);
	store_name(&s->peer, &name);
}

void
sock_keep_peer(struct sock *s, const struct sockname *peer)
{
	store_name(&s->peer, peer);
}

void
sock_keep_local(struct sock *s, const struct sockname *local)
{
	store_name(&s->local, local);
}

void
sock_keep_line_name(struct sock *s, const struct sockname *name)
{
	store_name(&s->local, name);
	store_name(&s->peer, name);
}

void
sock_keep_names(struct sock *s)
{
	struct sockname local;

	sock_local(s, &local);
	store_name(&s->local, &local);
	if (s->peer == NULL)
		sock_learn_peer(s);
}

int
sock_family(const struct sock *s)
{
	return s->family;
}

int
sock_type(const struct sock *s)
{
	return s->type;
}

int
sock_fileno(const struct sock *s)
{
	return s->fd;
}

bool
sock_is_record(const struct sock *s)
{
	return s->type != SOCK_STREAM || sock_is_websocket(s);
}

bool
sock_is_websocket(const struct sock *s)
{
	return s->stream != NULL && websocket_is(s->stream);
}

bool
sock_is_layered(const struct sock *s)
{
	return s->stream->next != NULL && !tap_is(s->stream);
}

enum sock_dialect
sock_dialect(const struct sock *s)
{
	return s->dialect;
}

/* ---- for the relay ---- */

struct stream *
sock_stream(struct sock *s)
{
	return s->stream;
}

struct stream **
sock_top(struct sock *s)
{
	return &s->stream;
}

void
sock_bytes(const struct sock *s, uint64_t *ret_sent, uint64_t *ret_received)
{
	*ret_sent = s->sent;
	*ret_received = s->received;
}

size_t
sock_pending(const struct sock *s)
{
	return s->fd == -1 ? 0 : s->in.len + stream_pending(s->stream);
}

bool
sock_is_accepted(const struct sock *s)
{
	return s->accepted;
}
