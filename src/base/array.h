/* Arrays and members of structures, as numbers and pointers. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/* How many elements an array has; not for pointers. */
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The structure of a type that a pointer's target is a member of. */
#define CONTAINER_OF(pointer, type, member)                                                        \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
