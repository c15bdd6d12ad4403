/*
 * The controlling terminal as an input. Only the foreground job may read it;
 * any other is stopped by SIGTTIN (termios(3)). A terminal that is not the
 * controlling one, such as a serial line, is read like any descriptor.
 */
#ifndef STREAM_TERMINAL_H
#define STREAM_TERMINAL_H

#include <stdbool.h>

/* Returns true if the process has a controlling terminal. */
bool terminal_exists(void);

/* Returns true if fd is our controlling terminal. */
bool terminal_is_controlling(int fd);

/* Returns false if fd is our controlling terminal and another job is in the foreground. */
bool terminal_may_read(int fd);

/* Returns a descriptor that is readable while we are in the foreground, as of the last
 * terminal_recheck(); poll it until fd may be read. It stays open as long as the process. Returns
 * fd itself if fd is not the controlling terminal. */
int terminal_wait_fd(int fd);

/* Checks who is in the foreground. Call it after SIGCONT, after a read that was not allowed, and
 * periodically. */
void terminal_recheck(void);

#endif
