#include "cli/dialogue/live_pcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/deadline.h"
#include "base/error.h"
#include "cli/output/output_queue.h"
#include "cli/output/report.h"
#include "net/sockname.h"
#include "relay/capture/recorder.h"
#include "relay/session.h"
#include "stream/tap.h"

/* What is queued for a pipe whose reader is slow; then the capture ends. */
#define QUEUED_MOST ((size_t)16 << 20)

/* A connection with a tap. */
struct tapped {
	struct live_pcap *all;
	uint64_t id;
	enum dialogue_type type;
};

/* ---- the file ---- */

static int
write_capture(void *arg, const void *data, size_t n, struct error *e)
{
	const struct live_pcap *l = arg;

	if (output_queue_result(l->queue, data, n, e) == -1)
		return -1;
	if (l->queue->queued.len > QUEUED_MOST)
		return error_set(e, ERROR_LOCAL_IO, "write %s: its reader is too slow",
		    l->queue->name);
	return 0;
}

/* Says it now: a server may run for long. The exit status comes with the end of the report. */
static void
end_capture(struct live_pcap *l, struct error *e)
{
	l->over = true;
	error_prefix(e, "--pcap: the capture has ended");
	report_error(l->report, e);
	l->queue->told = true;
}

int
live_pcap_open(struct live_pcap *l, struct report *r, const struct live_pcap_how *how,
    const struct report_how *wait, struct error *e)
{
	struct dialogue_header header = { .started = recorder_wall_clock() };
	struct error failure = { 0 };
	int fd;

	if (report_open_private(how->file, wait, &fd, e) == -1 ||
	    output_queue_open(&r->queues, wait->loop, fd, true, how->file, &l->queue, e) == -1)
		return -1;
	snprintf(header.command, sizeof(header.command), "%s", how->command);
	l->report = r;
	l->role = how->role;
	l->started = clock_now();
	l->pcap = (struct dialogue_pcap){ .wire = true, .name = how->name };
	if (dialogue_pcap_open(&l->pcap, &header, write_capture, l, &failure) == -1)
		end_capture(l, &failure);
	return 0;
}

void
live_pcap_close(struct live_pcap *l)
{
	struct error e = { 0 };

	if (l->report == NULL)
		return;
	if (dialogue_pcap_close(&l->pcap, &e) == -1 && !l->over)
		end_capture(l, &e);
	l->report = NULL;
}

/* ---- events ---- */

static void
add_captured(struct live_pcap *l, const struct dialogue_event *event)
{
	struct error e = { 0 };

	if (!l->over && l->report != NULL && dialogue_pcap_event(&l->pcap, event, &e) == -1)
		end_capture(l, &e);
}

void
live_pcap_observe(void *arg, const struct dialogue_event *event)
{
	if (event->type == DIALOGUE_DATAGRAM)
		add_captured(arg, event);
}

/* ---- taps ---- */

static const struct {
	enum dialogue_kind kind;
	enum dialogue_direction dir;
} meanings[] = {
	[TAP_SENT] = { DIALOGUE_DATA, DIALOGUE_SENT },
	[TAP_RECEIVED] = { DIALOGUE_DATA, DIALOGUE_RECEIVED },
	[TAP_SENT_END] = { DIALOGUE_END, DIALOGUE_SENT },
	[TAP_RECEIVED_END] = { DIALOGUE_END, DIALOGUE_RECEIVED },
	[TAP_RESET] = { DIALOGUE_RESET, DIALOGUE_RECEIVED },
	[TAP_CLOSE] = { DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION },
	[TAP_ABORT] = { DIALOGUE_RESET, DIALOGUE_SENT },
};

static void
on_tapped(void *arg, enum tap_event event, const void *data, size_t n)
{
	struct tapped *t = arg;
	const struct dialogue_event happened = { .time = clock_now() - t->all->started,
		.connection = t->id,
		.kind = meanings[event].kind,
		.role = t->all->role,
		.type = t->type,
		.dir = meanings[event].dir,
		.data = data,
		.n = n };

	add_captured(t->all, &happened);
	if (event == TAP_CLOSE || event == TAP_ABORT)
		free(t);
}

static void
open_captured(struct live_pcap *l, const struct tapped *t, const struct session *s)
{
	char local_text[SOCKNAME_TEXT_MAX], peer_text[SOCKNAME_TEXT_MAX];
	struct sockname local, peer;
	struct dialogue_event event = { .time = clock_now() - l->started,
		.connection = t->id,
		.kind = DIALOGUE_OPEN,
		.role = l->role,
		.type = t->type,
		.dir = DIALOGUE_NO_DIRECTION };

	sock_local(s->sock, &local);
	sock_peer(s->sock, &peer);
	event.local = sockname_format(&local, local_text, sizeof(local_text));
	event.peer = sockname_format(&peer, peer_text, sizeof(peer_text));
	l->pcap.awaits_secrets = s->how->plan.tls.tls != NULL;
	add_captured(l, &event);
}

/* Datagrams without TLS keep the ways of their socket; the recorder shows them. */
static bool
needs_tap(const struct session *s)
{
	return sock_type(s->sock) == SOCK_STREAM || s->how->plan.tls.tls != NULL;
}

int
live_pcap_tap(void *arg, struct session *s, struct error *e)
{
	struct stream **top = sock_top(s->sock);
	struct tap_observer observer = { .on_event = on_tapped };
	struct tapped *t;

	if (!needs_tap(s))
		return 0;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	*t = (struct tapped){ .all = arg,
		.id = s->id,
		.type = sock_type(s->sock) == SOCK_STREAM ? DIALOGUE_STREAM : DIALOGUE_DATAGRAM };
	observer.arg = t;
	if (tap_stream(top, *top, &observer, e) == -1) {
		free(t);
		return -1;
	}
	open_captured(arg, t, s);
	/* what a server has read from its own socket before there was one for this peer */
	if (s->n_first > 0)
		on_tapped(t, TAP_RECEIVED, s->first, s->n_first);
	return 0;
}

/* The lines are one secret each. */
void
live_pcap_secured(void *arg, const struct session *s, const char *secrets)
{
	struct live_pcap *l = arg;
	struct dialogue_event event = { .connection = s->id, .kind = DIALOGUE_SECRET };
	struct error e = { 0 };
	char line[512];
	size_t n;

	for (; secrets != NULL && *secrets != '\0'; secrets += n + (secrets[n] == '\n')) {
		n = strcspn(secrets, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)n, secrets);
		event.text = line;
		add_captured(l, &event);
	}
	if (!l->over && dialogue_pcap_release(&l->pcap, s->id, &e) == -1)
		end_capture(l, &e);
}
