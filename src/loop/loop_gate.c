#include "loop/loop_gate.h"

#include <sys/epoll.h>

/* An epoll(7) descriptor is readable when one of the descriptors in its set is ready. */
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
