/* The exit status of a program that ended, from wait(2), as a shell reports it. */
#ifndef BASE_WAIT_STATUS_H
#define BASE_WAIT_STATUS_H

#include <sys/wait.h>

/* Returns the exit status; 128 + signal number for a program that a signal ended. */
static inline int
wait_status_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
