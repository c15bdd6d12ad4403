#include "script/socket_recorder.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "relay/capture/recorder.h"
#include "relay/session_local.h"
#include "script/impl.h"
#include "sock/sock.h"
#include "stream/tls_info.h"

/* The peers of a datagram socket that are kept; a further one takes the place of the first. */
enum { PEERS_MAX = 1024 };

struct socket_connection {
	struct sockname peer;
	struct recorded recorded[SOCKET_RECORDINGS];
	bool accepted;
	bool over; /* reset */
};

/* Of one handle. A stream has one connection, a datagram socket one for each peer. */
struct socket_record {
	struct sock_observer observer;
	struct script *sc;
	struct socket_connection *connections;
	size_t n, room;
	size_t oldest;
};

/* ---- connections ---- */

static void
record_tls(struct recorded *r, const struct sock *s)
{
	struct tls_info info;

	if (sock_tls_info(s, &info))
		recorded_tls(r, &info, NULL);
}

/* The socket has a descriptor. */
static void
begin_recorded(const struct script *sc, struct socket_connection *c, struct sock *s, int which)
{
	struct recorder *r = sc->recorders[which];
	struct sockname local;
	const struct recorded_how how = {
		.id = r != NULL ? ++r->connections : 0,
		.role = c->accepted ? DIALOGUE_SERVER : DIALOGUE_CLIENT,
		.type = session_recorded_type(s),
		.since = clock_now(),
		.transport = sock_type(s) == SOCK_DGRAM ? "udp" : "tcp",
		.local = &local,
		.peer = &c->peer,
	};

	if (r == NULL)
		return;
	sock_local(s, &local);
	recorded_open(&c->recorded[which], r, &how);
	record_tls(&c->recorded[which], s);
}

static void
end_recorded(struct socket_connection *c, enum dialogue_kind kind, enum dialogue_direction dir,
    const char *reason)
{
	for (int i = 0; i < SOCKET_RECORDINGS; i++)
		recorded_close(&c->recorded[i], kind, dir, reason);
	c->over = true;
}

static bool
has_room(struct socket_record *sr)
{
	size_t room = sr->room > 0 ? 2 * sr->room : 1;
	void *more;

	if (sr->n < sr->room)
		return true;
	more = reallocarray(sr->connections, room, sizeof(*sr->connections));
	if (more == NULL)
		return false;
	sr->connections = more;
	sr->room = room;
	return true;
}

/* Returns where the next connection is to be. */
static struct socket_connection *
next_connection(struct socket_record *sr)
{
	struct socket_connection *c;

	if (sr->n < PEERS_MAX)
		return has_room(sr) ? &sr->connections[sr->n++] : NULL;
	c = &sr->connections[sr->oldest++ % PEERS_MAX];
	end_recorded(c, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, "too many peers at once");
	return c;
}

static struct socket_connection *
add_peer_of(struct socket_record *sr, struct sock *s, const struct sockname *peer, bool accepted)
{
	struct socket_connection *c = next_connection(sr);

	if (c == NULL) {
		log_line(sr->sc->how.log, LOG_NOTE, "record: out of memory for a connection");
		return NULL;
	}
	*c = (struct socket_connection){ .peer = *peer, .accepted = accepted };
	for (int i = 0; i < SOCKET_RECORDINGS; i++)
		begin_recorded(sr->sc, c, s, i);
	return c;
}

static bool
is_of_many(const struct sock *s)
{
	return sock_type(s) != SOCK_STREAM && sock_type(s) != SOCK_SEQPACKET;
}

/* The newest is looked for most. */
static struct socket_connection *
find_peer_of(const struct socket_record *sr, const struct sock *s, const struct sockname *peer)
{
	for (size_t i = sr->n; i > 0; i--)
		if (!is_of_many(s) || sockname_equal(&sr->connections[i - 1].peer, peer))
			return &sr->connections[i - 1];
	return NULL;
}

/* Returns NULL where there is none, as for a socket that listens. */
static struct socket_connection *
connection_of_event(struct socket_record *sr, struct sock *s, const struct sock_shown *what)
{
	const bool moved = what->event == SOCK_SENT || what->event == SOCK_RECEIVED;
	struct sockname peer;
	struct socket_connection *c;

	if (what->peer != NULL && what->peer->len > 0)
		peer = *what->peer;
	else
		sock_peer(s, &peer);
	c = find_peer_of(sr, s, &peer);
	if (c != NULL || (!moved && (peer.len == 0 || what->event != SOCK_CONNECTED)))
		return c;
	return add_peer_of(sr, s, &peer,
	    sock_is_accepted(s) || (is_of_many(s) && what->event == SOCK_RECEIVED));
}

/* ---- events ---- */

/* A stream that now carries messages goes on as another connection. */
static void
note_secured(const struct script *sc, struct socket_connection *c, struct sock *s, int which)
{
	struct recorded *r = &c->recorded[which];

	if (recorded_is_open(r) && r->type != session_recorded_type(s)) {
		recorded_close(r, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, "WebSocket begins");
		begin_recorded(sc, c, s, which);
	} else {
		record_tls(r, s);
	}
}

static void
record_shown(const struct script *sc, struct socket_connection *c, struct sock *s,
    const struct sock_shown *what)
{
	for (int i = 0; i < SOCKET_RECORDINGS; i++) {
		struct recorded *r = &c->recorded[i];

		if (what->event == SOCK_SECURED)
			note_secured(sc, c, s, i);
		else if (what->event == SOCK_SENT || what->event == SOCK_RECEIVED)
			recorded_data(r,
			    what->event == SOCK_SENT ? DIALOGUE_SENT : DIALOGUE_RECEIVED,
			    what->data, what->n);
		else if (what->event == SOCK_SENT_END || what->event == SOCK_RECEIVED_END)
			recorded_end(r,
			    what->event == SOCK_SENT_END ? DIALOGUE_SENT : DIALOGUE_RECEIVED);
	}
	if (what->event == SOCK_RESET)
		end_recorded(c, DIALOGUE_RESET, DIALOGUE_RECEIVED, sock_end_word(END_PEER_RESET));
}

static void
record_close_of_all(struct socket_record *sr, const struct sock *s, bool aborted)
{
	enum sock_end end = sock_end(s);
	const char *reason = end != END_NONE ? sock_end_word(end) : NULL;

	for (size_t i = 0; i < sr->n; i++)
		end_recorded(&sr->connections[i], aborted ? DIALOGUE_RESET : DIALOGUE_CLOSE,
		    DIALOGUE_SENT, reason);
	free(sr->connections);
	sr->connections = NULL;
	sr->n = sr->room = 0;
}

static void
on_socket_event(void *arg, struct sock *s, const struct sock_shown *what)
{
	struct socket_record *sr = arg;
	struct socket_connection *c;

	if (what->event == SOCK_CLOSED || what->event == SOCK_ABORTED) {
		record_close_of_all(sr, s, what->event == SOCK_ABORTED);
		return;
	}
	c = connection_of_event(sr, s, what);
	if (c != NULL && !c->over)
		record_shown(sr->sc, c, s, what);
}

/* ---- sockets ---- */

static bool
is_recording(const struct script *sc)
{
	for (int i = 0; i < SOCKET_RECORDINGS; i++)
		if (sc->recorders[i] != NULL)
			return true;
	return false;
}

/* What is connected already begins at once. */
static void
observe_socket(struct handle *h)
{
	const struct sock_shown connected = { .event = SOCK_CONNECTED };
	struct socket_record *sr = calloc(1, sizeof(*sr));

	if (sr == NULL) {
		log_line(h->sc->how.log, LOG_NOTE, "record: out of memory for %s", h->name);
		return;
	}
	sr->sc = h->sc;
	sr->observer = (struct sock_observer){ on_socket_event, sr };
	h->record = sr;
	sock_observe(h->sock, &sr->observer);
	if (!sock_is_listening(h->sock))
		on_socket_event(sr, h->sock, &connected);
}

static void
on_new_socket(struct handle *h)
{
	if (is_recording(h->sc) && handle_is_open(h))
		observe_socket(h);
}

/* ---- recorders ---- */

static void
change_recorder(void *arg, struct handle *h)
{
	const enum socket_recording *which = arg;
	struct socket_record *sr = h->record;

	if (sr == NULL) {
		on_new_socket(h);
		return;
	}
	for (size_t i = 0; i < sr->n; i++) {
		struct socket_connection *c = &sr->connections[i];

		c->recorded[*which] = (struct recorded){ 0 };
		if (!c->over && handle_is_open(h))
			begin_recorded(h->sc, c, h->sock, (int)*which);
	}
}

void
socket_recorder_set(struct script *sc, enum socket_recording which, struct recorder *r)
{
	sc->recorders[which] = r;
	sc->on_socket = on_new_socket;
	handles_each(sc, change_recorder, &which);
}
