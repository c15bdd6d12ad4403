#include "cli/core/session_report.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/wait_status.h"
#include "cli/core/command_context.h"
#include "relay/session.h"
#include "sock/sock.h"

struct ends {
	char local[SOCKNAME_TEXT_MAX], peer[SOCKNAME_TEXT_MAX];
};

static void
format_ends(const struct sock *s, struct ends *ends)
{
	struct sockname local, peer;

	sock_local(s, &local);
	sock_peer(s, &peer);
	sockname_format_short(&local, ends->local, sizeof ends->local);
	sockname_format_short(&peer, ends->peer, sizeof ends->peer);
}

void
session_report_start(struct command_context *rt, enum event event, unsigned long id,
    const struct sock *s)
{
	struct ends ends;

	if (!report_wants(&rt->report))
		return;
	format_ends(s, &ends);
	const struct field values[] = {
		EVENT_INT(id),
		EVENT_TEXT(ends.local),
		EVENT_TEXT(ends.peer),
	};
	report_event(&rt->report, event, values);
}

static double
seconds(int64_t nsec)
{
	return (double)nsec / (double)NSEC_PER_SEC;
}

static void
report_end_event(struct command_context *rt, const struct session *s, const struct ends *ends,
    const struct sock_status *st, bool client)
{
	bool has_state = st->name != NULL;
	const struct field values[] = {
		EVENT_INT(s->id),
		EVENT_TEXT(ends->local),
		EVENT_TEXT(ends->peer),
		EVENT_TEXT(sock_end_word(s->end)),
		EVENT_INT_IF(s->counted, s->sent),
		EVENT_INT_IF(s->counted, s->received),
		EVENT_INT_IF(s->messages && !s->websocket, s->n_sent),
		EVENT_INT_IF(s->messages && !s->websocket, s->n_received),
		EVENT_REAL(seconds(s->nsec)),
		EVENT_INT_IF(has_state, st->kernel_code),
		EVENT_TEXT(st->name),
		EVENT_REAL_IF(st->time_wait_left > 0, seconds(st->time_wait_left)),
		EVENT_INT_IF(s->has_status, wait_status_code(s->status)),
		EVENT_INT_IF(s->websocket, s->n_sent),
		EVENT_INT_IF(s->websocket, s->n_received),
		EVENT_INT_IF(s->close.code != 0, s->close.code),
		EVENT_TEXT(s->close.reason[0] != '\0' ? s->close.reason : NULL),
	};

	report_event(&rt->report, client ? EVENT_END : EVENT_END_SERVED, values);
}

/* Only TCP has states; for others st->name stays NULL. */
static void
query_state(const struct session *session, struct sock_status *st)
{
	sock_status(session->sock, st, NULL);
	if ((session->messages && !session->websocket) ||
	    (st->local.sa.sa_family != AF_INET && st->local.sa.sa_family != AF_INET6))
		st->name = NULL;
}

/* Writes the first receiver and the number of further ones. */
static void
format_receivers(const struct message_relay_how *how, char *text, size_t size)
{
	size_t len;

	sockname_format_short(&how->to[0], text, size);
	len = strlen(text);
	if (how->n_to > 1)
		snprintf(text + len, size - len, " and %u more", how->n_to - 1);
}

/* The two ends as reports name them: a client that was refused has only its address. */
static void
session_ends(const struct session *s, struct ends *ends)
{
	format_ends(s->sock, ends);
	if (s->how != NULL && s->how->packets.n_to > 0)
		format_receivers(&s->how->packets, ends->peer, sizeof ends->peer);
}

void
session_report_end(struct command_context *rt, const struct session *s, bool client)
{
	struct sock_status st = { 0 };
	struct ends ends;

	if (!report_wants(&rt->report))
		return;
	session_ends(s, &ends);
	/* another voice does not say it */
	if (!report_has_voice(&rt->report) || report_wants_events(&rt->report))
		query_state(s, &st);
	report_end_event(rt, s, &ends, &st, client);
}

bool
session_report_failure(const struct session *s, struct error *ret_error)
{
	struct ends ends;

	if (s->error == NULL || s->end == END_STDOUT_CLOSED)
		return false;
	*ret_error = *s->error;
	session_ends(s, &ends);
	if (s->verb != NULL)
		error_prefix(ret_error, "%s %s", s->verb, ends.peer);
	return true;
}

void
session_report(struct command_context *rt, const struct session *s, bool client)
{
	struct error e;

	session_report_end(rt, s, client);
	if (session_report_failure(s, &e))
		command_context_fail(rt, &e);
}

int
session_report_status(struct command_context *rt, const struct session *s)
{
	if (s->end == END_STDOUT_CLOSED) {
		rt->killed_by = SIGPIPE;
		return 128 + SIGPIPE;
	}
	if (s->error != NULL)
		return error_exit_status(s->error);
	return s->has_status ? wait_status_code(s->status) : 0;
}
