#include "cli/listen/service/listen_broadcast.h"

#include <signal.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/listen/listen_serve.h"
#include "net/sys.h"
#include "relay/server/broadcast/broadcast_sink.h"
#include "stream/fd.h"

/* A client that reads nothing of the broadcast for this long is reset. */
#define BROADCAST_PATIENCE (5 * NSEC_PER_SEC)
/* With --broker, so is one that reads less than this: it must not slow down the others on purpose. */
#define BROKER_PACE (64 << 10)

int
listen_broadcast_set_up(struct listen_server *sv, struct error *e)
{
	struct session_how *how = &sv->how;

	(void)e;
	if (how->in_fd >= 0 &&
	    !command_context_use_stdin(&sv->rt, session_opts_sends(&sv->opts->data)))
		how->in_fd = -1;
	/* a client that only listens may have half-closed */
	how->rules.half_open = !sv->opts->no_half_open;
	how->rules.closes_both = sv->opts->no_half_open;
	return 0;
}

/* Clients get what the others send, whatever becomes of standard input. */
int
listen_broker_set_up(struct listen_server *sv, struct error *e)
{
	struct session_how *how = &sv->how;

	if (listen_broadcast_set_up(sv, e) < 0)
		return -1;
	sv->use_input = sv->opts->broadcast_input && how->in_fd >= 0;
	how->in_fd = STDIN_FILENO;
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

/* A message of WebSocket is a record, unless --framing says what is one. */
static bool
has_messages(const struct listen_server *sv)
{
	const struct listen_opts *o = sv->opts;

	return sys_type(sock_fileno(sv->listener)) != SOCK_STREAM ||
	    (o->websocket.ws && o->data.framing == NULL);
}

/* Opens the client's part of the broadcast, to which it appends. */
static int
open_broker_local(void *arg, struct session *s, struct stream **ret_local, struct error *e)
{
	struct listen_server *sv = arg;
	struct stream *out;

	if (broadcast_sink(&out, &sv->broadcast, s, sv->how.framed || has_messages(sv), e) < 0)
		return -1;
	return broadcast_stream(ret_local, &sv->broadcast, s, out, e);
}

static void
on_broadcast(void *arg, void *who)
{
	struct listen_server *sv = arg;

	if (who == &sv->spoken)
		broadcast_output_run(&sv->spoken);
	else
		session_wake(who, LOOP_READ);
}

static void
on_room(void *arg, void *who)
{
	(void)arg;
	session_wake(who, LOOP_WRITE);
}

static uint64_t
bytes_sent(void *arg, void *who)
{
	uint64_t sent, received;

	(void)arg;
	session_bytes(who, &sent, &received);
	return sent;
}

static void
give_up_reader(void *arg, void *who)
{
	struct listen_server *sv = arg;
	struct session *s = who;
	char peer[SOCKNAME_TEXT_MAX];
	struct sockname name;
	struct error e = { 0 };

	sock_peer(s->sock, &name);
	error_set(&e, ERROR_TIMEOUT,
	    "send %s: timed out: it took %s for %d s, and the others wait for it",
	    sockname_format_short(&name, peer, sizeof peer),
	    sv->broadcast.pace > 0 ? "too little" : "nothing",
	    (int)(sv->broadcast.patience / NSEC_PER_SEC));
	command_context_fail(&sv->rt, &e);
	listen_serve_reset(s, END_IDLE_TIMEOUT);
}

static void
on_input_failed(void *arg, const struct error *e)
{
	listen_serve_fail(arg, e);
}

/* With --send-only there is nothing left to do. */
static void
on_input_over(void *arg)
{
	listen_serve_drain(arg, DURATION_NONE, 0);
}

static void
set_callbacks(struct listen_server *sv)
{
	struct broadcast *b = &sv->broadcast;

	b->loop = sv->rt.loop;
	b->patience = BROADCAST_PATIENCE + sv->how.delay;
	b->ready = on_broadcast;
	b->room = on_room;
	b->sent = bytes_sent;
	b->give_up = give_up_reader;
	b->over = sv->opts->data.send_only ? on_input_over : NULL;
	b->failed = on_input_failed;
	b->arg = sv;
	sv->how.local_arg = sv;
}

static int
open_input(struct listen_server *sv, int in_fd, struct error *e)
{
	if (fd_stream_stdio(&sv->input, in_fd, sv->how.out_fd, false, e) < 0)
		return -1;
	sv->broadcast.source = in_fd >= 0 ? sv->input : NULL;
	sv->broadcast.framing = sv->how.framed ? &sv->how.packets.in : NULL;
	return 0;
}

int
listen_broadcast_open(struct listen_server *sv, struct error *e)
{
	if (sv->how.in_fd < 0)
		return 0;
	set_callbacks(sv);
	sv->how.local_fn = open_local;
	if (open_input(sv, sv->how.in_fd, e) < 0)
		return -1;
	return broadcast_open(&sv->broadcast, e);
}

/* ---- what clients send, to the others ---- */

static void
on_output_failed(void *arg, const struct error *e)
{
	struct listen_server *sv = arg;

	listen_serve_fail(sv, e);
	sv->over = true;
}

static void
on_output_emptied(void *arg)
{
	listen_serve_end_when_idle(arg);
}

static int
open_output(struct listen_server *sv, struct error *e)
{
	sv->spoken = (struct broadcast_output){
		.b = &sv->broadcast,
		.out = sv->input,
		.failed = on_output_failed,
		.emptied = on_output_emptied,
		.arg = sv,
	};
	return broadcast_output_open(&sv->spoken, e);
}

static void
set_broker_callbacks(struct listen_server *sv)
{
	set_callbacks(sv);
	sv->broadcast.source_optional = true;
	sv->broadcast.source_who = &sv->spoken;
	/* our own rate may be as slow */
	sv->broadcast.pace = sv->how.rate == 0 && sv->how.delay == 0 ? BROKER_PACE : 0;
}

int
listen_broker_open(struct listen_server *sv, struct error *e)
{
	const struct framing whole = { .kind = FRAMING_LEN32 };

	set_broker_callbacks(sv);
	sv->how.local_fn = open_broker_local;
	if (has_messages(sv))
		sv->how.packets.in = sv->how.packets.out = whole;
	if (sv->opts->broadcast_input && open_input(sv, sv->use_input ? STDIN_FILENO : -1, e) < 0)
		return -1;
	if (broadcast_open(&sv->broadcast, e) < 0)
		return -1;
	return sv->opts->broadcast_input ? open_output(sv, e) : 0;
}

/* ---- chat ---- */

/* Standard input is the operator's, unless it is /dev/null. */
int
listen_chat_set_up(struct listen_server *sv, struct error *e)
{
	if (listen_broadcast_set_up(sv, e) < 0)
		return -1;
	sv->use_input = sv->how.in_fd >= 0;
	sv->how.in_fd = STDIN_FILENO;
	return 0;
}

static int
open_chat_local(void *arg, struct session *s, struct stream **ret_local, struct error *e)
{
	struct listen_server *sv = arg;

	return chat_join(&sv->chat, s, s->id, ret_local, e);
}

static int
on_operator_input(void *arg, const char *data, size_t n, struct error *e)
{
	struct listen_server *sv = arg;

	return chat_operator_input(&sv->chat, data, n, e);
}

static void
on_kicked(void *arg, void *who)
{
	(void)arg;
	session_end(who, END_KICKED);
}

int
listen_chat_open(struct listen_server *sv, struct error *e)
{
	const struct framing lines = { .kind = FRAMING_LINE };

	set_broker_callbacks(sv);
	sv->how.local_fn = open_chat_local;
	sv->how.packets.in = sv->how.packets.out = lines;
	sv->broadcast.input = on_operator_input;
	sv->chat.room.b = &sv->broadcast;
	sv->chat.room.expel = on_kicked;
	sv->chat.room.arg = sv;
	if (open_input(sv, sv->use_input ? STDIN_FILENO : -1, e) < 0 ||
	    broadcast_open(&sv->broadcast, e) < 0)
		return -1;
	chat_open(&sv->chat, &sv->spoken);
	return open_output(sv, e);
}

static void
on_all_written(void *arg)
{
	struct listen_server *sv = arg;

	sv->over = true;
}

/* Writes what is left of what clients have said. A reader that is too slow loses it, which is
 * reported. */
static void
finish_spoken(struct listen_server *sv)
{
	size_t left = broadcast_output_left(&sv->spoken);

	if (left == 0 || sv->rt.killed_by == SIGPIPE)
		return;
	sv->spoken.emptied = on_all_written;
	sv->over = false;
	/* the signal that ends the command was noticed already */
	loop_clear_interrupt(sv->rt.loop);
	(void)loop_run(sv->rt.loop, &sv->over, deadline_in(LISTEN_OUTPUT_PATIENCE), NULL);
	left = broadcast_output_left(&sv->spoken);
	if (left > 0)
		log_line(&sv->rt.report.log, LOG_NOTE,
		    "standard output: the last %zu bytes are lost: nobody read them", left);
}

void
listen_broadcast_close(struct listen_server *sv)
{
	finish_spoken(sv);
	broadcast_output_close(&sv->spoken);
	chat_close(&sv->chat);
	broadcast_close(&sv->broadcast);
	stream_close(sv->input);
	sv->input = NULL;
}
