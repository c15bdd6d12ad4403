#include "relay/server/acceptor.h"

#include "base/error.h"
#include "net/accept.h"
#include "relay/server/client_limit.h"
#include "sock/sock.h"

/* A backlog of the kernel is not longer, unless net.core.somaxconn was raised. */
#define WAITING_MAX 4096

enum step {
	STEP_NEXT,  /* another client may be there */
	STEP_EMPTY, /* no client is there */
	STEP_END    /* stop accepting for now */
};

/* ---- whether to accept ---- */

static bool
is_full(const struct acceptor *a)
{
	unsigned n = a->shared != NULL ? atomic_load(&a->shared->all->active) : a->active;

	return a->max_clients != 0 && n >= a->max_clients;
}

/* Counts the next client. Returns false if there is no room for it. */
static bool
take_room(struct acceptor *a)
{
	if (a->shared != NULL ? !client_limit_take(a->shared, a->max_clients) : is_full(a))
		return false;
	a->active++;
	return true;
}

static void
give_back_room(struct acceptor *a)
{
	a->active--;
	if (a->shared != NULL)
		client_limit_release(a->shared, 1);
}

static unsigned long
next_id(struct acceptor *a)
{
	a->accepted++;
	return a->shared != NULL ? client_limit_next_id(a->shared) : a->accepted;
}

static bool
is_pausing(const struct acceptor *a)
{
	return a->resume.slot != 0;
}

static bool
wants_clients(const struct acceptor *a)
{
	return a->state == ACCEPTOR_ACCEPTING && !a->held && a->waiting == NULL && !is_pausing(a) &&
	    (a->refuse || !is_full(a));
}

/* Without this the loop would report waiting clients repeatedly while none can be accepted. If
 * there is no memory for the timer, nothing would resume, so the loop goes on at once. */
static void
pause_accepting(struct acceptor *a, int64_t duration)
{
	if (loop_timer_set(a->loop, &a->resume, deadline_in(duration), NULL) == 0 &&
	    a->state == ACCEPTOR_ACCEPTING)
		loop_watch(a->loop, &a->watch, 0, NULL);
}

static void
report_shortage(struct acceptor *a, const char *reason)
{
	struct shortage *s = a->shortage != NULL ? a->shortage : &a->own_shortage;

	if (a->active > 0)
		shortage_report(s, a->log, "%s: the next client waits (%u connected)", reason,
		    a->active);
	else
		shortage_report(s, a->log, "%s: the next client waits", reason);
}

static void
update_watch(struct acceptor *a)
{
	struct error e = { 0 };
	unsigned events;

	/* before the last look: room that is made after it is told */
	if (a->shared != NULL && is_full(a))
		client_limit_await(a->shared);
	events = wants_clients(a) ? LOOP_READ : 0;
	if (events == a->watch.events || loop_watch(a->loop, &a->watch, events, &e) == 0)
		return;
	report_shortage(a, e.text);
	pause_accepting(a, SHORTAGE_PAUSE);
}

/* ---- turns ---- */

static void
begin_turn(struct acceptor *a, struct acceptor_turn *turn)
{
	*turn = (struct acceptor_turn){ .outer = a->turn };
	a->turn = turn;
}

/* Returns false if a callback has stopped the acceptor, which may be freed. Turns on several
 * stacks need not end in order. */
static bool
end_turn(struct acceptor *a, const struct acceptor_turn *turn)
{
	struct acceptor_turn **at;

	if (turn->stopped)
		return false;
	for (at = &a->turn; *at != turn; at = &(*at)->outer)
		continue;
	*at = turn->outer;
	return true;
}

/* ---- clients ---- */

static bool
has_descriptors(const struct acceptor *a, const struct sock *conn)
{
	const struct client_source *source = &a->source;

	if (a->shortage != NULL && a->shortage->waiting > 0)
		return false;
	return source->has_spare == NULL || source->has_spare(source->arg, conn, a->spare);
}

static void
start_client(struct acceptor *a, struct sock *conn)
{
	if (has_descriptors(a, conn)) {
		a->client(a, conn, next_id(a));
		return;
	}
	a->waiting = conn;
	report_shortage(a, "accept: Too many open files");
	pause_accepting(a, SHORTAGE_PAUSE);
}

static void
listener_gone(struct acceptor *a, const struct error *e)
{
	a->state = ACCEPTOR_GONE;
	loop_unwatch(a->loop, &a->watch);
	a->gone(a, e);
}

static enum step
accept_failed(struct acceptor *a, const struct error *e)
{
	switch (accept_verdict_of(e)) {
	case ACCEPT_WOULD_BLOCK:
		return STEP_EMPTY;
	case ACCEPT_RETRY:
		return STEP_NEXT;
	case ACCEPT_GONE:
		listener_gone(a, e);
		break;
	case ACCEPT_SHORTAGE:
	case ACCEPT_FAILED:
		report_shortage(a, e->text);
		pause_accepting(a, SHORTAGE_PAUSE);
		break;
	}
	return STEP_END;
}

/* The callback comes last, as it may free the acceptor. */
static enum step
accept_one(struct acceptor *a)
{
	struct error e = { 0 };
	struct sock *conn;
	bool room = take_room(a);

	/* another process was faster */
	if (!room && !a->refuse)
		return STEP_END;
	if (a->source.take(a->source.arg, &conn, &e) < 0) {
		if (room)
			give_back_room(a);
		return accept_failed(a, &e);
	}
	if (!room) {
		a->refused(a, conn, next_id(a));
		return STEP_NEXT;
	}
	start_client(a, conn);
	return STEP_NEXT;
}

static void
accept_batch(struct acceptor *a, unsigned tries, unsigned ready)
{
	struct acceptor_turn turn;
	enum step step;
	bool in_vain = true;

	/* if a callback runs the loop, this turn may not accept */
	if (!wants_clients(a)) {
		update_watch(a);
		return;
	}
	begin_turn(a, &turn);
	do {
		step = accept_one(a);
		in_vain = in_vain && step == STEP_EMPTY;
	} while (step == STEP_NEXT && --tries > 0 && !turn.stopped && wants_clients(a));
	if (!end_turn(a, &turn))
		return;
	/* an error that accepting does not clear is reported for ever */
	if (in_vain && (ready & LOOP_HANGUP) != 0 && a->state == ACCEPTOR_ACCEPTING)
		pause_accepting(a, SHORTAGE_PAUSE);
	update_watch(a);
}

static void
on_listener(struct watch *w, unsigned ready)
{
	struct acceptor *a = w->arg;

	accept_batch(a, a->batch != 0 ? a->batch : ACCEPTOR_BATCH, ready);
}

static void
on_room_made(struct watch *w, unsigned ready)
{
	struct acceptor *a = w->arg;

	(void)ready;
	client_limit_clear(a->shared);
	if (a->state == ACCEPTOR_ACCEPTING)
		update_watch(a);
}

static void
on_resume(struct timer *t)
{
	struct acceptor *a = t->arg;
	struct sock *conn = a->waiting;
	struct acceptor_turn turn;

	begin_turn(a, &turn);
	a->waiting = NULL;
	/* first, as the callback may run the loop */
	update_watch(a);
	if (conn != NULL)
		start_client(a, conn);
	if (end_turn(a, &turn))
		update_watch(a);
}

/* ---- start and stop ---- */

static int
watch_room(struct acceptor *a, struct error *e)
{
	a->room =
	    (struct watch){ .fd = client_limit_event(a->shared), .fn = on_room_made, .arg = a };
	return loop_watch(a->loop, &a->room, LOOP_READ, e);
}

int
acceptor_start(struct acceptor *a, struct error *e)
{
	struct error err;

	a->watch = (struct watch){ .fd = a->source.fd, .fn = on_listener, .arg = a };
	a->resume = (struct timer){ .fn = on_resume, .arg = a };
	if (loop_watch(a->loop, &a->watch, LOOP_READ, &err) < 0)
		return error_errno(e, ERROR_NETWORK, err.number, "wait for clients");
	if (a->shared != NULL && watch_room(a, e) < 0) {
		loop_unwatch(a->loop, &a->watch);
		return -1;
	}
	a->state = ACCEPTOR_ACCEPTING;
	return 0;
}

void
acceptor_released(struct acceptor *a)
{
	give_back_room(a);
	if (a->state == ACCEPTOR_ACCEPTING)
		update_watch(a);
}

void
acceptor_hold(struct acceptor *a, bool held)
{
	a->held = held;
	if (a->state == ACCEPTOR_ACCEPTING)
		update_watch(a);
}

void
acceptor_take_waiting(struct acceptor *a)
{
	accept_batch(a, WAITING_MAX, 0);
}

void
acceptor_leave(struct acceptor *a)
{
	if (a->state == ACCEPTOR_STOPPED)
		return;
	a->state = ACCEPTOR_LEAVING;
	loop_unwatch(a->loop, &a->watch);
	if (a->shared != NULL)
		loop_unwatch(a->loop, &a->room);
}

void
acceptor_stop(struct acceptor *a)
{
	if (a->state == ACCEPTOR_STOPPED)
		return;
	a->state = ACCEPTOR_STOPPED;
	loop_unwatch(a->loop, &a->watch);
	if (a->shared != NULL)
		loop_unwatch(a->loop, &a->room);
	loop_timer_stop(a->loop, &a->resume);
	for (; a->turn != NULL; a->turn = a->turn->outer)
		a->turn->stopped = true;
	if (a->waiting == NULL)
		return;
	/* a clean end would look like an empty answer */
	sock_abort(a->waiting);
	sock_free(a->waiting);
	a->waiting = NULL;
	give_back_room(a);
}
