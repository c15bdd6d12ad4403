/*
 * The end of child processes as callbacks of the loop, which reaps them.
 */
#ifndef LOOP_LOOP_CHILD_H
#define LOOP_LOOP_CHILD_H

#include <sys/types.h>

struct loop;

struct child_watch {
	pid_t pid;
	/* status: as waitpid(2) returns it; the child is already reaped */
	void (*fn)(struct child_watch *c, int status);
	void *arg;
	/* private to the loop */
	int status;
	struct child_watch *next, *prev;
};

/* Calls fn once when child pid has ended, then removes c. When SIGCHLD was ignored, the system has
 * no status; fn then gets exit status 125. */
void loop_child_watch(struct loop *l, struct child_watch *c);

/* Removes c; the child is not reaped. It does nothing for a watch that is not active. */
void loop_child_unwatch(struct loop *l, struct child_watch *c);

/* Removes c, whose storage is then free; the loop still reaps the child when it ends. */
void loop_child_disown(struct loop *l, struct child_watch *c);

#endif
