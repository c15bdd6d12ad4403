#include "cli/output/client_failures.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/core/command_context.h"

/* In a period this many failures of a kind are reported. */
#define REPORTED_MAX 10
#define PERIOD (10 * NSEC_PER_SEC)

static const struct log *
log_of(const struct client_failures *cf)
{
	return &cf->rt->report.log;
}

/* Once the table is full, the last kind collects all others. */
static struct failure_kind *
find_kind(struct client_failures *cf, const struct error *e)
{
	struct failure_kind *k = cf->kinds, *end = cf->kinds + cf->n_kinds;

	while (k < end && (k->code != (int)e->code || k->number != e->number))
		k++;
	if (k < end)
		return k;
	if (cf->n_kinds == FAILURE_KINDS_MAX)
		return end - 1;
	cf->n_kinds++;
	*k = (struct failure_kind){ .code = (int)e->code, .number = e->number };
	return k;
}

static void
report_counted(struct client_failures *cf, struct failure_kind *k)
{
	if (k->counted > 0)
		log_line(log_of(cf), LOG_NOTE, "%s: %lu more of this kind", k->text, k->counted);
	k->counted = 0;
}

/* Returns false where the failure is only counted. */
static bool
may_report(struct client_failures *cf, struct failure_kind *k)
{
	if (log_on(log_of(cf), LOG_VERBOSE))
		return true;
	if (deadline_passed(k->next)) {
		report_counted(cf, k);
		k->reported = 0;
		k->next = deadline_in(PERIOD);
	}
	if (k->reported == REPORTED_MAX)
		return false;
	k->reported++;
	return true;
}

void
client_failures_add(struct client_failures *cf, const struct error *e)
{
	struct failure_kind *k = find_kind(cf, e);

	command_context_error_event(cf->rt, e);
	if (may_report(cf, k)) {
		report_error(&cf->rt->report, e);
		return;
	}
	k->counted++;
	snprintf(k->text, sizeof k->text, "%.150s", e->text);
}

void
client_failures_add_reset(struct client_failures *cf, const struct error *e)
{
	command_context_error_event(cf->rt, e);
	if (log_on(log_of(cf), LOG_VERBOSE))
		report_error(&cf->rt->report, e);
	else
		cf->resets++;
}

void
client_failures_report(struct client_failures *cf)
{
	unsigned i;

	if (cf->resets > 0)
		log_line(log_of(cf), LOG_NOTE, "%lu client%s ended with a reset", cf->resets,
		    cf->resets == 1 ? "" : "s");
	cf->resets = 0;
	for (i = 0; i < cf->n_kinds; i++)
		report_counted(cf, &cf->kinds[i]);
}
