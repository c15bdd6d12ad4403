/*
 * Telling others that a server listens, and where: once, after listen(2).
 */
#ifndef CLI_READY_H
#define CLI_READY_H

#include <stdint.h>

struct error;

/* Writes "ADDRESS\n" to descriptor fd and closes it. ERROR_LOCAL_IO. */
int ready_fd(int64_t fd, const char *address, struct error *e);

/* Makes file hold "ADDRESS\n"; a reader sees all of it or no file. ERROR_LOCAL_IO. */
int ready_file(const char *file, const char *address, struct error *e);

#endif
