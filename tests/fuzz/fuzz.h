/*
 * What the fuzz targets share: text out of bytes, promises that end the run
 * when they are broken, and the contract that every parser has with its error.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fuzz_broken(__FILE__, __LINE__, #condition);                               \
	} while (0)

static inline void
fuzz_broken(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
	abort();
}

/* A copy of its own size, so that the sanitizer sees a read behind it. To be freed. */
static inline char *
fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* Bytes that nobody writes by chance, for what must stay untouched. */
static inline void
fuzz_stain(void *storage, size_t size)
{
	memset(storage, 0xa5, size);
}

static inline bool
fuzz_stained(const void *storage, size_t size)
{
	const unsigned char *byte = storage;

	while (size > 0 && *byte == 0xa5) {
		byte++;
		size--;
	}
	return size == 0;
}

/* True for success. e was stained before: untouched by success; complete after a failure. */
static inline bool
fuzz_succeeded(int rc, const struct error *e)
{
	if (rc == 0) {
		must(fuzz_stained(e, sizeof(*e)));
		return true;
	}
	must(rc == -1);
	must(!fuzz_stained(&e->code, sizeof(e->code)));
	must(memchr(e->text, '\0', sizeof(e->text)) != NULL && e->text[0] != '\0');
	must(memchr(e->hint, '\0', sizeof(e->hint)) != NULL);
	return false;
}

#endif
