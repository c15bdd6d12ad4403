#include "loop/loop_gate.h"

#include <sys/epoll.h>

/* A set of epoll(7) is readable where one of its descriptors is. */
int
loop_gate_new(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

void
loop_gate_set(int gate, int fd, bool open)
{
	struct epoll_event event = { .events = EPOLLIN };

	(void)epoll_ctl(gate, open ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &event);
}
