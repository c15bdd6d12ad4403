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
