#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/sys.h"
#include "sock/sock_impl.h"
#include "stream/tls.h"

enum { READ_AWAY = 16 * 1024 };

/* What the parts share: the verb is for messages, "tls 127.0.0.1:443". */
struct securing {
	struct sock *sock;
	const struct sock_tls_how *how;
	struct patience patience;
	char verb[SOCKNAME_TEXT_MAX + 12];
};

static void
name_part(struct securing *g, const char *verb)
{
	char text[SOCKNAME_TEXT_MAX];
	struct sockname peer;

	sock_peer(g->sock, &peer);
	snprintf(g->verb, sizeof(g->verb), "%s %s", verb,
	    sockname_format(&peer, text, sizeof(text)));
}

/* 0, or -1 where there is no going on. */
static int
wait_for(struct securing *g, ssize_t want, struct error *e)
{
	return sock_wait(g->sock, want == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE, &g->patience,
	    g->verb, e);
}

static int
converse(struct securing *g, struct starttls *dialogue, struct error *e)
{
	ssize_t rc;

	if (starttls_begin(dialogue, e) == -1)
		return -1;
	while ((rc = starttls_converse(dialogue, g->sock->stream, e)) < -1) {
		if (wait_for(g, rc, e) == -1)
			return -1;
	}
	return rc == 0 ? 0 : error_prefix(e, "%s", g->verb);
}

static void
on_said(void *arg, char who, const char *text)
{
	const struct securing *g = arg;

	g->how->said(g->how->arg, g->sock, who, text);
}

static int
agree(struct securing *g, struct error *e)
{
	struct starttls dialogue = { .protocol = g->how->protocol,
		.host = g->how->name,
		.said = g->how->said != NULL ? on_said : NULL,
		.arg = g };
	int rc;

	if (g->how->protocol == STARTTLS_NONE)
		return 0;
	name_part(g, "starttls");
	rc = converse(g, &dialogue, e);
	starttls_fini(&dialogue);
	return rc;
}

/* What went in datagrams may have got lost: the library then sends it again. */
static int
wait_for_step(struct securing *g, ssize_t want, struct error *e)
{
	struct patience all = g->patience;
	struct error err;
	int rc;

	g->patience.until = deadline_min(all.until, tls_retry_at(g->sock->stream));
	rc = wait_for(g, want, &err);
	g->patience = all;
	if (rc == 0 || (err.code == ERROR_TIMEOUT && !deadline_passed(all.until)))
		return 0;
	return sock_fail(&err, e);
}

static int
shake_hands(struct securing *g, struct error *e)
{
	struct sock *s = g->sock;
	struct stream *top;
	int rc;

	name_part(g, "tls");
	if (tls_stream(&top, g->how->tls, s->stream, g->how->name, e) == -1)
		return error_prefix(e, "%s", g->verb);
	s->stream = top;
	while ((rc = tls_handshake(s->stream, e)) < -1) {
		if (wait_for_step(g, rc, e) == -1)
			return -1;
	}
	return rc == 0 ? 0 : error_prefix(e, "%s", g->verb);
}

/* What nobody has protected must not be taken for protected. */
static int
check_held(const struct securing *g, struct error *e)
{
	if (g->sock->in.len == 0)
		return 0;
	error_set(e, ERROR_TLS, "%s: %zu bytes have come before the handshake", g->verb,
	    g->sock->in.len);
	return error_hint(e, "nothing may follow the go-ahead; receive what came before it");
}

static int
check_kind(const struct securing *g, struct error *e)
{
	const struct sock *s = g->sock;
	struct sockname peer;

	if (s->fd == -1)
		return sock_is_closed("starttls", e);
	if (sock_is_record(s) != g->how->datagrams || (sock_is_record(s) && s->type != SOCK_DGRAM))
		return error_set(e, ERROR_USAGE,
		    "starttls: needs a stream, or UDP, where it is DTLS");
	if (s->wait != NULL)
		return error_errno(e, ERROR_NETWORK, EBUSY,
		    "starttls: another call waits on this socket");
	if (sock_is_layered(s))
		return error_errno(e, ERROR_NETWORK, EISCONN, "starttls: TLS is on");
	sock_peer(s, &peer);
	if (peer.len == 0)
		return error_errno(e, ERROR_NETWORK, ENOTCONN, "starttls");
	return 0;
}

/* A client that is ahead of us (RFC 8446, 2) has sent more already: closing with that unread would
 * reset the connection, and destroy the alert that says why. */
static void
let_alert_arrive(struct securing *g)
{
	const struct patience p = { .until = deadline_in(NSEC_PER_SEC) };
	char data[READ_AWAY];
	ssize_t n;

	(void)sys_shutdown(g->sock->fd, SHUT_WR, NULL);
	do {
		n = sys_recv(g->sock->fd, data, sizeof(data), 0, NULL);
	} while ((n > 0 && !deadline_passed(p.until)) ||
	    (n == SYS_AGAIN && sock_wait(g->sock, LOOP_READ, &p, g->verb, NULL) == 0));
}

int
sock_start_tls(struct sock *s, const struct sock_tls_how *how, struct deadline until,
    struct error *e)
{
	struct securing g = { .sock = s, .how = how, .patience.until = until };
	struct error unasked;

	if (e == NULL)
		e = &unasked;
	if (check_kind(&g, e) == -1)
		return -1;
	name_part(&g, "starttls");
	if (check_held(&g, e) == 0 && agree(&g, e) == 0 && shake_hands(&g, e) == 0) {
		s->secured = true;
		return 0;
	}
	if (s->fd != -1 && how->name == NULL && e->code == ERROR_TLS)
		let_alert_arrive(&g);
	sock_set_end(s, e->code == ERROR_TIMEOUT ? END_DEADLINE : END_ERROR);
	sock_close(s);
	return -1;
}

bool
sock_tls_info(const struct sock *s, struct tls_info *ret_info)
{
	if (!s->secured || s->fd == -1)
		return false;
	tls_get_info(s->stream, ret_info);
	return true;
}

/* The peer must be able to tell an end from a cut: said once, as far as that goes
 * without waiting. */
void
sock_say_goodbye(struct sock *s)
{
	struct error ignored;

	if (s->secured)
		stream_shut(s->stream, &ignored);
}
