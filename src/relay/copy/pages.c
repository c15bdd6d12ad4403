#include "relay/copy/pages.h"

#include <sys/mman.h>

#include "base/error.h"

char *
pages_get(size_t size, struct error *e)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages != MAP_FAILED)
		return pages;
	error_set(e, ERROR_INTERNAL, "out of memory");
	return NULL;
}

void
pages_free(char *pages, size_t size)
{
	if (pages != NULL)
		munmap(pages, size);
}
