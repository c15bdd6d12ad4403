/* The memory of one interpreter, counted and limited, and the work of single commands. Code that allocates
 * need not fail: what does not fit is left out and the heap records a fault, which the evaluator turns into
 * an error before the next command runs. */
#ifndef TCL_VALUE_HEAP_H
#define TCL_VALUE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct value;

/* The head of a block that is freed with the heap. */
struct heap_block {
	struct heap_block *next;
	size_t size;
};

struct heap {
	size_t used, limit; /* in bytes */
	const char *fault;  /* the message of the fault, or NULL */
	long budget;        /* steps until check is called; 0 with a fault */
	/* Returns true where the running command must end; runs no scripts. May be NULL. */
	bool (*check)(struct heap *h);
	struct value *unused; /* storage for the next values */
	struct heap_block *blocks;
	struct value *dying; /* values to free, one after the other, without recursion */
	bool freeing;
	void *reserve;                  /* freed when malloc fails */
	const char *stack_end;          /* the lowest address that recursion may reach */
	const struct value_form *forms; /* by enum value_type; numbers have none */
};

/* false: out of memory, as nothing fits without the reserve */
bool heap_init(struct heap *h, size_t limit);
/* All values must have been freed. */
void heap_fini(struct heap *h);
/* realloc(3) with accounting. NULL with a fault where the limit is exceeded; small requests always fit.
 * heap_release() needs the size again. */
void *heap_resize(struct heap *h, void *old, size_t old_size, size_t new_size);
void heap_release(struct heap *h, void *storage, size_t size);
/* Records a fault. what must be a string constant. */
void heap_fail(struct heap *h, const char *what);
/* Accounts steps of a few nanoseconds each; returns true where the command must end, with what it has made so
 * far. Call it in each loop or copy whose length a script decides, but not where it would leave kept data
 * incomplete. */
static inline bool
heap_work(struct heap *h, size_t steps)
{
	h->budget -= (long)steps;
	return h->budget < 0 && h->check != NULL && h->check(h);
}
/* memcpy(3) and memset(3) with accounting. */
void heap_copy(struct heap *h, char *to, const char *from, size_t n);
void heap_fill(struct heap *h, char *to, char c, size_t n);
/* Returns true where a recursion has no stack left. */
static inline bool
heap_too_deep(const struct heap *h)
{
	return (const char *)__builtin_frame_address(0) <= h->stack_end;
}

#endif
