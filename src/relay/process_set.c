#include "relay/process_set.h"

#include <signal.h>
#include <stdlib.h>

#include "base/error.h"

/* From SIGTERM to SIGKILL. */
#define GRACE (2 * NSEC_PER_SEC)
/* Time for the kernel to end killed programs. One in an uninterruptible sleep is left behind. */
#define REAP NSEC_PER_SEC

struct process {
	struct process_set *set;
	struct child_watch watch;
	struct process *next, **prev;
};

static void
remove_process(struct process *p)
{
	*p->prev = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
	p->set->n--;
	p->set->is_empty = p->set->n == 0;
	free(p);
}

static void
on_child_reaped(struct child_watch *c, int status)
{
	struct process *p = c->arg;
	struct process_set *ps = p->set;

	(void)status;
	remove_process(p);
	if (ps->ended != NULL)
		ps->ended(ps->arg);
}

void
process_set_adopt(struct process_set *ps, struct child_watch *c)
{
	struct process *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		loop_child_disown(ps->loop, c);
		return;
	}
	loop_child_unwatch(ps->loop, c);
	p->set = ps;
	p->watch = (struct child_watch){ .pid = c->pid, .fn = on_child_reaped, .arg = p };
	p->next = ps->list;
	p->prev = &ps->list;
	if (p->next != NULL)
		p->next->prev = &p->next;
	ps->list = p;
	ps->n++;
	loop_child_watch(ps->loop, &p->watch);
}

static void
signal_all(const struct process_set *ps, int signo)
{
	for (const struct process *p = ps->list; p != NULL; p = p->next)
		kill(p->watch.pid, signo);
}

/* Waits up to nsec. Returns true when all are reaped. */
static bool
wait_for_all(struct process_set *ps, int64_t nsec)
{
	struct error e;

	ps->is_empty = ps->n == 0;
	loop_clear_interrupt(ps->loop);
	return loop_run(ps->loop, &ps->is_empty, deadline_in(nsec), &e) > 0;
}

void
process_set_end(struct process_set *ps)
{
	ps->ended = NULL;
	if (ps->n == 0)
		return;
	signal_all(ps, SIGTERM);
	if (!wait_for_all(ps, GRACE)) {
		signal_all(ps, SIGKILL);
		wait_for_all(ps, REAP);
	}
	for (struct process *p = ps->list, *next; p != NULL; p = next) {
		next = p->next;
		loop_child_unwatch(ps->loop, &p->watch);
		remove_process(p);
	}
}
