#include "tcl/value/heap.h"

#include <stdlib.h>
#include <string.h>

enum { RESERVE = 256 * 1024, ALWAYS_FITS = 64 * 1024, PIECE = 256 * 1024 };

bool
heap_init(struct heap *h, size_t limit)
{
	*h = (struct heap){ .limit = limit, .reserve = malloc(RESERVE) };
	return h->reserve != NULL;
}

void
heap_fini(struct heap *h)
{
	struct heap_block *block;

	while ((block = h->blocks) != NULL) {
		h->blocks = block->next;
		heap_release(h, block, block->size);
	}
	free(h->reserve);
}

void
heap_fail(struct heap *h, const char *what)
{
	h->fault = what;
	h->budget = 0;
}

void
heap_copy(struct heap *h, char *to, const char *from, size_t n)
{
	for (size_t at = 0; at < n && !heap_work(h, PIECE / 16); at += PIECE)
		memcpy(to + at, from + at, n - at < PIECE ? n - at : PIECE);
}

void
heap_fill(struct heap *h, char *to, char c, size_t n)
{
	for (size_t at = 0; at < n && !heap_work(h, PIECE / 16); at += PIECE)
		memset(to + at, c, n - at < PIECE ? n - at : PIECE);
}

/* Retries after malloc failed; the reserve lasts until all calls have returned. */
static void *
retry(struct heap *h, void *old, size_t new_size)
{
	heap_fail(h, "memory limit exceeded");
	free(h->reserve);
	h->reserve = NULL;
	return new_size > ALWAYS_FITS ? NULL : realloc(old, new_size);
}

void *
heap_resize(struct heap *h, void *old, size_t old_size, size_t new_size)
{
	void *p;

	if (new_size > old_size && h->used + (new_size - old_size) > h->limit) {
		heap_fail(h, "memory limit exceeded");
		if (new_size > ALWAYS_FITS)
			return NULL;
	}
	/* what has no storage of its own comes as NULL: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	p = realloc(old, new_size);
	if (p == NULL)
		p = retry(h, old, new_size);
	if (p != NULL)
		h->used += new_size - old_size;
	return p;
}

void
heap_release(struct heap *h, void *storage, size_t size)
{
	if (storage == NULL)
		return;
	h->used -= size;
	free(storage);
}
