#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/error.h"
#include "loop/loop_private.h"

static void
child_push(struct child_watch **list, struct child_watch *c)
{
	c->prev = NULL;
	c->next = *list;
	if (c->next != NULL)
		c->next->prev = c;
	*list = c;
}

/* Does nothing for a watch that is in no list. */
void
loop_child_unwatch(struct loop *l, struct child_watch *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else if (l->children == c)
		l->children = c->next;
	else if (l->ended == c)
		l->ended = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->next = c->prev = NULL;
}

/* Returns true when the child has ended, and stores its status in c. */
static bool
reap(struct child_watch *c)
{
	pid_t pid = waitpid(c->pid, &c->status, WNOHANG);

	/* ECHILD: it ended while SIGCHLD was ignored, so its status is lost */
	if (pid == -1)
		c->status = 125 << 8;
	return pid != 0;
}

static void
on_sigchld(struct signal_watch *s)
{
	struct loop *l = s->arg;
	struct child_watch *c, *next;

	for (c = l->children; c != NULL; c = next) {
		next = c->next;
		if (!reap(c))
			continue;
		loop_child_unwatch(l, c);
		child_push(&l->ended, c);
	}
}

static void
on_orphan_end(struct child_watch *c, int status)
{
	(void)status;
	free(c);
}

void
loop_child_disown(struct loop *l, struct child_watch *c)
{
	struct child_watch *orphan = calloc(1, sizeof(*orphan));

	loop_child_unwatch(l, c);
	if (orphan == NULL)
		return;
	orphan->pid = c->pid;
	orphan->fn = on_orphan_end;
	child_push(&l->children, orphan);
}

/* The loop owns the watches of disowned children. */
static void
free_orphans(struct child_watch *c)
{
	struct child_watch *next;

	for (; c != NULL; c = next) {
		next = c->next;
		if (c->fn == on_orphan_end)
			free(c);
	}
}

void
loop_child_run(struct loop *l)
{
	struct child_watch *c;

	while ((c = l->ended) != NULL) {
		loop_child_unwatch(l, c);
		c->fn(c, c->status);
	}
}

void
loop_child_watch(struct loop *l, struct child_watch *c)
{
	struct error e;

	if (!l->child_signal.active) {
		l->child_signal =
		    (struct signal_watch){ .signo = SIGCHLD, .fn = on_sigchld, .arg = l };
		if (loop_signal_watch(l, &l->child_signal, &e) == -1)
			l->fault = e.number;
	}
	/* it may have ended before the handler was installed */
	child_push(reap(c) ? &l->ended : &l->children, c);
}

void
loop_child_fini(struct loop *l)
{
	free_orphans(l->children);
	free_orphans(l->ended);
}
