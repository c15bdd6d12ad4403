/* Number of elements of an array, and the structure around a member. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/* Number of elements of an array. Do not use it with a pointer. */
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Pointer to the structure of type `type` whose member `member` is at `pointer`. */
#define CONTAINER_OF(pointer, type, member)                                                        \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
