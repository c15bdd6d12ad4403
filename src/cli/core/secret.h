/*
 * A secret that is typed at the terminal, which does not show it.
 */
#ifndef CLI_CORE_SECRET_H
#define CLI_CORE_SECRET_H

#include <stddef.h>
#include <sys/types.h>

struct error;
struct file_wait;

/* The terminal that controls us, for reading and writing: a descriptor of the caller's, or -1 with errno. */
int secret_open_terminal(void);

/* Writes prompt to the terminal fd and reads a line into the size bytes at room, without its end; the
 * length, or -1. Waits as wait says, and the terminal's modes are back afterwards, whatever ended the
 * wait; of the keys that send a signal only the one for SIGINT does meanwhile. ERROR_LOCAL_IO, and the
 * errors of the wait. The caller wipes room. */
ssize_t secret_read(int fd, const char *prompt, const struct file_wait *wait, char *room,
    size_t size, struct error *e);

#endif
