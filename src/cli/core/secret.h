/*
 * Reads a secret from the terminal without echo.
 */
#ifndef CLI_CORE_SECRET_H
#define CLI_CORE_SECRET_H

#include <stddef.h>
#include <sys/types.h>

struct error;
struct file_wait;

/* Opens the controlling terminal for reading and writing. Returns a descriptor that the caller
 * closes, or -1 with errno. */
int secret_open_terminal(void);

/* Writes prompt to the terminal fd and reads a line of at most size bytes into buffer, without its
 * newline. Returns the length, or -1. Waits with wait->readable. The terminal's modes are
 * restored in any case; meanwhile only the key for SIGINT sends a signal. ERROR_LOCAL_IO, and
 * the errors of the wait. The caller wipes buffer. */
ssize_t secret_read(int fd, const char *prompt, const struct file_wait *wait, char *buffer,
    size_t size, struct error *e);

#endif
