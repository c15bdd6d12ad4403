#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "script/coroutine/coroutine_stack.h"

/* Address space; only touched pages take memory. A sanitizer makes frames several times as large. */
#define STACK_SIZE ((size_t)1 << 20)
#define SANITIZER_FACTOR 8

struct coroutine_stack {
	ucontext_t context;
	void *map; /* a guard page, then the stack; NULL: the caller's own stack */
	size_t map_size;
	struct coroutine_stack *(*fn)(void *arg);
	void *arg;
	/* for the sanitizer */
	void *fake;
	const void *bottom;
	size_t size;
};

/* The present switch; global because makecontext(3) passes no pointer. */
static struct {
	struct coroutine_stack *from, *to;
} switching;

/* Defined where a sanitizer is linked, which must know the running stack. */
void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t size)
    __attribute__((weak));
void __sanitizer_finish_switch_fiber(void *fake, const void **ret_bottom, size_t *ret_size)
    __attribute__((weak));

/* glibc has it */
int malloc_trim(size_t pad) __attribute__((weak));

static size_t
stack_size(void)
{
	return __sanitizer_start_switch_fiber != NULL ? SANITIZER_FACTOR * STACK_SIZE : STACK_SIZE;
}

size_t
coroutine_stack_room(void)
{
	/* the rest is for C code */
	return stack_size() / 4 * 3;
}

/* ---- switching ---- */

/* fake NULL: this stack has ended. */
static void
start_switch(struct coroutine_stack *from, struct coroutine_stack *to, void **fake)
{
	switching.from = from;
	switching.to = to;
	if (__sanitizer_start_switch_fiber != NULL)
		__sanitizer_start_switch_fiber(fake, to->bottom, to->size);
}

static void
finish_switch(void)
{
	if (__sanitizer_finish_switch_fiber != NULL)
		__sanitizer_finish_switch_fiber(switching.to->fake, &switching.from->bottom,
		    &switching.from->size);
}

static void
run_stack(void)
{
	struct coroutine_stack *s = switching.to, *next;

	finish_switch();
	next = s->fn(s->arg);
	start_switch(s, next, NULL);
	setcontext(&next->context);
}

/* swapcontext(3) does the same, but AddressSanitizer warns about it. */
void
coroutine_stack_switch(struct coroutine_stack *from, struct coroutine_stack *to)
{
	volatile int times = 0;

	getcontext(&from->context);
	if (times++ == 0) {
		start_switch(from, to, &from->fake);
		setcontext(&to->context);
	}
	finish_switch();
}

/* ---- creation and destruction ---- */

struct coroutine_stack *
coroutine_stack_of_caller(void)
{
	return calloc(1, sizeof(struct coroutine_stack));
}

/* A function of its own, because compilers treat getcontext(3) as returning twice. */
static int
init_context(ucontext_t *context)
{
	return getcontext(context);
}

static int
map_stack(struct coroutine_stack *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	s->map_size = stack_size() + page;
	s->map = mmap(NULL, s->map_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (s->map == MAP_FAILED) {
		s->map = NULL;
		return -1;
	}
	s->bottom = (char *)s->map + page;
	s->size = stack_size();
	return mprotect(s->map, page, PROT_NONE);
}

struct coroutine_stack *
coroutine_stack_new(struct coroutine_stack *(*fn)(void *arg), void *arg)
{
	struct coroutine_stack *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (map_stack(s) == -1 || init_context(&s->context) == -1) {
		coroutine_stack_free(s);
		return NULL;
	}
	s->fn = fn;
	s->arg = arg;
	s->context.uc_stack.ss_sp = (char *)s->map + (s->map_size - s->size);
	s->context.uc_stack.ss_size = s->size;
	makecontext(&s->context, run_stack, 0);
	return s;
}

void
coroutine_stack_tidy(void)
{
	if (malloc_trim != NULL)
		malloc_trim(0);
}

void
coroutine_stack_free(struct coroutine_stack *s)
{
	int saved = errno;

	if (s != NULL && s->map != NULL)
		munmap(s->map, s->map_size);
	free(s);
	errno = saved;
}
