/* What wait(2) says of a program that has ended, as a shell has it. */
#ifndef BASE_WAIT_STATUS_H
#define BASE_WAIT_STATUS_H

#include <sys/wait.h>

/* The exit status; 128 and the number of the signal that ended it. */
static inline int
wait_status_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
