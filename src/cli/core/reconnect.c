#include "cli/core/reconnect.h"

#include <stdint.h>

#include "base/error.h"
#include "cli/core/command_context.h"
#include "relay/session.h"
#include "sock/sock.h"
#include "stream/fd.h"

/* The most that is read and not sent. */
#define UNSENT_MAX SIZE_MAX / 2

/* A terminal would be read on after its end of file. Standard output stays open for the next one. */
static int
open_local(void *arg, struct session *s, struct stream **ret_local, struct error *e)
{
	struct reconnect *r = arg;

	(void)s;
	return fd_stream_stdio(ret_local, r->carry.input_over ? -1 : r->in_fd, r->out_fd, false, e);
}

void
reconnect_open(struct reconnect *r, struct session_how *how)
{
	buf_init(&r->carry.unsent, UNSENT_MAX);
	r->open = true;
	r->in_fd = how->in_fd;
	r->out_fd = how->out_fd;
	how->carry = &r->carry;
	how->local_fn = open_local;
	how->local_arg = r;
}

void
reconnect_close(struct reconnect *r)
{
	if (!r->open)
		return;
	if (r->carry.unsent.len > 0)
		log_line(&r->rt->report.log, LOG_NOTE,
		    "%zu bytes of the input were read, but not sent", r->carry.unsent.len);
	buf_fini(&r->carry.unsent);
	r->open = false;
}

/* A failure of the connection, and not of this side, or of who the peer is. */
static bool
is_lost(const struct session *s)
{
	switch (s->end) {
	case END_PEER_FIN:
	case END_PEER_RESET:
	case END_REFUSED:
	case END_TLS_CLOSE:
	case END_TLS_TRUNCATED:
		return true;
	case END_ERROR:
		return s->error != NULL &&
		    (s->error->code == ERROR_NETWORK || s->error->code == ERROR_TIMEOUT);
	default:
		return false;
	}
}

static const char *
format_gone_peer(const struct session *s, char *text, size_t size)
{
	struct sockname peer;

	sock_peer(s->sock, &peer);
	return sockname_format_short(&peer, text, size);
}

bool
reconnect_is_due(struct reconnect *r, const struct session *s)
{
	char peer[SOCKNAME_TEXT_MAX];

	if (!r->open || !is_lost(s))
		return false;
	if (s->unacknowledged > 0)
		log_line(&r->rt->report.log, LOG_NOTE, "%s: %llu bytes%s were not acknowledged",
		    format_gone_peer(s, peer, sizeof peer), (unsigned long long)s->unacknowledged,
		    s->how->plan.tls.tls != NULL ? " of TLS" : "");
	return !r->carry.input_over || r->carry.unsent.len > 0;
}

int
reconnect_wait(struct reconnect *r, const struct session *s, struct error *e)
{
	char peer[SOCKNAME_TEXT_MAX];
	const bool never = false;
	const struct field values[] = {
		EVENT_INT(s->id),
		EVENT_TEXT(format_gone_peer(s, peer, sizeof peer)),
		EVENT_TEXT(sock_end_word(s->end)),
		EVENT_INT(s->unacknowledged),
		EVENT_INT(r->carry.unsent.len),
		EVENT_REAL((double)r->interval / (double)NSEC_PER_SEC),
	};

	report_event(&r->rt->report, EVENT_RECONNECTING, values);
	if (loop_run(r->rt->loop, &never, deadline_min(r->until, deadline_in(r->interval)), e) < 0)
		return -1;
	return deadline_passed(r->until)
	    ? error_set(e, ERROR_TIMEOUT, "connect %s: timed out (--timeout)", peer)
	    : 0;
}
