#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>

#include "script/coroutine/coroutine_stack.h"

#define STACK_SIZE ((size_t)1 << 20)

struct coroutine_stack {
	sem_t turn;
	bool own; /* has a thread; false for the caller's own stack */
	pthread_t thread;
	struct coroutine_stack *(*fn)(void *arg); /* NULL: the thread ends at once */
	void *arg;
};

size_t
coroutine_stack_room(void)
{
	/* the rest is for C code */
	return STACK_SIZE / 4 * 3;
}

static void
wait_turn(struct coroutine_stack *s)
{
	while (sem_wait(&s->turn) == -1 && errno == EINTR)
		continue;
}

static void *
run_thread(void *arg)
{
	struct coroutine_stack *s = arg;

	wait_turn(s);
	if (s->fn != NULL)
		sem_post(&s->fn(s->arg)->turn);
	return NULL;
}

void
coroutine_stack_switch(struct coroutine_stack *from, struct coroutine_stack *to)
{
	sem_post(&to->turn);
	wait_turn(from);
}

struct coroutine_stack *
coroutine_stack_of_caller(void)
{
	struct coroutine_stack *s = calloc(1, sizeof(*s));

	if (s != NULL)
		sem_init(&s->turn, 0, 0);
	return s;
}

struct coroutine_stack *
coroutine_stack_new(struct coroutine_stack *(*fn)(void *arg), void *arg)
{
	struct coroutine_stack *s = coroutine_stack_of_caller();
	pthread_attr_t attr;
	int errnum;

	if (s == NULL)
		return NULL;
	s->fn = fn;
	s->arg = arg;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	errnum = pthread_create(&s->thread, &attr, run_thread, s);
	pthread_attr_destroy(&attr);
	s->own = errnum == 0;
	if (s->own)
		return s;
	coroutine_stack_free(s);
	errno = errnum;
	return NULL;
}

void
coroutine_stack_tidy(void)
{
}

void
coroutine_stack_free(struct coroutine_stack *s)
{
	if (s == NULL)
		return;
	if (s->own) {
		s->fn = NULL;
		sem_post(&s->turn);
		pthread_join(s->thread, NULL);
	}
	sem_destroy(&s->turn);
	free(s);
}
