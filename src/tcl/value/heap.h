/*
 * The memory of one interpreter, counted and bounded, and the work of single
 * commands. Memory never fails visibly: what does not fit is left out and the
 * heap notes a fault, which the evaluator turns into an error before the next
 * command sees anything.
 */
#ifndef TCL_VALUE_HEAP_H
#define TCL_VALUE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct value;

/* Begins what goes with the heap itself. */
struct heap_block {
	struct heap_block *next;
	size_t size;
};

/* The memory of one interpreter; all its values are made from it and end with it. */
struct heap {
	size_t used, limit; /* bytes */
	const char *fault;  /* what has gone wrong since it was last cleared, or NULL */
	long budget;        /* steps until look is asked; 0 with a fault */
	/* NULL, or true where what is going on is to end; it runs no scripts */
	bool (*look)(struct heap *h);
	struct value *unused; /* storage for the next values */
	struct heap_block *blocks;
	struct value *dying; /* waiting for their turn to be freed; without recursion */
	bool freeing;
	void *reserve;                  /* given back when the system has no more */
	const char *stack_end;          /* recursion goes no further down than here */
	const struct value_form *forms; /* by enum value_type; none for numbers */
};

void heap_init(struct heap *h, size_t limit);
/* All values must have been dropped. */
void heap_fini(struct heap *h);
/* Accounted storage; NULL, with the fault noted, where it does not fit. Small
 * requests always fit. Sizes are given back with the storage. */
void *heap_resize(struct heap *h, void *old, size_t old_size, size_t new_size);
void heap_release(struct heap *h, void *storage, size_t size);
/* Notes a fault: a text that stays. */
void heap_fail(struct heap *h, const char *what);
/* So many steps of a few nanoseconds have been taken: true where the command is to end, with whatever it has
 * made. For each loop that is as long as somebody wants, and each copy; what is kept is not left unfinished. */
static inline bool
heap_work(struct heap *h, size_t steps)
{
	h->budget -= (long)steps;
	return h->budget < 0 && h->look != NULL && h->look(h);
}
/* The same of bytes that are copied or filled, one piece after the other. */
void heap_copy(struct heap *h, char *to, const char *from, size_t n);
void heap_fill(struct heap *h, char *to, char c, size_t n);
/* True where there is no more stack for a recursion. */
static inline bool
heap_too_deep(const struct heap *h)
{
	return (const char *)__builtin_frame_address(0) <= h->stack_end;
}

#endif
