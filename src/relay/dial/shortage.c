#include "relay/dial/shortage.h"

#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/log.h"
#include "net/accept.h"
#include "net/sys.h"

/* A shortage is reported again only after this long without one. */
#define QUIET (10 * NSEC_PER_SEC)

/* What the resolver opens at a time. */
enum { RESOLVER_DESCRIPTORS = 3 };

static bool
is_recent(const struct shortage *s)
{
	return s != NULL && !deadline_passed(s->quiet_until);
}

/* libc says in many ways that it could not open what a look-up needs, and it may be there again by now. */
static bool
is_of_resolver(const struct shortage *s, const struct error *e)
{
	bool passes = e->number == EAI_AGAIN || e->number == EAI_SYSTEM;

	return (passes && is_recent(s)) || !sys_has_descriptors(RESOLVER_DESCRIPTORS);
}

bool
shortage_is(const struct shortage *s, const struct error *e)
{
	/* of threads */
	if (e->origin == ORIGIN_ERRNO && e->code == ERROR_RESOLVE && e->number == EAGAIN)
		return true;
	if (e->origin == ORIGIN_ERRNO)
		return accept_verdict(e->number) == ACCEPT_SHORTAGE;
	return e->code == ERROR_RESOLVE && e->origin == ORIGIN_GAI && is_of_resolver(s, e);
}

void
shortage_report(struct shortage *s, const struct log *log, const char *fmt, ...)
{
	bool quiet = !deadline_passed(s->quiet_until);
	char line[512];
	va_list args;

	s->quiet_until = deadline_in(QUIET);
	if (quiet)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	log_line(log, LOG_NOTE, "%s", line);
}

/* ---- waiting ---- */

static void
leave_shortage(struct shortage_wait *w)
{
	if (w->waits)
		w->shortage->waiting--;
	w->waits = false;
}

static void
on_next_try(struct timer *t)
{
	struct shortage_wait *w = t->arg;

	leave_shortage(w);
	w->again(w->arg);
}

bool
shortage_wait(struct shortage_wait *w, const struct error *e)
{
	if (w->shortage == NULL || !shortage_is(w->shortage, e))
		return false;
	if (!w->was_short)
		w->short_until = deadline_min(w->until, deadline_in(w->patience));
	w->was_short = true;
	if (deadline_passed(w->short_until))
		return false;
	w->timer = (struct timer){ .fn = on_next_try, .arg = w };
	if (loop_timer_set(w->loop, &w->timer, deadline_in(SHORTAGE_PAUSE), NULL) < 0)
		return false;
	w->shortage->waiting++;
	w->waits = true;
	shortage_report(w->shortage, w->log, "%s: its client waits", e->text);
	return true;
}

void
shortage_wait_stop(struct shortage_wait *w)
{
	if (w->loop != NULL)
		loop_timer_stop(w->loop, &w->timer);
	leave_shortage(w);
}
