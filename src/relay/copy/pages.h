/*
 * Large blocks of memory straight from the kernel. A page costs nothing before
 * it is touched, and no sanitizer marks the block, which would take longer
 * than a short relay lives.
 */
#ifndef RELAY_COPY_PAGES_H
#define RELAY_COPY_PAGES_H

#include <stddef.h>

struct error;

/* Returns size bytes of zeros at the start of a page, or NULL with *e. */
char *pages_get(size_t size, struct error *e);

/* size is that of pages_get(). Accepts NULL. */
void pages_free(char *pages, size_t size);

#endif
