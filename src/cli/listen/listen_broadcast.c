#include "cli/listen/listen_broadcast.h"

#include <sys/socket.h>

#include "base/error.h"
#include "cli/listen/listen_serve.h"
#include "stream/fd.h"

/* A client that reads nothing of the broadcast for this long is reset. */
#define BROADCAST_PATIENCE (5 * NSEC_PER_SEC)

int
listen_broadcast_set_up(struct listen_server *sv, struct error *e)
{
	struct session_how *how = &sv->how;

	(void)e;
	if (how->in_fd >= 0 && !command_context_use_stdin(&sv->rt, sv->opts->data.send_only))
		how->in_fd = -1;
	/* a client that only listens may have half-closed */
	how->rules.half_open = true;
	return 0;
}

/* Opens standard output, where records of clients stay whole, and the client's part of the
 * broadcast. */
static int
open_local(void *arg, struct session *s, struct stream **ret_local, struct error *e)
{
	struct listen_server *sv = arg;
	struct stream *out;
	int rc = sv->how.framed ? shared_out_stream(&out, &sv->out, e)
				: fd_stream_stdio(&out, -1, sv->how.out_fd, false, e);

	return rc < 0 ? -1 : broadcast_stream(ret_local, &sv->broadcast, s, out, e);
}

static void
on_broadcast(void *arg, void *who)
{
	(void)arg;
	session_wake(who, LOOP_READ);
}

static uint64_t
bytes_sent(void *arg, void *who)
{
	uint64_t sent, received;

	(void)arg;
	session_bytes(who, &sent, &received);
	return sent;
}

/* Resets the connection, so that the client cannot mistake this for the end of the data. */
static void
reset_client(void *arg, void *who)
{
	struct listen_server *sv = arg;
	struct session *s = who;
	const struct linger reset = { .l_onoff = 1 };
	char peer[SOCKNAME_TEXT_MAX];
	struct sockname name;
	struct error e = { 0 };

	sock_peer(s->sock, &name);
	error_set(&e, ERROR_TIMEOUT,
	    "send %s: timed out: it took nothing for %d s, and the others wait for it",
	    sockname_format_short(&name, peer, sizeof peer),
	    (int)(sv->broadcast.patience / NSEC_PER_SEC));
	command_context_fail(&sv->rt, &e);
	(void)sock_setsockopt(s->sock, SOL_SOCKET, SO_LINGER, &reset, sizeof reset, NULL);
	session_end(s, END_IDLE_TIMEOUT);
}

static void
on_input_failed(void *arg, const struct error *e)
{
	struct listen_server *sv = arg;

	command_context_fail(&sv->rt, e);
}

int
listen_broadcast_open(struct listen_server *sv, struct error *e)
{
	struct broadcast *b = &sv->broadcast;

	if (sv->how.in_fd < 0)
		return 0;
	sv->how.local_fn = open_local;
	sv->how.local_arg = sv;
	if (fd_stream_stdio(&sv->input, sv->how.in_fd, -1, false, e) < 0)
		return -1;
	b->loop = sv->rt.loop;
	b->source = sv->input;
	b->framing = sv->how.framed ? &sv->how.packets.in : NULL;
	b->patience = BROADCAST_PATIENCE + sv->how.delay;
	b->ready = on_broadcast;
	b->sent = bytes_sent;
	b->give_up = reset_client;
	b->failed = on_input_failed;
	b->arg = sv;
	return broadcast_open(b, e);
}

void
listen_broadcast_close(struct listen_server *sv)
{
	broadcast_close(&sv->broadcast);
	stream_close(sv->input);
	sv->input = NULL;
}
