/*
 * Readiness notification: reports the address once, after listen(2).
 */
#ifndef CLI_OUTPUT_READY_NOTIFY_H
#define CLI_OUTPUT_READY_NOTIFY_H

#include <stdint.h>

#include "base/deadline.h"

struct error;
struct loop;

/* Writes "ADDRESS\n" to descriptor fd, waiting until it is writable, and closes it.
 * ERROR_LOCAL_IO, ERROR_TIMEOUT, ERROR_SIGNAL. */
int ready_notify_fd(int64_t fd, const char *address, struct loop *l, struct deadline until,
    struct error *e);

/* Writes "ADDRESS\n" to file. Readers see the whole line or no file. ERROR_LOCAL_IO, also where
 * file is a FIFO or a device. */
int ready_notify_file(const char *file, const char *address, struct error *e);

#endif
