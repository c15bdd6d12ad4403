/*
 * The terminal that controls this process, as an input. Only the job in its foreground may read it: any
 * other is stopped by SIGTTIN (termios(3)). A terminal that is not the controlling one, a serial line
 * say, is read like any descriptor.
 */
#ifndef STREAM_TERMINAL_H
#define STREAM_TERMINAL_H

#include <stdbool.h>

/* True where fd is the terminal that controls us. */
bool terminal_is_controlling(int fd);

/* False where fd is the terminal that controls us, and another job has its foreground. */
bool terminal_may_read(int fd);

/* What to wait on until fd can be read: readable only while we are in the foreground, as far as the
 * last terminal_recheck() knows. It lives as long as the process. fd itself where it is not the
 * controlling terminal. */
int terminal_wait_fd(int fd);

/* The foreground may have changed: after SIGCONT, after a read that was not allowed, and now and then. */
void terminal_recheck(void);

#endif
