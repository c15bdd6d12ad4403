#include "loop/loop_stack.h"

#include "loop/loop_private.h"

bool
loop_stack_wait_is_over(const struct loop *l, const struct stack_wait *w)
{
	return l->interrupt != 0 || *w->done || deadline_passed(w->until);
}

struct stack_wait *
loop_stack_get_wait(const struct loop *l)
{
	return l->waiting;
}

void
loop_stack_set_wait(struct loop *l, struct stack_wait *w)
{
	l->waiting = w;
}

void
loop_stack_set_switch(struct loop *l, bool (*fn)(void *arg), void *arg)
{
	l->switch_stack = fn;
	l->switch_arg = arg;
}
