/*
 * Telling others that a server listens, and where: once, after listen(2).
 */
#ifndef CLI_OUTPUT_READY_NOTIFY_H
#define CLI_OUTPUT_READY_NOTIFY_H

#include <stdint.h>

#include "base/deadline.h"

struct error;
struct loop;

/* Writes "ADDRESS\n" to descriptor fd, which may have to be waited for, and closes it.
 * ERROR_LOCAL_IO, ERROR_TIMEOUT, ERROR_SIGNAL. */
int ready_notify_fd(int64_t fd, const char *address, struct loop *l, struct deadline until,
    struct error *e);

/* Makes file hold "ADDRESS\n"; a reader sees all of it or no file. ERROR_LOCAL_IO, also where file is
 * a FIFO or a device. */
int ready_notify_file(const char *file, const char *address, struct error *e);

#endif
